/** A page between words and pixels: what is said, in which order and with which weight; no sizes, no places. */
import type { Colour } from "./raster/colours-table.ts";

/** Good is jade, wait amber, bad red. Colour never speaks alone: each has its word beside it. */
export type Tone = "good" | "wait" | "bad";
export type Mark = "check" | "cross" | "wait";

export type Block =
	/** One thing said. A headline is what to do now, or the state of the money; it is never broken when a smaller size fits. */
	| {
			readonly block: "say";
			readonly text: string;
			readonly as: "headline" | "lead" | "body" | "note";
			readonly colour?: Colour;
			readonly align?: "left" | "centre";
	  }
	/** The state of the money in a coloured field. */
	| {
			readonly block: "banner";
			readonly tone: Tone;
			readonly head: string;
			readonly lines: readonly string[];
	  }
	/** The amount of the page, with its sign smaller. */
	| { readonly block: "sum"; readonly amount: string }
	/** The amount as it is typed, right aligned. */
	| { readonly block: "entry"; readonly amount: string; readonly empty: boolean }
	| { readonly block: "clock"; readonly time: string }
	| { readonly block: "mark"; readonly mark: Mark }
	/** A card before the slot: `in` goes in, `out` comes out, `held` stays. */
	| { readonly block: "card"; readonly way: "in" | "out" | "held" }
	/** `at` is the step under way; those before are done. `steps.length`: all are. */
	| { readonly block: "steps"; readonly steps: readonly string[]; readonly at: number }
	/** One box a digit, at least six; never a digit. */
	| { readonly block: "pins"; readonly digits: number }
	/** `of` parts, the `at`th under way (from 1). */
	| { readonly block: "parts"; readonly at: number; readonly of: number }
	/** What to do, in order. */
	| { readonly block: "advice"; readonly title: string; readonly lines: readonly string[] }
	| { readonly block: "choices"; readonly items: readonly Choice[]; readonly columns: 1 | 2 };

export interface Choice {
	readonly key: string;
	readonly text: string;
	/** The one most often wanted. */
	readonly first?: boolean;
}

/** A key at the foot, in the colour of the physical key, and what it does now. */
export interface Hint {
	readonly key: "confirm" | "cancel" | "clear" | "function" | "digit";
	/** For digits: what stands on the key. */
	readonly digit?: string;
	readonly does: string;
}

export interface Sketch {
	/** Left in the title bar, with the amount. */
	readonly flow: string;
	readonly sum?: string;
	readonly place: "top" | "middle";
	readonly blocks: readonly Block[];
	/** Only keys that do something now. Without any, `foot` says why none does. */
	readonly keys: readonly Hint[];
	readonly foot?: string;
}

/** What a page says, in the order of reading: title, blocks, keys. Pictures say nothing. */
export function textOf(sketch: Sketch): readonly string[] {
	const { flow, sum, blocks, keys, foot } = sketch;
	return [
		sum === undefined ? flow : `${flow} ¥${sum}`,
		...blocks.flatMap(said),
		...keys.map(({ key, digit, does }) => `[${digit ?? key}] ${does}`),
		...(foot === undefined ? [] : [foot]),
	];
}

function said(block: Block): readonly string[] {
	switch (block.block) {
		case "say":
			return [block.text];
		case "banner":
			return [block.head, ...block.lines];
		case "sum":
		case "entry":
			return [`¥${block.amount}`];
		case "clock":
			return [block.time];
		case "steps":
			return [block.steps.map((step, n) => (n === block.at ? `[${step}]` : step)).join(" › ")];
		case "pins":
			return ["●".repeat(block.digits)];
		case "advice":
			return [block.title, ...block.lines.map((line, n) => `${n + 1} ${line}`)];
		case "choices":
			return block.items.map(({ key, text }) => `${key} ${text}`);
		default:
			return [];
	}
}
