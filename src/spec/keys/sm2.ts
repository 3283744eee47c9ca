/** SM2: signatures with the signer's identity, and public-key encipherment (GB/T 32918.2 and .4-2016). */
import { big, concat, equal, unhex } from "../../kit/bytes.ts";
import type { Random } from "../../kit/random.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import { secretBytes } from "../../kit/secret.ts";
import type { Hash } from "./cipher.ts";

/**
 * Arithmetic on the recommended curve of GB/T 32918.5-2017, handed in. Scalars have 32 bytes, 1 to n-1;
 * points have 64, x‖y. `undefined`: no point of the curve, or the point at infinity.
 */
export interface Sm2Curve {
	/** k·G. Takes the same steps whatever the scalar is. */
	readonly base: (scalar: Uint8Array) => Uint8Array;
	/** k·P, likewise. */
	readonly multiply: (point: Uint8Array, scalar: Uint8Array) => Uint8Array | undefined;
	/** s·G + t·P. For scalars that everybody may know: its time tells them. */
	readonly combine: (s: Uint8Array, point: Uint8Array, t: Uint8Array) => Uint8Array | undefined;
}
export interface Sm2Arithmetic {
	readonly curve: Sm2Curve;
	readonly sm3: Hash;
}

/** Where something is wrong; never what stood there. */
export interface Sm2Fault {
	readonly at: "key" | "identity" | "message" | "point" | "length" | "hash";
}

/** GB/T 32918.5-2017: the order of the base point, and a, b, Gx, Gy as the identity's hash takes them. */
const order = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const domain = unhex(`
	FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
	28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
	32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
	BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0`);

