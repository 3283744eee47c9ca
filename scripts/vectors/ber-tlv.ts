/** Vectors of BER-TLV: trees read and built, lengths, and data that must be refused, each in its place. */
import { concat, hex, unbig, unhex } from "../../src/kit/bytes.ts";
import {
	build,
	leaves,
	lengthOf,
	parse,
	type TlvMode,
	type TlvNode,
	tagEnd,
	tlv,
} from "../../src/spec/tlv/tlv.ts";
import type { Difference, RunVector, Vector } from "./runner.ts";

interface Tree {
	readonly [tag: string]: string | Tree;
}
const isTree = (value: unknown): value is Tree =>
	typeof value === "object" &&
	value !== null &&
	!Array.isArray(value) &&
	Object.values(value).every((inner) => typeof inner === "string" || isTree(inner));

const treeOf = (nodes: readonly TlvNode[]): Tree =>
	Object.fromEntries(
		nodes.map(({ tag, value, inner }) => [tag, inner === undefined ? hex(value) : treeOf(inner)]),
	);
const encoded = (tree: Tree): Uint8Array =>
	build(
		Object.entries(tree).map(([tag, held]) => [tag, typeof held === "string" ? unhex(held) : encoded(held)]),
	);

/** `input.mode` by name; without one, as a card's data is read. */
const modes: Readonly<Record<string, TlvMode>> = { "card-record": "card", "terminal-or-host-data": "strict" };

/** The fault that a peer's words mean; words that are not here only ask for a refusal. */
const meant: readonly (readonly [RegExp, kind: string])[] = [
	[/^LengthTooLong/, "long-length"],
	[/^IndefiniteLength/, "indefinite-length"],
	[/^UnexpectedEof/, "short-value"],
	[/^Tag malformed/, "short-tag"],
	[/^Tag length malformed/, "short-length"],
	[/^Tag value malformed/, "short-value"],
];

/** The tag of the first object that cannot be whole, as far as it stands there. */
function faultyTag(bytes: Uint8Array, from: number, end: number): string | undefined {
	for (let at = from; at < end; ) {
		const tag = tagEnd(bytes, at, end);
		if (!tag.ok) return hex(bytes.subarray(at, end));
		const name = hex(bytes.subarray(at, tag.value));
		const first = tag.value < end ? (bytes[tag.value] ?? 0) : 0x80;
		const start = tag.value + 1 + (first > 0x80 ? first & 0x7f : 0);
		if (first === 0x80 || start > end) return name;
		const stop = start + (first > 0x80 ? unbig(bytes.subarray(tag.value + 1, start)) : first);
		if (stop > end) return name;
		const inner = ((bytes[at] ?? 0) & 0x20) === 0 ? undefined : faultyTag(bytes, start, stop);
		if (inner !== undefined) return inner;
		at = stop;
	}
	return undefined;
}

type Check = (wanted: unknown, bytes: Uint8Array, mode: TlvMode) => string;

const read = (bytes: Uint8Array, mode: TlvMode): string => {
	const tree = parse(bytes, mode);
	return tree.ok ? JSON.stringify(treeOf(tree.value)) : `${tree.error.kind} at ${tree.error.offset}`;
};
const flat = (bytes: Uint8Array, mode: TlvMode): readonly (readonly [string, string])[] => {
	const tree = parse(bytes, mode);
	return tree.ok ? leaves(tree.value).map(({ tag, value }) => [tag, hex(value)]) : [];
};
const same = (wanted: unknown, is: boolean, got: string): string => (is ? text(wanted) : got);
const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Each gives what our code says, in the words of the vector when they agree. */
const checks: Readonly<Record<string, Check>> = {
	tags: (wanted, bytes, mode) =>
		Array.isArray(wanted) ? JSON.stringify(flat(bytes, mode)) : read(bytes, mode),
	lenient: (_, bytes) => read(bytes, "card"),
	strict: (wanted, bytes) => {
		const [card, strict] = [read(bytes, "card"), read(bytes, "strict")];
		return same(wanted, strict === card || !strict.startsWith("{"), strict);
	},
	error: (wanted, bytes) => {
		const faults = (["card", "strict"] as const).map((mode) => parse(bytes, mode));
		const kind = meant.find(([words]) => words.test(text(wanted)))?.[1];
		const refused = faults.every((tree) => !tree.ok && (kind === undefined || tree.error.kind === kind));
		return same(wanted, refused, read(bytes, "card"));
	},
	offset: (_, bytes) => {
		const tree = parse(bytes, "strict");
		return tree.ok ? "read" : String(tree.error.offset);
	},
	tag: (_, bytes) => faultyTag(bytes, 0, bytes.length) ?? "none",
	/** A sentence of one form is data: the tag is read as told, though its value need not be objects. */
	note: (wanted, bytes) => {
		const told = /tag ([0-9A-F]+), length ([0-9A-F]+), value ([0-9A-F]*)/.exec(text(wanted));
		const [, tag = "", length = "", value = ""] = told ?? [];
		if (told === null) return text(wanted);
		const end = tagEnd(bytes, 0, bytes.length);
		const whole = hex(tlv(tag, unhex(value)));
		const is = end.ok && hex(bytes.subarray(0, end.value)) === tag && whole === hex(bytes);
		return same(wanted, is && whole === hex(concat(unhex(tag + length), unhex(value))), whole);
	},
};

function decoded(vector: Vector, bytes: Uint8Array): readonly Difference[] {
	const { mode: name } = vector.input;
	const mode = name === undefined ? "card" : modes[String(name)];
	if (mode === undefined) return [{ key: "input.mode", expected: "a mode we know", got: String(name) }];
	const leaf = new Map(flat(bytes, mode));
	return Object.entries(vector.expected).flatMap(([key, wanted]) => {
		const check = checks[key];
		const unknown = /^([0-9A-F]{2})+$/.test(key)
			? (leaf.get(key) ?? "not there")
			: "a key this runner knows not";
		const got = check === undefined ? unknown : check(wanted, bytes, mode);
		return got === text(wanted) ? [] : [{ key, expected: text(wanted), got }];
	});
}

function built(vector: Vector, bytes: Uint8Array): readonly Difference[] {
	return Object.entries(vector.expected).flatMap(([key, wanted]) => {
		const got = key === "hex" ? hex(bytes) : "a key this runner knows not";
		return got === wanted ? [] : [{ key, expected: text(wanted), got }];
	});
}

export const run: RunVector = (vector) => {
	const { hex: whole, hex_prefix: prefix, tags, length } = vector.input;
	const input = whole ?? prefix;
	if (typeof input === "string") return decoded(vector, unhex(input));
	if (isTree(tags)) return built(vector, encoded(tags));
	if (typeof length === "number") return built(vector, lengthOf(length));
	return [
		{ key: "input", expected: "hex, hex_prefix, tags or length", got: Object.keys(vector.input).join(", ") },
	];
};
