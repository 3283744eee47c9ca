/**
 * The acquirer's and the issuers' books in SQLite: a deed is booked once, and given back once, whatever is
 * repeated.
 */
import { createHash } from "node:crypto";
import { chmodSync } from "node:fs";
import { maskPan } from "../../kit/secret.ts";
import { type Database, migrate, openDatabase } from "../../runtime/sqlite.ts";
import type { BookedState, Books, Verified } from "./door.ts";

const schema = [
	`create table terminals (
		number text primary key,
		batch integer not null,
		-- F62 of the last sign-in: working keys under the terminal master key
		keys blob
	) strict;
	create table accounts (
		-- a digest: no account number stands in this file
		account text primary key,
		card text not null,
		balance integer not null,
		wrong_pins integer not null default 0
	) strict;
	create table transactions (
		id integer primary key,
		terminal text not null, batch integer not null, trace integer not null, day text not null,
		mti text not null, account text not null, card text not null, amount integer not null,
		code text not null, state text not null check (state in ('booked', 'reversed', 'declined')),
		reference text not null, authorisation text not null, time text not null,
		chip blob not null, verified text not null,
		unique (terminal, batch, trace, day)
	) strict;
	create table reversals (
		terminal text not null, batch integer not null, trace integer not null,
		reason text not null, code text not null, gave_back integer not null, times integer not null default 1,
		primary key (terminal, batch, trace)
	) strict;`,
];

/** Which message it is: a repeat bears the same. */
export interface Key {
	readonly terminal: string;
	readonly batch: number;
	readonly trace: number;
}
/** What was answered, enough to answer it again. */
export interface Booked {
	readonly id: number;
	readonly day: string;
	/** hhmmss */
	readonly time: string;
	readonly account: string;
	readonly amount: bigint;
	readonly code: string;
	readonly state: BookedState;
	readonly reference: string;
	/** Empty when refused. */
	readonly authorisation: string;
	/** Value of tag 91, or empty. */
	readonly chip: Uint8Array;
	readonly verified: Verified;
}
export interface Entry extends Key, Omit<Booked, "id" | "account"> {
	readonly mti: string;
	readonly pan: string;
}
export interface Reversed {
	readonly reason: string;
	readonly code: string;
	readonly gaveBack: boolean;
}

interface TerminalRow {
	readonly batch: number;
	readonly keys: Uint8Array | null;
}
interface AccountRow {
	readonly card: string;
	readonly balance: number;
	readonly wrong_pins: number;
}
interface TransactionRow {
	readonly id: number;
	readonly terminal: string;
	readonly batch: number;
	readonly trace: number;
	readonly day: string;
	readonly time: string;
	readonly mti: string;
	readonly account: string;
	readonly card: string;
	readonly amount: number;
	readonly code: string;
	readonly state: BookedState;
	readonly reference: string;
	readonly authorisation: string;
	readonly chip: Uint8Array;
	/** JSON of Verified. */
	readonly verified: string;
}
interface ReversalRow {
	readonly terminal: string;
	readonly batch: number;
	readonly trace: number;
	readonly reason: string;
	readonly code: string;
	readonly gave_back: number;
	readonly times: number;
}
const six = (n: number): string => String(n).padStart(6, "0");
export const accountOf = (pan: string): string => createHash("sha256").update(`account ${pan}`).digest("hex");

export class AcquirerBooks {
	readonly #db: Database;

	/** `path` may be ":memory:". */
	constructor(path: string) {
		this.#db = openDatabase(path);
		if (path !== ":memory:") chmodSync(path, 0o600);
		migrate(this.#db, schema);
	}

	close(): void {
		this.#db.close();
	}

	/** Everything inside is on disk together, or not at all. */
	together<T>(work: () => T): T {
		return this.#db.transaction(work).immediate();
	}

	knowTerminal(number: string): void {
		this.#db.prepare("insert into terminals values (?, 1, null) on conflict (number) do nothing").run(number);
	}

	terminal(number: string): { readonly batch: number; readonly keys: Uint8Array | undefined } | undefined {
		const row = this.#row<TerminalRow>("select batch, keys from terminals where number = ?", number);
		if (row === undefined) return undefined;
		return { batch: row.batch, keys: row.keys === null ? undefined : Uint8Array.from(row.keys) };
	}

	keepKeys(number: string, f62: Uint8Array): void {
		this.#db.prepare("update terminals set keys = ? where number = ?").run(f62, number);
	}

	/** The newest with this number in this batch; with `day` only that day's. */
	find({ terminal, batch, trace }: Key, day?: string): Booked | undefined {
		const row = this.#row<TransactionRow>(
			`select * from transactions where terminal = ? and batch = ? and trace = ? and ? in (day, '')
			order by id desc limit 1`,
			terminal,
			batch,
			trace,
			day ?? "",
		);
		return row === undefined ? undefined : booked(row);
	}

