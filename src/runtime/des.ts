/** DES by the system's cryptography: the shape that `spec/keys/cipher.ts` asks for. */
import { secretBytes } from "../kit/secret.ts";
import { type Blocks, decryptBlocks, encryptBlocks } from "./blocks.ts";

function twice(key: Uint8Array): Uint8Array {
	const whole = secretBytes(2 * key.length);
	whole.set(key);
	whole.set(key, key.length);
	return whole;
}

/**
 * ECB without padding for a key of 8 (as K‖K, which is single DES), 16 or 24 bytes; else RangeError. The
 * key is kept by reference: once its owner has wiped it, the cipher is of no use.
 */
export function desFor(key: Uint8Array): Blocks {
	const name = { 8: "des-ede", 16: "des-ede", 24: "des-ede3" }[key.length];
	if (name === undefined) throw new RangeError(`a DES key of ${key.length} bytes`);
	const kind = { name, size: 8 } as const;
	const run = (way: typeof encryptBlocks, blocks: Uint8Array): Uint8Array => {
		if (key.length !== 8) return way(kind, key, blocks);
		const whole = twice(key);
		try {
			return way(kind, whole, blocks);
		} finally {
			whole.fill(0);
		}
	};
	return {
		encrypt: (blocks) => run(encryptBlocks, blocks),
		decrypt: (blocks) => run(decryptBlocks, blocks),
	};
}
