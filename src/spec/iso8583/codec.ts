/** ISO 8583 messages to bytes and back, by a profile: it reads the table and knows no field by its number. */
import { concat, hex, latin, unbig, unhex, unlatin } from "../../kit/bytes.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import type { CodecFault, CodecKind, Encoding, Field, Pack, Profile, Size, Unpack, Value } from "./field.ts";

/** What went wrong inside one value, and at which of its bytes. */
interface Slip {
	readonly kind: CodecKind;
	readonly at: number;
}
const slip = (kind: CodecKind, at = 0): Result<never, Slip> => no({ kind, at });

/**
 * One way of writing values. Units are digits, characters, nibbles or bytes, as the length of the field
 * counts them.
 */
interface Writing {
	readonly units: (value: Value) => Result<number, Slip>;
	readonly bytesFor: (units: number) => number;
	readonly write: (value: Value, field: Field, units: number) => Result<Uint8Array, Slip>;
	readonly read: (bytes: Uint8Array, field: Field, units: number) => Result<Value, Slip>;
}

const isText = (value: Value): value is string => typeof value === "string";

/**
 * Two units a byte. An odd one is filled with a 0 nibble on the side that the field names, and it must be
 * there.
 */
const packed = (bad: RegExp): Writing => ({
	units: (value) => (isText(value) ? ok(value.length) : slip("wrong-type")),
	bytesFor: (units) => Math.ceil(units / 2),
	write: (value, field, units) => {
		if (!isText(value)) return slip("wrong-type");
		const at = value.search(bad);
		if (at >= 0) return slip("bad-character", at >> 1);
		// A number shorter than its field is another number on one side and another code on the other.
		if (value.length !== units) return slip("wrong-length");
		const odd = units % 2 === 1;
		return ok(unhex(odd ? (field.fill === "left" ? `0${value}` : `${value}0`) : value));
	},
	read: (bytes, field, units) => {
		const all = hex(bytes);
		const odd = units % 2 === 1;
		const left = field.fill === "left";
		const fill = left ? 0 : all.length - 1;
		if (odd && all[fill] !== "0") return slip("bad-fill", fill >> 1);
		const value = odd ? (left ? all.slice(1) : all.slice(0, -1)) : all;
		const at = value.search(bad);
		return at >= 0 ? slip("bad-character", (at + (odd && left ? 1 : 0)) >> 1) : ok(value);
	},
});

const spaces = (text: string, field: Field, units: number): string =>
	field.fill === "left" ? text.padStart(units) : text.padEnd(units);

const ascii: Writing = {
	units: (value) => (isText(value) ? ok(value.length) : slip("wrong-type")),
	bytesFor: (units) => units,
	write: (value, field, units) => {
		if (!isText(value)) return slip("wrong-type");
		const at = value.search(/[^ -~]/);
		return at >= 0 ? slip("bad-character", at) : ok(latin(spaces(value, field, units)));
	},
	read: (bytes) => {
		const at = bytes.findIndex((b) => b < 0x20 || b > 0x7e);
		return at >= 0 ? slip("bad-character", at) : ok(unlatin(bytes));
	},
};

/**
 * Text in a multi-byte code stays bytes, so that nothing is changed on the way; plain ASCII may be given as
 * text.
 */
const gbk: Writing = {
	units: (value) => ok(value.length),
	bytesFor: (units) => units,
	write: (value, field, units) => {
		const at = isText(value) ? value.search(/[^ -~]/) : -1;
		if (at >= 0) return slip("bad-character", at);
		return ok(latin(spaces(isText(value) ? value : unlatin(value), field, units)));
	},
	read: (value) => ok(value.slice()),
};

const bytes: Writing = {
	units: (value) => (isText(value) ? slip("wrong-type") : ok(value.length)),
	bytesFor: (units) => units,
	write: (value, _field, units) => {
		if (isText(value)) return slip("wrong-type");
		return value.length === units ? ok(value.slice()) : slip("wrong-length");
	},
	read: (value) => ok(value.slice()),
};

const writings: Readonly<Record<Encoding, Writing>> = {
	bcd: packed(/[^0-9]/),
	nibbles: packed(/[^0-9A-F]/),
	ascii,
	gbk,
	bytes,
};

/** LL and LLL: two or three digits, in whole BCD bytes (37 → 0037) or as ASCII. */
const lengthBytes = (size: Size): number =>
	"fixed" in size ? 0 : size.as === "ascii" ? size.digits : Math.ceil(size.digits / 2);

function writeValue(field: Field, value: Value): Result<Uint8Array, Slip> {
	const writing = writings[field.as];
	const units = writing.units(value);
	if (!units.ok) return units;
	const { size } = field;
	if ("fixed" in size) {
		return units.value > size.fixed ? slip("too-long") : writing.write(value, field, size.fixed);
	}
	if (units.value > size.upTo) return slip("too-long");
	const body = writing.write(value, field, units.value);
	if (!body.ok) return body;
	const digits = String(units.value).padStart(size.digits, "0");
	const prefix = size.as === "ascii" ? latin(digits) : unhex(digits.padStart(2 * lengthBytes(size), "0"));
	return ok(concat(prefix, body.value));
}

function readLength(size: Size, rest: Uint8Array): Result<number, Slip> {
	if ("fixed" in size) return ok(size.fixed);
	const prefix = rest.subarray(0, lengthBytes(size));
	if (prefix.length < lengthBytes(size)) return slip("short", prefix.length);
	const digits = size.as === "ascii" ? unlatin(prefix) : hex(prefix);
	const bad = digits.search(/[^0-9]/);
	if (bad >= 0) return slip("bad-length-digits", size.as === "ascii" ? bad : bad >> 1);
	return Number(digits) > size.upTo ? slip("too-long") : ok(Number(digits));
}

