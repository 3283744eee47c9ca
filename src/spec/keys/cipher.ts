/**
 * Block ciphers are handed in: `spec` holds the books' arithmetic and no cryptography of its own. ECB, whole
 * blocks, no padding.
 */
export interface BlockCipher {
	readonly encrypt: (blocks: Uint8Array) => Uint8Array;
	readonly decrypt: (blocks: Uint8Array) => Uint8Array;
}
/** A DES cipher for a key of 8, 16 or 24 bytes. 8 bytes: single DES, as K‖K. */
export type DesFor = (key: Uint8Array) => BlockCipher;
