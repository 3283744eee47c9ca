import type { PrintEnd } from "../../contract/device.ts";
import type { FaultCode } from "../../contract/faults.ts";
import type { Machine } from "../../kit/machine.ts";
import { never } from "../../kit/result.ts";

/**
 * One slip on its way to paper. It is noted as begun before a byte goes to the printer, so that after a
 * power cut nobody takes a second slip for a first one: what was begun comes again as a reprint
 * (reliability.md, fault 7).
 */
export type PrintState =
	| { readonly at: "waiting" }
	/** Begun at least once: the next one is a reprint. */
	| { readonly at: "begun" }
	/** Begun, and the printer said why it stopped. */
	| { readonly at: "held"; readonly code: FaultCode }
	| { readonly at: "done"; readonly end: PrintEnd };
export type PrintInput =
	| { readonly on: "go" }
	| { readonly on: "printed"; readonly end: PrintEnd }
	| { readonly on: "failed"; readonly code: FaultCode };
export type PrintEffect =
	| { readonly do: "note-printing" }
	| { readonly do: "print"; readonly reprint: boolean }
	| { readonly do: "note-printed"; readonly end: PrintEnd };
export const printEffects = [
	...(["note-printing", "print", "note-printed"] as const),
] as const satisfies readonly PrintEffect["do"][];

export const print: Machine<PrintState, PrintInput, PrintEffect> = (state, input) => {
	const stay = { state, effects: [] };
	switch (state.at) {
		case "waiting":
		case "begun":
		case "held":
			if (input.on === "go")
				return {
					state: { at: "begun" },
					effects: [{ do: "note-printing" }, { do: "print", reprint: state.at !== "waiting" }],
				};
			if (state.at !== "begun") return stay;
			if (input.on === "printed")
				return { state: { at: "done", end: input.end }, effects: [{ do: "note-printed", end: input.end }] };
			return { state: { at: "held", code: input.code }, effects: [] };
		case "done":
			return stay;
		default:
			return never(state);
	}
};