	enter(e: Entry): void {
		this.#db
			.prepare(
				`insert into transactions (terminal, batch, trace, day, mti, account, card, amount, code, state,
				reference, authorisation, time, chip, verified) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			)
			.run(
				...[e.terminal, e.batch, e.trace, e.day, e.mti, accountOf(e.pan), maskPan(e.pan), e.amount, e.code],
				...[e.state, e.reference, e.authorisation, e.time, e.chip, JSON.stringify(e.verified)],
			);
	}

	markReversed(id: number): void {
		this.#db.prepare("update transactions set state = 'reversed' where id = ?").run(id);
	}

	reversal({ terminal, batch, trace }: Key): Reversed | undefined {
		const row = this.#row<ReversalRow>(
			"select * from reversals where terminal = ? and batch = ? and trace = ?",
			terminal,
			batch,
			trace,
		);
		if (row === undefined) return undefined;
		return { reason: row.reason, code: row.code, gaveBack: row.gave_back === 1 };
	}

	/** Remembers a reversal; the same one again is only counted. */
	remember({ terminal, batch, trace }: Key, { reason, code, gaveBack }: Reversed): void {
		this.#db
			.prepare(
				`insert into reversals values (?, ?, ?, ?, ?, ?, 1)
				on conflict (terminal, batch, trace) do update set times = times + 1`,
			)
			.run(terminal, batch, trace, reason, code, gaveBack ? 1 : 0);
	}

	/** An issuer's account, opened with its first balance when it is met for the first time. */
	account(
		pan: string,
		opening: bigint,
	): { readonly account: string; readonly balance: bigint; readonly wrongPins: number } {
		const account = accountOf(pan);
		this.#db
			.prepare("insert into accounts values (?, ?, ?, 0) on conflict (account) do nothing")
			.run(account, maskPan(pan), opening);
		const row = this.#row<AccountRow>(
			"select card, balance, wrong_pins from accounts where account = ?",
			account,
		);
		return { account, balance: BigInt(row?.balance ?? 0), wrongPins: row?.wrong_pins ?? 0 };
	}

	move(account: string, fen: bigint): void {
		this.#db.prepare("update accounts set balance = balance + ? where account = ?").run(fen, account);
	}

	countPin(account: string, good: boolean): void {
		const count = good ? "0" : "wrong_pins + 1";
		this.#db.prepare(`update accounts set wrong_pins = ${count} where account = ?`).run(account);
	}

	/** Everything, oldest first. */
	all(): Books {
		const transactions = this.#rows<TransactionRow>("select * from transactions order by id");
		const net = this.#row<{ readonly net: number }>(
			"select coalesce(sum(amount), 0) as net from transactions where state = 'booked'",
		);
		return {
			balances: this.#rows<AccountRow>("select * from accounts order by card").map((row) => ({
				card: row.card,
				fen: String(row.balance),
			})),
			transactions: transactions.map((row) => ({
				terminal: row.terminal,
				stan: six(row.trace),
				batch: six(row.batch),
				day: row.day,
				mti: row.mti,
				amount: String(row.amount),
				card: row.card,
				code: row.code,
				state: row.state,
				reference: row.reference,
				authorisation: row.authorisation,
				verified: booked(row).verified,
			})),
			reversals: this.#rows<ReversalRow>("select * from reversals order by rowid").map((row) => ({
				terminal: row.terminal,
				stan: six(row.trace),
				batch: six(row.batch),
				reason: row.reason,
				code: row.code,
				times: row.times,
				gaveBack: row.gave_back === 1,
			})),
			net: String(net?.net ?? 0),
		};
	}

	#row<Row>(sql: string, ...given: readonly (string | number)[]): Row | undefined {
		return this.#db.prepare(sql).get(...given) as Row | undefined;
	}
	#rows<Row>(sql: string): readonly Row[] {
		return this.#db.prepare(sql).all() as readonly Row[];
	}
}

const booked = (row: TransactionRow): Booked => ({
	id: row.id,
	day: row.day,
	time: row.time,
	account: row.account,
	amount: BigInt(row.amount),
	code: row.code,
	state: row.state,
	reference: row.reference,
	authorisation: row.authorisation,
	chip: Uint8Array.from(row.chip),
	verified: JSON.parse(row.verified) as Verified,
});
