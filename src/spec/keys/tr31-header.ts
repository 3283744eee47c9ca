/** The header of a key block (ANSI X9.143:2021; ASC X9 TR 31-2018): what a key is and may do. */
import { no, ok, type Result } from "../../kit/result.ts";

export type KeyBlockVersion = "A" | "B" | "C" | "D" | "E";

/** Where a key block was refused; never what stood there. */
export type KeyBlockPlace =
	| "text"
	| "version"
	| "length"
	| "usage"
	| "algorithm"
	| "mode"
	| "key-version"
	| "exportability"
	| "optional-count"
	| "reserved"
	| "optional-block"
	| "protection-key"
	| "ciphertext"
	| "mac"
	| "key-length"
	| "random"
	| "legacy";

export interface KeyBlockFault {
	readonly at: KeyBlockPlace;
	/** Of the character, from 0, where one place in the block is meant. */
	readonly offset?: number;
}

export interface OptionalBlock {
	/** Two characters: KS, TS, PB… */
	readonly id: string;
	readonly data: string;
	/** As it stands in the block: id, length and data, byte for byte. */
	readonly raw: string;
}

export interface KeyBlockHeader {
	readonly version: KeyBlockVersion;
	/** P0 PIN, M3 retail MAC, K0 key encryption, B1 initial DUKPT key… (X9.143, table 2). */
	readonly usage: string;
	/** T triple DES, A AES, D DES, H HMAC, E elliptic curve, R RSA… */
	readonly algorithm: string;
	/** E encrypt, D decrypt, B both, C MAC both ways, G generate, V verify, X derive, N any… */
	readonly mode: string;
	/** Two characters: 00 where versions are not counted, c1… for a component. */
	readonly keyVersion: string;
	/** E under a trusted key, N not, S by the sender's leave. */
	readonly exportability: string;
	/** Two characters: 00; the first one is X9.143's key context. */
	readonly reserved: string;
	readonly optional: readonly OptionalBlock[];
}
/** A header as read, with what only its reader needs. */
export interface HeaderRead {
	readonly header: KeyBlockHeader;
	/** Characters of the whole block, as the header says. */
	readonly length: number;
	/** Where the ciphertext begins: characters from 0. */
	readonly end: number;
}

/** The sixteen characters that every header has; `of` gives them where the reader keeps them. */
const fields = [
	{ at: "version", from: 0, to: 1, is: /^[A-E]$/, of: (h) => h.version },
	{ at: "length", from: 1, to: 5, is: /^\d{4}$/ },
	{ at: "usage", from: 5, to: 7, is: /^[A-Z0-9]{2}$/, of: (h) => h.usage },
	{ at: "algorithm", from: 7, to: 8, is: /^[A-Z0-9]$/, of: (h) => h.algorithm },
	{ at: "mode", from: 8, to: 9, is: /^[A-Z0-9]$/, of: (h) => h.mode },
	{ at: "key-version", from: 9, to: 11, is: /^[A-Za-z0-9]{2}$/, of: (h) => h.keyVersion },
	{ at: "exportability", from: 11, to: 12, is: /^[ENS0-9]$/, of: (h) => h.exportability },
	{ at: "optional-count", from: 12, to: 14, is: /^\d{2}$/ },
	{ at: "reserved", from: 14, to: 16, is: /^\d{2}$/, of: (h) => h.reserved },
] as const satisfies readonly Field[];
interface Field {
	readonly at: KeyBlockPlace;
	readonly from: number;
	readonly to: number;
	readonly is: RegExp;
	readonly of?: (header: KeyBlockHeader) => string;
}

export const fixedHeader = 16;
export const longestBlock = 9999;
/** Upper-case only: a lower-case digit would be a second spelling of one block. */
const hexDigits = /^[0-9A-F]+$/;

/**
 * Reads a header with its optional blocks from the beginning of a key block; what follows is not looked at,
 * and the length is not yet compared with it.
 */
export function readHeader(text: string): Result<HeaderRead, KeyBlockFault> {
	const strange = text.search(/[^\x20-\x7E]/);
	if (strange >= 0) return no({ at: "text", offset: strange });
	if (text.length < fixedHeader) return no({ at: "text", offset: text.length });
	const bad = fields.find((f) => !f.is.test(text.slice(f.from, f.to)));
	if (bad !== undefined) return no({ at: bad.at, offset: bad.from });
	const blocks = readOptional(text, Number(text.slice(12, 14)));
	if (!blocks.ok) return blocks;
	const header: KeyBlockHeader = {
		version: versionOf(text.slice(0, 1)),
		usage: text.slice(5, 7),
		algorithm: text.slice(7, 8),
		mode: text.slice(8, 9),
		keyVersion: text.slice(9, 11),
		exportability: text.slice(11, 12),
		reserved: text.slice(14, 16),
		optional: blocks.value,
	};
	const end = fixedHeader + optionalLength(header);
	return ok({ header, length: Number(text.slice(1, 5)), end });
}

