/** Cipher block chaining over a block cipher that is handed in: whole blocks, no padding (SP 800-38A). */
import { xor } from "../../kit/bytes.ts";
import { secretBytes } from "../../kit/secret.ts";
import type { BlockCipher } from "./cipher.ts";

const whole = (iv: Uint8Array, bytes: Uint8Array): void => {
	if (bytes.length % iv.length !== 0)
		throw new RangeError(`half a block at ${bytes.length - (bytes.length % iv.length)}`);
};

/** @param iv as long as a block of the cipher. Half a block: RangeError. */
export function cbcEncrypt(cipher: BlockCipher, iv: Uint8Array, clear: Uint8Array): Uint8Array {
	whole(iv, clear);
	const sealed = new Uint8Array(clear.length);
	let chained = iv;
	for (let at = 0; at < clear.length; at += iv.length) {
		chained = cipher.encrypt(xor(chained, clear.subarray(at, at + iv.length)));
		sealed.set(chained, at);
	}
	return sealed;
}

/** What `cbcEncrypt` made. The result may be a secret: it is the caller's to wipe. */
export function cbcDecrypt(cipher: BlockCipher, iv: Uint8Array, sealed: Uint8Array): Uint8Array {
	whole(iv, sealed);
	const clear = secretBytes(sealed.length);
	let chained = iv;
	for (let at = 0; at < sealed.length; at += iv.length) {
		const block = sealed.subarray(at, at + iv.length);
		const opened = cipher.decrypt(block);
		for (let i = 0; i < iv.length; i += 1) clear[at + i] = (opened[i] ?? 0) ^ (chained[i] ?? 0);
		opened.fill(0);
		chained = block;
	}
	return clear;
}
