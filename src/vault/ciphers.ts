/**
 * The vault's own cryptography beside DES: AES-256-GCM for what is stored, and comparing in constant time.
 */
import { createCipheriv, createDecipheriv, timingSafeEqual } from "node:crypto";
import { concat } from "../kit/bytes.ts";
import type { Random } from "../kit/random.ts";
import { secretBytes } from "../kit/secret.ts";

const nonceBytes = 12;
const tagBytes = 16;

/**
 * nonce 12 ‖ ciphertext ‖ tag 16, under a key of 32 bytes; `context` is bound and not stored (NIST SP
 * 800-38D).
 */
export function seal(key: Uint8Array, clear: Uint8Array, context: Uint8Array, random: Random): Uint8Array {
	const nonce = random.bytes(nonceBytes);
	const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(context);
	const body = concat(cipher.update(clear), cipher.final());
	return concat(nonce, body, cipher.getAuthTag());
}

/**
 * What `seal` closed over. Undefined when key, context or a byte is another. The result is the caller's to
 * wipe.
 */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: Uint8Array): Uint8Array | undefined {
	if (sealed.length < nonceBytes + tagBytes) return undefined;
	const cipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes), {
		authTagLength: tagBytes,
	});
	cipher.setAAD(context).setAuthTag(sealed.subarray(-tagBytes));
	const head = cipher.update(sealed.subarray(nonceBytes, -tagBytes));
	try {
		cipher.final();
		const clear = secretBytes(head.length);
		clear.set(head);
		return clear;
	} catch {
		return undefined;
	} finally {
		head.fill(0);
	}
}

/** In a time that depends on the lengths only. */
export const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
