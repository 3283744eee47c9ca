/**
 * The issuer's arithmetic: card keys from its master keys, session keys, application cryptograms and their
 * answers.
 */
import { concat, unhex, xor } from "../../kit/bytes.ts";
import type { DesFor } from "./cipher.ts";
import { algorithm3Mac } from "./macs.ts";

/** Odd parity on every byte, as a DES key has it; DES itself does not look at the bit. */
export const oddParity = (key: Uint8Array): Uint8Array =>
	key.map((byte) => {
		let ones = 0;
		for (let bit = 1; bit < 8; bit += 1) ones += (byte >> bit) & 1;
		return (byte & 0xfe) | (ones % 2 === 0 ? 1 : 0);
	});

const inverted = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0xff);

/**
 * The card's master key, option A (EMV 4.4 Book 2, A1.4.1).
 *
 * @param issuerKey 16 bytes.
 * @param pan digits.
 * @param sequence 5F34 as two digits, or empty where the card has none (counts as 00).
 * @returns 16 bytes with odd parity.
 */
export function cardMasterKey(
	desFor: DesFor,
	issuerKey: Uint8Array,
	pan: string,
	sequence: string,
): Uint8Array {
	const digits = (pan + (sequence === "" ? "00" : sequence)).slice(-16).padStart(16, "0");
	const y = unhex(digits);
	const des = desFor(issuerKey);
	return oddParity(concat(des.encrypt(y), des.encrypt(inverted(y))));
}

/**
 * EMV common session key (EMV 4.4 Book 2, A1.3.1) from diversification data of 8 bytes: ATC‖0…0 for
 * cryptograms (CVN 18), the cryptogram itself for scripts; Mastercard's SKD takes ATC‖0000‖UN
 * (`mastercardSeed`).
 */
export function commonSessionKey(desFor: DesFor, masterKey: Uint8Array, seed: Uint8Array): Uint8Array {
	if (seed.length !== 8) throw new RangeError(`diversification data of ${seed.length} bytes`);
	const des = desFor(masterKey);
	const half = (third: number): Uint8Array => des.encrypt(seed.map((byte, i) => (i === 2 ? third : byte)));
	return oddParity(concat(half(0xf0), half(0x0f)));
}

/** Diversification data of Mastercard's proprietary SKD: ATC, two zero bytes, unpredictable number. */
export const mastercardSeed = (atc: Uint8Array, unpredictable: Uint8Array): Uint8Array =>
	concat(atc, new Uint8Array(2), unpredictable);

/**
 * UnionPay / PBOC session key: the left half from the ATC, the right half from its complement, both behind
 * zeros.
 */
export function unionPaySessionKey(desFor: DesFor, masterKey: Uint8Array, atc: Uint8Array): Uint8Array {
	const des = desFor(masterKey);
	const half = (counter: Uint8Array): Uint8Array => des.encrypt(concat(new Uint8Array(6), counter));
	return concat(half(atc), half(inverted(atc)));
}

/**
 * Visa's session key for scripts (VIS, Unique DEA Key): the ATC xored into the end of each half, inverted in
 * the right.
 */
export function visaScriptKey(masterKey: Uint8Array, atc: Uint8Array): Uint8Array {
	const mask = concat(new Uint8Array(6), atc, new Uint8Array(6), inverted(atc));
	return xor(masterKey, mask);
}

/**
 * "80": a byte 80, then zeros, always (ISO 9797-1 padding 2). "00": zeros where the last block is short
 * (padding 1).
 */
export type Padding = "80" | "00";

export function padded(data: Uint8Array, padding: Padding): Uint8Array {
	const begun = padding === "80" ? concat(data, Uint8Array.of(0x80)) : data;
	return concat(begun, new Uint8Array((8 - (begun.length % 8)) % 8));
}

/**
 * ISO 9797-1 algorithm 3 ("retail MAC"): single DES chaining under the left half, the last block through both
 * halves (EMV 4.4 Book 2, A1.2.1). Application cryptograms and script MACs are this.
 *
 * @param key 16 bytes.
 * @returns 8 bytes.
 */
export function retailMac(desFor: DesFor, key: Uint8Array, data: Uint8Array, padding: Padding): Uint8Array {
	const ciphers = { left: desFor(key.subarray(0, 8)), right: desFor(key.subarray(8, 16)) };
	return algorithm3Mac(ciphers, data, padding === "80" ? 2 : 1);
}

/**
 * ARPC method 1 (EMV 4.4 Book 2, 8.2.1): the cryptogram with the two bytes of the ARC in front, enciphered. 8
 * bytes.
 */
export const arpcMethod1 = (desFor: DesFor, key: Uint8Array, arqc: Uint8Array, arc: Uint8Array): Uint8Array =>
	desFor(key).encrypt(xor(arqc, concat(arc, new Uint8Array(8 - arc.length))));

