/** Data object lists: what a card asks for by tag and length, and how it is filled (EMV 4.4 Book 3, 5.4). */
import { hex } from "../../kit/bytes.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import { formatOf } from "../emv/tags-table.ts";
import { type TlvFault, tagEnd } from "./tlv.ts";

export interface DolEntry {
	/** Upper-case hex. */
	readonly tag: string;
	/** Bytes, 0 to 255: a DOL tells each length in one byte. */
	readonly length: number;
}

/** Reads a DOL. An entry without its length is a fault. */
export function parseDol(bytes: Uint8Array): Result<readonly DolEntry[], TlvFault> {
	const entries: DolEntry[] = [];
	let at = 0;
	while (at < bytes.length) {
		const end = tagEnd(bytes, at, bytes.length);
		if (!end.ok) return end;
		const length = bytes[end.value];
		if (length === undefined) return no({ kind: "short-length", offset: end.value });
		entries.push({ tag: hex(bytes.subarray(at, end.value)), length });
		at = end.value + 1;
	}
	return ok(entries);
}

/** Bytes that the filled list has. */
export const dolLength = (entries: readonly DolEntry[]): number => entries.reduce((n, e) => n + e.length, 0);

/** A constructed tag is never asked for by a DOL: it is filled with zeros (Book 3, 5.4, step 2). */
const isConstructed = (tag: string): boolean => (Number.parseInt(tag.slice(0, 2), 16) & 0x20) !== 0;

/**
 * The values one after another, without tags. Numeric: zeros and cuts on the left; compressed numeric: F on
 * the right, cuts on the right; all others: zeros and cuts on the right; what is missing: zeros.
 */
export function fillDol(
	entries: readonly DolEntry[],
	valueFor: (tag: string) => Uint8Array | undefined,
): Uint8Array {
	const filled = new Uint8Array(dolLength(entries));
	let at = 0;
	for (const { tag, length } of entries) {
		const value = isConstructed(tag) ? undefined : valueFor(tag);
		const place = filled.subarray(at, at + length);
		at += length;
		if (value === undefined) continue;
		if (formatOf(tag) === "n") {
			const tail = value.subarray(Math.max(0, value.length - length));
			place.set(tail, length - tail.length);
		} else {
			place.fill(formatOf(tag) === "cn" ? 0xff : 0x00);
			place.set(value.subarray(0, length));
		}
	}
	return filled;
}
