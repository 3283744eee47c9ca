/** SM2's signatures and cryptograms in ASN.1 (GM/T 0009-2012): the form of certificates and other makers. */
import { concat } from "../../kit/bytes.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import type { Sm2Fault } from "./sm2.ts";

const tags = { integer: 0x02, octets: 0x04, sequence: 0x30 } as const;

/** A length in DER: short up to 127, else one or two bytes behind their number. */
const lengthOf = (size: number): readonly number[] =>
	size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
const element = (tag: number, value: Uint8Array): Uint8Array =>
	concat(Uint8Array.of(tag, ...lengthOf(value.length)), value);
/** Shortest form, and not negative. */
function integer(value: Uint8Array): Uint8Array {
	const from = value.findIndex((byte) => byte !== 0);
	const short = from < 0 ? Uint8Array.of(0) : value.subarray(from);
	return element(tags.integer, (short[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), short) : short);
}

interface Read {
	readonly value: Uint8Array;
	readonly end: number;
}
/** One element in the one form that DER allows; undefined for every other. */
function read(tag: number, bytes: Uint8Array, at: number): Read | undefined {
	const [found, first = 0x80, second = 0, third = 0] = bytes.subarray(at, at + 4);
	if (found !== tag || first === 0x80 || first > 0x82) return undefined;
	const extra = first < 0x80 ? 0 : first - 0x80;
	const size = [first, second, second * 256 + third][extra] ?? 0;
	const from = at + 2 + extra;
	if (lengthOf(size).length !== 1 + extra || from + size > bytes.length) return undefined;
	return { value: bytes.subarray(from, from + size), end: from + size };
}
/** A positive integer of at most 32 bytes, as 32. */
function readInteger(bytes: Uint8Array, at: number): Read | undefined {
	const found = read(tags.integer, bytes, at);
	const [first = 0x80, second = 0] = found?.value ?? [];
	if (found === undefined || first >= 0x80) return undefined;
	if (first === 0 && found.value.length > 1 && second < 0x80) return undefined;
	const value = first === 0 ? found.value.subarray(1) : found.value;
	if (value.length > 32) return undefined;
	return { value: concat(new Uint8Array(32 - value.length), value), end: found.end };
}
function readPair(bytes: Uint8Array): (Read & { readonly inner: Uint8Array }) | undefined {
	const outer = read(tags.sequence, bytes, 0);
	if (outer?.end !== bytes.length) return undefined;
	const first = readInteger(outer.value, 0);
	const second = first && readInteger(outer.value, first.end);
	if (first === undefined || second === undefined) return undefined;
	return { value: concat(first.value, second.value), end: second.end, inner: outer.value };
}

/** `SEQUENCE { r INTEGER, s INTEGER }` of r‖s. */
export const sm2SignatureToDer = (signature: Uint8Array): Uint8Array =>
	element(tags.sequence, concat(integer(signature.subarray(0, 32)), integer(signature.subarray(32, 64))));

/** r‖s, 64 bytes; any other form than DER's is refused. */
export function sm2SignatureOfDer(bytes: Uint8Array): Result<Uint8Array, Sm2Fault> {
	const pair = readPair(bytes);
	return pair !== undefined && pair.end === pair.inner.length ? ok(pair.value) : no({ at: "length" });
}

/** `SEQUENCE { x INTEGER, y INTEGER, hash OCTET STRING, text OCTET STRING }` of a C1C3C2 cryptogram. */
export const sm2CryptogramToDer = (cryptogram: Uint8Array): Uint8Array =>
	element(
		tags.sequence,
		concat(
			integer(cryptogram.subarray(1, 33)),
			integer(cryptogram.subarray(33, 65)),
			element(tags.octets, cryptogram.subarray(65, 97)),
			element(tags.octets, cryptogram.subarray(97)),
		),
	);

/** The C1C3C2 cryptogram; any other form than DER's is refused. */
export function sm2CryptogramOfDer(bytes: Uint8Array): Result<Uint8Array, Sm2Fault> {
	const point = readPair(bytes);
	const hash = point && read(tags.octets, point.inner, point.end);
	const text = hash && read(tags.octets, point.inner, hash.end);
	if (text === undefined || hash?.value.length !== 32 || text.end !== point?.inner.length)
		return no({ at: "length" });
	return ok(concat(Uint8Array.of(4), point.value, hash.value, text.value));
}
