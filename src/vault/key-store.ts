/**
 * Keys at rest: each row sealed under the root key and bound to its slot, usage and algorithm; each lent
 * for one use.
 */
import { closeSync, openSync } from "node:fs";
import {
	type DownReason,
	type KeyRecord,
	type Slot,
	type VaultFault,
	type WorkingSlot,
	workingSlots,
} from "../contract/vault.ts";
import { hex, latin } from "../kit/bytes.ts";
import type { Random } from "../kit/random.ts";
import { no, ok, type Result } from "../kit/result.ts";
import { aesFor } from "../runtime/aes.ts";
import { desFor } from "../runtime/des.ts";
import { type Database, migrate, openDatabase } from "../runtime/sqlite.ts";
import { aesKcv, desKcv } from "../spec/keys/kcv.ts";
import { same, seal, unseal } from "./ciphers.ts";
import { DukptStore, dukptSchema } from "./dukpt-store.ts";
import { type Algorithm, sizesOf, slots, type Usage } from "./slots-table.ts";

export interface SlotKey {
	readonly slot: Slot;
	/** Taken over: wiped when it is stored. */
	readonly key: Uint8Array;
	/** Without one the slot's usual algorithm: T, or A for the sealing key. */
	readonly algorithm?: Algorithm;
	/** Usual: "0". */
	readonly keySet?: string;
	/** Two characters; usual: "00". */
	readonly version?: string;
}
interface Row {
	readonly slot: Slot;
	readonly usage: Usage;
	readonly algorithm: Algorithm;
	readonly kcv: string;
	readonly sealed: Uint8Array;
	readonly key_set: string;
	readonly version: string;
	/** How the row's facts are bound to its key: 1 before it had set and version, 2 since. */
	readonly binding: number;
}

/**
 * The store is SQLite's: a transaction is whole or was not (WAL, synchronous=FULL), so a power cut never
 * leaves half a key, and what a method has noted is on the disk when it returns.
 */
const schema = [
	`create table keys (slot text primary key, usage text not null, algorithm text not null, kcv text not null,
		sealed blob not null) strict;
	create table pin_rate (id integer primary key check (id = 1), tokens real not null) strict;
	create table life (id integer primary key check (id = 1), zeroised integer not null) strict;
	insert into life values (1, 0);`,
	`alter table keys add column key_set text not null default '0';
	alter table keys add column version text not null default '00';
	alter table keys add column binding integer not null default 1;
	alter table life add column reason text;`,
	`create table custodians (number integer primary key, sealed blob not null, wrong integer not null) strict;`,
	dukptSchema,
];

export class KeyStore {
	readonly #db: Database;
	readonly #root: Uint8Array;
	readonly #random: Random;
	readonly dukpt: DukptStore;

	private constructor(db: Database, root: Uint8Array, random: Random) {
		this.#db = db;
		this.#root = root;
		this.#random = random;
		this.dukpt = new DukptStore(db, root, random);
	}

	/**
	 * Opens or creates the file with mode 0600. The root key stays the store's until `close` or `erase` wipes
	 * it.
	 */
	static open(path: string, root: Uint8Array, random: Random): KeyStore {
		closeSync(openSync(path, "a", 0o600));
		const db = openDatabase(path);
		migrate(db, schema);
		return new KeyStore(db, root, random);
	}

	close(): void {
		this.#root.fill(0);
		this.#db.close();
	}

	/** Keys that open and have the check value that was stored with them; other slots are named as damaged. */
	check(): { readonly good: readonly KeyRecord[]; readonly damaged: readonly Slot[] } {
		const rows = this.#db.prepare<[], Row>("select * from keys order by rowid").all();
		const tried = rows.map((row) => {
			const { slot, usage, algorithm, kcv, version } = row;
			const found = this.use(slot, slots[slot].usage, (key) => kcvOf(algorithm, key));
			const record = {
				slot,
				usage,
				algorithm,
				keySet: row.key_set,
				version,
				kcv,
				exportability: "N" as const,
			};
			return { record, good: found.ok && found.value === kcv };
		});
		const dukpt = this.dukpt.record();
		return {
			good: [
				...tried.filter((t) => t.good).map(({ record }) => record),
				...(dukpt === undefined ? [] : [dukpt]),
			],
			damaged: tried.filter((t) => !t.good).map(({ record }) => record.slot),
		};
	}

