/** The DUKPT key at rest: its future keys and its counter, which is on the disk before a key is used. */
import type { KeyRecord, VaultFault } from "../contract/vault.ts";
import { hex, latin } from "../kit/bytes.ts";
import type { Random } from "../kit/random.ts";
import { no, ok, type Result } from "../kit/result.ts";
import { desFor } from "../runtime/des.ts";
import type { Database } from "../runtime/sqlite.ts";
import {
	type DukptDevice,
	loadDevice,
	readDevice,
	storeDevice,
	takeKey,
	wipeDevice,
} from "../spec/keys/dukpt-device.ts";
import { readTdesKsn, tdesDukpt } from "../spec/keys/dukpt-tdes.ts";
import { desKcv } from "../spec/keys/kcv.ts";
import { seal, unseal } from "./ciphers.ts";

const scheme = tdesDukpt(desFor);
const take = takeKey(scheme);
/** The slot of these registers. */
const slot = "ipek";

/** Serial numbers that were taken once are remembered, also when the keys are erased. */
export const dukptSchema = `create table dukpt (id integer primary key check (id = 1), kcv text not null,
	key_id text not null, sealed blob not null) strict;
	create table dukpt_taken (key_id text primary key) strict;`;

interface Row {
	readonly kcv: string;
	readonly key_id: string;
	readonly sealed: Uint8Array;
}

export class DukptStore {
	readonly #db: Database;
	readonly #root: Uint8Array;
	readonly #random: Random;

	constructor(db: Database, root: Uint8Array, random: Random) {
		this.#db = db;
		this.#root = root;
		this.#random = random;
	}

	/**
	 * Takes an initial key of TDES DUKPT (ANSI X9.24-1:2009) in place of what was there; it is wiped and only
	 * its future keys are kept. Refused: another length than 16, a serial number of other than 10 bytes, or one
	 * that was taken before: its counter would begin anew, and give keys a second time.
	 */
	put(initialKey: Uint8Array, ksn: Uint8Array): Result<{ readonly kcv: string }, VaultFault> {
		const named = readTdesKsn(ksn);
		const loaded = named.ok ? loadDevice(scheme, initialKey, named.value.keyId) : named;
		if (!loaded.ok) return no({ code: "vault.refused", at: loaded.error.at });
		const { keyId } = loaded.value;
		const kcv = hex(desKcv(desFor(initialKey)));
		initialKey.fill(0);
		const row = [kcv, hex(keyId), this.#sealed(loaded.value, hex(keyId))] as const;
		wipeDevice(loaded.value);
		const stored = this.#db.transaction(() => {
			const taken = this.#db.prepare("insert or ignore into dukpt_taken values (?)").run(hex(keyId));
			if (taken.changes === 0) return false;
			this.#db.prepare("insert or replace into dukpt values (1, ?, ?, ?)").run(...row);
			return true;
		})();
		return stored ? ok({ kcv }) : no({ code: "vault.refused", at: "key-id" });
	}

	/**
	 * Lends the next transaction's key, then wipes it. The counter has moved on, durably, before: a power cut
	 * may skip a number, and never gives one twice. `vault.no-key`: none was loaded, or all are spent.
	 */
	take<T>(run: (key: Uint8Array, ksn: Uint8Array) => T): Result<T, VaultFault> {
		const row = this.#row();
		const device = this.#device(row);
		if (row === undefined || device === undefined)
			return no({ code: row === undefined ? "vault.no-key" : "vault.unsealable", at: slot });
		const { state, effects } = take(device, "take");
		try {
			for (const effect of effects) {
				if (effect.do === "refuse") return no({ code: "vault.no-key", at: slot });
				if (effect.do === "note")
					this.#db.prepare("update dukpt set sealed = ?").run(this.#sealed(effect.device, row.key_id));
				else return ok(lent(effect, run));
			}
			return no({ code: "vault.no-key", at: slot });
		} finally {
			wipeDevice(state);
			wipeDevice(device);
		}
	}

	/** Whether a key could be lent now. */
	ready(): Result<undefined, VaultFault> {
		const row = this.#row();
		if (row === undefined) return no({ code: "vault.no-key", at: slot });
		const device = this.#device(row);
		if (device === undefined) return no({ code: "vault.unsealable", at: slot });
		wipeDevice(device);
		return device.at === "ready" ? ok(undefined) : no({ code: "vault.no-key", at: slot });
	}

	record(): KeyRecord | undefined {
		const row = this.#row();
		if (row === undefined || !this.ready().ok) return undefined;
		const { kcv, key_id: keySet } = row;
		return { slot, usage: "B1", algorithm: "T", keySet, version: "00", kcv, exportability: "N" };
	}

	#row(): Row | undefined {
		return this.#db.prepare<[], Row>("select * from dukpt").get();
	}

	#device(row: Row | undefined): DukptDevice | undefined {
		if (row === undefined) return undefined;
		const clear = unseal(this.#root, row.sealed, bound(row.key_id));
		if (clear === undefined) return undefined;
		const read = readDevice(scheme, clear);
		clear.fill(0);
		return read.ok ? read.value : undefined;
	}

	#sealed(device: DukptDevice, keyId: string): Uint8Array {
		const clear = storeDevice(device);
		try {
			return seal(this.#root, clear, bound(keyId), this.#random);
		} finally {
			clear.fill(0);
		}
	}
}

const bound = (keyId: string): Uint8Array => latin(`guitai dukpt 1|${slot}|B1|T|${keyId}|N`);

function lent<T>(
	use: { readonly key: Uint8Array; readonly ksn: Uint8Array },
	run: (key: Uint8Array, ksn: Uint8Array) => T,
): T {
	try {
		return run(use.key, use.ksn);
	} finally {
		use.key.fill(0);
	}
}
