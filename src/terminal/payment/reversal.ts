import type { Machine } from "../../kit/machine.ts";
import { never } from "../../kit/result.ts";
import type { HostEnd } from "./ports.ts";

/**
 * One reversal, tried until the host has answered it (unionpay-terminal.md, 8). It is never deleted; "not
 * charged" is told only when the host said so.
 */
export type ReversalState =
	/** `attempts` so far in this go. */
	| { readonly at: "armed"; readonly attempts: number }
	| { readonly at: "asking"; readonly attempts: number }
	| { readonly at: "reversed"; readonly code: string }
	/** This go is over without an answer; the next online transaction, the boot or the background asks again. */
	| { readonly at: "unresolved" };
export type ReversalInput = { readonly on: "go" } | { readonly on: "host"; readonly end: HostEnd };
export type ReversalEffect =
	/** 0400 with the trace of its original; its end is the next input. */
	| { readonly do: "send-reversal"; readonly attempt: number }
	| { readonly do: "note-reversed"; readonly code: string }
	| { readonly do: "note-unresolved"; readonly attempts: number }
	| { readonly do: "tell-reversal"; readonly news: ReversalNews };
export type ReversalNews =
	| { readonly news: "asking"; readonly attempt: number }
	| { readonly news: "reversed" }
	| { readonly news: "unresolved" };

export const reversalEffects = [
	...(["send-reversal", "note-reversed", "note-unresolved", "tell-reversal"] as const),
] as const satisfies readonly ReversalEffect["do"][];

/** How a reversal ends and how often it is tried in one go: data of the dialect. */
export interface ReversalTerms {
	readonly endsReversal: readonly string[];
	readonly tries: number;
}

export const reversalBy =
	(terms: ReversalTerms): Machine<ReversalState, ReversalInput, ReversalEffect> =>
	(state, input) => {
		const stay = { state, effects: [] };
		switch (state.at) {
			case "armed":
			case "unresolved":
				return input.on === "go" ? ask(1) : stay;
			case "asking":
				if (input.on !== "host") return stay;
				// Only a code that ends a reversal does so (8.3); any other answer leaves it open.
				if (input.end.end === "answered" && terms.endsReversal.includes(input.end.answer.code))
					return {
						state: { at: "reversed", code: input.end.answer.code },
						effects: [{ do: "note-reversed", code: input.end.answer.code }, tell({ news: "reversed" })],
					};
				if (state.attempts < terms.tries) return ask(state.attempts + 1);
				return {
					state: { at: "unresolved" },
					effects: [{ do: "note-unresolved", attempts: state.attempts }, tell({ news: "unresolved" })],
				};
			case "reversed":
				return stay;
			default:
				return never(state);
		}
	};

const tell = (news: ReversalNews): ReversalEffect => ({ do: "tell-reversal", news });
const ask = (attempt: number): { state: ReversalState; effects: readonly ReversalEffect[] } => ({
	state: { at: "asking", attempts: attempt },
	effects: [tell({ news: "asking", attempt }), { do: "send-reversal", attempt }],
});
