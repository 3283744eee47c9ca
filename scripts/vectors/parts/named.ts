/** Compares what a vector expects, key by key, with what our code finds under the same names. */
import type { Difference, Vector } from "../runner.ts";

/** What our code finds for a key of `expected`; undefined where it knows no such key. */
export type Facts = (key: string) => string | undefined;

/** Facts by fixed names, each computed only when a vector asks for it. */
export const named =
	(facts: Readonly<Record<string, () => string>>): Facts =>
	(key) =>
		Object.hasOwn(facts, key) ? facts[key]?.() : undefined;

/** The first of several that knows a key. */
export const firstOf =
	(...all: readonly Facts[]): Facts =>
	(key) => {
		for (const facts of all) {
			const found = facts(key);
			if (found !== undefined) return found;
		}
		return undefined;
	};

/**
 * The differences of a vector. A key of `input` that is not among `reads`, and a key of `expected` that
 * `facts` does not know, are differences, too: nothing is passed over in silence.
 */
export function differences(vector: Vector, reads: readonly string[], facts: Facts): Difference[] {
	const strangers = Object.keys(vector.input).filter((key) => !reads.includes(key));
	return [
		...strangers.map((key) => ({ key, expected: "an input that the runner knows", got: "another" })),
		...Object.entries(vector.expected).flatMap(([key, value]) => {
			const got = found(facts, key);
			return got === String(value) ? [] : [{ key, expected: String(value), got }];
		}),
	];
}

function found(facts: Facts, key: string): string {
	try {
		return facts(key) ?? "a key that the runner does not know";
	} catch (error) {
		return `an error: ${error instanceof Error ? error.message : String(error)}`;
	}
}

export const has = (input: Vector["input"], key: string): boolean => input[key] !== undefined;

/** Text of `input`; RangeError with its name where it is missing. */
export function text(input: Vector["input"], key: string): string {
	const value = input[key];
	if (typeof value === "string") return value;
	throw new RangeError(`no ${key} in input`);
}

/** Text or number of `input` as text; empty where it is missing. */
export function said(input: Vector["input"], key: string): string {
	const value = input[key];
	return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A PIN as the code takes it: one byte a digit; a character that is none stays none. */
export const pinOf = (digits: string): Uint8Array =>
	Uint8Array.from(digits, (c) => (/\d/.test(c) ? Number(c) : 0xff));
