/** The PIN on its way to the card, enciphered under the card's own key (EMV 4.4 Book 2, 7). */
import { no, ok, type Result } from "../../kit/result.ts";
import { secretBytes } from "../../kit/secret.ts";
import type { Recover, RsaKey } from "./oda.ts";

export interface PinEnciphermentFault {
	readonly at: "pin-block" | "unpredictable-number" | "key";
}

/** Header, PIN block, unpredictable number; chance fills the rest of the modulus (Book 2, 7.2). */
const header = 0x7f;
const fixedSize = 1 + 8 + 8;

/**
 * Enciphers for VERIFY with P2 = 88 (Book 2, 7.2).
 *
 * @param key of the card's PIN encipherment certificate (9F2D), or its own key (9F46) where it has none.
 * @param pinBlock format 2, 8 bytes; stays the caller's to wipe.
 * @param unpredictable the card's answer to GET CHALLENGE, 8 bytes.
 * @param fill as many bytes of chance as are asked for.
 * @returns as many bytes as the modulus has.
 */
export function encipherPin(
	rsa: Recover,
	key: RsaKey,
	pinBlock: Uint8Array,
	unpredictable: Uint8Array,
	fill: (count: number) => Uint8Array,
): Result<Uint8Array, PinEnciphermentFault> {
	const block = plainPinBlock(key.modulus.length, pinBlock, unpredictable, fill);
	if (!block.ok) return block;
	try {
		const enciphered = rsa(key, block.value);
		return enciphered === undefined ? no({ at: "key" }) : ok(enciphered);
	} finally {
		block.value.fill(0);
	}
}

/** What `encipherPin` enciphers. It holds the PIN: whoever takes it wipes it. */
export function plainPinBlock(
	size: number,
	pinBlock: Uint8Array,
	unpredictable: Uint8Array,
	fill: (count: number) => Uint8Array,
): Result<Uint8Array, PinEnciphermentFault> {
	if (pinBlock.length !== 8) return no({ at: "pin-block" });
	if (unpredictable.length !== 8) return no({ at: "unpredictable-number" });
	if (size < fixedSize) return no({ at: "key" });
	const block = secretBytes(size);
	block[0] = header;
	block.set(pinBlock, 1);
	block.set(unpredictable, 9);
	block.set(fill(size - fixedSize).subarray(0, size - fixedSize), fixedSize);
	return ok(block);
}
