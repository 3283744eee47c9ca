/** CMAC (NIST SP 800-38B; ISO 9797-1 algorithm 5) over a block cipher of 8 or 16 bytes: TDES, AES, SM4. */
import { secretBytes } from "../../kit/secret.ts";
import type { BlockCipher } from "./cipher.ts";

export type BlockBytes = 8 | 16;

/** What is xored in when doubling overflows: R64 and R128 (NIST SP 800-38B, 5.3). */
const overflow = { 8: 0x1b, 16: 0x87 } as const;

/** Doubling in GF(2^64) or GF(2^128); without a branch on the bit that falls out. */
function double(block: Uint8Array, size: BlockBytes): Uint8Array {
	const shifted = secretBytes(size);
	for (let i = 0; i < size; i += 1) shifted[i] = ((block[i] ?? 0) << 1) | ((block[i + 1] ?? 0) >> 7);
	const carry = (block[0] ?? 0) >> 7;
	shifted[size - 1] = (shifted[size - 1] ?? 0) ^ (overflow[size] * carry);
	return shifted;
}

/**
 * The whole tag, as long as a block; who needs fewer bytes takes the first ones. What is made on the way is
 * wiped: the message may be a key in the clear (X9.143, key block MAC).
 *
 * @param size bytes of a block of the cipher.
 */
export function cmac(cipher: BlockCipher, size: BlockBytes, message: Uint8Array): Uint8Array {
	const whole = message.length > 0 && message.length % size === 0;
	const blocks = Math.max(1, Math.ceil(message.length / size));
	const zero = cipher.encrypt(new Uint8Array(size));
	const once = double(zero, size);
	const last = whole ? once : double(once, size);
	const block = secretBytes(size);
	let chained: Uint8Array = secretBytes(size);
	for (let n = 0; n < blocks; n += 1) {
		for (let i = 0; i < size; i += 1) {
			const at = n * size + i;
			const byte = at === message.length ? 0x80 : (message[at] ?? 0);
			block[i] = (chained[i] ?? 0) ^ byte ^ (n === blocks - 1 ? (last[i] ?? 0) : 0);
		}
		chained = cipher.encrypt(block);
	}
	for (const used of [zero, once, last, block]) used.fill(0);
	return chained;
}
