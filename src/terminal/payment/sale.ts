import type { Machine } from "../../kit/machine.ts";
import { never } from "../../kit/result.ts";
import type { NotCharged } from "../screen/page.ts";
import type { HostAnswer, HostEnd, ReversalReason } from "./ports.ts";

/**
 * One online sale by chip, from the card's request to the known result, as a machine (design.md, 4 and 5).
 * Its state is a row of the journal. What must be durable is noted before the deed, and told after the note.
 */
export type SaleState =
	/** Nothing is known of it but its amount. */
	| { readonly at: "new" }
	/** Noted as begun, so that a restart can say what became of it; nothing was sent. */
	| { readonly at: "opened" }
	/** Noted with its trace and its reversal: from here on a byte may have left. */
	| { readonly at: "sent" }
	/**
	 * The host approved; the card has not yet agreed. A power cut here is a reversal (reliability.md, fault 5).
	 */
	| { readonly at: "completing"; readonly answer: HostAnswer }
	/** Money stands. Slips follow as rows of their own and never decide (fault 6). */
	| { readonly at: "approved" }
	| { readonly at: "declined"; readonly code: string }
	/** No byte left: no reversal is needed (unionpay-terminal.md, 8.5). */
	| { readonly at: "not-sent" }
	/** Ended before the acquirer was asked. */
	| { readonly at: "cancelled" }
	/** Nobody knows. The reversal machine takes it from here, for ever. */
	| { readonly at: "reversing" };

export type SaleInput =
	| { readonly on: "open" }
	/** The card asks to go online: ARQC. */
	| { readonly on: "online" }
	/** It ended before that: cashier, cardholder or card. */
	| { readonly on: "abandon"; readonly why: NotCharged }
	| { readonly on: "host"; readonly end: HostEnd }
	/** The second GENERATE AC: TC, AAC, or the card was gone. */
	| { readonly on: "card"; readonly end: "tc" | "aac" | "gone" }
	/** The journal was found in this state after a restart: the card and the answer are lost. */
	| { readonly on: "restart" };

export type SaleEffect =
	| { readonly do: "note-opened" }
	/** One transaction: trace number, journal row, reversal row. */
	| { readonly do: "note-sent" }
	/** 0200; its end is the next input. */
	| { readonly do: "send" }
	/**
	 * Hands the answer to the card for its second GENERATE AC; its end is the next input. Undefined: no answer.
	 */
	| { readonly do: "finish-card"; readonly answer: HostAnswer | undefined }
	/** One transaction: result, reversal cleared, outbox row, two slips. */
	| { readonly do: "note-approved"; readonly answer: HostAnswer }
	| { readonly do: "note-declined"; readonly answer: HostAnswer }
	| { readonly do: "note-not-sent" }
	| { readonly do: "note-cancelled" }
	/** One transaction: result unknown, reversal armed with its reason, outbox row. */
	| { readonly do: "arm-reversal"; readonly reason: ReversalReason; readonly authorisation?: string }
	| { readonly do: "tell"; readonly what: SaleNews };
export type SaleNews =
	| { readonly news: "contacting" }
	| { readonly news: "approved"; readonly answer: HostAnswer }
	| { readonly news: "declined"; readonly code: string }
	| { readonly news: "not-sent" }
	| { readonly news: "cancelled"; readonly why: NotCharged }
	| { readonly news: "reversing" };

export const saleEffects = [
	...(["note-opened", "note-sent", "send", "finish-card", "note-approved", "note-declined"] as const),
	...(["note-not-sent", "note-cancelled", "arm-reversal", "tell"] as const),
] as const satisfies readonly SaleEffect["do"][];

/** F39 that means approved (unionpay-terminal.md, 10, class A). */
const approves: ReadonlySet<string> = new Set(["00", "11", "16", "A2", "A4", "A5", "A6"]);
/**
 * F39 after which money may have moved although the sale did not come about: a part of it, or nobody knows.
 */
const undoes: Readonly<Record<string, ReversalReason>> = { "10": "06", "68": "98" };
export const isApproval = (code: string): boolean => approves.has(code);

export const sale: Machine<SaleState, SaleInput, SaleEffect> = (state, input) => {
	const stay = { state, effects: [] };
	switch (state.at) {
		case "new":
			if (input.on !== "open") return stay;
			return { state: { at: "opened" }, effects: [{ do: "note-opened" }] };
		case "opened":
			if (input.on === "restart") return { state: { at: "cancelled" }, effects: [{ do: "note-cancelled" }] };
			if (input.on === "abandon")
				return {
					state: { at: "cancelled" },
					effects: [{ do: "note-cancelled" }, tell({ news: "cancelled", why: input.why })],
				};
			if (input.on !== "online") return stay;
			return {
				state: { at: "sent" },
				effects: [{ do: "note-sent" }, tell({ news: "contacting" }), { do: "send" }],
			};
		case "sent":
			if (input.on === "restart") return unknown("06");
			return input.on === "host" ? heard(input.end) : stay;
		case "completing":
			if (input.on === "restart") return unknown("06", state.answer.authorisation);
			if (input.on !== "card") return stay;
			// The card has the last word: what it refuses, or what it was not there to agree to, is undone.
			if (input.end !== "tc") return unknown("06", state.answer.authorisation);
			return {
				state: { at: "approved" },
				effects: [
					{ do: "note-approved", answer: state.answer },
					tell({ news: "approved", answer: state.answer }),
				],
			};
		case "approved":
		case "declined":
		case "not-sent":
		case "cancelled":
		case "reversing":
			return stay;
		default:
			return never(state);
	}
};

const tell = (what: SaleNews): SaleEffect => ({ do: "tell", what });

const unknown = (reason: ReversalReason, authorisation?: string): ReturnType<typeof sale> => ({
	state: { at: "reversing" },
	effects: [
		{ do: "arm-reversal", reason, ...(authorisation === undefined ? {} : { authorisation }) },
		tell({ news: "reversing" }),
	],
});

/** The card is asked for AAC (Z3), and the reversal follows (unionpay-terminal.md, 7). */
function unanswered(reason: ReversalReason, authorisation?: string): ReturnType<typeof sale> {
	const step = unknown(reason, authorisation);
	return { state: step.state, effects: [...step.effects, { do: "finish-card", answer: undefined }] };
}

function heard(end: HostEnd): ReturnType<typeof sale> {
	switch (end.end) {
		case "answered": {
			const undone = undoes[end.answer.code];
			if (undone !== undefined) return unanswered(undone, end.answer.authorisation);
			if (isApproval(end.answer.code))
				return {
					state: { at: "completing", answer: end.answer },
					effects: [{ do: "finish-card", answer: end.answer }],
				};
			return {
				state: { at: "declined", code: end.answer.code },
				effects: [
					{ do: "note-declined", answer: end.answer },
					{ do: "finish-card", answer: end.answer },
					tell({ news: "declined", code: end.answer.code }),
				],
			};
		}
		case "not-sent":
			return {
				state: { at: "not-sent" },
				effects: [
					{ do: "note-not-sent" },
					{ do: "finish-card", answer: undefined },
					tell({ news: "not-sent" }),
				],
			};
		case "unknown":
			return unanswered(end.reason, end.authorisation);
		default:
			return never(end);
	}
}
