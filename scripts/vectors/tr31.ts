/** Vectors of key blocks: opened, made, and refused at the place that is meant. */
import { hex } from "../../src/kit/bytes.ts";
import type { Result } from "../../src/kit/result.ts";
import { aesFor } from "../../src/runtime/aes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { aesKcv, desKcv } from "../../src/spec/keys/kcv.ts";
import { anyKeyBlock, type KeyBlock, unwrapKeyBlock, wrapKeyBlock } from "../../src/spec/keys/tr31.ts";
import {
	irregular,
	type KeyBlockFault,
	type KeyBlockHeader,
	readHeader,
} from "../../src/spec/keys/tr31-header.ts";
import { byShape, bytesOf, type Made, numberOf, type Shapes, textOf } from "./parts/expect.ts";
import type { RunVector, Vector } from "./runner.ts";

const ciphers = { desFor, aesFor };

/** Where a peer's words mean that a block is wrong; words that are not here only ask for a refusal. */
const meant: readonly (readonly [RegExp, places: readonly KeyBlockFault["at"][]])[] = [
	[/^Header length/, ["text"]],
	[/^Number of blocks/, ["optional-count"]],
	[/^Block /, ["optional-block", "text"]],
	[/^Key block (header )?length/, ["length"]],
	[/^Key block MAC doesn't match/, ["mac"]],
	[/^Decrypted key/, ["key-length"]],
];
/** A fault in the vector's words when it is the one that is meant. */
function refused(vector: Vector, outcome: Result<unknown, KeyBlockFault>): string {
	if (outcome.ok) return "accepted";
	const { error } = vector.expected;
	const told = String(error);
	const places = meant.find(([words]) => words.test(told))?.[1];
	return places === undefined || places.includes(outcome.error.at) ? told : `refused at ${outcome.error.at}`;
}

/** The fields of the header that a vector tells, by its names; a name that is not here is a difference. */
function headerAs(told: unknown, header: KeyBlockHeader): string {
	const fields: Readonly<Record<string, string | number>> = {
		version: header.version,
		key_usage: header.usage,
		algorithm: header.algorithm,
		mode_of_use: header.mode,
		key_version: header.keyVersion,
		exportability: header.exportability,
		optional_blocks: header.optional.length,
	};
	const names = typeof told === "object" && told !== null ? Object.keys(told) : [];
	return JSON.stringify(
		Object.fromEntries(names.map((name) => [name, fields[name] ?? "a field this runner knows not"])),
	);
}

const checkValues: Readonly<Record<string, (key: Uint8Array) => Uint8Array>> = {
	T: (key) => desKcv(desFor(key)),
	D: (key) => desKcv(desFor(key)),
	A: (key) => aesKcv(aesFor(key), 5),
};
/** Names that vectors give to the data of optional blocks; two letters are the block's own id. */
const longNames: Readonly<Record<string, readonly string[]>> = {
	// Of a DUKPT key: the serial number (TDES), or the initial key's id (AES).
	ksn: ["KS", "IK"],
	ikid: ["IK"],
	timestamp: ["TS"],
};

function opened(vector: Vector, { header, key }: KeyBlock): Made {
	const { header: fields, kcv, recommended } = vector.expected;
	const optional = Object.keys(vector.expected).flatMap((name) => {
		const ids = longNames[name] ?? (/^[a-z][a-z0-9]$/.test(name) ? [name.toUpperCase()] : []);
		const block = header.optional.find((b) => ids.includes(b.id));
		return block === undefined ? [] : [[name, block.data] as const];
	});
	const checked = checkValues[header.algorithm]?.(key);
	const flagged = /^accept the block, flag (\w\w)$/.exec(String(recommended))?.[1];
	return {
		...Object.fromEntries(optional),
		error: "accepted",
		key: hex(key),
		header: headerAs(fields, header),
		kcv: checked === undefined ? undefined : hex(checked).slice(0, String(kcv).length),
		recommended:
			flagged === undefined
				? undefined
				: `accept the block, flag ${irregular(header).join(" ") || "nothing"}`,
	};
}

function unwrapped(vector: Vector, protectionKey: Uint8Array, block: string): Made {
	const outcome = unwrapKeyBlock(ciphers, protectionKey, block, anyKeyBlock);
	if (outcome.ok) return opened(vector, outcome.value);
	const at = `refused at ${outcome.error.at}`;
	const all = Object.keys(vector.expected).map((key) => [key, at] as const);
	return { ...Object.fromEntries(all), error: refused(vector, outcome) };
}

/**
 * A block with padding has chance in it: such a one is as told when ours and the vector's open to the same
 * header and key. Without padding, ours must be the vector's.
 */
function wrapped(vector: Vector): Made {
	const read = readHeader(textOf(vector, "header"));
	if (!read.ok) return { error: refused(vector, read), key_block: `header refused at ${read.error.at}` };
	const [protectionKey, key] = [bytesOf(vector, "kbpk"), bytesOf(vector, "key")];
	const { header } = read.value;
	const order = { random: systemRandom, spread: 0, legacy: true } as const;
	const block = wrapKeyBlock(ciphers, protectionKey, { header, key }, order);
	if (!block.ok) return { error: refused(vector, block), key_block: `refused at ${block.error.at}` };
	const { key_block: wanted } = vector.expected;
	const told = String(wanted);
	const open = (text: string): string => {
		const outcome = unwrapKeyBlock(ciphers, protectionKey, text, anyKeyBlock);
		return outcome.ok ? JSON.stringify([outcome.value.header, hex(outcome.value.key)]) : outcome.error.at;
	};
	const padded = header.version !== "E";
	const alike = padded && told.length === block.value.length && open(told) === open(block.value);
	return { error: "made", key_block: alike ? told : block.value };
}

const shapes: Shapes = {
	header: (v) => ({ error: refused(v, readHeader(textOf(v, "header"))) }),
	// The peer's tests take a key of this many letters E.
	"kb kbpk_len": (v) => unwrapped(v, new Uint8Array(numberOf(v, "kbpk_len")).fill(0x45), textOf(v, "kb")),
	"kbpk key_block": (v) => unwrapped(v, bytesOf(v, "kbpk"), textOf(v, "key_block")),
	"header kbpk key": wrapped,
};
export const run: RunVector = (vector) => byShape(shapes, vector);
