/** RSA's public operation by the system's cryptography, with the imported keys kept. */
import { constants, createPublicKey, type KeyObject, publicEncrypt } from "node:crypto";

/** A public key as EMV carries it: big endian, no leading zeros. */
interface PublicKey {
	readonly modulus: Uint8Array;
	readonly exponent: Uint8Array;
}

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Raises a block to the public exponent, without padding: recovers a certificate or a signature, enciphers a
 * PIN (EMV 4.4 Book 2, B2.1.2). Importing a key costs several times what using it costs, so the last `keep`
 * keys stay imported, the longest unused going first. Public keys only: nothing here is a secret of ours.
 *
 * @returns a block as long as the modulus; undefined when `block` is not as long, is not below the modulus,
 * or the key is none.
 */
export function rsaPublic(keep = 64): (key: PublicKey, block: Uint8Array) => Uint8Array | undefined {
	const kept = new Map<string, KeyObject>();
	const imported = ({ modulus, exponent }: PublicKey): KeyObject => {
		const name = `${view(exponent).toString("latin1")}|${view(modulus).toString("latin1")}`;
		const known = kept.get(name);
		if (known !== undefined) {
			// Last in the map's order is the one used last; most often it already is.
			if (kept.size > 1) {
				kept.delete(name);
				kept.set(name, known);
			}
			return known;
		}
		const key = createPublicKey({
			key: {
				kty: "RSA",
				n: view(modulus).toString("base64url"),
				e: view(exponent).toString("base64url"),
			},
			format: "jwk",
		});
		const [oldest] = kept.keys();
		if (kept.size >= keep && oldest !== undefined) kept.delete(oldest);
		kept.set(name, key);
		return key;
	};
	return (key, block) => {
		if (block.length !== key.modulus.length) return undefined;
		try {
			return publicEncrypt({ key: imported(key), padding: constants.RSA_NO_PADDING }, block);
		} catch {
			return undefined;
		}
	};
}
