/**
 * Keys at rest: each row sealed under the root key and bound to its slot, usage and algorithm; each lent
 * for one use.
 */
import { closeSync, openSync } from "node:fs";
import { type Slot, type VaultFault, type WorkingSlot, workingSlots } from "../contract/vault.ts";
import { hex, latin } from "../kit/bytes.ts";
import type { Random } from "../kit/random.ts";
import { no, ok, type Result } from "../kit/result.ts";
import { desFor } from "../runtime/des.ts";
import { type Database, migrate, openDatabase } from "../runtime/sqlite.ts";
import { aesKcv, desKcv } from "../spec/keys/kcv.ts";
import { aesFor, seal, unseal } from "./ciphers.ts";
import { slots, type Usage } from "./slots-table.ts";

export interface SlotKey {
	readonly slot: Slot;
	/** Taken over: wiped when it is stored. */
	readonly key: Uint8Array;
}
interface Row {
	readonly slot: Slot;
	readonly usage: Usage;
	readonly algorithm: string;
	readonly kcv: string;
	readonly sealed: Uint8Array;
}

const schema = [
	`create table keys (slot text primary key, usage text not null, algorithm text not null, kcv text not null,
		sealed blob not null) strict;
	create table pin_rate (id integer primary key check (id = 1), tokens real not null) strict;
	create table life (id integer primary key check (id = 1), zeroised integer not null) strict;
	insert into life values (1, 0);`,
];

export class KeyStore {
	readonly #db: Database;
	readonly #root: Uint8Array;
	readonly #random: Random;

	private constructor(db: Database, root: Uint8Array, random: Random) {
		this.#db = db;
		this.#root = root;
		this.#random = random;
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

	/** Slots whose key opens and has the check value that was stored with it; others are named as damaged. */
	check(): { readonly good: readonly { slot: Slot; kcv: string }[]; readonly damaged: readonly Slot[] } {
		const rows = this.#db.prepare<[], Row>("select * from keys order by rowid").all();
		const tried = rows.map(({ slot, kcv }) => {
			const found = this.use(slot, slots[slot].usage, (key) => kcvOf(slot, key));
			return { slot, kcv, good: found.ok && found.value === kcv };
		});
		return {
			good: tried.filter((t) => t.good).map(({ slot, kcv }) => ({ slot, kcv })),
			damaged: tried.filter((t) => !t.good).map(({ slot }) => slot),
		};
	}

	/**
	 * Stores keys in one transaction: they stand in place of what their slots and `instead` held, or nothing
	 * changed. Wrong length: RangeError.
	 */
	put(keys: readonly SlotKey[], instead: readonly WorkingSlot[] = []): void {
		const insert = this.#db.prepare("insert or replace into keys values (?, ?, ?, ?, ?)");
		const rows = keys.map(({ slot, key }) => {
			const { usage, algorithm, sizes } = slots[slot];
			if (!sizes.some((size) => size === key.length)) throw new RangeError(`${slot}: ${key.length} bytes`);
			return [slot, usage, algorithm, kcvOf(slot, key), seal(this.#root, key, bound(slot), this.#random)];
		});
		for (const { key } of keys) key.fill(0);
		this.#db.transaction(() => {
			this.drop(instead);
			for (const row of rows) insert.run(...row);
		})();
	}

	drop(which: readonly WorkingSlot[] = workingSlots): void {
		const remove = this.#db.prepare("delete from keys where slot = ?");
		this.#db.transaction(() => {
			for (const slot of which) remove.run(slot);
		})();
	}

	/** Lends a slot's key to one function for one stated usage, then wipes it. */
	use<T>(slot: Slot, usage: Usage, run: (key: Uint8Array) => T): Result<T, VaultFault> {
		const row = this.#db.prepare<[string], Row>("select * from keys where slot = ?").get(slot);
		if (row === undefined) return no({ code: "vault.no-key", at: slot });
		if (row.usage !== usage || slots[slot].usage !== usage) return no({ code: "vault.refused", at: slot });
		const key = unseal(this.#root, row.sealed, bound(slot));
		if (key === undefined) return no({ code: "vault.unsealable", at: slot });
		try {
			return ok(run(key));
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

	zeroised(): boolean {
		return this.#db.prepare<[], { zeroised: number }>("select zeroised from life").get()?.zeroised === 1;
	}
	/** Forgets the mark of a tamper: for provisioning, which brings new keys. */
	revive(): void {
		this.#db.exec("update life set zeroised = 0");
	}

	/** Wipes the root key in memory: from now on nothing here opens. */
	forget(): void {
		this.#root.fill(0);
	}

	/**
	 * Wipes the root key in memory, overwrites every row, and notes the tamper; no page and no log keeps the
	 * old ones.
	 */
	erase(): void {
		this.forget();
		this.#db.transaction(() => {
			this.#db.exec("update keys set sealed = zeroblob(length(sealed)), kcv = ''");
			this.#db.exec("update life set zeroised = 1");
			this.#db.exec("delete from keys");
		})();
		this.#db.pragma("wal_checkpoint(TRUNCATE)");
	}
}

const bound = (slot: Slot): Uint8Array =>
	latin(`guitai key 1|${slot}|${slots[slot].usage}|${slots[slot].algorithm}`);

/** As hex: 4 bytes for DES, 3 for AES. */
const kcvOf = (slot: Slot, key: Uint8Array): string =>
	hex(slots[slot].algorithm === "A" ? aesKcv(aesFor(key)) : desKcv(desFor(key)));
