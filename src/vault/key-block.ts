/** A key that comes in a TR-31 block: opened under the protection key, held against its slot, stored. */
import { type Operations, slotNames, type VaultFault, workingSlots } from "../contract/vault.ts";
import { unhex } from "../kit/bytes.ts";
import { no, ok, type Result } from "../kit/result.ts";
import { aesFor } from "../runtime/aes.ts";
import { desFor } from "../runtime/des.ts";
import { type KeyBlock, type KeyBlockPolicy, unwrapKeyBlock } from "../spec/keys/tr31.ts";
import type { KeyStore } from "./key-store.ts";
import { lend } from "./operations.ts";
import { type Algorithm, blockModes, sizesOf, slots } from "./slots-table.ts";

type Ask = Operations["load-block"]["ask"];
type Answer = Result<Operations["load-block"]["answer"], VaultFault>;

/**
 * Versions A and C are of no use to anybody who could choose (X9.143 calls them deprecated); B goes with a
 * TDES protection key, D with an AES one.
 */
const versions = { T: ["B"], A: ["D"] } as const;

/** What the slot takes. A version once counted is never taken back. */
function policyOf(store: KeyStore, slot: Ask["slot"], protection: Algorithm): KeyBlockPolicy {
	const { usage } = slots[slot];
	const counted = store.version(slot) ?? "00";
	return {
		versions: versions[protection],
		usages: [usage],
		algorithms: usage === "B1" ? ["T"] : (["T", "A"] as const).filter((a) => sizesOf(slot, a).length > 0),
		modes: blockModes[usage] ?? [],
		exportability: ["N"],
		...(counted === "00" ? {} : { leastKeyVersion: Number(counted) }),
	};
}

/**
 * Opens the block and stores its key. Every block that is refused names the part of the block at which it
 * was; nothing is changed then. A base derivation key (B0) fits no slot.
 */
export function loadBlock(store: KeyStore, { slot, block }: Ask): Answer {
	const opened = lend(store, "load-block", "kbpk", (key, algorithm) =>
		unwrapKeyBlock({ desFor, aesFor }, key, block, policyOf(store, slot, algorithm)),
	);
	if (!opened.ok) return opened;
	if (!opened.value.ok) return no({ code: "vault.refused", at: `block.${opened.value.error.at}` });
	const { key } = opened.value.value;
	try {
		const others = slotNames.filter((other) => other !== slot);
		if (store.twin(key, others) !== undefined) return no({ code: "vault.refused", at: slot });
		return slot === "ipek"
			? takeInitialKey(store, opened.value.value)
			: take(store, slot, opened.value.value);
	} finally {
		key.fill(0);
	}
}

function take(store: KeyStore, slot: Exclude<Ask["slot"], "ipek">, { header, key }: KeyBlock): Answer {
	const algorithm = header.algorithm === "A" ? "A" : "T";
	const { keyVersion: version } = header;
	if (!/^\d\d$/.test(version)) return no({ code: "vault.refused", at: "block.key-version" });
	if (!sizesOf(slot, algorithm).includes(key.length))
		return no({ code: "vault.refused", at: "block.key-length" });
	store.put([{ slot, key, algorithm, version }], slot === "tmk" ? workingSlots : []);
	const record = store.check().good.find((good) => good.slot === slot);
	return record === undefined ? no({ code: "vault.unsealable", at: slot }) : ok({ kcv: record.kcv });
}

/** KS names the key: 20 hex digits (X9.143, KS). */
function takeInitialKey(store: KeyStore, { header, key }: KeyBlock): Answer {
	const ksn = header.optional.find(({ id }) => id === "KS")?.data ?? "";
	if (!/^[0-9A-F]{20}$/.test(ksn)) return no({ code: "vault.refused", at: "block.optional-block" });
	return store.dukpt.put(key, unhex(ksn));
}
