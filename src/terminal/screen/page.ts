import type { HostPhase } from "../payment/ports.ts";

/**
 * What the screen shows, as data: a page knows no words and no pixels. `words/` gives the sentences of each
 * language, `pages/` sets them, `raster/` draws them. Amounts are fen. Seconds are whole seconds left.
 */
export interface Status {
	readonly operator: string;
	/** 09:41 */
	readonly time: string;
	/** 2026-11-24 and weekday 0 (Sunday) to 6, for the idle page. */
	readonly date: string;
	readonly weekday: number;
	/** Whether the cloud is connected, and the acquirer was reached last time. */
	readonly cloud: boolean;
	readonly host: boolean;
	/** Reversals that wait for their answer, and slips that wait for paper: never hidden. */
	readonly unresolved: number;
	readonly unprinted: number;
}

export type Page =
	/** While boot finishes what the journal says: reversal, slips. */
	| { readonly page: "starting"; readonly doing: "devices" | "vault" | "journal" | "reversal" | "slips" }
	| { readonly page: "out-of-service"; readonly why: "tampered" | "vault" | "ledger" }
	| { readonly page: "sign-in"; readonly phase: HostPhase | "needed" | "done" }
	| { readonly page: "sign-in-failed"; readonly code: string }
	| { readonly page: "idle"; readonly merchant: string }
	| { readonly page: "menu" }
	| { readonly page: "amount"; readonly amount: bigint }
	| {
			readonly page: "insert-card";
			readonly amount: bigint;
			readonly seconds: number;
			readonly again: boolean;
	  }
	| { readonly page: "reading"; readonly amount: bigint }
	| {
			readonly page: "choose-application";
			readonly amount: bigint;
			readonly labels: readonly string[];
	  }
	| {
			readonly page: "pin";
			readonly amount: bigint;
			readonly card: string;
			readonly scheme: string;
			readonly digits: number;
			readonly emptyAllowed: boolean;
			/** Set after a wrong PIN: tries left in this sale. */
			readonly triesLeft?: number;
	  }
	| {
			readonly page: "contacting";
			readonly amount: bigint;
			readonly phase: HostPhase | "finishing";
			readonly seconds: number;
	  }
	/** `next` tells what 确认 does now; `printing` what is coming out. */
	| {
			readonly page: "approved";
			readonly amount: bigint;
			readonly trace: string;
			readonly authorisation: string;
			readonly printing: "merchant" | "cardholder" | "none";
			readonly next: "cardholder-copy" | "finish" | "none";
			readonly cardIn: boolean;
	  }
	/** Refused by the host: F39. No money moved. */
	| { readonly page: "declined"; readonly amount: bigint; readonly code: string; readonly cardIn: boolean }
	/** Ended on our side before any money could move. */
	| {
			readonly page: "not-charged";
			readonly amount: bigint;
			readonly why: NotCharged;
			readonly cardIn: boolean;
	  }
	/** 结果未知 正在冲正: the reversal is under way, try n of m (unionpay-terminal.md, 8.7). */
	| {
			readonly page: "reversing";
			readonly amount: bigint;
			readonly attempt: number;
			readonly of: number;
			readonly seconds: number;
			readonly cardIn: boolean;
	  }
	/** The reversal was answered: only now "not charged" may be said. */
	| { readonly page: "reversed"; readonly amount: bigint; readonly cardIn: boolean }
	/** The reversal could not be delivered; it is tried again in the background. Sales wait. */
	| { readonly page: "unresolved"; readonly amount: bigint; readonly trace: string; readonly cardIn: boolean }
	| { readonly page: "take-card" }
	| {
			readonly page: "paper-out";
			readonly copy: "merchant" | "cardholder";
			readonly why: "paper" | "cover" | "printer";
	  }
	/** After a restart: what became of the sale that was under way. */
	| {
			readonly page: "after-restart";
			readonly became:
				| "reversed"
				| "unresolved"
				| "approved"
				| "approved-unprinted"
				| "declined"
				| "nothing-sent";
			readonly amount: bigint;
			readonly trace: string;
	  }
	| { readonly page: "wrong-pin"; readonly amount: bigint; readonly triesLeft: number }
	| { readonly page: "not-available"; readonly what: "scan" | "menu-item" };

export type NotCharged =
	| "cancelled"
	| "card-removed"
	| "no-card"
	| "card-unreadable"
	| "card-not-accepted"
	| "card-declined"
	| "pin-timeout"
	| "pin-unavailable"
	| "host-unreachable"
	| "reversal-pending"
	| "reader-gone"
	| "ledger-full"
	| "signed-off";
