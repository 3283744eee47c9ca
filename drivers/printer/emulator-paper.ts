/** The paper of an emulated printer: commands in, lines as a reader would see them out. */
import { unlatin } from "../../src/kit/bytes.ts";
import { cells, character, leads } from "./gb18030.ts";
import { columns } from "./protocol.ts";

/** One line on paper. A picture is a line of its own, rows of whole bytes. */
export type PaperLine =
	| {
			readonly is: "text";
			readonly text: string;
			readonly align: "left" | "centre" | "right";
			readonly bold: boolean;
			/** Double width and height: a line holds 16 half-width cells. */
			readonly large: boolean;
	  }
	| {
			readonly is: "raster";
			readonly align: "left" | "centre" | "right";
			readonly width: number;
			readonly height: number;
			readonly bits: Uint8Array;
	  }
	| { readonly is: "cut" };

/** Box drawing of code page 437, which hosts print with the two-byte mode off. */
const firstBox = 0xb0;
const boxes = "░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀";
const alignments = ["left", "centre", "right"] as const;
const LF = 0x0a;

interface Style {
	align: (typeof alignments)[number];
	bold: boolean;
	large: boolean;
	/** Two-byte mode, FS &. Simplified-Chinese models have it on at power-on. */
	pairs: boolean;
}
const powerOn = (): Style => ({ align: "left", bold: false, large: false, pairs: true });

/** Carries out commands that change or feed paper. Lines that come out go to `print`, in order. */
export class Interpreter {
	readonly #print: (line: PaperLine) => void;
	#style = powerOn();
	#text = "";
	#cells = 0;
	#lead: number | undefined;

	constructor(print: (line: PaperLine) => void) {
		this.#print = print;
	}

	/** ESC @ and power-on: settings back, the line begun is lost. */
	reset(): void {
		this.#style = powerOn();
		this.#text = "";
		this.#cells = 0;
		this.#lead = undefined;
	}

	/** One whole command or one character (`commandSize`). */
	take(command: Uint8Array): void {
		const [first = 0, second = 0] = command;
		if (command.length === 1) {
			this.#character(first);
			return;
		}
		const name = `${first.toString(16)} ${String.fromCharCode(second)}`;
		this.#acts[name]?.(command[2] ?? 0, command);
	}

	readonly #acts: Readonly<Record<string, (n: number, command: Uint8Array) => void>> = {
		"1b @": () => this.reset(),
		"1b a": (n) => {
			this.#style.align = alignments[n % 0x30] ?? "left";
		},
		"1b E": (n) => {
			this.#style.bold = (n & 1) === 1;
		},
		"1b !": (n) => {
			this.#style.bold = (n & 0x08) !== 0;
			this.#style.large = (n & 0x30) === 0x30;
		},
		"1d !": (n) => {
			this.#style.large = (n & 0x70) !== 0 && (n & 0x07) !== 0;
		},
		"1c &": () => {
			this.#style.pairs = true;
		},
		"1c .": () => {
			this.#style.pairs = false;
		},
		"1b d": (n) => this.#feed(n),
		"1d v": (_, command) => this.#raster(command),
		"1d V": () => {
			if (this.#text !== "") this.#line();
			this.#print({ is: "cut" });
		},
	};

	#feed(lines: number): void {
		let left = lines;
		if (this.#text !== "") {
			this.#line();
			left -= 1;
		}
		for (; left > 0; left -= 1) this.#line();
	}

	#raster(command: Uint8Array): void {
		if (this.#text !== "") this.#line();
		const wide = (command[4] ?? 0) + 256 * (command[5] ?? 0);
		const height = (command[6] ?? 0) + 256 * (command[7] ?? 0);
		const { align } = this.#style;
		this.#print({ is: "raster", align, width: wide * 8, height, bits: command.slice(8) });
	}

	#character(byte: number): void {
		const lead = this.#lead;
		this.#lead = undefined;
		if (lead !== undefined) this.#put(character(lead, byte), 2);
		else if (byte === LF) this.#line();
		else if (byte >= 0x20 && byte < 0x80) this.#put(unlatin(Uint8Array.of(byte)), 1);
		else if (byte >= 0x80 && this.#style.pairs && leads(byte)) this.#lead = byte;
		else if (byte >= 0x80) this.#put(boxes.charAt(byte - firstBox) || "?", 1);
	}

	/** The line breaks by itself where the paper ends. */
	#put(written: string, wide: number): void {
		if (this.#cells + wide > (this.#style.large ? columns / 2 : columns)) this.#line();
		this.#text += written;
		this.#cells += wide;
	}

	#line(): void {
		const { align, bold, large } = this.#style;
		const text = this.#text;
		this.#text = "";
		this.#cells = 0;
		this.#print({ is: "text", text, align, bold, large });
	}
}

/** A line as plain text in 32 columns; a large one in 16, a picture as its size. */
export function plainText(line: PaperLine): string {
	if (line.is === "cut") return "✂";
	if (line.is === "raster") return `[picture ${line.width}×${line.height}]`;
	const room = Math.max(0, (line.large ? columns / 2 : columns) - cells(line.text));
	const indent = { left: 0, centre: Math.floor(room / 2), right: room }[line.align];
	return `${" ".repeat(indent)}${line.text}`.trimEnd();
}
