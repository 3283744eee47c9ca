/**
 * A message as a person reads it: one line a field, masked by the table, sub-fields of 55, 60 and 61 spelled
 * out.
 */
import { hex } from "../../kit/bytes.ts";
import { maskPan } from "../../kit/secret.ts";
import { decimal, fromField } from "../money/money.ts";
import { leaves, parse } from "../tlv/tlv.ts";
import type { Field, Message, Profile, Value } from "./field.ts";
import { readOriginal, readReserved } from "./unionpay.ts";

export interface Shown {
	/** 0 for the MTI. */
	readonly field: number;
	readonly name: string;
	readonly shown: string;
}
/** Reads text in the profile's multi-byte code; without it only its ASCII is shown. */
export type ReadText = (bytes: Uint8Array) => string;

const asciiOnly: ReadText = (bytes) =>
	Array.from(bytes, (b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : "·")).join("");

/**
 * Objects that name a person or a card: account, track, expiry, name, CVC. Never shown, whatever the sender
 * did.
 */
const personal = new Set(["57", "5A", "5F20", "5F24", "56", "9F0B", "9F1F", "9F20", "9F6B", "99"]);

/**
 * Four bytes a group: a long value stays readable and is never taken for a card number by a log's last net.
 */
const spaced = (bytes: Uint8Array): string => hex(bytes).replaceAll(/(.{8})(?=.)/g, "$1 ");

function chipData(value: Uint8Array): string {
	const tree = parse(value, "strict");
	if (!tree.ok) return `${value.length} bytes, unreadable from byte ${tree.error.offset}`;
	return leaves(tree.value)
		.map((node) => `${node.tag}=${personal.has(node.tag) ? "[hidden]" : spaced(node.value)}`)
		.join(", ");
}

function reserved(digits: string): string {
	const read = readReserved(digits);
	if (!read.ok) return digits;
	const { type, batch, network, capability, condition, partial, account } = read.value;
	const parts: readonly (readonly [string, string | undefined])[] = [
		["type", type],
		["batch", String(batch).padStart(6, "0")],
		["network", network],
		["capability", capability],
		["chip condition", condition],
		["partial approval", partial],
		["account", account],
	];
	return named(parts);
}

function original(digits: string): string {
	const read = readOriginal(digits);
	if (!read.ok) return digits;
	const { batch, trace, date, mode, institution } = read.value;
	return named([
		["batch", String(batch).padStart(6, "0")],
		["trace", String(trace).padStart(6, "0")],
		["date", date],
		["mode", mode],
		["institution", institution],
	]);
}

const named = (parts: readonly (readonly [string, string | undefined])[]): string =>
	parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`])).join(", ");

function amount(digits: string): string {
	const fen = fromField(digits);
	return fen.ok ? decimal(fen.value) : digits;
}

/** Fields of the UnionPay profile whose inside is worth reading. */
const readers: Readonly<Record<number, (value: Value) => string | undefined>> = {
	4: (v) => (typeof v === "string" ? amount(v) : undefined),
	55: (v) => (typeof v === "string" ? undefined : chipData(v)),
	60: (v) => (typeof v === "string" ? reserved(v) : undefined),
	61: (v) => (typeof v === "string" ? original(v) : undefined),
	64: (v) => (typeof v === "string" ? undefined : asciiOnly(v)),
};

/** Long numbers in fours, for the same two reasons. */
const inFours = (text: string): string =>
	/^\d{12,}$/.test(text) ? text.replaceAll(/(\d{4})(?=\d)/g, "$1 ") : text;

function show(field: Field, number: number, value: Value, readText: ReadText): string {
	if (field.show === "nothing") return "[hidden]";
	const inside = readers[number]?.(value);
	if (inside !== undefined) return inside;
	if (field.show === "masked") {
		return number === 2 && typeof value === "string" ? maskPan(value) : `${value.length} ${unitOf(field)}`;
	}
	if (typeof value === "string") return inFours(value.trimEnd());
	return field.as === "gbk" ? inFours(readText(value).trimEnd()) : spaced(value);
}

const unitOf = (field: Field): string => (field.as === "bcd" || field.as === "nibbles" ? "digits" : "bytes");

/**
 * The MTI and every field in order. The table decides what may be seen: "nothing" is never shown, "masked"
 * shows a PAN by its first six and last four, chip data by its tags without personal objects, else only how
 * long it is.
 */
export function describe(
	profile: Profile,
	message: Message,
	readText: ReadText = asciiOnly,
): readonly Shown[] {
	const lines = [...message.fields]
		.sort(([a], [b]) => a - b)
		.map(([number, value]) => {
			const field = profile.fields[number];
			return field === undefined
				? { field: number, name: "unknown", shown: "[hidden]" }
				: { field: number, name: field.name, shown: show(field, number, value, readText) };
		});
	return [{ field: 0, name: "message type", shown: message.mti }, ...lines];
}

/** The same as text, one line a field: `F004 amount: 128.50`. */
export const describeText = (lines: readonly Shown[]): string =>
	lines
		.map(
			({ field, name, shown }) =>
				`${field === 0 ? "MTI " : `F${String(field).padStart(3, "0")}`} ${name}: ${shown}`,
		)
		.join("\n");