const versions: readonly KeyBlockVersion[] = ["A", "B", "C", "D", "E"];
const versionOf = (letter: string): KeyBlockVersion => versions.find((v) => v === letter) ?? "D";

export const optionalLength = (header: KeyBlockHeader): number =>
	header.optional.reduce((n, block) => n + block.raw.length, 0);

function readOptional(text: string, count: number): Result<readonly OptionalBlock[], KeyBlockFault> {
	const blocks: OptionalBlock[] = [];
	let at = fixedHeader;
	for (let n = 0; n < count; n += 1) {
		const refused = no<KeyBlockFault>({ at: "optional-block", offset: at });
		const id = text.slice(at, at + 2);
		if (!/^[A-Z0-9]{2}$/.test(id) || blocks.some((other) => other.id === id)) return refused;
		// Padding of the header stands last (X9.143, PB).
		if (id === "PB" && n !== count - 1) return refused;
		const told = readLength(text, at + 2);
		if (told === undefined || told.length < 2 + told.width || at + told.length > text.length) return refused;
		const raw = text.slice(at, at + told.length);
		blocks.push({ id, data: raw.slice(2 + told.width), raw });
		at += told.length;
	}
	return ok(blocks);
}

/**
 * The length of an optional block from its first character on: two hex digits; or, behind 00, the number of
 * hex digits in two more, then these digits (X9.143, 8.6 has `CT 00 04 05CC`).
 */
function readLength(
	text: string,
	at: number,
): { readonly length: number; readonly width: number } | undefined {
	const digits = (from: number, size: number): number | undefined => {
		const part = text.slice(from, from + size);
		return part.length === size && hexDigits.test(part) ? Number.parseInt(part, 16) : undefined;
	};
	const short = digits(at, 2);
	if (short === undefined || short > 0) return short === undefined ? undefined : { length: short, width: 2 };
	const size = digits(at + 2, 2);
	if (size === undefined || size < 1 || size > 4) return undefined;
	const long = digits(at + 4, size);
	return long === undefined ? undefined : { length: long, width: 4 + size };
}

const hexOf = (value: number, size: number): string => value.toString(16).toUpperCase().padStart(size, "0");

/** An optional block with its length written out: short up to 255 characters, else in four digits. */
export function optionalBlock(id: string, data: string): OptionalBlock {
	const short = 4 + data.length;
	const raw = short <= 0xff ? id + hexOf(short, 2) + data : `${id}0004${hexOf(10 + data.length, 4)}${data}`;
	return { id, data, raw };
}

/** The header in front of a block of `length` characters; the optional blocks stand as they were read. */
export const headerText = (header: KeyBlockHeader, length: number): string =>
	header.version +
	String(length).padStart(4, "0") +
	header.usage +
	header.algorithm +
	header.mode +
	header.keyVersion +
	header.exportability +
	String(header.optional.length).padStart(2, "0") +
	header.reserved +
	header.optional.map((block) => block.raw).join("");

/** The first field of a header, not yet written, that no block can hold. */
export const unwritable = (header: KeyBlockHeader): KeyBlockFault | undefined => {
	const all: readonly Field[] = fields;
	const bad = all.find(({ of, is }) => of !== undefined && !is.test(of(header)));
	return bad && { at: bad.at, offset: bad.from };
};

const hexData = /^([0-9A-F]{2})+$/;
/** What the data of an optional block looks like, where the book says so (X9.143, 6.3.6). */
const shapes: Readonly<Record<string, RegExp>> = {
	KS: hexData,
	IK: /^[0-9A-F]{16}$/,
	KC: hexData,
	KP: hexData,
	HM: /^[0-9A-F]{2}$/,
	TS: /^\d{4}(-?\d{2}){2}(T?\d{2}(:?\d{2}){2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?$/,
};
/**
 * Ids of the optional blocks whose data is not what the book describes: the block is authentic all the same,
 * and who needs that data asks here before using it.
 */
export const irregular = (header: KeyBlockHeader): readonly string[] =>
	header.optional.filter(({ id, data }) => shapes[id]?.test(data) === false).map((block) => block.id);
