/**
 * Every form in which a known value could have got somewhere: as digits, packed, spelled out, encoded, in
 * pieces.
 */
import { hex, latin, unhex } from "../../src/kit/bytes.ts";

/** One form of one secret. Its bytes are never shown: a hit is told by these two names and by its place. */
export interface Needle {
	readonly secret: string;
	readonly form: string;
	readonly bytes: Uint8Array;
}
type Form = readonly [form: string, bytes: Uint8Array];

const wide = (text: string, big: boolean): Uint8Array =>
	Uint8Array.from([...text].flatMap((c) => (big ? [0, c.charCodeAt(0)] : [c.charCodeAt(0), 0])));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/**
 * The characters that encode `bytes` wherever they begin in the encoded text: at one of three places of a
 * group. What a neighbour has a part in is left away.
 */
function base64Forms(of: string, bytes: Uint8Array): readonly Form[] {
	return [0, 1, 2].flatMap((before): readonly Form[] => {
		const text = base64(Uint8Array.from([...new Uint8Array(before), ...bytes]));
		const from = [0, 2, 3][before] ?? 0;
		const to = Math.floor(((before + bytes.length) * 8) / 6);
		const core = text.slice(from, to);
		const forms: Form[] = [[`base64+${before} of ${of}`, latin(core)]];
		const url = core.replaceAll("+", "-").replaceAll("/", "_");
		if (url !== core) forms.push([`base64url+${before} of ${of}`, latin(url)]);
		return forms;
	});
}

const bytesForms = (of: string, bytes: Uint8Array): readonly Form[] => {
	const upper = hex(bytes);
	const list = [...bytes].join(",");
	return [
		[of, bytes],
		[`hex of ${of}`, latin(upper)],
		[`lower-case hex of ${of}`, latin(upper.toLowerCase())],
		[`UTF-16 hex of ${of}`, wide(upper, false)],
		[`hex of ${of}, with blanks`, latin(upper.replaceAll(/(..)(?=.)/g, "$1 "))],
		[`list of ${of}`, latin(list)],
		[`list of ${of}, with blanks`, latin(list.replaceAll(",", ", "))],
		[`JSON of ${of}`, latin(JSON.stringify(bytes).slice(1, -1))],
		...base64Forms(of, bytes),
	];
};

/** Two digits a byte, from the first digit on and from the second on: whatever stood before them. */
const packed = (digits: string): readonly Form[] => {
	const even = (text: string): Uint8Array => unhex(text.slice(0, text.length - (text.length % 2)));
	return [
		["BCD", even(digits)],
		["BCD, shifted by a digit", even(digits.slice(1))],
	];
};

/** Bytes of an array of small integers in V8's heap: 64 bits an element, its value in the upper half. */
const smi = (digits: readonly number[]): Uint8Array =>
	Uint8Array.from(digits.flatMap((digit) => [digit, 0, 0, 0, 0, 0, 0, 0])).slice(0, -7);

const grouped = (digits: string, by: string): string => digits.replaceAll(/(....)(?=.)/g, `$1${by}`);

/**
 * Digits, of which `D` may be one (a track's separator). At least ten, else what is packed were too short
 * to be told from chance.
 */
export function digitForms(secret: string, digits: string): readonly Needle[] {
	if (digits.length < 10) throw new RangeError(`${secret}: ${digits.length} digits`);
	const each = [...digits].map((digit) => Number.parseInt(digit, 16));
	const ascii = latin(digits);
	const forms: readonly Form[] = [
		...bytesForms("ASCII", ascii),
		...bytesForms("digit bytes", Uint8Array.from(each)),
		...packed(digits).flatMap(([form, bytes]) => bytesForms(form, bytes)),
		["UTF-16", wide(digits, false)],
		["UTF-16, big endian", wide(digits, true)],
		["array of numbers", smi(each)],
		["groups of four", latin(grouped(digits, " "))],
		["groups of four, dashed", latin(grouped(digits, "-"))],
	];
	return named(secret, forms);
}

/** Bytes: a key, a block. A key is searched for by its halves, so that the whole and each half are found. */
export function bytesNeedles(secret: string, bytes: Uint8Array): readonly Needle[] {
	const parts = Array.from({ length: Math.ceil(bytes.length / 8) }, (_, i) => bytes.slice(8 * i, 8 * i + 8));
	return parts.flatMap((part, i) =>
		named(parts.length === 1 ? secret : `${secret}, part ${i + 1}`, bytesForms("raw", part)),
	);
}

/**
 * What may not be shown of an account: the whole, its middle, and the twelve digits that ISO 9564 mixes
 * into a PIN block.
 */
export const panNeedles = (secret: string, pan: string): readonly Needle[] => [
	...digitForms(secret, pan),
	...digitForms(`${secret}, twelve digits`, pan.slice(-13, -1)),
	// First six and last four may be seen; nine digits are too few to be packed, and are what a wrong mask
	// would leave.
	...named(`${secret}, middle`, [
		["ASCII", latin(pan.slice(6, -4))],
		["UTF-16", wide(pan.slice(6, -4), false)],
	]),
];

/**
 * What a track holds beside the account: expiry, service code and the issuer's own data, behind `D` or `=`.
 */
export const trackNeedles = (secret: string, tail: string): readonly Needle[] => [
	...digitForms(secret, `D${tail}`),
	...named(secret, [
		["ASCII with =", latin(`=${tail}`)],
		["UTF-16 with =", wide(`=${tail}`, false)],
	]),
];

/** Forms that come out alike are one, by its first name. */
function named(secret: string, forms: readonly Form[]): readonly Needle[] {
	const unlike = new Map<string, Needle>();
	for (const [form, bytes] of forms) {
		const key = hex(bytes);
		if (!unlike.has(key)) unlike.set(key, { secret, form, bytes });
	}
	return [...unlike.values()];
}
