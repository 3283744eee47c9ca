/** Key check values: they tell whether two ends hold the same key, and nothing about the key. */
import type { BlockCipher } from "./cipher.ts";
import { cmac } from "./cmac.ts";

/**
 * Check value of a DES key: the first bytes of eight zero bytes enciphered (unionpay-terminal.md, 4: four
 * of them; three elsewhere in the trade).
 */
export const desKcv = (cipher: BlockCipher, size: 3 | 4 = 4): Uint8Array =>
	cipher.encrypt(new Uint8Array(8)).slice(0, size);

/**
 * Check value of an AES or SM4 key: the first bytes of the CMAC of one zero block (ANSI X9.24-1:2017, annex
 * A; five bytes in X9.143).
 */
export const aesKcv = (cipher: BlockCipher, size: 3 | 4 | 5 = 3): Uint8Array =>
	cmac(cipher, 16, new Uint8Array(16)).slice(0, size);
