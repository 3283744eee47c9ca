/**
 * BER-TLV as cards and hosts write it: parse to a tree or to a flat map, and build (EMV 4.4 Book 3, Annex
 * B).
 */
import { concat, hex, unhex } from "../../kit/bytes.ts";
import { limits } from "../../kit/limits.ts";
import { no, ok, type Result } from "../../kit/result.ts";

/** One data object. `inner` holds the objects of a constructed one, else undefined. */
export interface TlvNode {
	/** Upper-case hex. */
	readonly tag: string;
	/** A view of the bytes that were parsed, not a copy. */
	readonly value: Uint8Array;
	/** Where its tag begins, in bytes from the start of what was parsed. */
	readonly offset: number;
	readonly inner: readonly TlvNode[] | undefined;
}

type TlvKind =
	| "short-tag"
	| "long-tag"
	| "short-length"
	/** Length 80: EMV knows no indefinite form (Book 3, B2). */
	| "indefinite-length"
	/** More than four bytes of length. */
	| "long-length"
	| "short-value"
	/** 00 between objects, in strict mode. */
	| "padding"
	| "too-deep";

/** Where, never what. `offset` is where the missing or wrong bytes begin. */
export interface TlvFault {
	readonly kind: TlvKind;
	readonly offset: number;
}

/**
 * `card`: 00 and FF before, between and after objects are skipped (Book 3, B1, and cards that pad records
 * with FF). `strict`: 00 is a fault and FF begins a private constructed tag, as in data of terminals and
 * hosts.
 */
export type TlvMode = "card" | "strict";

/** Most bytes of one tag; EMV and the schemes use up to three. */
const tagBytes = 4;
/** Most bytes that tell a length after the first. */
const lengthBytes = 4;
const constructed = 0x20;
const moreTag = 0x1f;

/** Gives where the tag that begins at `at` ends, or a fault. */
export function tagEnd(bytes: Uint8Array, at: number, end: number): Result<number, TlvFault> {
	let next = at + 1;
	if (((bytes[at] ?? 0) & moreTag) === moreTag) {
		for (;;) {
			if (next >= end) return no({ kind: "short-tag", offset: at });
			if (next - at >= tagBytes) return no({ kind: "long-tag", offset: at });
			next += 1;
			if (((bytes[next - 1] ?? 0) & 0x80) === 0) break;
		}
	}
	return ok(next);
}

interface Extent {
	readonly start: number;
	readonly end: number;
}

/** Reads the length at `at` and gives where its value starts and ends within `end`. */
function extent(bytes: Uint8Array, at: number, end: number): Result<Extent, TlvFault> {
	if (at >= end) return no({ kind: "short-length", offset: at });
	const first = bytes[at] ?? 0;
	let start = at + 1;
	let size = first;
	if (first === 0x80) return no({ kind: "indefinite-length", offset: at });
	if (first > 0x80) {
		const count = first & 0x7f;
		if (count > lengthBytes) return no({ kind: "long-length", offset: at });
		if (start + count > end) return no({ kind: "short-length", offset: start });
		size = 0;
		for (let i = 0; i < count; i += 1) size = size * 256 + (bytes[start + i] ?? 0);
		start += count;
	}
	return start + size > end ? no({ kind: "short-value", offset: start }) : ok({ start, end: start + size });
}

/** Reads the one object that begins at `at`. */
function nodeAt(bytes: Uint8Array, at: number, end: number, rest: Rest): Result<TlvNode, TlvFault> {
	const tag = tagEnd(bytes, at, end);
	if (!tag.ok) return tag;
	const reach = extent(bytes, tag.value, end);
	if (!reach.ok) return reach;
	const value = bytes.subarray(reach.value.start, reach.value.end);
	const name = hex(bytes.subarray(at, tag.value));
	if (((bytes[at] ?? 0) & constructed) === 0) return ok({ tag: name, value, offset: at, inner: undefined });
	if (rest.depth >= limits.tlvDepth) return no({ kind: "too-deep", offset: at });
	const inner = level(bytes, reach.value, { mode: rest.mode, depth: rest.depth + 1 });
	return inner.ok ? ok({ tag: name, value, offset: at, inner: inner.value }) : inner;
}

interface Rest {
	readonly mode: TlvMode;
	/** Templates around this place. */
	readonly depth: number;
}

function level(bytes: Uint8Array, within: Extent, rest: Rest): Result<readonly TlvNode[], TlvFault> {
	const nodes: TlvNode[] = [];
	let at = within.start;
	while (at < within.end) {
		const first = bytes[at];
		if (first === 0x00 || (first === 0xff && rest.mode === "card")) {
			if (rest.mode === "strict") return no({ kind: "padding", offset: at });
			at += 1;
			continue;
		}
		const node = nodeAt(bytes, at, within.end, rest);
		if (!node.ok) return node;
		nodes.push(node.value);
		at = node.value.value.byteOffset - bytes.byteOffset + node.value.value.length;
	}
	return ok(nodes);
}

/** Parses a row of data objects to a tree. Never throws; nests at most `limits.tlvDepth` templates. */
export const parse = (bytes: Uint8Array, mode: TlvMode = "card"): Result<readonly TlvNode[], TlvFault> =>
	level(bytes, { start: 0, end: bytes.length }, { mode, depth: 0 });

/** Every primitive object of a tree, outermost first, in the order they stand. */
export const leaves = (nodes: readonly TlvNode[]): readonly TlvNode[] =>
	nodes.flatMap((node) => (node.inner === undefined ? [node] : leaves(node.inner)));

/**
 * Parses to a flat map of the primitive objects at any depth. A tag that stands twice keeps its first
 * value.
 */
export function objects(
	bytes: Uint8Array,
	mode: TlvMode = "card",
): Result<Map<string, Uint8Array>, TlvFault> {
	const tree = parse(bytes, mode);
	if (!tree.ok) return tree;
	const flat = new Map<string, Uint8Array>();
	for (const { tag, value } of leaves(tree.value)) if (!flat.has(tag)) flat.set(tag, value);
	return ok(flat);
}

/** Follows tags downwards: `find(tree, "6F", "A5", "88")`. The first of each name counts. */
export function find(nodes: readonly TlvNode[], ...path: readonly string[]): TlvNode | undefined {
	let among: readonly TlvNode[] | undefined = nodes;
	let found: TlvNode | undefined;
	for (const tag of path) {
		found = among?.find((node) => node.tag === tag);
		among = found?.inner;
	}
	return found;
}

/** A length in the fewest bytes (Book 3, B2). */
export function lengthOf(size: number): Uint8Array {
	if (size < 0x80) return Uint8Array.of(size);
	const bytes: number[] = [];
	for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
	return Uint8Array.of(0x80 | bytes.length, ...bytes);
}

/** One data object. `tag` is hex; a tag that is not hex throws RangeError. */
export const tlv = (tag: string, value: Uint8Array): Uint8Array =>
	concat(unhex(tag), lengthOf(value.length), value);

/** Data objects one after another, in the order given: an array of pairs, or a map. */
export const build = (pairs: Iterable<readonly [tag: string, value: Uint8Array]>): Uint8Array =>
	concat(...Array.from(pairs, ([tag, value]) => tlv(tag, value)));
