/** The vault's slots: what each key is for, and nothing else; and which operation may take which usage. */
import { macSlots, type Operation, type Slot } from "../contract/vault.ts";

/**
 * Usage as a TR-31 header writes it (fleet/identity.md, 4): K0 key encryption, K1 key-block protection, P0
 * PIN, M0 to M8 MAC, D0 data, B1 initial DUKPT key. A base derivation key (B0) has no slot: it opens every
 * terminal of its batch and has no business in one. The UnionPay MAC and the vault's own sealing have
 * numbers of our own (10, 11), which TR-31 leaves to the owner.
 */
export type Usage = "K0" | "K1" | "P0" | "D0" | "B1" | "10" | "11" | MacUsage;
type MacUsage = `M${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}`;
/** T is DES in any length, A is AES. */
export type Algorithm = "T" | "A";

interface SlotTerms {
	readonly usage: Usage;
	/** Bytes that a key may have, by its algorithm; an algorithm that is not here is refused. */
	readonly sizes: Readonly<Partial<Record<Algorithm, readonly number[]>>>;
}
const doubleOrMore = { T: [16, 24], A: [16, 24, 32] } as const;
const tdes = { T: [16, 24] } as const;

export const slots = {
	tmk: { usage: "K0", sizes: tdes },
	kbpk: { usage: "K1", sizes: doubleOrMore },
	/** The initial key itself is not kept: its future keys are (dukpt-store.ts), so no row of it exists. */
	ipek: { usage: "B1", sizes: {} },
	pik: { usage: "P0", sizes: { T: [8, 16] } },
	mak: { usage: "10", sizes: { T: [8, 16] } },
	tdk: { usage: "D0", sizes: { T: [8, 16] } },
	m0: { usage: "M0", sizes: tdes },
	m1: { usage: "M1", sizes: tdes },
	m2: { usage: "M2", sizes: tdes },
	m3: { usage: "M3", sizes: { T: [16] } },
	m4: { usage: "M4", sizes: tdes },
	m5: { usage: "M5", sizes: doubleOrMore },
	m6: { usage: "M6", sizes: doubleOrMore },
	/** HMAC keys are neither T nor A: this slot refuses every key. */
	m7: { usage: "M7", sizes: {} },
	m8: { usage: "M8", sizes: tdes },
	seal: { usage: "11", sizes: { A: [32] } },
} as const satisfies Record<Slot, SlotTerms>;

export const sizesOf = (slot: Slot, algorithm: Algorithm): readonly number[] => {
	const { sizes }: SlotTerms = slots[slot];
	return sizes[algorithm] ?? [];
};

/** Usages with a MAC rule here (operations.ts); the other MAC slots hold their key and lend it to nobody. */
const macs = ["10", "M0", "M3", "M6"] as const;
/** DUKPT gives a key a transaction: PIN, and MAC of what is sent. */
const dukpt = "B1";

/**
 * What a key block must say its key may do (X9.143, table 4), by the usage of the slot: only what the vault
 * does with it. A usage that is not here comes in no block.
 */
export const blockModes: Readonly<Partial<Record<Usage, readonly string[]>>> = {
	K0: ["B", "D"],
	P0: ["B", "E"],
	D0: ["B", "D", "E"],
	B1: ["X"],
	"10": ["C", "G"],
	...Object.fromEntries(macSlots.map((slot) => [slots[slot].usage, ["C", "G"]])),
};

/** An operation that is not named here touches no key; one that is refuses a slot of any other usage. */
export const uses: Readonly<Partial<Record<Operation, readonly Usage[]>>> = {
	"import-working-keys": ["K0"],
	"load-block": ["K1"],
	mac: [...macs, dukpt],
	"verify-mac": macs,
	"enter-pin": ["P0", dukpt],
	"seal-account": ["11"],
	"open-account": ["11"],
};
