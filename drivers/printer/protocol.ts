/**
 * What goes to an ESC/POS printer: a job as bytes for 384 dots, in slices that end between commands
 * (devices/06).
 */
import type { PrintLine } from "../../src/contract/device.ts";
import { concat, latin } from "../../src/kit/bytes.ts";
import { never } from "../../src/kit/result.ts";
import { cells, gb18030 } from "./gb18030.ts";

const paperDots = 384;
/** Half-width characters of 12 dots on a line. */
export const columns = 32;
/**
 * Most bytes of one slice, and so of one command: an interrupted command is ended by as many zeros, and a
 * real-time question is asked only where it cannot fall into a picture's data.
 */
export const sliceBytes = 1024;

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const ESC = 0x1b;
const GS = 0x1d;
const FS = 0x1c;
const DLE = 0x10;
const LF = 0x0a;

export const commands = {
	/** ESC @: back to the power-on settings; a line not yet printed is dropped. It also ends GS a. */
	initialise: bytes(ESC, 0x40),
	/** FS &: bytes above 80 are pairs. */
	twoByte: bytes(FS, 0x26),
	/** GS a FF: every change of state is told (ASB). */
	automaticStatus: bytes(GS, 0x61, 0xff),
	/** GS I 66, 67: maker and model, as 5F text 00. */
	maker: bytes(GS, 0x49, 66),
	model: bytes(GS, 0x49, 67),
	/** GS r 1: one byte when everything before it was processed. */
	paperWhenProcessed: bytes(GS, 0x72, 1),
	/** DLE EOT n: one byte at once, even offline. */
	printerStatus: bytes(DLE, 0x04, 1),
	offlineCause: bytes(DLE, 0x04, 2),
	errorCause: bytes(DLE, 0x04, 3),
	paperStatus: bytes(DLE, 0x04, 4),
	/** DLE ENQ 2: recover from an error and drop what is buffered. */
	recoverAndClear: bytes(DLE, 0x05, 2),
	/** DLE DC4 8: drop what is buffered, at once; answered by 37 25 00. */
	clear: bytes(DLE, 0x14, 8, 1, 3, 20, 1, 6, 2, 8),
	/** GS V 66 0: feed to the cutter, cut. */
	cut: bytes(GS, 0x56, 66, 0),
	/** Ends a command that was broken off: zeros between commands print nothing. */
	swallow: new Uint8Array(sliceBytes),
} as const;

/**
 * GS ( H: the printer answers 37 22 id 00 when all before it is on paper. Throws RangeError when `id` is not
 * 4 printable ASCII characters.
 */
export function processId(id: string): Uint8Array {
	if (!/^[\x20-\x7e]{4}$/.test(id)) throw new RangeError("a process id is 4 printable ASCII characters");
	return concat(bytes(GS, 0x28, 0x48, 6, 0, 0x30, 0x30), latin(id));
}

const alignments = { left: 0, centre: 1, right: 2 } as const;
interface Style {
	readonly align: keyof typeof alignments;
	readonly bold: boolean;
	readonly large: boolean;
}
const plain: Style = { align: "left", bold: false, large: false };

/** The commands that lead from one style to the next; none when they are the same. */
function restyle(from: Style, to: Style): Uint8Array {
	const parts: Uint8Array[] = [];
	if (from.align !== to.align) parts.push(bytes(ESC, 0x61, alignments[to.align]));
	if (from.bold !== to.bold) parts.push(bytes(ESC, 0x45, to.bold ? 1 : 0));
	if (from.large !== to.large) parts.push(bytes(GS, 0x21, to.large ? 0x11 : 0));
	return concat(...parts);
}

/** Cuts a text where the paper ends. A wide character never hangs over the edge. */
function folded(text: string, width: number): readonly string[] {
	const lines: string[] = [];
	let line = "";
	for (const character of text) {
		if (cells(line) + cells(character) > width) {
			lines.push(line);
			line = "";
		}
		line += character;
	}
	return [...lines, line];
}

interface Pair {
	readonly left: string;
	readonly right: string;
	readonly large?: boolean;
}
/** Two texts on one line, or on two when they do not fit with a blank between them. */
function apart(pair: Pair): readonly string[] {
	const width = pair.large ? columns / 2 : columns;
	const gap = width - cells(pair.left) - cells(pair.right);
	if (gap >= 1) return [pair.left + " ".repeat(gap) + pair.right];
	const right = folded(pair.right, width).map((part) => " ".repeat(width - cells(part)) + part);
	return [...folded(pair.left, width), ...right];
}

/** Beside a picture's data: its own head and a change of style. */
const commandRoom = 24;
type Raster = Extract<PrintLine, { readonly kind: "raster" }>;
/**
 * GS v 0 in bands of as many rows as a slice holds, centred by the printer. Throws RangeError when bits and
 * size differ.
 */
function bands(raster: Raster): readonly Uint8Array[] {
	const wide = Math.ceil(raster.width / 8);
	if (wide < 1 || wide > paperDots / 8) throw new RangeError("a raster is wider than the paper");
	if (raster.bits.length !== wide * raster.height)
		throw new RangeError("a raster's bits do not have its size");
	const most = Math.floor((sliceBytes - commandRoom) / wide);
	const count = Math.ceil(raster.height / most);
	return Array.from({ length: count }, (_, band) => {
		const first = band * most;
		const rows = Math.min(most, raster.height - first);
		const head = bytes(GS, 0x76, 0x30, 0, wide, 0, rows & 0xff, rows >> 8);
		return concat(head, raster.bits.subarray(first * wide, (first + rows) * wide));
	});
}

/** What one line is on the wire: pieces that must not be broken, in the style they want. */
function pieces(line: PrintLine): { readonly style: Style; readonly parts: readonly Uint8Array[] } {
	const texts = (lines: readonly string[]): readonly Uint8Array[] =>
		lines.map((text) => concat(gb18030(text), bytes(LF)));
	switch (line.kind) {
		case "text": {
			const { align = "left", bold = false, large = false } = line;
			return {
				style: { align, bold, large },
				parts: texts(folded(line.text, large ? columns / 2 : columns)),
			};
		}
		case "pair": {
			const { bold = false, large = false } = line;
			return { style: { align: "left", bold, large }, parts: texts(apart(line)) };
		}
		case "rule":
			return { style: plain, parts: texts(["-".repeat(columns)]) };
		case "feed":
			return { style: plain, parts: [bytes(ESC, 0x64, Math.min(255, line.lines))] };
		case "raster":
			return { style: { ...plain, align: "centre" }, parts: bands(line) };
		case "cut":
			return { style: plain, parts: [commands.cut] };
		default:
			return never(line);
	}
}

/**
 * A job as slices of at most `sliceBytes`; each ends between two commands. The first begins with ESC @, GS a
 * and FS &.
 */
export function slices(lines: readonly PrintLine[]): readonly Uint8Array[] {
	const whole: Uint8Array[] = [];
	let held: Uint8Array = concat(commands.initialise, commands.automaticStatus, commands.twoByte);
	let style = plain;
	for (const line of lines) {
		const piece = pieces(line);
		for (const part of piece.parts) {
			const next = concat(restyle(style, piece.style), part);
			style = piece.style;
			if (held.length + next.length > sliceBytes) {
				whole.push(held);
				held = next;
			} else held = concat(held, next);
		}
	}
	return [...whole, held];
}
