/** DES by the system's cryptography: the shape that `spec/keys/cipher.ts` asks for. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { secretBytes } from "../kit/secret.ts";

function twice(key: Uint8Array): Uint8Array {
	const whole = secretBytes(2 * key.length);
	whole.set(key);
	whole.set(key, key.length);
	return whole;
}

interface Blocks {
	readonly encrypt: (blocks: Uint8Array) => Uint8Array;
	readonly decrypt: (blocks: Uint8Array) => Uint8Array;
}

/**
 * ECB without padding for a key of 8 (as K‖K, which is single DES), 16 or 24 bytes; else RangeError. The
 * key is kept by reference: once its owner has wiped it, the cipher is of no use.
 */
export function desFor(key: Uint8Array): Blocks {
	const name = { 8: "des-ede", 16: "des-ede", 24: "des-ede3" }[key.length];
	if (name === undefined) throw new RangeError(`a DES key of ${key.length} bytes`);
	const run = (make: typeof createCipheriv | typeof createDecipheriv, blocks: Uint8Array): Uint8Array => {
		if (blocks.length % 8 !== 0)
			throw new RangeError(`half a block at ${blocks.length - (blocks.length % 8)}`);
		const whole = key.length === 8 ? twice(key) : key;
		const cipher = make(name, whole, null).setAutoPadding(false);
		const head = cipher.update(blocks);
		cipher.final();
		// Either side of a cipher may be a key: no copy stays.
		const done = secretBytes(head.length);
		done.set(head);
		head.fill(0);
		if (whole !== key) whole.fill(0);
		return done;
	};
	return {
		encrypt: (blocks) => run(createCipheriv, blocks),
		decrypt: (blocks) => run(createDecipheriv, blocks),
	};
}
