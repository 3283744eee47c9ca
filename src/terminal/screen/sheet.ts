import type { Rect } from "../../contract/device.ts";
import { two } from "../../kit/calendar.ts";
import type { Canvas } from "./raster/canvas.ts";
import type { Colour } from "./raster/colours-table.ts";
import { type StyleName, styles } from "./raster/styles-table.ts";
import type { Words } from "./words/words.ts";

/**
 * One page while it is laid out: draws on a canvas, and keeps what it said and where, so that a
 * test can look at it.
 */
export interface TextAt {
	/** Base line of the first line. */
	readonly y: number;
	readonly style: StyleName;
	readonly colour: Colour;
	readonly align?: "left" | "centre" | "right";
	/** Left edge and width of the room; the page's inside unless told. */
	readonly x?: number;
	readonly width?: number;
	/** Lines it may take, 1 unless told: smaller styles are tried before it takes more. */
	readonly lines?: number;
	/** Any character of GB 2312 may stand in it, as in a shop's name: only some styles have them all. */
	readonly free?: true;
}
export type KeyLabel = "confirm" | "cancel" | "clear" | "function" | `${number}` | "0-9";
export interface SaidBox extends Rect {
	readonly text: string;
	readonly style: StyleName;
	/** Base line. */
	readonly base: number;
}

/** The page's frame (look): title bar and key line 26 px, margin 14 px. */
export const frame = { bar: 26, keys: 26, margin: 14 } as const;

const keyColours: Readonly<Record<string, Colour>> = {
	...{ confirm: "jade", cancel: "red", clear: "amber" },
	...{ function: "night", "0-9": "night" },
};
/** What a text falls back on where its own style is too wide. */
const smaller: Readonly<Record<StyleName, readonly StyleName[]>> = {
	tiny: [],
	small: ["tiny"],
	smallBold: [],
	body: ["small", "tiny"],
	bodyBold: ["smallBold"],
	lead: ["body", "small"],
	leadBold: ["bodyBold", "smallBold"],
	title: ["leadBold", "bodyBold", "smallBold"],
	huge: ["title", "leadBold"],
	hugeFigures: [],
	clock: ["hugeFigures", "huge"],
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
	get inside(): { readonly x: number; readonly width: number } {
		return { x: frame.margin, width: this.canvas.width - 2 * frame.margin };
	}

	/** One text, as large as its lines allow. Gives the base line of its last line. */
	text(text: string, at: TextAt): number {
		const x = at.x ?? this.inside.x;
		const room = at.width ?? this.inside.width;
		const { style, lines } = this.#fitted(text, at, room);
		const step = Math.round(styles[style].size * 1.35);
		for (const [i, line] of lines.entries()) {
			const spare = room - this.canvas.measure(line, style);
			const before = at.align === "centre" ? Math.round(spare / 2) : at.align === "right" ? spare : 0;
			this.put(line, { x: x + before, y: at.y + i * step, style, colour: at.colour });
		}
		return at.y + (lines.length - 1) * step;
	}

	/** From the first base line of such a text to its last, px. */
	drop(text: string, at: TextAt): number {
		const { style, lines } = this.#fitted(text, at, at.width ?? this.inside.width);
		return (lines.length - 1) * Math.round(styles[style].size * 1.35);
	}

	/** One line where it is told to stand, whatever its width. */
	put(
		text: string,
		at: { readonly x: number; readonly y: number; readonly style: StyleName; readonly colour: Colour },
	): void {
		if (text === "") return;
		this.canvas.text(text, at.x, at.y, at.style, at.colour);
		this.#said.push(text);
		const { size } = styles[at.style];
		// Figures and capitals have no descenders; what the eye sees of a line is about its size.
		const box = { x: at.x, y: at.y - Math.round(size * 0.8), height: Math.round(size * 0.95) };
		this.boxes.push({
			text,
			style: at.style,
			base: at.y,
			width: this.canvas.measure(text, at.style),
			...box,
		});
	}

	/** The keys that do something now, in the colours of the physical keys. */
	keys(keys: readonly (readonly [key: KeyLabel, does: string])[]): void {
		const { canvas, words } = this;
		const top = this.#foot();
		let x = 10;
		for (const [key, does] of keys) {
			const name = isNamed(key) ? words.keys[key] : key;
			const wide = Math.max(18, canvas.measure(name, "tiny") + 12);
			canvas.box(x, top + 5, wide, 17, 8, keyColours[key] ?? "jade");
			const y = top + 18;
			const middle = x + Math.round((wide - canvas.measure(name, "tiny")) / 2);
			this.put(name, { x: middle, y, style: "tiny", colour: "white" });
			x += wide + 5;
			this.put(does, { x, y, style: "tiny", colour: "soft" });
			x += canvas.measure(does, "tiny") + 12;
		}
	}

	/** No key does anything: the foot says so, or what is under way. */
	still(text = this.words.noKeys): void {
		const top = this.#foot();
		this.text(text, { y: top + 18, style: "tiny", colour: "soft", align: "centre" });
	}

	#foot(): number {
		const top = this.canvas.height - frame.keys;
		this.canvas.fill(0, top, this.canvas.width, 1, "line");
		return top;
	}

	#fitted(
		text: string,
		at: TextAt,
		room: number,
	): { readonly style: StyleName; readonly lines: readonly string[] } {
		const usable = [at.style, ...smaller[at.style]].filter((s) => at.free !== true || "free" in styles[s]);
		for (const style of usable) {
			const lines = this.#wrapped(text, style, room);
			if (lines.length <= (at.lines ?? 1)) return { style, lines };
		}
		const style = usable.at(-1) ?? at.style;
		return { style, lines: this.#wrapped(text, style, room) };
	}

	/**
	 * Chinese breaks anywhere but before a closing mark; Latin breaks at blanks, and anywhere when it
	 * has none.
	 */
	#wrapped(text: string, style: StyleName, room: number): readonly string[] {
		const fits = (line: string): boolean => this.canvas.measure(line.trimEnd(), style) <= room;
		const lines: string[] = [];
		let line = "";
		for (const word of text.match(/[!-~¥’]+ *|./gu) ?? [])
			for (const piece of fits(word) ? [word] : word) {
				if (line !== "" && !fits(line + piece) && !/^[，。；：！？、）」]/u.test(piece)) {
					lines.push(line.trimEnd());
					line = piece.trimStart();
				} else line += piece;
			}
		return [...lines, line];
	}
}

const isNamed = (key: KeyLabel): key is "confirm" | "cancel" | "clear" | "function" =>
	key === "confirm" || key === "cancel" || key === "clear" || key === "function";

/** 1,234.50 */
export function money(fen: bigint): string {
	const yuan = String(fen / 100n).replaceAll(/\B(?=(\d{3})+$)/g, ",");
	return `${yuan}.${two(Number(fen % 100n))}`;
}
export const yuan = (fen: bigint): string => `¥${money(fen)}`;