	/**
	 * Stores keys in one transaction: they stand in place of what their slots and `instead` held, or nothing
	 * changed. A length or an algorithm that the slot does not take: RangeError.
	 */
	put(keys: readonly SlotKey[], instead: readonly WorkingSlot[] = []): void {
		const insert = this.#db.prepare("insert or replace into keys values (?, ?, ?, ?, ?, ?, ?, 2)");
		const rows = keys.map(({ slot, key, algorithm = slot === "seal" ? "A" : "T", ...more }) => {
			const { keySet = "0", version = "00" } = more;
			if (!sizesOf(slot, algorithm).includes(key.length))
				throw new RangeError(`${slot}: ${key.length} bytes of ${algorithm}`);
			const { usage } = slots[slot];
			const facts = { slot, usage, algorithm, key_set: keySet, version, binding: 2 };
			const sealed = seal(this.#root, key, bound(facts), this.#random);
			return [slot, usage, algorithm, kcvOf(algorithm, key), sealed, keySet, version];
		});
		for (const { key } of keys) key.fill(0);
		this.#db.transaction(() => {
			this.drop(instead);
			for (const row of rows) insert.run(...row);
		})();
	}

	/** Version of the key that stands in a slot; undefined when there is none. */
	version(slot: Slot): string | undefined {
		return this.#db.prepare<[string], Row>("select * from keys where slot = ?").get(slot)?.version;
	}

	/** The slot of these that holds this very key: one key in two slots would do the work of another. */
	twin(key: Uint8Array, among: readonly Slot[]): Slot | undefined {
		return among.find((slot) => {
			const found = this.use(slot, slots[slot].usage, (its) => same(its, key));
			return found.ok && found.value;
		});
	}

	drop(which: readonly WorkingSlot[] = workingSlots): void {
		const remove = this.#db.prepare("delete from keys where slot = ?");
		this.#db.transaction(() => {
			for (const slot of which) remove.run(slot);
		})();
	}

	/** Lends a slot's key to one function for one stated usage, then wipes it. */
	use<T>(slot: Slot, usage: Usage, run: (key: Uint8Array, algorithm: Algorithm) => T): Result<T, VaultFault> {
		const row = this.#db.prepare<[string], Row>("select * from keys where slot = ?").get(slot);
		if (row === undefined) return no({ code: "vault.no-key", at: slot });
		if (row.usage !== usage || slots[slot].usage !== usage) return no({ code: "vault.refused", at: slot });
		const key = unseal(this.#root, row.sealed, bound(row));
		if (key === undefined) return no({ code: "vault.unsealable", at: slot });
		try {
			return ok(run(key, row.algorithm));
		} finally {
			key.fill(0);
		}
	}

	/** PIN blocks that may still be made, as last noted; undefined before the first. */
	pinTokens(): number | undefined {
		return this.#db.prepare<[], { tokens: number }>("select tokens from pin_rate").get()?.tokens;
	}
	/** Durable when it returns. */
	notePinTokens(tokens: number): void {
		this.#db
			.prepare("insert into pin_rate values (1, ?) on conflict (id) do update set tokens = excluded.tokens")
			.run(tokens);
	}

	/** A custodian's verifier, sealed; in place of one that stood under the number. */
	enrol(number: number, verifier: Uint8Array): void {
		const sealed = seal(this.#root, verifier, latin(`guitai custodian 1|${number}`), this.#random);
		this.#db.prepare("insert or replace into custodians values (?, ?, 0)").run(number, sealed);
	}
	/** The verifier and how often in a row it did not fit; undefined when nobody has the number. */
	custodian(number: number): { readonly verifier: Uint8Array; readonly wrong: number } | undefined {
		const row = this.#db
			.prepare<[number], { sealed: Uint8Array; wrong: number }>("select * from custodians where number = ?")
			.get(number);
		if (row === undefined) return undefined;
		const verifier = unseal(this.#root, row.sealed, latin(`guitai custodian 1|${number}`));
		return verifier === undefined ? undefined : { verifier, wrong: row.wrong };
	}
	/** Durable when it returns. */
	noteWrong(number: number, wrong: number): void {
		this.#db.prepare("update custodians set wrong = ? where number = ?").run(wrong, number);
	}

	/** Why the keys were erased; undefined when they were not. */
	zeroised(): DownReason | undefined {
		const life = this.#db
			.prepare<[], { zeroised: number; reason: DownReason | null }>("select * from life")
			.get();
		return life?.zeroised === 1 ? (life.reason ?? "tamper") : undefined;
	}
	/** Forgets the mark of an erasure: for provisioning, which brings new keys. */
	revive(): void {
		this.#db.exec("update life set zeroised = 0, reason = null");
	}

	/** Wipes the root key in memory: from now on nothing here opens. */
	forget(): void {
		this.#root.fill(0);
	}

	/**
	 * Wipes the root key in memory, overwrites every row, and notes why; no page and no log keeps the old ones.
	 * The first reason stays.
	 */
	erase(reason: DownReason): void {
		this.forget();
		this.#db.transaction(() => {
			this.#db.exec("update keys set sealed = zeroblob(length(sealed)), kcv = ''");
			this.#db
				.prepare("update life set reason = iif(zeroised = 1, coalesce(reason, ?), ?), zeroised = 1")
				.run(reason, reason);
			this.#db.exec("delete from keys; delete from custodians; delete from dukpt");
		})();
		this.#db.pragma("wal_checkpoint(TRUNCATE)");
	}
}

const bound = (row: Omit<Row, "kcv" | "sealed">): Uint8Array => {
	const { slot, usage, algorithm } = row;
	if (row.binding === 1) return latin(`guitai key 1|${slot}|${usage}|${algorithm}`);
	return latin(`guitai key 2|${slot}|${usage}|${algorithm}|${row.key_set}|${row.version}|N`);
};

/** As hex: 4 bytes for DES, 3 for AES. */
const kcvOf = (algorithm: Algorithm, key: Uint8Array): string =>
	hex(algorithm === "A" ? aesKcv(aesFor(key)) : desKcv(desFor(key)));
