import type { PrintEnd } from "../../contract/device.ts";
import type { FleetEvent, OutboxRow } from "../../contract/fleet.ts";
import { hex } from "../../kit/bytes.ts";
import { limits } from "../../kit/limits.ts";
import type { Part } from "../../kit/part.ts";
import type { Random } from "../../kit/random.ts";
import { type Database, migrate, openDatabase, type Statement } from "../../runtime/sqlite.ts";
import type {
	Books,
	CardOfSale,
	JournalRow,
	Numbered,
	OpenedSale,
	SaleRowState,
	SlipRow,
} from "../payment/books.ts";
import type { HostAnswer, ReversalReason, SlipFacts } from "../payment/ports.ts";
import { schema } from "./schema.ts";

/**
 * Delivered rows are kept a while, so that a platform restored from a backup can be told again
 * (fleet/sync.md, 5).
 */
const deliveredKept = 5000;
/** One sale makes at most this many outbox rows: approved or declined; unresolved and reversed. */
const rowsOfOneSale = 8;

/** The file is damaged, full, or newer than this program: whoever starts again finds it so again. */
export class DamagedLedger extends Error {}

/**
 * The terminal's books in SQLite: journal, reversals, slips, outbox, counters. The only SQL of the terminal.
 */
export class Ledger implements Part, Books {
	readonly name = "ledger";
	readonly #random: Random;
	readonly #opener: () => Database;
	readonly #lockPath: string | undefined;
	#db: Database | undefined;
	#lock: Database | undefined;
	readonly #statements = new Map<string, Statement<unknown[]>>();
	readonly #listeners = new Set<() => void>();

	/** `path`: the file; its lock stands beside it. Or an opener, for the simulation. */
	constructor(from: string | (() => Database), random: Random) {
		this.#random = random;
		this.#opener = typeof from === "string" ? () => openDatabase(from) : from;
		this.#lockPath = typeof from === "string" ? `${from}-lock` : undefined;
	}

