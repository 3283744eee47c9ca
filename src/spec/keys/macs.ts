/** The MACs of the trade beside UnionPay's own: ISO 9797-1 algorithms 1 and 3 (X9.9, X9.19), and HMAC. */
import { big, concat, xor } from "../../kit/bytes.ts";
import { secretBytes } from "../../kit/secret.ts";
import type { BlockCipher, Hash } from "./cipher.ts";
import type { BlockBytes } from "./cmac.ts";

/**
 * ISO 9797-1, 6.3: 1 zeros up to a whole block; 2 a byte 80, then as 1; 3 a block with the length in bits in
 * front, then as 1.
 */
export type MacPadding = 1 | 2 | 3;

/** Whole blocks, at least one. */
export function macPadded(data: Uint8Array, padding: MacPadding, size: BlockBytes = 8): Uint8Array {
	const begun = padding === 2 ? concat(data, Uint8Array.of(0x80)) : data;
	const blocks = Math.max(1, Math.ceil(begun.length / size));
	const filled = concat(begun, new Uint8Array(blocks * size - begun.length));
	if (padding !== 3) return filled;
	return concat(new Uint8Array(size - 6), big(8 * data.length, 6), filled);
}

const chain = (cipher: BlockCipher, size: BlockBytes, blocks: Uint8Array): Uint8Array => {
	let chained: Uint8Array = new Uint8Array(size);
	for (let at = 0; at < blocks.length; at += size)
		chained = cipher.encrypt(xor(chained, blocks.subarray(at, at + size)));
	return chained;
};

/**
 * ISO 9797-1 algorithm 1, CBC-MAC: every block under one key. Single DES, padding 1 and the first four bytes
 * is X9.9; with AES or SM4 the blocks have 16 bytes. Not for messages whose length an attacker may choose:
 * their length is fixed or told in the first block (padding 3).
 *
 * @returns a whole block.
 */
export const algorithm1Mac = (
	cipher: BlockCipher,
	data: Uint8Array,
	padding: MacPadding,
	size: BlockBytes = 8,
): Uint8Array => chain(cipher, size, macPadded(data, padding, size));

/**
 * ISO 9797-1 algorithm 3, the retail MAC: chaining under the first key, the last block deciphered under the
 * second and enciphered under the first again. Padding 1 and the first four bytes is X9.19; padding 2 is
 * EMV's.
 *
 * @param ciphers DES under the left and the right half of a key of 16 bytes (or, generalised, two TDES keys).
 * @returns 8 bytes.
 */
export const algorithm3Mac = (
	ciphers: { readonly left: BlockCipher; readonly right: BlockCipher },
	data: Uint8Array,
	padding: MacPadding,
): Uint8Array =>
	ciphers.left.encrypt(ciphers.right.decrypt(chain(ciphers.left, 8, macPadded(data, padding))));

/**
 * HMAC (FIPS 198-1; RFC 2104).
 *
 * @param blockBytes of the hash: 64 for SHA-1, SHA-224, SHA-256 and SM3, 128 for SHA-384 and SHA-512.
 * @returns the whole tag, as long as the hash.
 */
export function hmac(hash: Hash, blockBytes: 64 | 128, key: Uint8Array, data: Uint8Array): Uint8Array {
	const short = key.length > blockBytes ? hash(key) : key;
	const keyed = (mask: number, after: Uint8Array): Uint8Array => {
		const whole = secretBytes(blockBytes + after.length);
		whole.fill(mask, 0, blockBytes);
		for (const [i, byte] of short.entries()) whole[i] = byte ^ mask;
		whole.set(after, blockBytes);
		const digest = hash(whole);
		whole.fill(0);
		return digest;
	};
	return keyed(0x5c, keyed(0x36, data));
}
