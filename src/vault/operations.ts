/** What the vault does with its keys, one function an operation: none lets a clear key or a PIN out. */
import {
	type Account,
	type Operation,
	type Operations,
	type Slot,
	slotNames,
	type VaultFault,
	workingSlots,
} from "../contract/vault.ts";
import { hex, latin, unhex } from "../kit/bytes.ts";
import type { Random } from "../kit/random.ts";
import { no, ok, type Result } from "../kit/result.ts";
import { aesFor } from "../runtime/aes.ts";
import { desFor } from "../runtime/des.ts";
import { cmac } from "../spec/keys/cmac.ts";
import { type TdesUsage, tdesWorkingKey } from "../spec/keys/dukpt-tdes.ts";
import { retailMac } from "../spec/keys/issuer.ts";
import { desKcv } from "../spec/keys/kcv.ts";
import { unionPayMac } from "../spec/keys/mac.ts";
import { algorithm1Mac } from "../spec/keys/macs.ts";
import { format0 } from "../spec/pin/block.ts";
import { same, seal, unseal } from "./ciphers.ts";
import type { KeyStore, SlotKey } from "./key-store.ts";
import { type Algorithm, slots, type Usage, uses } from "./slots-table.ts";

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
		const opened = lend(store, "import-working-keys", "tmk", (master): Result<undefined, VaultFault> => {
			const cipher = desFor(master);
			for (const { slot, cryptogram, kcv } of keys) {
				const key = cipher.decrypt(single(unhex(cryptogram)));
				clear.push({ slot, key });
				if (!same(desKcv(desFor(key)), unhex(kcv))) return no({ code: "vault.wrong-kcv", at: slot });
				const twin = clear.some((other) => other.slot !== slot && same(other.key, key));
				if (twin || same(key, master) || store.twin(key, lasting) !== undefined)
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

/** Slots that a sign-in does not replace. */
const lasting = slotNames.filter((slot) => slot !== "pik" && slot !== "mak" && slot !== "tdk");

const single = (cryptogram: Uint8Array): Uint8Array =>
	cryptogram.length === 16 && cryptogram.subarray(8).every((byte) => byte === 0)
		? cryptogram.subarray(0, 8)
		: cryptogram;

/** Lends a slot's key to an operation that may take its usage (the table `uses`), and to no other. */
export function lend<T>(
	store: KeyStore,
	op: Operation,
	slot: Slot,
	run: (key: Uint8Array, algorithm: Algorithm) => T,
): Result<T, VaultFault> {
	const { usage } = slots[slot];
	if (uses[op]?.includes(usage) !== true) return no({ code: "vault.refused", at: slot });
	return store.use(slot, usage, run);
}

type MacRule = (key: Uint8Array, data: Uint8Array, algorithm: Algorithm) => Uint8Array;
/** In M0 and M3 zeros fill the last block (ISO 9797-1, padding 1). */
const macRules: Readonly<Partial<Record<Usage, MacRule>>> = {
	"10": (key, data) => unionPayMac(desFor(key), data),
	M0: (key, data) => algorithm1Mac(desFor(key), data, 1),
	M3: (key, data) => retailMac(desFor, key, data, "00"),
	M6: (key, data, algorithm) =>
		algorithm === "A" ? cmac(aesFor(key), 16, data) : cmac(desFor(key), 8, data),
};

/** By the rule of the slot's usage; a usage without a rule refuses. */
function macOf(
	store: KeyStore,
	op: "mac" | "verify-mac",
	slot: Slot,
	data: string,
): Result<Uint8Array, VaultFault> {
	const made = lend(store, op, slot, (key, algorithm) =>
		macRules[slots[slot].usage]?.(key, unhex(data), algorithm),
	);
	if (!made.ok) return made;
	return made.value === undefined ? no({ code: "vault.refused", at: slot }) : ok(made.value);
}

export function makeMac(store: KeyStore, { data, slot = "mak" }: Ask<"mac">): Answer<"mac"> {
	if (slot === "ipek")
		return withTransactionKey(store, "mac", "mac-request", (key) => ({
			mac: hex(retailMac(desFor, key, unhex(data), "00")),
		}));
	const made = macOf(store, "mac", slot, data);
	return made.ok ? ok({ mac: hex(made.value) }) : made;
}

export function checkMac(
	store: KeyStore,
	{ data, mac, slot = "mak" }: Ask<"verify-mac">,
): Answer<"verify-mac"> {
	const made = macOf(store, "verify-mac", slot, data);
	return made.ok ? ok({ good: same(made.value, unhex(mac)) }) : made;
}

/** A DUKPT transaction key in its variant, for one use; the serial number goes with what came of it. */
function withTransactionKey<T>(
	store: KeyStore,
	op: Operation,
	usage: TdesUsage,
	run: (key: Uint8Array) => T,
): Result<T & { readonly ksn: string }, VaultFault> {
	if (uses[op]?.includes(slots.ipek.usage) !== true) return no({ code: "vault.refused", at: "ipek" });
	const made = store.dukpt.take((key, ksn) => {
		const working = tdesWorkingKey(desFor, key, usage);
		if (!working.ok) return no<VaultFault>({ code: "vault.refused", at: working.error.at });
		try {
			return ok({ ...run(working.value), ksn: hex(ksn) });
		} finally {
			working.value.fill(0);
		}
	});
	return made.ok ? made.value : made;
}

/** Whether a PIN block could be made under this slot: asked before a cardholder types anything. */
export const mayTakePin = (store: KeyStore, slot: Slot): Result<unknown, VaultFault> =>
	slot === "ipek" ? store.dukpt.ready() : lend(store, "enter-pin", slot, () => undefined);

/** The PIN block under the slot's key, hex; the clear one is wiped before this returns. */
export function makePinBlock(
	store: KeyStore,
	slot: Slot,
	pin: Uint8Array,
	pan: string,
): Result<{ readonly block: string; readonly ksn?: string }, VaultFault> {
	const clear = format0(pin, pan);
	if (!clear.ok) return no({ code: "vault.bad-request", at: clear.error.at });
	const enciphered = (key: Uint8Array): { readonly block: string } => ({
		block: hex(desFor(key).encrypt(clear.value)),
	});
	try {
		if (slot === "ipek") return withTransactionKey(store, "enter-pin", "pin", enciphered);
		return lend(store, "enter-pin", slot, enciphered);
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
	const sealed = lend(store, "seal-account", "seal", (key) => hex(seal(key, clear, bound(context), random)));
	clear.fill(0);
	return sealed.ok ? ok({ sealed: sealed.value }) : sealed;
}

export function openAccount(store: KeyStore, sealed: string, context: string): Answer<"open-account"> {
	const opened = lend(store, "open-account", "seal", (key) => unseal(key, unhex(sealed), bound(context)));
	if (!opened.ok) return opened;
	if (opened.value === undefined) return no({ code: "vault.unsealable", at: "open-account" });
	const [pan = "", expiry = ""] = new TextDecoder("latin1").decode(opened.value).split("|");
	opened.value.fill(0);
	return ok({ pan, expiry });
}
