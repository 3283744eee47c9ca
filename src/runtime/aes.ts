/** AES by the system's cryptography: the shape that `spec/keys/cipher.ts` asks for. */
import { type Blocks, decryptBlocks, encryptBlocks } from "./blocks.ts";

/**
 * ECB without padding for a key of 16, 24 or 32 bytes; else RangeError. The key is kept by reference: once
 * its owner has wiped it, the cipher is of no use.
 */
export function aesFor(key: Uint8Array): Blocks {
	const name = { 16: "aes-128-ecb", 24: "aes-192-ecb", 32: "aes-256-ecb" }[key.length];
	if (name === undefined) throw new RangeError(`an AES key of ${key.length} bytes`);
	const kind = { name, size: 16 } as const;
	return {
		encrypt: (blocks) => encryptBlocks(kind, key, blocks),
		decrypt: (blocks) => decryptBlocks(kind, key, blocks),
	};
}
