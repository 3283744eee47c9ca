/**
 * The PIN block of ISO 9564-1 format 0: the only form in which a PIN may leave the place where it was
 * keyed, and only enciphered.
 */
import { no, ok, type Result } from "../../kit/result.ts";
import { secretBytes } from "../../kit/secret.ts";

/** Where a PIN block or its parts are wrong; never what stood there. */
export interface PinBlockFault {
	readonly at: "pin-length" | "pin-digit" | "pan" | "block-length" | "control" | "fill";
	/** The digit (of PIN or PAN) or the nibble of the block at which it was seen; 0 for a wrong length. */
	readonly offset: number;
}

/** Digits of a PIN: ISO 9564-1, 8.1. */
export const pinLength = { least: 4, most: 12 } as const;

/**
 * Builds the clear block, 8 bytes: `0 L P…P F…F` xor `0000` and the twelve rightmost digits of the PAN
 * without its check digit, filled with zeros on the left (ISO 9564-1, 9.3.2).
 *
 * @param pin one byte a digit, 0 to 9, 4 to 12 of them. Never text: text cannot be wiped.
 * @param pan 12 to 19 digits.
 * The result is a secret: whoever takes it enciphers it and wipes it.
 */
export function format0(pin: Uint8Array, pan: string): Result<Uint8Array, PinBlockFault> {
	if (pin.length < pinLength.least || pin.length > pinLength.most) return no({ at: "pin-length", offset: 0 });
	const bad = pin.findIndex((digit) => digit > 9);
	if (bad >= 0) return no({ at: "pin-digit", offset: bad });
	const account = accountPart(pan);
	if (!account.ok) return account;
	const block = account.value;
	flip(block, 1, pin.length);
	for (let at = 2; at < 16; at += 1) flip(block, at, pin[at - 2] ?? 0xf);
	return ok(block);
}

/**
 * Takes the PIN, one byte a digit, out of a clear block: for the acquirer's end. Everything that is not a
 * format 0 block of this account is refused: control nibble, length, digits and fill (ISO 9564-1, 9.3.2).
 */
export function openFormat0(block: Uint8Array, pan: string): Result<Uint8Array, PinBlockFault> {
	if (block.length !== 8) return no({ at: "block-length", offset: 0 });
	const account = accountPart(pan);
	if (!account.ok) return account;
	const field = account.value;
	for (let i = 0; i < 8; i += 1) field[i] = (field[i] ?? 0) ^ (block[i] ?? 0);
	try {
		if (nibble(field, 0) !== 0) return no({ at: "control", offset: 0 });
		const length = nibble(field, 1);
		if (length < pinLength.least || length > pinLength.most) return no({ at: "pin-length", offset: 1 });
		for (let at = 2; at < 16; at += 1) {
			const is = nibble(field, at);
			if (at < 2 + length && is > 9) return no({ at: "pin-digit", offset: at });
			if (at >= 2 + length && is !== 0xf) return no({ at: "fill", offset: at });
		}
		return ok(Uint8Array.from({ length }, (_, i) => nibble(field, i + 2)));
	} finally {
		field.fill(0);
	}
}

/** The account field: `0000` and twelve digits, 8 bytes. */
function accountPart(pan: string): Result<Uint8Array, PinBlockFault> {
	const bad = pan.search(/[^0-9]/);
	if (bad >= 0) return no({ at: "pan", offset: bad });
	if (pan.length < 12 || pan.length > 19) return no({ at: "pan", offset: 0 });
	const digits = pan.slice(0, -1).slice(-12).padStart(16, "0");
	const field = secretBytes(8);
	for (let at = 0; at < 16; at += 1) flip(field, at, Number(digits[at]));
	return ok(field);
}

const nibble = (bytes: Uint8Array, at: number): number =>
	((bytes[at >> 1] ?? 0) >> (at % 2 === 0 ? 4 : 0)) & 15;

/** Xors a nibble in place, so that no copy of a PIN is left behind. */
function flip(bytes: Uint8Array, at: number, value: number): void {
	bytes[at >> 1] = (bytes[at >> 1] ?? 0) ^ (value << (at % 2 === 0 ? 4 : 0));
}