/**
 * ARPC method 2 (EMV 4.4 Book 2, 8.2.2): four bytes over cryptogram, card status update and proprietary data.
 */
export const arpcMethod2 = (
	desFor: DesFor,
	key: Uint8Array,
	over: { readonly arqc: Uint8Array; readonly statusUpdate: Uint8Array; readonly proprietary?: Uint8Array },
): Uint8Array =>
	retailMac(
		desFor,
		key,
		concat(over.arqc, over.statusUpdate, over.proprietary ?? new Uint8Array(0)),
		"80",
	).slice(0, 4);

/** How a cryptogram version number makes its cryptogram: what is under it, which key, how it is filled up. */
export interface CryptogramVersion {
	/** Where in 9F10 the number stands: byte from 0. */
	readonly at: number;
	readonly number: number;
	/** Part of 9F10 that is under the cryptogram: the CVR, or all of it. */
	readonly verified: (issuerData: Uint8Array) => Uint8Array;
	readonly padding: Padding;
	/** Tags whose values are under the cryptogram, where they are not `cryptogramTags`. */
	readonly tags?: readonly string[];
	readonly session: (desFor: DesFor, masterKey: Uint8Array, card: SessionFacts) => Uint8Array;
	/**
	 * The key of the ARPC: Visa's CVN 10 and Mastercard's answer under the master key, others under the session
	 * key.
	 */
	readonly answerUnder: "master" | "session";
	/** The session key of script MACs. */
	readonly script: (desFor: DesFor, masterKey: Uint8Array, card: ScriptFacts) => Uint8Array;
}
interface SessionFacts {
	/** 9F36, 2 bytes. */
	readonly atc: Uint8Array;
	/** 9F37, 4 bytes. */
	readonly unpredictable: Uint8Array;
}
interface ScriptFacts {
	readonly atc: Uint8Array;
	/** 9F26 of the request. */
	readonly arqc: Uint8Array;
}

/** By scheme. UnionPay 01: JR/T 0025.5 (no public vector); Visa 10: VIS; Mastercard 16: M/Chip 4. */
export const cryptogramVersions = {
	unionpay: {
		at: 2,
		number: 0x01,
		verified: (issuerData) => issuerData.slice(3, 7),
		padding: "80",
		session: (desFor, key, { atc }) => unionPaySessionKey(desFor, key, atc),
		answerUnder: "session",
		script: (desFor, key, { atc }) => unionPaySessionKey(desFor, key, atc),
	},
	visa: {
		at: 2,
		number: 0x0a,
		verified: (issuerData) => issuerData.slice(3, 7),
		padding: "00",
		session: (_, key) => key,
		answerUnder: "master",
		script: (_, key, { atc }) => visaScriptKey(key, atc),
	},
	mastercard: {
		at: 1,
		number: 0x10,
		verified: (issuerData) => issuerData.slice(2, 8),
		padding: "80",
		session: (desFor, key, { atc, unpredictable }) =>
			commonSessionKey(desFor, key, mastercardSeed(atc, unpredictable)),
		answerUnder: "master",
		script: (desFor, key, { arqc }) => commonSessionKey(desFor, key, arqc),
	},
} as const satisfies Record<string, CryptogramVersion>;
export type CryptogramScheme = keyof typeof cryptogramVersions;

/**
 * Tags whose values are under every cryptogram, in this order; the ATC and the verified part of 9F10 follow.
 */
export const cryptogramTags = [
	"9F02",
	"9F03",
	"9F1A",
	"95",
	"5F2A",
	"9A",
	"9C",
	"9F37",
	"82",
	"9F36",
] as const;

/**
 * The application cryptogram of a transaction (EMV 4.4 Book 2, 8.1). `tags` holds `cryptogramTags` and 9F10.
 *
 * @param masterKey the card's, 16 bytes.
 * @returns 8 bytes, or the first tag that is missing.
 */
export function applicationCryptogram(
	desFor: DesFor,
	version: CryptogramVersion,
	masterKey: Uint8Array,
	tags: ReadonlyMap<string, Uint8Array>,
): { readonly cryptogram: Uint8Array } | { readonly missing: string } {
	const under = version.tags ?? cryptogramTags;
	const missing = [...under, "9F36", "9F37", "9F10"].find((tag) => tags.get(tag) === undefined);
	if (missing !== undefined) return { missing };
	const value = (tag: string): Uint8Array => tags.get(tag) ?? new Uint8Array(0);
	const data = concat(...under.map(value), version.verified(value("9F10")));
	const key = version.session(desFor, masterKey, { atc: value("9F36"), unpredictable: value("9F37") });
	return { cryptogram: retailMac(desFor, key, data, version.padding) };
}
