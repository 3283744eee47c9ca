/** Card master keys beyond option A: option B for long accounts, option C for AES. */
import { concat, unhex } from "../../kit/bytes.ts";
import type { AesFor, DesFor, Hash } from "./cipher.ts";
import { digitsOf } from "./digits.ts";
import { cardMasterKey } from "./issuer.ts";

/**
 * The card's master key, option B (EMV 4.4 Book 2, A1.4.2): as option A for up to 16 digits of PAN, else from
 * the hash of PAN and sequence number.
 *
 * @param issuerKey 16 bytes. @param sequence as for `cardMasterKey`.
 * @returns 16 bytes with odd parity.
 */
export function cardMasterKeyB(
	ciphers: { readonly desFor: DesFor; readonly sha1: Hash },
	issuerKey: Uint8Array,
	pan: string,
	sequence: string,
): Uint8Array {
	const { desFor, sha1 } = ciphers;
	if (pan.length <= 16) return cardMasterKey(desFor, issuerKey, pan, sequence);
	const digits = pan + (sequence === "" ? "00" : sequence);
	const hash = sha1(unhex(digits.padStart(digits.length + (digits.length % 2), "0")));
	// Sixteen digits and no sequence number: option A takes them as they are.
	return cardMasterKey(desFor, issuerKey, "", digitsOf(hash, 16));
}

/**
 * The card's master key, option C (EMV 4.4 Book 2, A1.4.3): AES, of the length of the issuer's key. No public
 * vector.
 *
 * @param issuerKey 16, 24 or 32 bytes. @param sequence as for `cardMasterKey`.
 */
export function cardMasterKeyC(
	aesFor: AesFor,
	issuerKey: Uint8Array,
	pan: string,
	sequence: string,
): Uint8Array {
	const y = unhex((pan + (sequence === "" ? "00" : sequence)).padStart(32, "0"));
	const aes = aesFor(issuerKey);
	const whole = concat(aes.encrypt(y), aes.encrypt(y.map((byte) => byte ^ 0xff)));
	return whole.slice(0, issuerKey.length);
}
