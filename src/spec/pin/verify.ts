/** How an issuer proves a PIN without keeping it: Visa's PVV, and IBM 3624 with its offset. */
import { hex, unhex } from "../../kit/bytes.ts";
import { secretBytes } from "../../kit/secret.ts";
import type { DesFor } from "../keys/cipher.ts";
import { digitsOf } from "../keys/digits.ts";

const isDigits = (text: string, least: number, most: number): boolean =>
	/^\d*$/.test(text) && text.length >= least && text.length <= most;

/** What a PVV proves: PAN, the index of its key, and the PIN, of which four digits count. */
export interface PvvFacts {
	/** 12 to 19 digits. */
	readonly pan: string;
	/** One digit, 0 to 6. */
	readonly keyIndex: string;
	/** One byte a digit. */
	readonly pin: Uint8Array;
}

/**
 * Visa's transformed security parameter, 8 bytes: eleven digits of the PAN before its check digit, the key
 * index, the first four digits of the PIN. A secret. RangeError where a part is not digits of its length.
 */
export function pvvBlock({ pan, keyIndex, pin }: PvvFacts): Uint8Array {
	if (!isDigits(pan, 12, 19)) throw new RangeError("PAN for a PVV: 12 to 19 digits");
	if (!isDigits(keyIndex, 1, 1)) throw new RangeError("key index of a PVV: one digit");
	if (pin.length < 4 || pin.some((digit) => digit > 9)) throw new RangeError("PIN for a PVV: 4 digits");
	const block = secretBytes(8);
	block.set(unhex(`${pan.slice(-12, -1)}${keyIndex}`));
	block[6] = ((pin[0] ?? 0) << 4) | (pin[1] ?? 0);
	block[7] = ((pin[2] ?? 0) << 4) | (pin[3] ?? 0);
	return block;
}

/**
 * Visa's PIN verification value, four digits (Visa PIN verification service).
 *
 * @param key the pair of PIN verification keys, 16 bytes.
 */
export const pvv = (desFor: DesFor, key: Uint8Array, facts: PvvFacts): string =>
	digitsOf(desFor(key).encrypt(pvvBlock(facts)), 4);

/** What an IBM 3624 PIN comes from. */
export interface NaturalPinFacts {
	/** 16 hex digits, as a rule the PAN or part of it. */
	readonly validationData: string;
	/** 16 digits: which digit stands for each hex digit 0 to F. */
	readonly decimalisation: string;
	/** Digits of the PIN, 4 to 16. */
	readonly length: number;
}

/**
 * The IBM 3624 PIN that follows from an account, one byte a digit. A secret. RangeError where a part is not
 * of its length.
 *
 * @param key PIN verification key, 8 or 16 bytes.
 */
export function naturalPin(desFor: DesFor, key: Uint8Array, facts: NaturalPinFacts): Uint8Array {
	const { validationData, decimalisation, length } = facts;
	if (validationData.length !== 16) throw new RangeError("validation data: 16 hex digits");
	if (!isDigits(decimalisation, 16, 16)) throw new RangeError("decimalisation table: 16 digits");
	if (length < 4 || length > 16) throw new RangeError("an IBM 3624 PIN has 4 to 16 digits");
	const nibbles = hex(desFor(key).encrypt(unhex(validationData)));
	return Uint8Array.from({ length }, (_, i) =>
		Number(decimalisation[Number.parseInt(nibbles[i] ?? "0", 16)]),
	);
}

/** The offset from the natural PIN to the customer's, digit by digit modulo 10; digits as text. */
export function pinOffset(natural: Uint8Array, pin: Uint8Array): string {
	if (natural.length !== pin.length) throw new RangeError("PIN and natural PIN of different lengths");
	return Array.from(pin, (digit, i) => (digit + 10 - (natural[i] ?? 0)) % 10).join("");
}

/** The customer's PIN, one byte a digit, from natural PIN and offset. A secret. */
export function offsetPin(natural: Uint8Array, offset: string): Uint8Array {
	if (!isDigits(offset, natural.length, natural.length)) throw new RangeError("offset of another length");
	return natural.map((digit, i) => (digit + Number(offset[i])) % 10);
}
