/** DUKPT with AES (ANSI X9.24-3:2017): working keys by usage and type, AES or TDES, and key update. */
import { big, concat, unbig } from "../../kit/bytes.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import { secretBytes } from "../../kit/secret.ts";
import type { AesFor } from "./cipher.ts";
import { type DukptFault, type DukptScheme, descend } from "./dukpt.ts";

/** Bytes of an initial key ID; a KSN is it and a counter of 4 bytes. */
const keyIdBytes = 8;
const counter = { bits: 32, mostOnes: 16 } as const;

/** Key usage indicators (X9.24-3:2017 "Create Derivation Data"). */
const usages = {
	"key-encryption": 0x0002,
	pin: 0x1000,
	"mac-generate": 0x2000,
	"mac-verify": 0x2001,
	"mac-both": 0x2002,
	"data-encrypt": 0x3000,
	"data-decrypt": 0x3001,
	"data-both": 0x3002,
} as const;
export type AesUsage = keyof typeof usages;
const derivation = 0x8000;
const initialDerivation = 0x8001;

/** Algorithm indicators (X9.24-3:2017 "Create Derivation Data") and bytes of a key. */
const keyTypes = {
	TDES2: { indicator: 0, bytes: 16 },
	TDES3: { indicator: 1, bytes: 24 },
	AES128: { indicator: 2, bytes: 16 },
	AES192: { indicator: 3, bytes: 24 },
	AES256: { indicator: 4, bytes: 32 },
} as const;
export type AesKeyType = keyof typeof keyTypes;
/** The type of a derivation key by its bytes. */
const typeOf: Readonly<Record<number, AesKeyType>> = { 16: "AES128", 24: "AES192", 32: "AES256" };

/** A key serial number taken apart. */
export interface AesKsn {
	/** The initial key ID, 8 bytes: BDK ID and derivation ID. */
	readonly keyId: Uint8Array;
	readonly counter: number;
}

/** Takes 12 bytes apart. Any counter is read; whether a key stands for it, `isTransaction` says. */
export const readAesKsn = (ksn: Uint8Array): Result<AesKsn, DukptFault> =>
	ksn.length === keyIdBytes + 4
		? ok({ keyId: ksn.slice(0, keyIdBytes), counter: unbig(ksn.subarray(keyIdBytes)) })
		: no({ at: "ksn", offset: 0 });

/**
 * Create Derivation Data and Derive Key (X9.24-3:2017): version, block number, usage, algorithm, bits,
 * and what names the key, enciphered block by block and cut to the key's length.
 *
 * @param named 8 bytes.
 */
function derive(cipher: ReturnType<AesFor>, usage: number, type: AesKeyType, named: Uint8Array): Uint8Array {
	const { indicator, bytes } = keyTypes[type];
	const blocks = new Uint8Array(bytes > 16 ? 32 : 16);
	for (let at = 0; at < blocks.length; at += 16) {
		blocks[at] = 1;
		blocks[at + 1] = 1 + at / 16;
		blocks[at + 2] = usage >> 8;
		blocks[at + 3] = usage & 0xff;
		blocks[at + 5] = indicator;
		blocks[at + 6] = (8 * bytes) >> 8;
		blocks[at + 7] = (8 * bytes) & 0xff;
		blocks.set(named, at + 8);
	}
	const whole = cipher.encrypt(blocks);
	if (whole.length === bytes) return whole;
	const key = secretBytes(bytes);
	key.set(whole.subarray(0, bytes));
	whole.fill(0);
	return key;
}

/** The last four bytes of the initial key ID, and the counter. */
const named = (keyId: Uint8Array, count: number): Uint8Array => {
	const name = new Uint8Array(8);
	name.set(keyId.subarray(4, 8));
	name[4] = count >>> 24;
	name[5] = (count >>> 16) & 0xff;
	name[6] = (count >>> 8) & 0xff;
	name[7] = count & 0xff;
	return name;
};

/**
 * The initial key of a device, of the base derivation key's length (X9.24-3:2017 "Derive Initial Key").
 *
 * @param bdk 16, 24 or 32 bytes.
 * @param keyId the initial key ID, 8 bytes.
 */
export function aesInitialKey(
	aesFor: AesFor,
	bdk: Uint8Array,
	keyId: Uint8Array,
): Result<Uint8Array, DukptFault> {
	const type = typeOf[bdk.length];
	if (type === undefined) return no({ at: "bdk", offset: 0 });
	if (keyId.length !== keyIdBytes) return no({ at: "key-id", offset: 0 });
	return ok(derive(aesFor(bdk), initialDerivation, type, keyId));
}

const child = (aesFor: AesFor, key: Uint8Array, keyId: Uint8Array, count: number): Uint8Array =>
	derive(aesFor(key), derivation, typeOf[key.length] ?? "AES128", named(keyId, count));

/** The book as a scheme: for `transactionKey` on the host, `loadDevice` and `takeKey` in the device. */
export const aesDukpt = (aesFor: AesFor): DukptScheme => ({
	counter,
	keyBytes: [16, 24, 32],
	keyIdBytes,
	ksn: (keyId, count) => concat(keyId, big(count, 4)),
	child: (key, keyId, count) => child(aesFor, key, keyId, count),
	updateKey: (initialKey, keyId) => {
		const update = aesUpdateKey(aesFor, initialKey, keyId, typeOf[initialKey.length] ?? "AES128");
		return update.ok ? update.value : undefined;
	},
});

/** What a working key is derived from. */
export interface AesTransaction {
	/** The transaction's key: 16, 24 or 32 bytes. */
	readonly key: Uint8Array;
	/** The initial key ID, 8 bytes. */
	readonly keyId: Uint8Array;
	readonly counter: number;
}

/**
 * The key that a transaction works with for one usage (X9.24-3:2017 "Generate Working Keys").
 *
 * @returns a key of the type's length, parity not adjusted; the caller wipes it. An AES key that would be
 *   longer than its derivation key is refused: it would pretend a strength that it has not.
 */
export function aesWorkingKey(
	aesFor: AesFor,
	from: AesTransaction,
	usage: AesUsage,
	type: AesKeyType,
): Result<Uint8Array, DukptFault> {
	if (typeOf[from.key.length] === undefined) return no({ at: "key", offset: 0 });
	if (from.keyId.length !== keyIdBytes) return no({ at: "key-id", offset: 0 });
	if (type.startsWith("AES") && keyTypes[type].bytes > from.key.length)
		return no({ at: "key-type", offset: 0 });
	return ok(derive(aesFor(from.key), usages[usage], type, named(from.keyId, from.counter)));
}

/** The counter that no transaction has: the update key's. */
const updateCounter = 0xffffffff;

/**
 * The key under which a new initial key comes to a device: the key encryption key of the counter FFFFFFFF
 * (X9.24-3:2017 "Update Initial Key"). It is derived from the initial key, so a device keeps it when it
 * forgets that.
 */
export function aesUpdateKey(
	aesFor: AesFor,
	initialKey: Uint8Array,
	keyId: Uint8Array,
	type: AesKeyType,
): Result<Uint8Array, DukptFault> {
	if (typeOf[initialKey.length] === undefined) return no({ at: "initial-key", offset: 0 });
	if (keyId.length !== keyIdBytes) return no({ at: "key-id", offset: 0 });
	const scheme = { child: (key: Uint8Array, id: Uint8Array, count: number) => child(aesFor, key, id, count) };
	const key = descend(scheme, initialKey, keyId, updateCounter);
	const update = aesWorkingKey(aesFor, { key, keyId, counter: updateCounter }, "key-encryption", type);
	key.fill(0);
	return update;
}
