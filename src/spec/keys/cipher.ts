/**
 * Block ciphers and hashes are handed in: `spec` holds the books' arithmetic and no cryptography of its own.
 * ECB, whole blocks, no padding.
 */
export interface BlockCipher {
	readonly encrypt: (blocks: Uint8Array) => Uint8Array;
	readonly decrypt: (blocks: Uint8Array) => Uint8Array;
}
/** A DES cipher for a key of 8, 16 or 24 bytes. 8 bytes: single DES, as K‖K. */
export type DesFor = (key: Uint8Array) => BlockCipher;
/** An AES cipher for a key of 16, 24 or 32 bytes. */
export type AesFor = (key: Uint8Array) => BlockCipher;
/** An SM4 cipher for a key of 16 bytes. */
export type Sm4For = (key: Uint8Array) => BlockCipher;
export type Hash = (bytes: Uint8Array) => Uint8Array;
