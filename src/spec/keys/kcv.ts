/** Key check values: they tell whether two ends hold the same key, and nothing about the key. */
import { xor } from "../../kit/bytes.ts";
import type { BlockCipher } from "./cipher.ts";

/**
 * Check value of a DES key: the first bytes of eight zero bytes enciphered (unionpay-terminal.md, 4: four
 * of them; three elsewhere in the trade).
 */
export const desKcv = (cipher: BlockCipher, size: 3 | 4 = 4): Uint8Array =>
	cipher.encrypt(new Uint8Array(8)).slice(0, size);

/** Check value of an AES key: the first bytes of the CMAC of one zero block (ANSI X9.24-1:2017, annex A). */
export const aesKcv = (cipher: BlockCipher, size: 3 | 4 | 5 = 3): Uint8Array =>
	cipher.encrypt(double(cipher.encrypt(new Uint8Array(16)))).slice(0, size);

/**
 * Doubling in GF(2^128) gives the subkey K1; a message of one zero block xored with it is K1 itself (NIST
 * SP 800-38B, 6.1).
 */
function double(block: Uint8Array): Uint8Array {
	const shifted = block.map((byte, i) => (byte << 1) | ((block[i + 1] ?? 0) >> 7));
	const carry = (block[0] ?? 0) >> 7;
	const reduce = new Uint8Array(16);
	reduce[15] = carry === 1 ? 0x87 : 0;
	return xor(shifted, reduce);
}
