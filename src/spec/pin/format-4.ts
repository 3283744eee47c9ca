/** The PIN block of ISO 9564-1 format 4: 16 bytes under AES, where the account is bound between two steps. */
import type { Random } from "../../kit/random.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import { secretBytes } from "../../kit/secret.ts";
import type { BlockCipher } from "../keys/cipher.ts";
import { openPinField, type PinBlockFault, pinField } from "./block.ts";

/**
 * The clear PIN field, 16 bytes: `4 L P…P A…A` and 8 bytes of chance (ISO 9564-1:2017, 9.4.2.2). A secret:
 * whoever takes it wipes it.
 */
export function format4PinField(pin: Uint8Array, random: Random): Result<Uint8Array, PinBlockFault> {
	const field = pinField(4, pin, secretBytes(16));
	if (field.ok) field.value.set(random.bytes(8), 8);
	return field;
}

/**
 * The account field, 16 bytes: how many digits the PAN has beyond twelve, the whole PAN with its check digit
 * (at least twelve, zeros on the left), zeros (ISO 9564-1:2017, 9.4.2.3).
 *
 * @param pan 1 to 19 digits.
 */
export function format4PanField(pan: string): Result<Uint8Array, PinBlockFault> {
	const bad = pan.search(/[^0-9]/);
	if (bad >= 0) return no({ at: "pan", offset: bad });
	if (pan.length < 1 || pan.length > 19) return no({ at: "pan", offset: 0 });
	const digits = pan.padStart(12, "0");
	const text = `${digits.length - 12}${digits}`.padEnd(32, "0");
	return ok(Uint8Array.from({ length: 16 }, (_, i) => Number(text[2 * i]) * 16 + Number(text[2 * i + 1])));
}

/**
 * The enciphered block, 16 bytes: the PIN field enciphered, xored with the account field, enciphered again
 * under the same key (ISO 9564-1:2017, 9.4.2.1).
 *
 * @param cipher AES under the PIN key.
 * @param pin one byte a digit, 4 to 12 of them. @param pan 1 to 19 digits.
 */
export function format4(
	cipher: BlockCipher,
	pin: Uint8Array,
	pan: string,
	random: Random,
): Result<Uint8Array, PinBlockFault> {
	const account = format4PanField(pan);
	if (!account.ok) return account;
	const field = format4PinField(pin, random);
	if (!field.ok) return field;
	const between = cipher.encrypt(field.value);
	field.value.fill(0);
	bind(between, account.value);
	return ok(cipher.encrypt(between));
}

/**
 * Takes the PIN, one byte a digit, out of an enciphered block: for the acquirer's end. Refused are another
 * account, control nibble, length, digit or fill than format 4 has.
 */
export function openFormat4(
	cipher: BlockCipher,
	block: Uint8Array,
	pan: string,
): Result<Uint8Array, PinBlockFault> {
	if (block.length !== 16) return no({ at: "block-length", offset: 0 });
	const account = format4PanField(pan);
	if (!account.ok) return account;
	const between = cipher.decrypt(block);
	bind(between, account.value);
	return openPinField(4, cipher.decrypt(between));
}

/** Xors in place. */
function bind(field: Uint8Array, account: Uint8Array): void {
	for (let i = 0; i < field.length; i += 1) field[i] = (field[i] ?? 0) ^ (account[i] ?? 0);
}
