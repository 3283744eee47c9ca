/** Text on 58 mm paper: 32 columns, of which a Chinese character takes two. */
import type { PrintLine } from "../../contract/device.ts";
import { never } from "../../kit/result.ts";

export const paperColumns = 32;

/** Columns that a text takes: one for ASCII, two for everything else, as the printer's fonts have it. */
export const width = (text: string): number =>
	[...text].reduce((n, character) => n + (character.charCodeAt(0) < 0x80 ? 1 : 2), 0);

/**
 * Words of ASCII stay whole; a wide character stands alone, with the closing marks that must not begin a
 * line.
 */
const words = (text: string): readonly string[] =>
	text.match(/[\x21-\x7e]+|\s+|[^\s\x21-\x7e][，。、；：！？）》”’]*/g) ?? [];

/** Cuts a word that is longer than a line. */
function pieces(word: string, columns: number): readonly string[] {
	const whole: string[] = [];
	let piece = "";
	for (const character of word) {
		if (width(piece) + width(character) > columns) {
			whole.push(piece);
			piece = "";
		}
		piece += character;
	}
	return [...whole, piece];
}

/**
 * Breaks a text into lines of at most `columns` (2 or more). Nothing but blanks at a break is lost. An empty
 * text is one empty line.
 */
export function wrap(text: string, columns: number): readonly string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of words(text)) {
		if (width(line) + width(word) <= columns) {
			line += word;
			continue;
		}
		if (/^\s/.test(word)) continue;
		const [first = "", ...more] = pieces(word, columns);
		if (line !== "" && width(line) + width(first) > columns) {
			lines.push(line.trimEnd());
			line = "";
		}
		line += first;
		for (const piece of more) {
			lines.push(line);
			line = piece;
		}
	}
	return [...lines, line.trimEnd()];
}

export const padStart = (text: string, columns: number): string =>
	" ".repeat(Math.max(0, columns - width(text))) + text;
const centred = (text: string, columns: number): string =>
	" ".repeat(Math.max(0, Math.floor((columns - width(text)) / 2))) + text;
const apart = (left: string, right: string, columns: number): string =>
	left + padStart(right, Math.max(0, columns - width(left)));

/** Lines of paper as plain text, 32 columns wide: for golden texts, the bench and a support bundle. */
export function asText(lines: readonly PrintLine[]): string {
	return lines.flatMap((line) => textOf(line)).join("\n");
}
function textOf(line: PrintLine): readonly string[] {
	switch (line.kind) {
		case "text": {
			const columns = line.large ? paperColumns / 2 : paperColumns;
			const place = { left: (text: string) => text, centre: centred, right: padStart }[line.align ?? "left"];
			return pieces(line.text, columns).map((text) => place(text, columns));
		}
		case "pair":
			return [apart(line.left, line.right, line.large ? paperColumns / 2 : paperColumns)];
		case "rule":
			return ["-".repeat(paperColumns)];
		case "feed":
			return Array.from({ length: line.lines }, () => "");
		case "raster":
			return [`[picture ${line.width}×${line.height}]`];
		case "cut":
			return ["✂"];
		default:
			return never(line);
	}
}
