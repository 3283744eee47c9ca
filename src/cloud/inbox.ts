/**
 * The platform's books in SQLite: each row applied once, in one transaction with the sale that it is
 * about.
 */
import type { Bodies, OutboxRow, SaleEvent } from "../contract/fleet.ts";
import type { Part } from "../kit/part.ts";
import { type Database, migrate, openDatabase, type Statement } from "../runtime/sqlite.ts";
import type { Birth, CheckedRow } from "./bodies.ts";
import { schema } from "./schema.ts";

export type Ack = Bodies["down/ack"];
export interface Reject {
	readonly seq: number;
	readonly code: "row-invalid" | "seq-reused";
}
export type AlarmKind = "seq-reused" | "session-back" | "head-behind" | "rows-lost" | "unreadable";
export interface Alarm {
	readonly number: number;
	readonly terminal: string;
	readonly kind: AlarmKind;
	readonly about: string;
	readonly at: string;
}
export interface TerminalRow {
	readonly id: string;
	readonly through: number;
	readonly session: number;
	readonly online: number;
	readonly version: string;
	readonly head: number;
	readonly seen: string;
}
export interface RefusedRow {
	readonly seq: number;
	readonly code: string;
	/** As it came, digits scrubbed. */
	readonly text: string;
}
export interface SaleRow {
	readonly intent: string;
	readonly state: SaleEvent["state"];
	/** Fen. */
	readonly amount: string;
	readonly trace: string;
	readonly batch: string;
	readonly card: string;
	readonly scheme: string;
	readonly code: string | null;
	readonly reference: string | null;
	readonly authorisation: string | null;
	readonly at: string;
	readonly operator: string;
}

/** Rows above a mark that are looked at when it moves; refusals told again at a birth. */
const bounds = { step: 1000, refusals: 100 } as const;

/** What others are shown of a terminal. */
const terminalColumns = "id, through, session, online, version, head, seen";

export class Inbox implements Part {
	readonly name = "inbox";
	readonly #path: string;
	readonly #statements = new Map<string, Statement<unknown[]>>();
	#db: Database | undefined;

	/** A file, or `:memory:`. */
	constructor(path: string) {
		this.#path = path;
	}

	/** Rejects when the file is damaged or newer. Nobody is online until it is born again. */
	open(): Promise<void> {
		return Promise.resolve().then(() => {
			const db = openDatabase(this.#path);
			migrate(db, schema);
			this.#db = db;
			this.#sql("update terminal set online = 0").run();
		});
	}

	close(): Promise<void> {
		this.#statements.clear();
		this.#db?.close();
		this.#db = undefined;
		return Promise.resolve();
	}

	get isOpen(): boolean {
		return this.#db !== undefined;
	}
	get #open(): Database {
		if (this.#db === undefined) throw new Error("the inbox is closed");
		return this.#db;
	}
	#sql<P extends unknown[], R = unknown>(text: string): Statement<P, R> {
		const known = this.#statements.get(text);
		if (known !== undefined) return known as unknown as Statement<P, R>;
		const made = this.#open.prepare<P, R>(text);
		this.#statements.set(text, made as unknown as Statement<unknown[]>);
		return made;
	}

	/** Several steps in one transaction: durable when it returns. */
	write<T>(step: () => T): T {
		return this.#open.transaction(step).immediate();
	}

