/**
 * Gives a new vault its root key, its terminal master key and its sealing key: done once, in the workshop.
 */
import type { Random } from "../kit/random.ts";
import { systemRandom } from "../runtime/random.ts";
import { enrol } from "./custodians.ts";
import { KeyStore } from "./key-store.ts";
import { makeRootKey, readRootKey } from "./root-key.ts";

export interface Provisioning {
	readonly storePath: string;
	readonly rootKeyPath: string;
	/** 16 or 24 bytes. Taken over: wiped when it is stored. */
	readonly tmk: Uint8Array;
	/** Initial key of TDES DUKPT, 16 bytes, wiped when it is stored; and its serial number, 10 bytes. */
	readonly dukpt?: { readonly initialKey: Uint8Array; readonly keyId: Uint8Array };
	/** Who may bring key components later: a number from 1 to 9 and a passcode, one byte a digit. */
	readonly custodians?: readonly { readonly number: number; readonly passcode: Uint8Array }[];
	readonly random?: Random;
}

/**
 * Makes what is missing: root key file (mode 0600), store, sealing key. The terminal master key is always
 * replaced and the working keys dropped; the sealing key stays while it opens, so that accounts sealed
 * before still open. After a tamper this is what brings the vault back.
 */
export function provisionVault(provisioning: Provisioning): void {
	const { storePath, rootKeyPath, tmk, dukpt, custodians = [], random = systemRandom } = provisioning;
	const root = readRootKey(rootKeyPath) ?? makeRootKey(rootKeyPath, random);
	const store = KeyStore.open(storePath, root, random);
	try {
		store.drop();
		const { good } = store.check();
		const keys = [{ slot: "tmk" as const, key: tmk }];
		if (good.some(({ slot }) => slot === "seal")) store.put(keys);
		else store.put([...keys, { slot: "seal", key: random.bytes(32) }]);
		for (const { number, passcode } of custodians) enrol(store, number, passcode, random);
		if (dukpt !== undefined) {
			const put = store.dukpt.put(dukpt.initialKey, dukpt.keyId);
			if (!put.ok) throw new RangeError(`DUKPT: ${put.error.at}`);
		}
		store.revive();
	} finally {
		store.close();
	}
}
