/** DUKPT with TDES (ANSI X9.24-1:2009, annex A): one key a transaction, from one initial key a device. */
import { no, ok, type Result } from "../../kit/result.ts";
import { secretBytes } from "../../kit/secret.ts";
import type { DesFor } from "./cipher.ts";
import type { DukptFault, DukptScheme } from "./dukpt.ts";

/** Bytes of a key serial number: key set and device in the first 59 bits, the counter in the last 21. */
const ksnBytes = 10;
const counter = { bits: 21, mostOnes: 10 } as const;

/** A key serial number taken apart. */
export interface TdesKsn {
	/** The whole number with an empty counter, 10 bytes: the name of the initial key. */
	readonly keyId: Uint8Array;
	/** 0 to 2^21 - 1. */
	readonly counter: number;
}

/** Takes 10 bytes apart. Any counter is read; whether a key stands for it, `isTransaction` says. */
export function readTdesKsn(ksn: Uint8Array): Result<TdesKsn, DukptFault> {
	if (ksn.length !== ksnBytes) return no({ at: "ksn", offset: 0 });
	const [a = 0, b = 0, c = 0] = ksn.subarray(7);
	return ok({ keyId: numbered(ksn, 0), counter: ((a & 0x1f) << 16) | (b << 8) | c });
}

/** A KSN with this counter in place of its own. */
function numbered(ksn: Uint8Array, count: number): Uint8Array {
	const whole = Uint8Array.from(ksn);
	whole[7] = ((ksn[7] ?? 0) & 0xe0) | (count >> 16);
	whole[8] = (count >> 8) & 0xff;
	whole[9] = count & 0xff;
	return whole;
}

/** A key of 16 bytes with C0C0C0C000000000 xored into each half. */
const flipped = (key: Uint8Array): Uint8Array => {
	const other = secretBytes(16);
	for (let i = 0; i < 16; i += 1) other[i] = (key[i] ?? 0) ^ ((i & 4) === 0 ? 0xc0 : 0);
	return other;
};

/**
 * The initial key of a device: the first 8 bytes of its KSN, counter empty, enciphered under the base
 * derivation key and under the same with C0C0C0C000000000 in each half (X9.24-1:2009, annex A, "Derivation
 * Of The Initial Key").
 *
 * @param bdk 16 bytes.
 * @param keyId 10 bytes; its counter is taken as empty.
 * @returns 16 bytes, parity not adjusted.
 */
export function tdesInitialKey(
	desFor: DesFor,
	bdk: Uint8Array,
	keyId: Uint8Array,
): Result<Uint8Array, DukptFault> {
	if (bdk.length !== 16) return no({ at: "bdk", offset: 0 });
	if (keyId.length !== ksnBytes) return no({ at: "key-id", offset: 0 });
	const name = numbered(keyId, 0).subarray(0, 8);
	const other = flipped(bdk);
	const key = secretBytes(16);
	key.set(desFor(bdk).encrypt(name));
	key.set(desFor(other).encrypt(name), 8);
	other.fill(0);
	return ok(key);
}

/** Half of the step: single DES under the left half of what the right half was xored into, both ways. */
function half(desFor: DesFor, key: Uint8Array, register: Uint8Array, into: Uint8Array): void {
	const block = secretBytes(8);
	for (let i = 0; i < 8; i += 1) block[i] = (register[i] ?? 0) ^ (key[8 + i] ?? 0);
	const done = desFor(key.subarray(0, 8)).encrypt(block);
	for (let i = 0; i < 8; i += 1) into[i] = (done[i] ?? 0) ^ (key[8 + i] ?? 0);
	block.fill(0);
	done.fill(0);
}

/** Non-reversible key generation (X9.24-1:2009, annex A), of 16 bytes from 16 bytes. */
function child(desFor: DesFor, key: Uint8Array, keyId: Uint8Array, count: number): Uint8Array {
	const register = numbered(keyId, count).subarray(2);
	const other = flipped(key);
	const below = secretBytes(16);
	half(desFor, other, register, below.subarray(0, 8));
	half(desFor, key, register, below.subarray(8));
	other.fill(0);
	return below;
}

/** The book as a scheme: for `transactionKey` on the host, `loadDevice` and `takeKey` in the device. */
export const tdesDukpt = (desFor: DesFor): DukptScheme => ({
	counter,
	keyBytes: [16],
	keyIdBytes: ksnBytes,
	ksn: numbered,
	child: (key, keyId, count) => child(desFor, key, keyId, count),
	updateKey: () => undefined,
});

/** Which byte of each half a variant inverts (X9.24-1:2009, annex A "PIN, MAC and data variants"). */
const variantByte = {
	pin: 7,
	"mac-request": 6,
	"mac-response": 4,
	"data-request": 5,
	"data-response": 3,
} as const;
export type TdesUsage = keyof typeof variantByte;

/** The variant of a transaction key, 16 bytes; for data not yet the working key. The caller wipes it. */
export function tdesVariant(key: Uint8Array, usage: TdesUsage): Uint8Array {
	const variant = secretBytes(16);
	variant.set(key);
	for (const at of [variantByte[usage], 8 + variantByte[usage]]) variant[at] = (variant[at] ?? 0) ^ 0xff;
	return variant;
}

/**
 * The key that a transaction works with for one usage: the variant; for data, each half of the variant
 * enciphered under the variant, so that it does not lead back to the PIN key (X9.24-1:2009, annex A).
 *
 * @param key the transaction's, 16 bytes.
 * @returns 16 bytes, parity not adjusted; the caller wipes it.
 */
export function tdesWorkingKey(
	desFor: DesFor,
	key: Uint8Array,
	usage: TdesUsage,
): Result<Uint8Array, DukptFault> {
	if (key.length !== 16) return no({ at: "key", offset: 0 });
	const variant = tdesVariant(key, usage);
	if (usage !== "data-request" && usage !== "data-response") return ok(variant);
	const working = desFor(variant).encrypt(variant);
	variant.fill(0);
	return ok(working);
}
