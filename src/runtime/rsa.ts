/** RSA's public operation by the system's cryptography, with the imported keys kept. */
import { constants, createPublicKey, type KeyObject, publicEncrypt } from "node:crypto";

/** A public key as EMV carries it: big endian, no leading zeros. */
interface PublicKey {
	readonly modulus: Uint8Array;
	readonly exponent: Uint8Array;
}
interface Kept extends PublicKey {
	readonly use: { readonly key: KeyObject; readonly padding: number };
}

function imported({ modulus, exponent }: PublicKey): Kept {
	const [n, e] = [Buffer.from(modulus), Buffer.from(exponent)];
	const jwk = { kty: "RSA", n: n.toString("base64url"), e: e.toString("base64url") };
	const key = createPublicKey({ key: jwk, format: "jwk" });
	return { modulus: n, exponent: e, use: { key, padding: constants.RSA_NO_PADDING } };
}
const same = (a: PublicKey, b: PublicKey): boolean =>
	Buffer.compare(a.modulus, b.modulus) === 0 && Buffer.compare(a.exponent, b.exponent) === 0;

/**
 * Raises a block to the public exponent, without padding: recovers a certificate or a signature, enciphers a
 * PIN (EMV 4.4 Book 2, B2.1). Importing a key costs as much as using it, so the last `keep` keys stay
 * imported, the longest unused going first. They are found by their bytes, and they are public.
 *
 * @returns a block as long as the modulus; undefined when `block` is not as long, is not below the modulus,
 * or the key is none.
 */
export function rsaPublic(keep = 64): (key: PublicKey, block: Uint8Array) => Uint8Array | undefined {
	/** The one used last comes first. */
	const kept: Kept[] = [];
	const find = (key: PublicKey): Kept => {
		const at = kept.findIndex((one) => same(one, key));
		if (at === 0 && kept[0] !== undefined) return kept[0];
		const found = (at > 0 ? kept.splice(at, 1)[0] : undefined) ?? imported(key);
		kept.unshift(found);
		kept.length = Math.min(kept.length, keep);
		return found;
	};
	return (key, block) => {
		if (block.length !== key.modulus.length) return undefined;
		try {
			return publicEncrypt(find(key).use, block);
		} catch {
			return undefined;
		}
	};
}
