/** SM4 by the system's cryptography: the shape that `spec/keys/cipher.ts` asks for. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { secretBytes } from "../kit/secret.ts";

interface Blocks {
	readonly encrypt: (blocks: Uint8Array) => Uint8Array;
	readonly decrypt: (blocks: Uint8Array) => Uint8Array;
}

/**
 * ECB without padding for a key of 16 bytes, else RangeError (GB/T 32907-2016). The key is kept by reference:
 * once its owner has wiped it, the cipher is of no use.
 */
export function sm4For(key: Uint8Array): Blocks {
	if (key.length !== 16) throw new RangeError(`an SM4 key of ${key.length} bytes`);
	const run = (make: typeof createCipheriv | typeof createDecipheriv, blocks: Uint8Array): Uint8Array => {
		if (blocks.length % 16 !== 0)
			throw new RangeError(`half a block at ${blocks.length - (blocks.length % 16)}`);
		const cipher = make("sm4-ecb", key, null).setAutoPadding(false);
		const head = cipher.update(blocks);
		cipher.final();
		// Either side of a cipher may be a key: no copy stays.
		const done = secretBytes(head.length);
		done.set(head);
		head.fill(0);
		return done;
	};
	return {
		encrypt: (blocks) => run(createCipheriv, blocks),
		decrypt: (blocks) => run(createDecipheriv, blocks),
	};
}
