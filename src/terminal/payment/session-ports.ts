import type { PrintEnd } from "../../contract/device.ts";
import type { FaultCode } from "../../contract/faults.ts";
import type { Account } from "../../contract/vault.ts";
import type { Machine } from "../../kit/machine.ts";
import type { Result } from "../../kit/result.ts";
import type { Books, JournalRow, SlipRow } from "./books.ts";
import type { AcquirerPort, HostEnd, HostPhase } from "./ports.ts";
import type { ReversalEffect, ReversalInput, ReversalNews, ReversalState } from "./reversal.ts";
import type { SaleEffect, SaleInput, SaleNews, SaleState } from "./sale.ts";

/** What the shell of the money machines asks of the rest, so that a simulation can stand in for all of it. */
export interface SessionPorts {
	readonly books: Books;
	readonly acquirer: AcquirerPort;
	readonly accounts: AccountSeal;
	readonly paper: Paper;
	readonly machines: {
		readonly sale: Machine<SaleState, SaleInput, SaleEffect>;
		readonly reversal: Machine<ReversalState, ReversalInput, ReversalEffect>;
	};
	readonly news: News;
	/** The host does not know our working keys any more: sign in before the next message. */
	readonly keysRefused: () => void;
	/** The time on slips and rows, 2026-11-24T09:41:02. */
	readonly at: () => string;
	/** Whether the process was asked to end: a reversal under way is not tried once more then. */
	readonly ending?: () => boolean;
	/** Called around every effect, named machine:effect; tests end the process in it. */
	readonly moment: MomentHook;
}
export type MomentHook = (when: "before" | "during" | "after", effect: string) => Promise<void>;
/** The vault's two operations on an account (contract/vault.ts). */
export interface AccountSeal {
	seal(account: Account, context: string): Promise<Result<string, { readonly code: FaultCode }>>;
	open(sealed: string, context: string): Promise<Result<Account, { readonly code: FaultCode }>>;
}
export interface Paper {
	print(slip: SlipRow, reprint: boolean): Promise<Result<PrintEnd, { readonly code: FaultCode }>>;
}
export interface News {
	/** `attempt`: which PIN of this sale it is about. */
	sale(news: SaleNews, amount: bigint, attempt: number): void;
	reversal(news: ReversalNews, row: JournalRow): void;
	phase(phase: HostPhase): void;
}

/** After these answers the working keys are no longer the host's (unionpay-terminal.md, 10). */
const refusesKeys: ReadonlySet<string> = new Set(["77", "94", "99", "A0"]);
export function heed(end: HostEnd, keysRefused: () => void): HostEnd {
	if (end.end === "answered" && refusesKeys.has(end.answer.code)) keysRefused();
	return end;
}

/** Does one effect between its two moments. */
export async function around<T>(moment: MomentHook, name: string, perform: () => Promise<T>): Promise<T> {
	await moment("before", name);
	const came = await perform();
	await moment("after", name);
	return came;
}
