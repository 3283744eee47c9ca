/**
 * Bytes as the books write them: hexadecimal, BCD, ASCII, big endian. No value appears in an error, only its
 * place.
 */

const digits = "0123456789ABCDEF";

/** Upper-case hexadecimal, two characters a byte. */
export function hex(bytes: Uint8Array): string {
	let text = "";
	for (const b of bytes) text += digits.charAt(b >> 4) + digits.charAt(b & 15);
	return text;
}

/**
 * Reads hexadecimal; blanks are skipped. Throws RangeError naming the position of a character that is not a
 * hex digit.
 */
export function unhex(text: string): Uint8Array {
	const packed = text.replaceAll(/\s/g, "");
	const bad = packed.search(/[^0-9A-Fa-f]/);
	if (bad >= 0) throw new RangeError(`not a hex digit at ${bad}`);
	if (packed.length % 2 !== 0) throw new RangeError(`half a byte at ${packed.length - 1}`);
	const bytes = new Uint8Array(packed.length / 2);
	for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(packed.slice(2 * i, 2 * i + 2), 16);
	return bytes;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
	const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/** Not in constant time: for comparing what is public. Secrets are compared in the vault. */
export const equal = (a: Uint8Array, b: Uint8Array): boolean =>
	a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Byte by byte; the operands have one length, else RangeError. */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
	if (a.length !== b.length) throw new RangeError(`xor of ${a.length} and ${b.length} bytes`);
	return a.map((byte, i) => byte ^ (b[i] ?? 0));
}

/**
 * ASCII or Latin-1 text, one byte a character. Throws RangeError naming the position of a wider character.
 */
export const latin = (text: string): Uint8Array =>
	Uint8Array.from(text, (c, i) => {
		const code = c.charCodeAt(0);
		if (code > 0xff) throw new RangeError(`not one byte at ${i}`);
		return code;
	});

export function unlatin(bytes: Uint8Array): string {
	let text = "";
	for (const b of bytes) text += String.fromCharCode(b);
	return text;
}

/** An unsigned number, big endian, in `size` bytes (1 to 6). */
export const big = (value: number, size: number): Uint8Array =>
	Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) & 0xff);

export const unbig = (bytes: Uint8Array): number => bytes.reduce((n, b) => n * 256 + b, 0);
