/** An outbox on a real database, as a ledger keeps one, for tests of the fleet link. */
import type { FleetEvent, OutboxRow } from "../../../src/contract/fleet.ts";
import { type Database, openDatabase } from "../../../src/runtime/sqlite.ts";
import type { Outbox } from "../../../src/terminal/fleet/fleet.ts";

export class SqliteOutbox implements Outbox {
	readonly #db: Database;
	readonly #listeners = new Set<() => void>();
	readonly #name: string;

	/** `name` makes its ids differ from those of another. */
	constructor(name = "row", path = ":memory:") {
		this.#name = name;
		this.#db = openDatabase(path);
		this.#db.exec(`create table if not exists outbox (seq integer primary key, id text not null unique,
			event text not null, state text not null default 'waiting', refusal text) strict;
			create table if not exists session (number integer not null) strict;`);
	}
	post(event: FleetEvent): void {
		this.postAll([event]);
	}
	/** In one transaction. */
	postAll(events: readonly FleetEvent[]): void {
		this.#db.transaction(() => {
			for (const event of events) {
				const seq = this.head() + 1;
				this.#db
					.prepare("insert into outbox (seq, id, event) values (?, ?, ?)")
					.run(seq, `${this.#name}-${seq}`, JSON.stringify(event));
			}
		})();
		for (const listener of this.#listeners) listener();
	}
	session = (): number => {
		this.#db.exec("insert into session values (1)");
		return this.count("session");
	};
	head(): number {
		return this.#db.prepare<[], number>("select coalesce(max(seq), 0) from outbox").pluck().get() ?? 0;
	}
	pending(after: number, most: number): readonly OutboxRow[] {
		return this.#db
			.prepare<[number, number], { seq: number; id: string; event: string }>(
				"select seq, id, event from outbox where seq > ? order by seq limit ?",
			)
			.all(after, most)
			.map(({ seq, id, event }) => ({ seq, id, event: JSON.parse(event) as FleetEvent }));
	}
	acknowledged(through: number, reject: readonly { readonly seq: number; readonly code: string }[]): void {
		this.#db.transaction(() => {
			for (const { seq, code } of reject)
				this.#db.prepare("update outbox set state = 'refused', refusal = ? where seq = ?").run(code, seq);
			this.#db
				.prepare("update outbox set state = 'delivered' where seq <= ? and state = 'waiting'")
				.run(through);
		})();
	}
	/** Forgets rows up to a seq, as a ledger does with old delivered ones. */
	forget(through: number): void {
		this.#db.prepare("delete from outbox where seq <= ?").run(through);
	}
	readonly onNew = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};
	count(table: "outbox" | "session", where = "true"): number {
		return this.#db.prepare<[], number>(`select count(*) from ${table} where ${where}`).pluck().get() ?? 0;
	}
	get waiting(): number {
		return this.count("outbox", "state = 'waiting'");
	}
	get refused(): readonly (readonly [number, string])[] {
		return this.#db
			.prepare<[], { seq: number; refusal: string }>(
				"select seq, refusal from outbox where state = 'refused' order by seq",
			)
			.all()
			.map(({ seq, refusal }) => [seq, refusal] as const);
	}
}

/** A sale of a number of fen; its intent is its name. */
export const saleEvent = (
	intent: string,
	state: "approved" | "declined" | "reversed" | "unresolved" = "approved",
	amount = "12850",
): FleetEvent => ({
	...{ type: "sale", state, intent, amount, trace: "000002", batch: "000001" },
	...{ card: "621797******5090", scheme: "银联", at: "2026-11-24T09:41:20", operator: "01" },
});
export const salesEvents = (count: number, prefix = "i"): readonly FleetEvent[] =>
	Array.from({ length: count }, (_, i) => saleEvent(`${prefix}${i}`));
