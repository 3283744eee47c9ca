/** SM4 by the system's cryptography: the shape that `spec/keys/cipher.ts` asks for. */
import { type Blocks, decryptBlocks, encryptBlocks } from "./blocks.ts";

const kind = { name: "sm4-ecb", size: 16 } as const;

/**
 * ECB without padding for a key of 16 bytes, else RangeError (GB/T 32907-2016). The key is kept by reference:
 * once its owner has wiped it, the cipher is of no use.
 */
export function sm4For(key: Uint8Array): Blocks {
	if (key.length !== 16) throw new RangeError(`an SM4 key of ${key.length} bytes`);
	return {
		encrypt: (blocks) => encryptBlocks(kind, key, blocks),
		decrypt: (blocks) => decryptBlocks(kind, key, blocks),
	};
}
