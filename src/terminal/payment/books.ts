import type { PrintEnd } from "../../contract/device.ts";
import type { FleetEvent } from "../../contract/fleet.ts";
import type { Copy, HostAnswer, ReversalReason, SlipFacts } from "./ports.ts";

/**
 * What a payment notes and reads back: the ledger's front towards `payment`. Each `note…` is one synchronous
 * transaction: when it returns, the row is on the disk. It throws when it could not be noted.
 */
export interface Books {
	noteOpened(sale: OpenedSale): number;
	/**
	 * Takes the next trace, turns the opened row into a sent one and writes its reversal row, in one
	 * transaction.
	 */
	noteSent(id: number, sale: CardOfSale): Numbered;
	noteDeclined(id: number, answer: HostAnswer, event: FleetEvent): void;
	noteNotSent(id: number): void;
	noteCancelled(id: number): void;
	/** The cashier has seen how it ended. */
	noteTold(id: number): void;
	/** Result, reversal cleared, outbox row and both slips. */
	noteApproved(id: number, answer: HostAnswer, slip: SlipFacts, event: FleetEvent): void;
	armReversal(id: number, reason: ReversalReason, authorisation: string | undefined, event: FleetEvent): void;
	noteReversed(id: number, code: string, event: FleetEvent): void;
	/** Adds the attempts of one go; the reversal stays pending. */
	noteUnresolved(id: number, attempts: number): void;
	/** Journal rows opened or sent: the process ended before the result was noted. Oldest first. */
	unfinished(): readonly JournalRow[];
	/** Rows with an end that the cashier has not been told. Oldest first. */
	untold(): readonly JournalRow[];
	/** Reversals without an answer, oldest first. */
	pendingReversals(): readonly JournalRow[];
	row(id: number): JournalRow;
	notePrinting(slip: number): void;
	notePrinted(slip: number, end: PrintEnd): void;
	/** Slips not yet out, oldest first. */
	unprinted(): readonly SlipRow[];
	/** Both slips of a sale, merchant copy first. */
	slipsOf(id: number): readonly SlipRow[];
	/** False when a bound is reached and no new sale may be opened. */
	roomForSale(): boolean;
}
export interface Numbered {
	readonly id: number;
	readonly trace: number;
	readonly batch: number;
}
export interface OpenedSale {
	/** One a sale; the attempts after a wrong PIN share it. */
	readonly intent: string;
	readonly attempt: number;
	readonly amount: bigint;
	/** 2026-11-24T09:41:02 */
	readonly at: string;
	readonly operator: string;
}
/** What the card added before sending, without anything secret: the account is sealed by the vault. */
export interface CardOfSale {
	/** Account sealed under the context `accountContext(intent, attempt)`. */
	readonly sealed: string;
	/** First six, last four. */
	readonly card: string;
	readonly scheme: string;
	readonly cardSequence: number;
	readonly pin: boolean;
	/** F55 of a possible reversal, hex. */
	readonly reversalData: string;
}
export interface JournalRow extends OpenedSale, CardOfSale, Numbered {
	readonly state: SaleRowState;
	readonly reason: ReversalReason | undefined;
	readonly authorisation: string | undefined;
	readonly code: string | undefined;
	/** Tries of the reversal in goes that ended without an answer. */
	readonly attempts: number;
}
export type SaleRowState =
	| "opened"
	| "sent"
	| "approved"
	| "declined"
	| "not-sent"
	| "cancelled"
	| "reversing"
	| "reversed";
export interface SlipRow {
	readonly slip: number;
	readonly sale: number;
	readonly copy: Copy;
	readonly state: "waiting" | "begun" | "printed" | "sent-unconfirmed";
	readonly facts: SlipFacts;
}

export const accountContext = (intent: string, attempt: number): string => `account:${intent}:${attempt}`;
