/** What the vault does with its keys, one function an operation: none lets a clear key or a PIN out. */
import { type Account, type Operations, type VaultFault, workingSlots } from "../contract/vault.ts";
import { hex, latin, unhex } from "../kit/bytes.ts";
import type { Random } from "../kit/random.ts";
import { no, ok, type Result } from "../kit/result.ts";
import { desFor } from "../runtime/des.ts";
import { desKcv } from "../spec/keys/kcv.ts";
import { unionPayMac } from "../spec/keys/mac.ts";
import { format0 } from "../spec/pin/block.ts";
import { same, seal, unseal } from "./ciphers.ts";
import type { KeyStore, SlotKey } from "./key-store.ts";
import { slots } from "./slots-table.ts";

type Ask<Op extends keyof Operations> = Operations[Op]["ask"];
type Answer<Op extends keyof Operations> = Result<Operations[Op]["answer"], VaultFault>;

/**
 * Deciphers working keys under the terminal master key and stores them in one transaction, or none of them
 * and drops the old ones: a wrong check value leaves the terminal signed off (unionpay-terminal.md, 4). An
 * all-zero second half means a single-length key. A key that stands in two slots would do the work of
 * another: refused.
 */
export function takeWorkingKeys(
	store: KeyStore,
	keys: Ask<"import-working-keys">["keys"],
): Answer<"import-working-keys"> {
	const clear: SlotKey[] = [];
	try {
		const opened = store.use("tmk", slots.tmk.usage, (master): Result<undefined, VaultFault> => {
			const cipher = desFor(master);
			for (const { slot, cryptogram, kcv } of keys) {
				const key = cipher.decrypt(single(unhex(cryptogram)));
				clear.push({ slot, key });
				if (!same(desKcv(desFor(key)), unhex(kcv))) return no({ code: "vault.wrong-kcv", at: slot });
				if (clear.some((other) => other.slot !== slot && same(other.key, key)) || same(key, master))
					return no({ code: "vault.refused", at: slot });
			}
			return ok(undefined);
		});
		const end = opened.ok ? opened.value : opened;
		if (!end.ok) {
			store.drop();
			return end;
		}
		store.put(clear, workingSlots);
		return ok({ slots: keys.map(({ slot }) => slot) });
	} finally {
		for (const { key } of clear) key.fill(0);
	}
}

const single = (cryptogram: Uint8Array): Uint8Array =>
	cryptogram.length === 16 && cryptogram.subarray(8).every((byte) => byte === 0)
		? cryptogram.subarray(0, 8)
		: cryptogram;

const macOf = (store: KeyStore, data: string): Result<Uint8Array, VaultFault> =>
	store.use("mak", slots.mak.usage, (key) => unionPayMac(desFor(key), unhex(data)));

export function makeMac(store: KeyStore, data: string): Answer<"mac"> {
	const made = macOf(store, data);
	return made.ok ? ok({ mac: hex(made.value) }) : made;
}

export function checkMac(store: KeyStore, data: string, mac: string): Answer<"verify-mac"> {
	const made = macOf(store, data);
	return made.ok ? ok({ good: same(made.value, unhex(mac)) }) : made;
}

/** The PIN block under the PIN key, hex; the clear one is wiped before this returns. */
export function makePinBlock(store: KeyStore, pin: Uint8Array, pan: string): Result<string, VaultFault> {
	const clear = format0(pin, pan);
	if (!clear.ok) return no({ code: "vault.bad-request", at: clear.error.at });
	try {
		return store.use("pik", slots.pik.usage, (key) => hex(desFor(key).encrypt(clear.value)));
	} finally {
		clear.value.fill(0);
	}
}

const bound = (context: string): Uint8Array => new TextEncoder().encode(`guitai account 1|${context}`);

export function sealAccount(
	store: KeyStore,
	account: Account,
	context: string,
	random: Random,
): Answer<"seal-account"> {
	const clear = latin(`${account.pan}|${account.expiry}`);
	const sealed = store.use("seal", slots.seal.usage, (key) => hex(seal(key, clear, bound(context), random)));
	clear.fill(0);
	return sealed.ok ? ok({ sealed: sealed.value }) : sealed;
}

export function openAccount(store: KeyStore, sealed: string, context: string): Answer<"open-account"> {
	const opened = store.use("seal", slots.seal.usage, (key) => unseal(key, unhex(sealed), bound(context)));
	if (!opened.ok) return opened;
	if (opened.value === undefined) return no({ code: "vault.unsealable", at: "open-account" });
	const [pan = "", expiry = ""] = new TextDecoder("latin1").decode(opened.value).split("|");
	opened.value.fill(0);
	return ok({ pan, expiry });
}