	/** Within `write`. Gives what may be said to the terminal once that has returned. `at`: our own time. */
	apply(terminal: string, rows: readonly CheckedRow[], at: string): Ack {
		this.#seen(terminal, at);
		const reject = rows.flatMap((row) => this.#applyRow(terminal, row, at));
		const through = this.#advance(terminal);
		return { through, ...(reject.length === 0 ? {} : { reject }) };
	}

	#applyRow(terminal: string, row: CheckedRow, at: string): readonly Reject[] {
		const { seq, id } = row;
		const { changes } = this.#sql(
			`insert into inbox (terminal, seq, id, event, refusal, received) values (?, ?, ?, ?, ?, ?)
				on conflict (terminal, seq) do nothing`,
		).run(
			terminal,
			seq,
			id,
			row.good ? JSON.stringify(row.event) : row.raw,
			row.good ? null : "row-invalid",
			at,
		);
		if (changes === 1) {
			if (row.good && row.event.type === "sale") this.#project(terminal, seq, row.event);
			return row.good ? [] : [{ seq, code: "row-invalid" }];
		}
		const known = this.#sql<
			[string, number],
			{ readonly id: string; readonly refusal: Reject["code"] | null }
		>("select id, refusal from inbox where terminal = ? and seq = ?").get(terminal, seq);
		if (known !== undefined && known.id !== id) {
			// A cloned terminal, or one that came back from an old copy: what stands is never overwritten.
			this.alarm(terminal, "seq-reused", `${seq} ${id}`, at);
			return [{ seq, code: "seq-reused" }];
		}
		return known?.refusal == null ? [] : [{ seq, code: known.refusal }];
	}

	/** The row with the highest seq says how a sale stands, in whatever order rows come. */
	#project(terminal: string, seq: number, event: SaleEvent): void {
		this.#sql(
			`insert into sale (terminal, intent, first, last, state, amount, trace, batch, card, scheme, code,
					reference, authorisation, at, operator)
				values (@terminal, @intent, @seq, @seq, @state, @amount, @trace, @batch, @card, @scheme, @code,
					@reference, @authorisation, @at, @operator)
				on conflict (terminal, intent) do update set
					first = min(first, excluded.first),
					state = iif(excluded.last > last, excluded.state, state),
					amount = iif(excluded.last > last, excluded.amount, amount),
					trace = iif(excluded.last > last, excluded.trace, trace),
					batch = iif(excluded.last > last, excluded.batch, batch),
					card = iif(excluded.last > last, excluded.card, card),
					scheme = iif(excluded.last > last, excluded.scheme, scheme),
					code = iif(excluded.last > last, excluded.code, code),
					reference = iif(excluded.last > last, coalesce(excluded.reference, reference),
						coalesce(reference, excluded.reference)),
					authorisation = iif(excluded.last > last, coalesce(excluded.authorisation, authorisation),
						coalesce(authorisation, excluded.authorisation)),
					at = iif(excluded.last < first, excluded.at, at),
					operator = iif(excluded.last > last, excluded.operator, operator),
					last = max(last, excluded.last)`,
		).run({
			...{ reference: null, authorisation: null, code: event.responseCode ?? null },
			...event,
			terminal,
			seq,
		});
	}

	/** Moves the mark over rows that are there without a gap. */
	#advance(terminal: string): number {
		let through = this.#through(terminal);
		const after = this.#sql<[string, number, number], number>(
			"select seq from inbox where terminal = ? and seq > ? order by seq limit ?",
		).pluck();
		for (;;) {
			const next = after.all(terminal, through, bounds.step);
			const gap = next.findIndex((seq, i) => seq !== through + 1 + i);
			const run = gap < 0 ? next.length : gap;
			through += run;
			if (run < bounds.step) break;
		}
		this.#sql("update terminal set through = ?, head = max(head, ?) where id = ?").run(
			through,
			through,
			terminal,
		);
		return through;
	}
	#through(terminal: string): number {
		return (
			this.#sql<[string], number>("select through from terminal where id = ?").pluck().get(terminal) ?? 0
		);
	}

	#seen(terminal: string, at: string): void {
		this.#sql(
			"insert into terminal (id, seen) values (?, ?) on conflict (id) do update set seen = excluded.seen",
		).run(terminal, at);
	}

	/** Within `write`. A terminal is there, and asks where to go on. */
	birth(terminal: string, { session, version, head, tail }: Birth, at: string): Ack {
		this.#seen(terminal, at);
		// Sessions rise with every birth: one below the highest is a double, or came back from an old copy.
		const highest =
			this.#sql<[string], number>("select highest from terminal where id = ?").pluck().get(terminal) ?? 0;
		const back = session < highest;
		if (back) this.alarm(terminal, "session-back", `${session} after ${highest}`, at);
		let through = this.#through(terminal);
		if (head < through) this.alarm(terminal, "head-behind", `${head} behind ${through}`, at);
		if (tail !== undefined && tail > through + 1) {
			// We are an old copy, and it no longer has what we lack: that is said once, and never waited for.
			this.alarm(terminal, "rows-lost", `${through + 1} to ${tail - 1}`, at);
			this.#sql("update terminal set through = ? where id = ?").run(tail - 1, terminal);
			through = this.#advance(terminal);
		}
		this.#sql(
			"update terminal set session = @session, highest = max(highest, @session), version = @version, head = @head, online = 1 where id = @terminal",
		).run({ session, version, head, terminal });
		const reject = this.#sql<[string, number], Reject>(
			"select seq, refusal as code from inbox where terminal = ? and refusal is not null order by seq desc limit ?",
		).all(terminal, bounds.refusals);
		// It may hold other rows under numbers that we know. All that it holds is asked for, so that each is
		// refused by name.
		return { through: back ? 0 : through, ...(reject.length === 0 ? {} : { reject }) };
	}

	/** Within `write`. The death of an older session than the last birth's came late, and says nothing. */
	death(terminal: string, session: number, at: string): void {
		this.#sql("update terminal set online = 0, seen = ? where id = ? and session = ?").run(
			at,
			terminal,
			session,
		);
	}

	/** Within `write`. The same one is noted once. */
	alarm(terminal: string, kind: AlarmKind, about: string, at: string): void {
		this.#sql("insert into alarm (terminal, kind, about, at) values (?, ?, ?, ?) on conflict do nothing").run(
			terminal,
			kind,
			about,
			at,
		);
	}

	terminals(): readonly TerminalRow[] {
		return this.#sql<[], TerminalRow>(`select ${terminalColumns} from terminal order by id`).all();
	}
	terminal(id: string): TerminalRow | undefined {
		return this.#sql<[string], TerminalRow>(`select ${terminalColumns} from terminal where id = ?`).get(id);
	}
	/** The latest first; at most `most`. */
	sales(terminal: string, most: number): readonly SaleRow[] {
		return this.#sql<[string, number], SaleRow>(
			`select intent, state, amount, trace, batch, card, scheme, code, reference, authorisation, at, operator
				from sale where terminal = ? order by first desc limit ?`,
		).all(terminal, most);
	}
	/** How many sales stand in a state, and their sum in fen. */
	totals(
		terminal: string,
	): readonly { readonly state: string; readonly count: number; readonly sum: string }[] {
		return this.#sql<[string], { readonly state: string; readonly count: number; readonly sum: string }>(
			`select state, count(*) as count, cast(sum(cast(amount as integer)) as text) as sum
				from sale where terminal = ? group by state`,
		).all(terminal);
	}
	alarms(most: number): readonly Alarm[] {
		return this.#sql<[number], Alarm>("select * from alarm order by number desc limit ?").all(most);
	}
	/** Rows of a terminal that were not applied, the latest first. */
	refused(terminal: string, most = bounds.refusals): readonly RefusedRow[] {
		return this.#sql<[string, number], RefusedRow>(
			`select seq, refusal as code, event as text from inbox
				where terminal = ? and refusal is not null order by seq desc limit ?`,
		).all(terminal, most);
	}
	/** What came from a terminal. */
	rows(terminal: string): readonly Pick<OutboxRow, "seq" | "id">[] {
		return this.#sql<[string], Pick<OutboxRow, "seq" | "id">>(
			"select seq, id from inbox where terminal = ? order by seq",
		).all(terminal);
	}
}
