/**
 * What one may ask of the acquirer from outside: how it shall misbehave, what its books say, what it heard.
 */
import * as v from "valibot";
import type { Listen } from "../../contract/device.ts";

const deeds = ["sign-in", "sale", "reversal"] as const;
export type Deed = (typeof deeds)[number];

const on = v.picklist(deeds);
const ms = v.pipe(v.number(), v.integer(), v.minValue(0));
/** How often the rule holds; without it until it is cleared. */
const times = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));
const act = <const Act extends string>(name: Act) => v.strictObject({ on, do: v.literal(name), times });

/**
 * One rule. What stands behind a silent, late, cut or wrong answer **is** booked: only the answer goes
 * astray. Only `decline` keeps a deed from being done.
 */
export const misbehaviour = v.variant("do", [
	/** No answer, the line stays open. */
	act("silent"),
	/** The answer comes `ms` later, on whatever line the terminal has then, or in front of the next answer. */
	v.strictObject({ on, do: v.literal("late"), ms, times }),
	/** The answer comes `ms` later on its own line. */
	v.strictObject({ on, do: v.literal("delay"), ms, times }),
	act("cut-before-answer"),
	act("cut-mid-answer"),
	act("wrong-mac"),
	/** A check value of a sign-in answer is wrong. */
	act("wrong-kcv"),
	/** Refused with this F39, and nothing is done. */
	v.strictObject({ on, do: v.literal("decline"), code: v.pipe(v.string(), v.regex(/^[0-9A-Z]{2}$/)), times }),
	/** A whole frame with noise in it. */
	act("garbage"),
	/** The answer bears another trace number. */
	act("wrong-stan"),
]);
export type Misbehaviour = v.InferOutput<typeof misbehaviour>;

/** What the host proved of a request; absent: there was nothing to prove. */
export interface Verified {
	readonly mac: boolean;
	readonly pin?: boolean;
	readonly arqc?: boolean;
}
export type BookedState = "booked" | "reversed" | "declined";
/** Amounts are fen in decimal digits. */
interface BookedTransaction {
	readonly terminal: string;
	readonly stan: string;
	readonly batch: string;
	/** MMDD at the host. */
	readonly day: string;
	readonly mti: string;
	readonly amount: string;
	/** First six, last four. */
	readonly card: string;
	/** F39 of the first answer. */
	readonly code: string;
	readonly state: BookedState;
	readonly reference: string;
	readonly authorisation: string;
	readonly verified: Verified;
}
export interface Books {
	readonly balances: readonly { readonly card: string; readonly fen: string }[];
	readonly transactions: readonly BookedTransaction[];
	/** Reversals as they came: F39 of the request, F39 answered, how often, and whether money was given back. */
	readonly reversals: readonly {
		readonly terminal: string;
		readonly stan: string;
		readonly batch: string;
		readonly reason: string;
		readonly code: string;
		readonly times: number;
		readonly gaveBack: boolean;
	}[];
	/** Sum of what is booked and not reversed. */
	readonly net: string;
}

export interface AcquirerEvent {
	/** `mute` and `cut`: by a rule there was no whole answer. */
	readonly on: "heard" | "answered" | "mute" | "cut" | "late";
	readonly mti: string;
	readonly stan: string;
	readonly terminal: string;
	/** F39 of an answer. */
	readonly code?: string;
	/** Of a request with a MAC. */
	readonly verified?: Verified;
	/** The rule that bent this answer. */
	readonly rule?: Misbehaviour["do"];
	/** The message described, masked; one line a field. */
	readonly fields: string;
}

/** The same for an acquirer in this process and for one in its own. */
export interface AcquirerDoor {
	/** The newest rule for a deed holds. */
	behave(rule: Misbehaviour): Promise<void>;
	/** Forgets every rule. */
	clear(): Promise<void>;
	books(): Promise<Books>;
	readonly events: Listen<AcquirerEvent>;
	/** Where it listens, once open. */
	readonly port: () => number;
}
