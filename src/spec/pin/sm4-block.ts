/**
 * The PIN block of the trade's SM4 terminals: format 0 stretched to a block of 16 bytes. No public book
 * prints it; its bytes are those of a worked example that one acquirer's integrator published.
 */
import { no, ok, type Result } from "../../kit/result.ts";
import { secretBytes } from "../../kit/secret.ts";
import { openPinField, type PinBlockFault, pinField } from "./block.ts";

/** Xors the account's twelve digits into the last six bytes, and F into all of the last eight. */
function bind(block: Uint8Array, pan: string): PinBlockFault | undefined {
	const bad = pan.search(/[^0-9]/);
	if (bad >= 0) return { at: "pan", offset: bad };
	if (pan.length < 12 || pan.length > 19) return { at: "pan", offset: 0 };
	const digits = pan.slice(0, -1).slice(-12).padStart(16, "0");
	for (let i = 0; i < 8; i += 1) {
		const account = Number(digits[2 * i]) * 16 + Number(digits[2 * i + 1]);
		block[8 + i] = (block[8 + i] ?? 0) ^ 0xff ^ account;
	}
	return undefined;
}

/**
 * The clear block, 16 bytes: `0 L P…P F…F` xor ten zero bytes and the twelve rightmost digits of the PAN
 * without its check digit. PIN and account lie in different halves, so that SM4 alone binds them.
 *
 * @param pin one byte a digit, 4 to 12 of them. @param pan 12 to 19 digits.
 * The result is a secret: whoever takes it enciphers it with SM4 and wipes it.
 */
export function sm4PinBlock(pin: Uint8Array, pan: string): Result<Uint8Array, PinBlockFault> {
	const block = secretBytes(16);
	const fault = bind(block, pan);
	return fault === undefined ? pinField(0, pin, block) : no(fault);
}

/** Takes the PIN out of a clear block of this account, for the acquirer's end; the block is wiped. */
export function openSm4PinBlock(block: Uint8Array, pan: string): Result<Uint8Array, PinBlockFault> {
	if (block.length !== 16) return no({ at: "block-length", offset: 0 });
	const fault = bind(block, pan);
	const wrong = block.findIndex((byte, i) => i >= 8 && byte !== 0);
	const pin = openPinField(0, block);
	if (fault !== undefined) return no(fault);
	if (pin.ok && wrong >= 0) {
		pin.value.fill(0);
		return no({ at: "fill", offset: 2 * wrong });
	}
	return pin.ok ? ok(pin.value) : pin;
}