function readValue(field: Field, rest: Uint8Array): Result<{ value: Value; used: number }, Slip> {
	const units = readLength(field.size, rest);
	if (!units.ok) return units;
	const writing = writings[field.as];
	const head = lengthBytes(field.size);
	const used = head + writing.bytesFor(units.value);
	if (rest.length < used) return slip("short", rest.length);
	const value = writing.read(rest.subarray(head, used), field, units.value);
	return value.ok ? ok({ value: value.value, used }) : slip(value.error.kind, head + value.error.at);
}

const fault = (field: number, kind: CodecKind, offset: number): Result<never, CodecFault> =>
	no({ field, kind, offset });

/** Bit n of the map stands for field n; bit 1 tells that a second map follows (fields 65 to 128). */
function bitmapOf(numbers: readonly number[]): Uint8Array {
	const wide = numbers.some((n) => n > 64);
	const map = new Uint8Array(wide ? 16 : 8);
	for (const n of wide ? [1, ...numbers] : numbers) {
		map[(n - 1) >> 3] = (map[(n - 1) >> 3] ?? 0) | (0x80 >> ((n - 1) & 7));
	}
	return map;
}
const numbersIn = (map: Uint8Array): number[] =>
	Array.from({ length: map.length * 8 }, (_, i) => i + 1).filter(
		(n) => n !== 65 && n !== 1 && ((map[(n - 1) >> 3] ?? 0) & (0x80 >> ((n - 1) & 7))) !== 0,
	);

/**
 * A message to bytes: MTI, bitmap, fields in ascending order. A value that its field cannot hold is refused
 * with the offset at which the field would begin; nothing is cut or converted. Only fixed text is filled up
 * with spaces.
 */
export const pack: Pack = (profile, message) => {
	if (!/^\d{4}$/.test(message.mti)) return fault(0, "bad-mti", 0);
	const numbers = [...message.fields.keys()].sort((a, b) => a - b);
	const map = bitmapOf(numbers.filter((n) => Number.isInteger(n) && n > 1 && n <= 128 && n !== 65));
	const parts = [
		profile.mti === "bcd" ? unhex(message.mti) : latin(message.mti),
		profile.bitmap === "bytes" ? map : latin(hex(map)),
	];
	let offset = parts.reduce((n, p) => n + p.length, 0);
	for (const number of numbers) {
		const field = fieldOf(profile, number);
		const value = message.fields.get(number);
		if (field === undefined || value === undefined) return fault(number, "unknown-field", offset);
		const written = writeValue(field, value);
		if (!written.ok) return fault(number, written.error.kind, offset);
		parts.push(written.value);
		offset += written.value.length;
	}
	return ok(concat(...parts));
};

/** Bits 1 and 65 are maps, never fields, whatever a table holds. */
const fieldOf = (profile: Profile, number: number): Field | undefined =>
	number === 1 || number === 65 || !Object.hasOwn(profile.fields, number)
		? undefined
		: profile.fields[number];

const wide = (profile: Profile): boolean => Object.keys(profile.fields).some((n) => Number(n) > 64);

function readMti(profile: Profile, whole: Uint8Array): Result<{ mti: string; used: number }, CodecFault> {
	const used = profile.mti === "bcd" ? 2 : 4;
	if (whole.length < used) return fault(0, "short", whole.length);
	const mti = profile.mti === "bcd" ? hex(whole.subarray(0, 2)) : unlatin(whole.subarray(0, 4));
	return /^\d{4}$/.test(mti) ? ok({ mti, used }) : fault(0, "bad-mti", 0);
}

function readMap(
	profile: Profile,
	whole: Uint8Array,
	from: number,
): Result<{ map: Uint8Array; used: number }, CodecFault> {
	const scale = profile.bitmap === "bytes" ? 1 : 2;
	const part = (start: number): Result<Uint8Array, CodecFault> => {
		const raw = whole.subarray(start, start + 8 * scale);
		if (raw.length < 8 * scale) return fault(1, "short", whole.length);
		if (scale === 1) return ok(raw);
		const text = unlatin(raw);
		const bad = text.search(/[^0-9A-Fa-f]/);
		return bad >= 0 ? fault(1, "bad-character", start + bad) : ok(unhex(text));
	};
	const first = part(from);
	if (!first.ok) return first;
	if (unbig(first.value.subarray(0, 1)) < 0x80) return ok({ map: first.value, used: 8 * scale });
	if (!wide(profile)) return fault(1, "unknown-field", from);
	const second = part(from + 8 * scale);
	return second.ok ? ok({ map: concat(first.value, second.value), used: 16 * scale }) : second;
}

/**
 * Bytes to a message. Every byte must be accounted for: a wrong fill nibble, a length beyond the field's
 * most, a character that the field does not know and bytes behind the last field are faults with their
 * offset. Never throws.
 */
export const unpack: Unpack = (profile, whole) => {
	const mti = readMti(profile, whole);
	if (!mti.ok) return mti;
	const map = readMap(profile, whole, mti.value.used);
	if (!map.ok) return map;
	let offset = mti.value.used + map.value.used;
	const fields = new Map<number, Value>();
	for (const number of numbersIn(map.value.map)) {
		const field = fieldOf(profile, number);
		if (field === undefined) return fault(number, "unknown-field", offset);
		const read = readValue(field, whole.subarray(offset));
		if (!read.ok) return fault(number, read.error.kind, offset + read.error.at);
		fields.set(number, read.value.value);
		offset += read.value.used;
	}
	if (offset < whole.length) return fault(0, "trailing-bytes", offset);
	return ok({ mti: mti.value.mti, fields });
};
