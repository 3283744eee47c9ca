/** A key from components of two or three custodians, as a dialogue: presses go in, a key comes out. */
import type { Key } from "../contract/device.ts";
import type { CeremonyStep } from "../contract/vault.ts";
import { equal } from "../kit/bytes.ts";
import { secretBytes } from "../kit/secret.ts";

/** Wrong numbers, passcodes and check values in one ceremony; with the last of them it ends. */
const mostWrong = 3;
/** Digits of a custodian's passcode. */
export const passcodeLength = { least: 6, most: 12 } as const;
/** Bytes of a component's check value as it stands in the custodian's envelope. */
const kcvBytes = 3;

export type CeremonyAsk =
	/** The next press. `told` is what the technician's screen may say meanwhile. */
	| { readonly ask: "key"; readonly told: CeremonyStep }
	/** One byte a digit; lent until the answer. */
	| { readonly ask: "passcode"; readonly custodian: number; readonly passcode: Uint8Array }
	/** Lent until the answer. */
	| { readonly ask: "check-value"; readonly component: Uint8Array };
export type CeremonyAnswer =
	| { readonly of: "key"; readonly key: Key }
	| { readonly of: "passcode"; readonly good: boolean }
	| { readonly of: "check-value"; readonly kcv: Uint8Array };
export type CeremonyEnd =
	/** The components xored: whoever takes the key stores and wipes it. */
	| { readonly end: "entered"; readonly key: Uint8Array }
	| { readonly end: "cancelled" }
	/** Too much was wrong. */
	| { readonly end: "refused" };
export type Ceremony = Generator<CeremonyAsk, CeremonyEnd, CeremonyAnswer>;

interface Field {
	readonly turn: number;
	readonly step: CeremonyStep["step"];
	/** Whether A to F may be keyed. */
	readonly letters: boolean;
	readonly least: number;
	/** One byte a digit, as long as the longest entry. */
	readonly into: Uint8Array;
}
type Typed = Generator<CeremonyAsk, number | "cancelled", CeremonyAnswer>;

/** One entry, ended by confirm when there are enough digits, or by cancel. */
function* typed(field: Field, wrong: boolean): Typed {
	const { turn, step, least, into } = field;
	const entry: Entry = { count: 0, star: false };
	into.fill(0);
	for (;;) {
		const told = { turn, step, digits: entry.count, ...(wrong && entry.count === 0 ? { wrong } : {}) };
		const answer = yield { ask: "key", told };
		if (answer.of !== "key") continue;
		if (answer.key === "cancel") return "cancelled";
		if (answer.key !== "confirm") press(entry, answer.key, field);
		else if (entry.count >= least && !entry.star) return entry.count;
	}
}

interface Entry {
	count: number;
	/** The next digit is a letter. */
	star: boolean;
}

/**
 * A to F are keyed as star (or function) and then 0 to 5: 10 to 15 without their tens. Clear takes the star
 * back, then the last digit; presses that do not fit do nothing.
 */
function press(entry: Entry, key: Exclude<Key, "confirm" | "cancel">, { letters, into }: Field): void {
	if (key === "hash") return;
	if (key === "star" || key === "function") {
		entry.star = letters;
	} else if (key === "clear") {
		if (!entry.star && entry.count > 0) {
			entry.count -= 1;
			into[entry.count] = 0;
		}
		entry.star = false;
	} else {
		const digit = Number(key) + (entry.star ? 10 : 0);
		entry.star = false;
		if (entry.count === into.length || digit > 15) return;
		into[entry.count] = digit;
		entry.count += 1;
	}
}

const packed = (nibbles: Uint8Array, into: Uint8Array): void => {
	for (let i = 0; i < into.length; i += 1) into[i] = ((nibbles[2 * i] ?? 0) << 4) | (nibbles[2 * i + 1] ?? 0);
};

/**
 * Dual control and split knowledge: each turn a custodian of another number proves himself by his passcode,
 * keys his component in hex digits, and its check value; the components are xored. A wrong entry is asked
 * for again from its step on, three times in all.
 *
 * @param custodians how many turns, 2 or 3.
 * @param bytes of the key and of each component.
 */
export function* ceremony(custodians: number, bytes: number): Ceremony {
	const key = secretBytes(bytes);
	const component = secretBytes(bytes);
	const digits = secretBytes(2 * bytes);
	const passcode = secretBytes(passcodeLength.most);
	const seen = new Set<number>();
	let whole = false;
	try {
		const tries: Tries = { left: mostWrong };
		for (let turn = 1; turn <= custodians; turn += 1) {
			const steps = [
				(wrong: boolean) => proved(turn, seen, passcode, wrong),
				(wrong: boolean) => keyed(turn, digits, component, wrong),
			];
			for (const step of steps) {
				const end = yield* untilRight(step, tries);
				if (end !== "right") return { end };
			}
			for (let i = 0; i < bytes; i += 1) key[i] = (key[i] ?? 0) ^ (component[i] ?? 0);
			component.fill(0);
		}
		whole = true;
		return { end: "entered", key };
	} finally {
		for (const secret of [component, digits, passcode]) secret.fill(0);
		if (!whole) key.fill(0);
	}
}

interface Tries {
	left: number;
}
type Tried = Generator<CeremonyAsk, "right" | "wrong" | "cancelled", CeremonyAnswer>;

function* untilRight(
	step: (wrong: boolean) => Tried,
	tries: Tries,
): Generator<CeremonyAsk, "right" | "cancelled" | "refused", CeremonyAnswer> {
	for (let wrong = false; ; wrong = true) {
		const end = yield* step(wrong);
		if (end !== "wrong") return end;
		tries.left -= 1;
		if (tries.left === 0) return "refused";
	}
}

/** Number and passcode of a custodian who has had no turn yet; the same one twice is wrong. */
function* proved(turn: number, seen: Set<number>, passcode: Uint8Array, wrong: boolean): Tried {
	const number = new Uint8Array(1);
	const field = { turn, letters: false } as const;
	if ((yield* typed({ ...field, step: "custodian", least: 1, into: number }, wrong)) === "cancelled")
		return "cancelled";
	const { least } = passcodeLength;
	const count = yield* typed({ ...field, step: "passcode", least, into: passcode }, false);
	if (count === "cancelled") return "cancelled";
	const custodian = number[0] ?? 0;
	const answer = yield { ask: "passcode", custodian, passcode: passcode.subarray(0, count) };
	passcode.fill(0);
	if (answer.of !== "passcode" || !answer.good || seen.has(custodian)) return "wrong";
	seen.add(custodian);
	return "right";
}

/** A component and its check value, which the custodian reads from his own envelope. */
function* keyed(turn: number, digits: Uint8Array, component: Uint8Array, wrong: boolean): Tried {
	const field = { turn, step: "component", letters: true, least: digits.length, into: digits } as const;
	if ((yield* typed(field, wrong)) === "cancelled") return "cancelled";
	packed(digits, component);
	digits.fill(0);
	const check = new Uint8Array(2 * kcvBytes);
	const value = { turn, step: "check-value", letters: true, least: check.length, into: check } as const;
	if ((yield* typed(value, false)) === "cancelled") return "cancelled";
	const said = new Uint8Array(kcvBytes);
	packed(check, said);
	const answer = yield { ask: "check-value", component };
	return answer.of === "check-value" && equal(answer.kcv, said) ? "right" : "wrong";
}