	/**
	 * Rejects when another process holds the ledger (reliability.md, fault 29); with DamagedLedger when it
	 * is of no use.
	 */
	async open(): Promise<void> {
		await Promise.resolve();
		if (this.#lockPath !== undefined) this.#lock = locked(this.#lockPath);
		try {
			this.#db = this.#opener();
			if (this.#db.pragma("quick_check", { simple: true }) !== "ok") throw new Error("quick_check");
			migrate(this.#db, schema);
		} catch (cause) {
			await this.close();
			throw new DamagedLedger("the ledger cannot be read or written", { cause });
		}
	}

	close(): Promise<void> {
		this.#statements.clear();
		this.#db?.close();
		this.#db = undefined;
		this.#lock?.close();
		this.#lock = undefined;
		return Promise.resolve();
	}

	get isOpen(): boolean {
		return this.#db !== undefined;
	}

	/** A statement is prepared once: a sale runs some thirty of them. */
	#sql<P extends unknown[], R = unknown>(text: string): Statement<P, R> {
		const known = this.#statements.get(text);
		if (known !== undefined) return known as unknown as Statement<P, R>;
		const made = this.#open.prepare<P, R>(text);
		this.#statements.set(text, made as unknown as Statement<unknown[]>);
		return made;
	}

	get #open(): Database {
		if (this.#db === undefined) throw new Error("the ledger is closed");
		return this.#db;
	}

	#counter(name: string): number {
		return this.#sql<[string], number>("select value from counter where name = ?").pluck().get(name) ?? 0;
	}
	#set(name: string, value: number): void {
		this.#sql("update counter set value = ? where name = ?").run(value, name);
	}
	#write<T>(step: () => T): T {
		return this.#open.transaction(step).immediate();
	}
	/** 1 to 999999, then 1 again (unionpay-terminal.md, 6). Inside a transaction. */
	#nextTrace(): number {
		const trace = (this.#counter("trace") % 999_999) + 1;
		this.#set("trace", trace);
		return trace;
	}
	#post(event: FleetEvent): void {
		const seq = this.#sql<[], number>("select coalesce(max(seq), 0) + 1 from outbox").pluck().get() ?? 1;
		const id = hex(this.#random.bytes(16));
		this.#sql("insert into outbox (seq, id, event) values (?, ?, ?)").run(seq, id, JSON.stringify(event));
	}
	#posted(): void {
		for (const listener of this.#listeners) listener();
	}

	/** A trace for a numbered message that moves no money (sign-in). */
	takeTrace(): number {
		return this.#write(() => this.#nextTrace());
	}
	get batch(): number {
		return this.#counter("batch");
	}
	/** The day (20261124) of the sign-in whose working keys are in force; 0 when signed off. */
	get signedInOn(): number {
		return this.#counter("signed-in");
	}
	noteSignedIn(batch: number, day: number, event: FleetEvent): void {
		this.#write(() => {
			this.#set("batch", batch);
			this.#set("signed-in", day);
			this.#post(event);
		});
		this.#posted();
	}
	noteSignedOff(): void {
		this.#write(() => this.#set("signed-in", 0));
	}

	noteOpened(sale: OpenedSale): number {
		const { lastInsertRowid } = this.#write(() =>
			this.#sql(
				`insert into sale (intent, attempt, state, amount, at, operator)
					values (@intent, @attempt, 'opened', @amount, @at, @operator)`,
			).run(sale),
		);
		return Number(lastInsertRowid);
	}
	noteSent(id: number, card: CardOfSale): Numbered {
		return this.#write(() => {
			const trace = this.#nextTrace();
			const batch = this.batch;
			const { changes } = this.#sql(
				`update sale set state = 'sent', trace = @trace, batch = @batch, sealed = @sealed, card = @card,
						scheme = @scheme, card_sequence = @cardSequence, pin = @pin, reversal_data = @reversalData
					where id = @id and state = 'opened'`,
			).run({ ...card, pin: card.pin ? 1 : 0, id, trace, batch });
			if (changes !== 1) throw new Error(`sale ${id} is not opened`);
			this.#sql("insert into reversal (sale, state) values (?, 'ready')").run(id);
			return { id, trace, batch };
		});
	}

	#finish(id: number, from: SaleRowState, to: SaleRowState, answer?: Partial<HostAnswer>): void {
		const { changes } = this.#sql(
			`update sale set state = @to, sealed = '', code = @code, reference = @reference,
					authorisation = coalesce(@authorisation, authorisation), settlement_date = @date
				where id = @id and state = @from`,
		).run({
			...{ id, from, to, code: answer?.code ?? null, reference: answer?.reference ?? null },
			authorisation: answer?.authorisation ?? null,
			date: answer?.settlementDate ?? null,
		});
		if (changes !== 1) throw new Error(`sale ${id} is not ${from}`);
	}
	#reversal(id: number, state: "needless" | "answered", code?: string): void {
		this.#sql("update reversal set state = ?, code = ? where sale = ?").run(state, code ?? null, id);
	}

	noteDeclined(id: number, answer: HostAnswer, event: FleetEvent): void {
		this.#write(() => {
			this.#finish(id, "sent", "declined", answer);
			this.#reversal(id, "needless");
			this.#post(event);
		});
		this.#posted();
	}
	noteNotSent(id: number): void {
		this.#write(() => {
			this.#finish(id, "sent", "not-sent");
			this.#reversal(id, "needless");
		});
	}
	noteCancelled(id: number): void {
		this.#write(() => this.#finish(id, "opened", "cancelled"));
	}
	noteTold(id: number): void {
		this.#write(() => {
			this.#sql("update sale set told = 1 where id = ?").run(id);
		});
	}
	noteApproved(id: number, answer: HostAnswer, slip: SlipFacts, event: FleetEvent): void {
		this.#write(() => {
			this.#finish(id, "sent", "approved", answer);
			this.#reversal(id, "needless");
			const insert = this.#sql("insert into slip (sale, copy, state, facts) values (?, ?, 'waiting', ?)");
			for (const copy of ["merchant", "cardholder"]) insert.run(id, copy, JSON.stringify(slip));
			this.#post(event);
		});
		this.#posted();
	}
	armReversal(
		id: number,
		reason: ReversalReason,
		authorisation: string | undefined,
		event: FleetEvent,
	): void {
		this.#write(() => {
			const { changes } = this.#sql(
				"update sale set state = 'reversing', authorisation = coalesce(?, authorisation) where id = ? and state = 'sent'",
			).run(authorisation ?? null, id);
			if (changes !== 1) throw new Error(`sale ${id} is not sent`);
			this.#sql("update reversal set state = 'armed', reason = ? where sale = ?").run(reason, id);
			this.#post(event);
		});
		this.#posted();
	}
	noteReversed(id: number, code: string, event: FleetEvent): void {
		this.#write(() => {
			this.#finish(id, "reversing", "reversed", { code });
			this.#reversal(id, "answered", code);
			this.#post(event);
		});
		this.#posted();
	}
	noteUnresolved(id: number, attempts: number): void {
		this.#write(() => {
			this.#sql("update reversal set attempts = attempts + ? where sale = ?").run(attempts, id);
		});
	}

	unfinished(): readonly JournalRow[] {
		return this.#rows("where s.state in ('opened', 'sent') order by s.id");
	}
	untold(): readonly JournalRow[] {
		return this.#rows("where s.told = 0 and s.state not in ('opened', 'sent', 'reversing') order by s.id");
	}
	pendingReversals(): readonly JournalRow[] {
		return this.#rows("where s.state = 'reversing' order by s.id");
	}
	row(id: number): JournalRow {
		const row = this.#rows("where s.id = ?", id)[0];
		if (row === undefined) throw new Error(`no sale ${id}`);
		return row;
	}
	#rows(where: string, ...values: number[]): readonly JournalRow[] {
		return this.#sql<number[], StoredSale>(
			`select s.id, s.intent, s.attempt, s.state, s.amount, s.trace, s.batch, s.sealed, s.card, s.scheme,
					s.card_sequence as cardSequence, s.pin, s.reversal_data as reversalData, s.at, s.operator, s.code,
					s.authorisation, r.reason, coalesce(r.attempts, 0) as attempts
				from sale s left join reversal r on r.sale = s.id ${where}`,
		)
			.all(...values)
			.map(({ amount, pin, code, authorisation, reason, ...rest }) => ({
				...rest,
				amount: BigInt(amount),
				pin: pin === 1,
				code: code ?? undefined,
				authorisation: authorisation ?? undefined,
				reason: reason ?? undefined,
			}));
	}

	#slip(id: number, state: SlipRow["state"]): void {
		this.#write(() => {
			this.#sql("update slip set state = ? where id = ?").run(state, id);
		});
	}
	notePrinting(slip: number): void {
		this.#slip(slip, "begun");
	}
	notePrinted(slip: number, end: PrintEnd): void {
		this.#slip(slip, end);
	}
	unprinted(): readonly SlipRow[] {
		return this.#slips("where state in ('waiting', 'begun') order by id");
	}
	slipsOf(id: number): readonly SlipRow[] {
		return this.#slips("where sale = ? order by id", id);
	}
	#slips(where: string, ...values: number[]): readonly SlipRow[] {
		return this.#sql<number[], Omit<SlipRow, "facts"> & { readonly facts: string }>(
			`select id as slip, sale, copy, state, facts from slip ${where}`,
		)
			.all(...values)
			.map((row) => ({ ...row, facts: JSON.parse(row.facts) as SlipFacts }));
	}

	/** For the marks in the title bar. */
	openCounts(): { readonly unresolved: number; readonly unprinted: number } {
		const count = (text: string): number => this.#sql<[], number>(text).pluck().get() ?? 0;
		return {
			unresolved: count("select count(*) from sale where state = 'reversing'"),
			unprinted: count("select count(*) from slip where state in ('waiting', 'begun')"),
		};
	}
	/** The last approved sale of this terminal; undefined when there is none. */
	lastApproved(): number | undefined {
		return (
			this.#sql<[], number>("select max(id) from sale where state = 'approved'").pluck().get() ?? undefined
		);
	}
	roomForSale(): boolean {
		const waiting =
			this.#sql<[], number>("select count(*) from outbox where state = 'waiting'").pluck().get() ?? 0;
		return waiting + rowsOfOneSale <= limits.outboxRows;
	}

	/** Highest seq ever posted; 0 when none. */
	head(): number {
		return this.#sql<[], number>("select coalesce(max(seq), 0) from outbox").pluck().get() ?? 0;
	}
	/** Rows above `after` that the cloud has not acknowledged, or should be told again, in order. */
	pending(after: number, most: number): readonly OutboxRow[] {
		return this.#sql<[number, number], { readonly seq: number; readonly id: string; readonly event: string }>(
			"select seq, id, event from outbox where seq > ? order by seq limit ?",
		)
			.all(after, most)
			.map((row) => ({ seq: row.seq, id: row.id, event: JSON.parse(row.event) as FleetEvent }));
	}
	acknowledged(through: number, reject: readonly { readonly seq: number; readonly code: string }[]): void {
		this.#write(() => {
			for (const { seq, code } of reject)
				this.#sql("update outbox set state = 'refused', refusal = ? where seq = ?").run(code, seq);
			this.#sql("update outbox set state = 'delivered' where seq <= ? and state = 'waiting'").run(through);
			this.#sql(
				"delete from outbox where state = 'delivered' and seq <= (select max(seq) from outbox) - ?",
			).run(deliveredKept);
		});
	}
	/** Numbered births of the fleet link (fleet/sync.md, Presence). */
	nextFleetSession(): number {
		return this.#write(() => {
			const session = this.#counter("fleet-session") + 1;
			this.#set("fleet-session", session);
			return session;
		});
	}
	/** Called after a row was posted and is durable. */
	readonly onNew = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};
}

/** An exclusive transaction held for life: the kernel drops it when the process ends, however it ends. */
function locked(path: string): Database {
	let lock: Database | undefined;
	try {
		lock = openDatabase(path);
		lock.exec("begin exclusive");
		return lock;
	} catch (cause) {
		lock?.close();
		if (busy(cause)) throw new Error("another terminal holds the ledger", { cause });
		throw new DamagedLedger("the ledger's lock cannot be read or written", { cause });
	}
}
const busy = (error: unknown): boolean =>
	error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");

interface StoredSale extends Omit<JournalRow, "amount" | "pin" | "code" | "authorisation" | "reason"> {
	readonly amount: number;
	readonly pin: number;
	readonly code: string | null;
	readonly authorisation: string | null;
	readonly reason: ReversalReason | null;
}
