import type { Rect } from "../../contract/device.ts";
import { two } from "../../kit/calendar.ts";
import type { Status } from "./page.ts";
import type { Canvas } from "./raster/canvas.ts";
import type { Colour } from "./raster/colours-table.ts";
import { type StyleName, styles } from "./raster/styles-table.ts";
import type { Words } from "./words/words.ts";

/** One page while it is laid out: draws on a canvas, and keeps what it said and where, so that a test can look at it. */
export type Align = "left" | "centre" | "right";
export interface TextAt {
	/** Base line. */
	readonly y: number;
	readonly style: StyleName;
	readonly colour: Colour;
	readonly align?: Align;
	/** Left edge and width of the room; the page's inside unless told. */
	readonly x?: number;
	readonly width?: number;
	/** Smaller styles to fall back on before the text is wrapped. */
	readonly smaller?: readonly StyleName[];
}
export type KeyLabel = "confirm" | "cancel" | "clear" | "function" | `${number}` | "0-9" | "1 / 2";
export interface SaidBox extends Rect {
	readonly text: string;
}

/** The page's frame (look): title bar and key line 26 px, margin 14 px. */
export const frame = { bar: 26, keys: 26, margin: 14 } as const;

const keyColours: Readonly<Record<string, Colour>> = {
	confirm: "jade",
	cancel: "red",
	clear: "amber",
	function: "night",
};

export class Sheet {
	readonly canvas: Canvas;
	readonly words: Words;
	readonly #said: string[] = [];
	readonly boxes: SaidBox[] = [];

	constructor(canvas: Canvas, words: Words) {
		this.canvas = canvas;
		this.words = words;
		canvas.fill(0, 0, canvas.width, canvas.height, "paper");
	}

	/** What stands on the page, line by line. */
	get said(): readonly string[] {
		return this.#said;
	}
	get inside(): {
		readonly x: number;
		readonly width: number;
		readonly top: number;
		readonly bottom: number;
	} {
		const { width, height } = this.canvas;
		return { x: frame.margin, width: width - 2 * frame.margin, top: frame.bar, bottom: height - frame.keys };
	}

	/** Flow and amount left; marks, operator, time and signal right. */
	bar(flow: string, status: Status, amount?: string): void {
		const { canvas, words } = this;
		canvas.fill(0, 0, canvas.width, frame.bar, "night");
		this.#put(amount === undefined ? flow : `${flow} ${amount}`, 10, 18, "smallBold", "white");
		const right = canvas.width - 10;
		for (const [i, height] of [4, 7, 10, 13].entries())
			canvas.fill(right - 17 + i * 5, 19 - height, 3, height, barLit(i, status) ? "signal" : "soft");
		const clock = status.operator === "" ? status.time : `${status.operator} ${status.time}`;
		let x = right - 24 - canvas.measure(clock, "tiny");
		this.#put(clock, x, 18, "tiny", "nightSoft");
		const marks = [
			...(status.unresolved > 0 ? [[words.marks.unresolved(status.unresolved), "red"] as const] : []),
			...(status.unprinted > 0 ? [[words.marks.unprinted(status.unprinted), "amber"] as const] : []),
		];
		for (const [text, colour] of marks) {
			const wide = canvas.measure(text, "tiny") + 10;
			x -= wide + 6;
			canvas.box(x, 5, wide, 16, 8, colour);
			this.#put(text, x + 5, 17, "tiny", "white");
		}
	}

	/** The keys that do something now, in the colours of the physical keys. */
	keys(keys: readonly (readonly [key: KeyLabel, does: string])[]): void {
		const { canvas, words } = this;
		const top = canvas.height - frame.keys;
		canvas.fill(0, top, canvas.width, 1, "line");
		let x = 10;
		for (const [key, does] of keys) {
			const name = key in words.keys ? words.keys[key as keyof Words["keys"]] : key;
			const wide = Math.max(18, canvas.measure(name, "tiny") + 12);
			canvas.box(x, top + 5, wide, 17, 8, keyColours[key] ?? (key === "0-9" ? "night" : "jade"));
			this.#put(name, x + Math.round((wide - canvas.measure(name, "tiny")) / 2), top + 18, "tiny", "white");
			x += wide + 5;
			this.#put(does, x, top + 18, "tiny", "soft");
			x += canvas.measure(does, "tiny") + 12;
		}
	}

	/** One text; wraps when it is wider than its room in its smallest style. Gives the base line of its last line. */
	text(text: string, at: TextAt): number {
		const { x, width } = this.inside;
		const room = at.width ?? width;
		const fits = [at.style, ...(at.smaller ?? [])].find((s) => this.canvas.measure(text, s) <= room);
		const style = fits ?? at.smaller?.at(-1) ?? at.style;
		const lines = this.#wrapped(text, style, room);
		const step = Math.round(styles[style].size * 1.35);
		for (const [i, line] of lines.entries()) {
			const wide = this.canvas.measure(line, style);
			const left = at.x ?? x;
			const start =
				at.align === "centre"
					? left + Math.round((room - wide) / 2)
					: at.align === "right"
						? left + room - wide
						: left;
			this.#put(line, start, at.y + i * step, style, at.colour);
		}
		return at.y + (lines.length - 1) * step;
	}

	/** A coloured field with what state the money is in, and a line under it. */
	verdict(title: string, line: string, colour: "red" | "amber" | "jade"): number {
		const { x, width } = this.inside;
		const top = frame.bar + 14;
		const lines = this.#wrapped(line, "body", width - 28);
		const height = 40 + 22 * lines.length;
		this.canvas.box(x - 2, top, width + 4, height, 8, `${colour}Soft`);
		this.text(title, { y: top + 27, style: "leadBold", colour, x: x + 12, width: width - 24 });
		for (const [i, part] of lines.entries()) this.#put(part, x + 12, top + 50 + 22 * i, "body", "ink");
		return top + height;
	}

	amountSized(amount: string): StyleName {
		return this.canvas.measure(amount, "clock") <= 250 ? "clock" : "hugeFigures";
	}

	#put(text: string, x: number, y: number, style: StyleName, colour: Colour): void {
		if (text === "") return;
		this.canvas.text(text, x, y, style, colour);
		this.#said.push(text);
		const { size } = styles[style];
		const height = Math.round(size * 0.95);
		this.boxes.push({
			text,
			x,
			y: y - Math.round(size * 0.8),
			width: this.canvas.measure(text, style),
			height,
		});
	}

	/** Chinese breaks anywhere but before a closing mark; Latin breaks at blanks. */
	#wrapped(text: string, style: StyleName, room: number): readonly string[] {
		const lines: string[] = [];
		let line = "";
		for (const piece of text.match(/[A-Za-z0-9¥.,'’:%()/-]+ ?|./gu) ?? []) {
			const closing = /^[，。；：！？、）」]/u.test(piece);
			if (line !== "" && !closing && this.canvas.measure((line + piece).trimEnd(), style) > room) {
				lines.push(line.trimEnd());
				line = piece.trimStart();
			} else line += piece;
		}
		return [...lines, line];
	}
}

/** The lower two bars: the acquirer; the upper two: the cloud. */
const barLit = (i: number, status: Status): boolean => (i < 2 ? status.host : status.cloud);

/** 1,234.50 */
export function money(fen: bigint): string {
	const yuan = String(fen / 100n).replaceAll(/\B(?=(\d{3})+$)/g, ",");
	return `${yuan}.${two(Number(fen % 100n))}`;
}
export const yuan = (fen: bigint): string => `¥${money(fen)}`;
