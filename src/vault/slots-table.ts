/** The vault's slots: what each key is for, and nothing else. */
import type { Slot } from "../contract/vault.ts";

/**
 * Usage as a TR-31 header writes it (fleet/identity.md, 4): K0 key encryption, P0 PIN, D0 data. The
 * UnionPay MAC and the vault's own sealing have numbers of our own (10, 11), which TR-31 leaves to the
 * owner.
 */
export type Usage = "K0" | "P0" | "10" | "D0" | "11";
/** T is DES in any length, A is AES. */
export type Algorithm = "T" | "A";

export const slots = {
	tmk: { usage: "K0", algorithm: "T", sizes: [16, 24] },
	pik: { usage: "P0", algorithm: "T", sizes: [8, 16] },
	mak: { usage: "10", algorithm: "T", sizes: [8, 16] },
	tdk: { usage: "D0", algorithm: "T", sizes: [8, 16] },
	seal: { usage: "11", algorithm: "A", sizes: [32] },
} as const satisfies Record<
	Slot,
	{ readonly usage: Usage; readonly algorithm: Algorithm; readonly sizes: readonly number[] }
>;
