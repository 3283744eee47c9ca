/** The MAC of UnionPay terminals (银联 ECB 算法), field 64. */
import { hex, latin, xor } from "../../kit/bytes.ts";
import type { BlockCipher } from "./cipher.ts";
import type { BlockBytes } from "./cmac.ts";

/**
 * Field 64 over the bytes from the MTI to the last byte before it, without length, TPDU and header
 * (unionpay-terminal.md, 5): xor of all blocks of 8 (zero fill), written as 16 hex characters; the left
 * eight are enciphered, xored with the right eight, enciphered again; the first 8 hex characters of that
 * are the MAC.
 *
 * @param cipher DES under the MAC key: single for a key of 8 bytes, triple for 16; or SM4.
 * @param size bytes of a block of the cipher; with SM4 every block and half above has 16 instead of 8.
 * @returns 8 bytes, ASCII upper-case hex characters.
 */
export function unionPayMac(cipher: BlockCipher, data: Uint8Array, size: BlockBytes = 8): Uint8Array {
	const folded = new Uint8Array(size);
	for (const [i, byte] of data.entries()) folded[i % size] = (folded[i % size] ?? 0) ^ byte;
	const text = latin(hex(folded));
	const first = cipher.encrypt(text.subarray(0, size));
	const second = cipher.encrypt(xor(first, text.subarray(size)));
	return latin(hex(second)).subarray(0, 8);
}
