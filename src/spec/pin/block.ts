/**
 * The PIN blocks of ISO 9564-1, formats 0 to 3: the only form in which a PIN may leave the place where it was
 * keyed, and only enciphered. Format 4 is of its own kind: format-4.ts.
 */
import type { Random } from "../../kit/random.ts";
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

/** What fills a block behind the PIN: the nibbles from `least` to `most`, by chance where they differ. */
interface Fill {
	readonly least: number;
	readonly most: number;
}
const fills = {
	0: { least: 0xf, most: 0xf },
	1: { least: 0, most: 0xf },
	2: { least: 0xf, most: 0xf },
	3: { least: 0xa, most: 0xf },
	4: { least: 0xa, most: 0xa },
} as const satisfies Record<number, Fill>;
/** The control nibble of a block. */
export type PinBlockFormat = keyof typeof fills;

/**
 * Builds the clear block, 8 bytes: `0 L P…P F…F` xor `0000` and the twelve rightmost digits of the PAN
 * without its check digit, filled with zeros on the left (ISO 9564-1, 9.3.2).
 *
 * @param pin one byte a digit, 0 to 9, 4 to 12 of them. Never text: text cannot be wiped.
 * @param pan 12 to 19 digits.
 * The result is a secret: whoever takes it enciphers it and wipes it.
 */
export function format0(pin: Uint8Array, pan: string): Result<Uint8Array, PinBlockFault> {
	const account = accountPart(pan);
	return account.ok ? pinField(0, pin, account.value) : account;
}

/**
 * Takes the PIN, one byte a digit, out of a clear block: for the acquirer's end. Everything that is not a
 * format 0 block of this account is refused: control nibble, length, digits and fill (ISO 9564-1, 9.3.2).
 */
export function openFormat0(block: Uint8Array, pan: string): Result<Uint8Array, PinBlockFault> {
	return openUnderAccount(0, block, pan);
}

/**
 * The clear block without an account, 8 bytes: `1 L P…P R…R`, where R is chance (ISO 9564-1, 9.3.3). For the
 * way between two keys only, where no PAN is known.
 *
 * @param pin as for `format0`. @param random draws one number below 16 for each nibble of fill.
 */
export const format1 = (pin: Uint8Array, random: Random): Result<Uint8Array, PinBlockFault> =>
	pinField(1, pin, secretBytes(8), random);

/** Takes the PIN out of a clear format 1 block; its fill may be anything (ISO 9564-1, 9.3.3). */
export const openFormat1 = (block: Uint8Array): Result<Uint8Array, PinBlockFault> => openPlain(1, block);

/**
 * The clear block for a card, 8 bytes: `2 L P…P F…F` (ISO 9564-1, 9.3.4; EMV 4.4 Book 3, 6.5.12). Never to a
 * host: nothing ties it to an account or a moment.
 */
export const format2 = (pin: Uint8Array): Result<Uint8Array, PinBlockFault> =>
	pinField(2, pin, secretBytes(8));

/** Takes the PIN out of a clear format 2 block: for the card's end. */
export const openFormat2 = (block: Uint8Array): Result<Uint8Array, PinBlockFault> => openPlain(2, block);

/**
 * As format 0, with a fill of chance from A to F instead of F: the same PIN and account never give the same
 * block twice (ISO 9564-1, 9.3.5).
 *
 * @param random draws one number below 6 for each nibble of fill.
 */
export function format3(pin: Uint8Array, pan: string, random: Random): Result<Uint8Array, PinBlockFault> {
	const account = accountPart(pan);
	return account.ok ? pinField(3, pin, account.value, random) : account;
}

/** Takes the PIN out of a clear format 3 block of this account; fill below A is refused. */
export const openFormat3 = (block: Uint8Array, pan: string): Result<Uint8Array, PinBlockFault> =>
	openUnderAccount(3, block, pan);

/**
 * Xors control nibble, length, PIN and fill into the first 8 bytes of `field`, which is the result. It is
 * zeros or an account; where the PIN is refused, nothing is written.
 */
export function pinField(
	format: PinBlockFormat,
	pin: Uint8Array,
	field: Uint8Array,
	random?: Random,
): Result<Uint8Array, PinBlockFault> {
	if (pin.length < pinLength.least || pin.length > pinLength.most) return no({ at: "pin-length", offset: 0 });
	const bad = pin.findIndex((digit) => digit > 9);
	if (bad >= 0) return no({ at: "pin-digit", offset: bad });
	const { least, most } = fills[format];
	flip(field, 0, format);
	flip(field, 1, pin.length);
	for (let at = 2; at < 16; at += 1)
		flip(field, at, pin[at - 2] ?? (random === undefined ? most : least + random.below(most - least + 1)));
	return ok(field);
}

/** Reads control nibble, length, PIN and fill from the first 8 bytes of a field; the field is wiped. */
export function openPinField(format: PinBlockFormat, field: Uint8Array): Result<Uint8Array, PinBlockFault> {
	const { least, most } = fills[format];
	try {
		if (nibble(field, 0) !== format) return no({ at: "control", offset: 0 });
		const length = nibble(field, 1);
		if (length < pinLength.least || length > pinLength.most) return no({ at: "pin-length", offset: 1 });
		for (let at = 2; at < 16; at += 1) {
			const is = nibble(field, at);
			if (at < 2 + length && is > 9) return no({ at: "pin-digit", offset: at });
			if (at >= 2 + length && (is < least || is > most)) return no({ at: "fill", offset: at });
		}
		const pin = secretBytes(length);
		for (let i = 0; i < length; i += 1) pin[i] = nibble(field, i + 2);
		return ok(pin);
	} finally {
		field.fill(0);
	}
}

function openUnderAccount(
	format: PinBlockFormat,
	block: Uint8Array,
	pan: string,
): Result<Uint8Array, PinBlockFault> {
	if (block.length !== 8) return no({ at: "block-length", offset: 0 });
	const account = accountPart(pan);
	if (!account.ok) return account;
	const field = account.value;
	for (let i = 0; i < 8; i += 1) field[i] = (field[i] ?? 0) ^ (block[i] ?? 0);
	return openPinField(format, field);
}

function openPlain(format: PinBlockFormat, block: Uint8Array): Result<Uint8Array, PinBlockFault> {
	if (block.length !== 8) return no({ at: "block-length", offset: 0 });
	const field = secretBytes(8);
	field.set(block);
	return openPinField(format, field);
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