const number = (bytes: Uint8Array): bigint => {
	let value = 0n;
	for (const byte of bytes) value = (value << 8n) | BigInt(byte);
	return value;
};
const scalar = (value: bigint): Uint8Array => {
	const bytes = secretBytes(32);
	for (let i = 31, rest = value; i >= 0; i -= 1, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
	return bytes;
};
const modulo = (value: bigint): bigint => ((value % order) + order) % order;
/** By Fermat: the same squarings whatever the value is. */
function inverse(value: bigint): bigint {
	let result = 1n;
	for (const bit of (order - 2n).toString(2))
		result = bit === "1" ? (((result * result) % order) * value) % order : (result * result) % order;
	return result;
}

/** The identity that signers have when nothing else is agreed (GM/T 0009-2012). */
export const usualIdentity: Uint8Array = unhex("31323334353637383132333435363738");

/** Z_A: the hash of identity, curve and public key (GB/T 32918.2-2016, 5.5). Identity: at most 8191 bytes. */
export function sm2IdentityHash(
	sm3: Hash,
	identity: Uint8Array,
	publicKey: Uint8Array,
): Result<Uint8Array, Sm2Fault> {
	if (8 * identity.length > 0xffff) return no({ at: "identity" });
	if (publicKey.length !== 64) return no({ at: "key" });
	return ok(sm3(concat(big(8 * identity.length, 2), identity, domain, publicKey)));
}

/** e: what is signed, over Z_A and the message (GB/T 32918.2-2016, 6.1, A1 and A2). 32 bytes. */
export function sm2Digest(
	sm3: Hash,
	identity: Uint8Array,
	publicKey: Uint8Array,
	message: Uint8Array,
): Result<Uint8Array, Sm2Fault> {
	const hashed = sm2IdentityHash(sm3, identity, publicKey);
	return hashed.ok ? ok(sm3(concat(hashed.value, message))) : hashed;
}

/** One in 2^32 numbers is not below the order; who draws this many in vain has no chance at his hands. */
const mostDraws = 64;
/** A number from 1 to `below` - 1, by drawing again. */
function draw(random: Random, below: bigint): bigint {
	for (let n = 0; n < mostDraws; n += 1) {
		const bytes = random.bytes(32);
		const value = number(bytes);
		bytes.fill(0);
		if (value > 0n && value < below) return value;
	}
	throw new Error("chance gave no scalar");
}

export interface Sm2KeyPair {
	/** 32 bytes; whoever takes it wipes it. */
	readonly secret: Uint8Array;
	/** x‖y, 64 bytes. */
	readonly public: Uint8Array;
}
/** A new pair (GB/T 32918.1-2016, 6.1): the secret is from 1 to n-2, so that 1 + d can be inverted. */
export function sm2KeyPair(curve: Sm2Curve, random: Random): Sm2KeyPair {
	const secret = scalar(draw(random, order - 1n));
	return { secret, public: curve.base(secret) };
}

/**
 * Signs a digest (GB/T 32918.2-2016, 6.1). The nonce and what is made of it are numbers of JavaScript, which
 * cannot be wiped and whose arithmetic does not take the same time for all: fit for a laboratory and a
 * software vault, not for a device that an attacker holds.
 *
 * @param secret 32 bytes, 1 to n-2.
 * @param digest of `sm2Digest`.
 * @returns r‖s, 64 bytes.
 */
export function sm2Sign(
	curve: Sm2Curve,
	secret: Uint8Array,
	digest: Uint8Array,
	random: Random,
): Result<Uint8Array, Sm2Fault> {
	const d = number(secret);
	if (secret.length !== 32 || d < 1n || d > order - 2n) return no({ at: "key" });
	if (digest.length !== 32) return no({ at: "hash" });
	for (let n = 0; n < mostDraws; n += 1) {
		const k = draw(random, order);
		const nonce = scalar(k);
		const r = modulo(number(digest) + number(curve.base(nonce).subarray(0, 32)));
		nonce.fill(0);
		const s = modulo(inverse(1n + d) * (k - r * d));
		if (r !== 0n && r + k !== order && s !== 0n) return ok(concat(scalar(r), scalar(s)));
	}
	throw new Error("chance gave no signature");
}

/** Whether r‖s is the signature of this digest under this key (GB/T 32918.2-2016, 7.1). */
export function sm2Verify(
	curve: Sm2Curve,
	publicKey: Uint8Array,
	digest: Uint8Array,
	signature: Uint8Array,
): boolean {
	if (publicKey.length !== 64 || digest.length !== 32 || signature.length !== 64) return false;
	const r = number(signature.subarray(0, 32));
	const s = number(signature.subarray(32));
	const t = modulo(r + s);
	if (r < 1n || r >= order || s < 1n || s >= order || t === 0n) return false;
	const point = curve.combine(scalar(s), publicKey, scalar(t));
	return point !== undefined && modulo(number(digest) + number(point.subarray(0, 32))) === r;
}

/** Where the hash stands: last in the first edition of the standard (C1C2C3), second since 2012 (C1C3C2). */
export type Sm2Layout = "C1C3C2" | "C1C2C3";
/** What of a cryptogram comes before the enciphered message: 04, a point, and somewhere a hash. */
const pointSize = 65;
const hashSize = 32;
/** Messages are keys: nobody enciphers a file. */
const mostMessage = 4096;

/** Bytes out of a shared point (GB/T 32918.4-2016, 5.4.3). */
function derived(sm3: Hash, shared: Uint8Array, size: number): Uint8Array {
	const bytes = secretBytes(size);
	for (let at = 0, round = 1; at < size; at += hashSize, round += 1) {
		const part = sm3(concat(shared, big(round, 4)));
		bytes.set(part.subarray(0, size - at), at);
		part.fill(0);
	}
	return bytes;
}
const fold = (mask: Uint8Array, message: Uint8Array): void => {
	for (let i = 0; i < mask.length; i += 1) mask[i] = (mask[i] ?? 0) ^ (message[i] ?? 0);
};
function tag(sm3: Hash, shared: Uint8Array, message: Uint8Array): Uint8Array {
	const whole = concat(shared.subarray(0, 32), message, shared.subarray(32));
	const hash = sm3(whole);
	whole.fill(0);
	return hash;
}

/**
 * Enciphers 1 to 4096 bytes for the owner of a public key (GB/T 32918.4-2016, 6.1).
 *
 * @returns C1 begins with 04; 97 bytes longer than the message.
 */
export function sm2Encrypt(
	{ curve, sm3 }: Sm2Arithmetic,
	publicKey: Uint8Array,
	message: Uint8Array,
	how: { readonly random: Random; readonly layout?: Sm2Layout },
): Result<Uint8Array, Sm2Fault> {
	if (message.length < 1 || message.length > mostMessage) return no({ at: "message" });
	if (publicKey.length !== 64) return no({ at: "key" });
	for (let n = 0; n < mostDraws; n += 1) {
		const nonce = scalar(draw(how.random, order));
		const shared = curve.multiply(publicKey, nonce);
		if (shared === undefined) return no({ at: "key" });
		const first = concat(Uint8Array.of(4), curve.base(nonce));
		const second = derived(sm3, shared, message.length);
		const empty = second.every((byte) => byte === 0);
		fold(second, message);
		const third = tag(sm3, shared, message);
		nonce.fill(0);
		shared.fill(0);
		if (!empty)
			return ok(how.layout === "C1C2C3" ? concat(first, second, third) : concat(first, third, second));
	}
	throw new Error("chance gave no cryptogram");
}

/** Opens what `sm2Encrypt` made (GB/T 32918.4-2016, 7.1). The result is the caller's to wipe. */
export function sm2Decrypt(
	{ curve, sm3 }: Sm2Arithmetic,
	secret: Uint8Array,
	cryptogram: Uint8Array,
	layout: Sm2Layout = "C1C3C2",
): Result<Uint8Array, Sm2Fault> {
	const size = cryptogram.length - pointSize - hashSize;
	if (size < 1 || size > mostMessage) return no({ at: "length" });
	const d = number(secret);
	if (secret.length !== 32 || d < 1n || d > order - 2n) return no({ at: "key" });
	const point = cryptogram.subarray(1, pointSize);
	const shared = cryptogram[0] === 4 ? curve.multiply(point, secret) : undefined;
	if (shared === undefined) return no({ at: "point" });
	const rest = cryptogram.subarray(pointSize);
	const [body, hash] =
		layout === "C1C2C3"
			? [rest.subarray(0, size), rest.subarray(size)]
			: [rest.subarray(hashSize), rest.subarray(0, hashSize)];
	const message = derived(sm3, shared, size);
	fold(message, body);
	const right = equal(tag(sm3, shared, message), hash);
	shared.fill(0);
	if (right) return ok(message);
	message.fill(0);
	return no({ at: "hash" });
}
