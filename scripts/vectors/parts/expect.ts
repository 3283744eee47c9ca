/** What runners share: inputs by name, and every key of `expected` held against what was made. */
import { latin, unhex } from "../../../src/kit/bytes.ts";
import type { Difference, Vector } from "../runner.ts";

/** Made for a key of `expected`; undefined where our code has nothing to say. */
export type Made = Readonly<Record<string, string | undefined>>;
/** By the names of the inputs, sorted and joined with blanks. */
export type Shapes = Readonly<Record<string, (vector: Vector) => Made>>;

/** An input of the vector as text; empty where it is another thing. */
export const textOf = (vector: Vector, name: string): string => {
	const value = vector.input[name];
	return typeof value === "string" ? value : "";
};
export const bytesOf = (vector: Vector, name: string): Uint8Array => unhex(textOf(vector, name));
export const numberOf = (vector: Vector, name: string): number => Number(vector.input[name]);
/** Data given in hex as `data`, or as text as `data_ascii`. */
export const dataOf = (vector: Vector): Uint8Array =>
	"data" in vector.input ? bytesOf(vector, "data") : latin(textOf(vector, "data_ascii"));

/** Text of a flat value of `expected`, as a difference shows it. */
const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Every key of `expected` that was made otherwise, or not at all. */
const differences = (expected: Vector["expected"], made: Made): readonly Difference[] =>
	Object.entries(expected).flatMap(([key, wanted]) => {
		const got = made[key];
		if (got === undefined) return [{ key, expected: shown(wanted), got: "a key this runner knows not" }];
		return got === shown(wanted) ? [] : [{ key, expected: shown(wanted), got }];
	});

/** Runs a vector by the shape of its input; an unknown shape, or a throw of our code, is a difference. */
export function byShape(shapes: Shapes, vector: Vector): readonly Difference[] {
	const names = Object.keys(vector.input).sort().join(" ");
	const make = shapes[names];
	if (make === undefined) return [{ key: "input", expected: Object.keys(shapes).join(", or "), got: names }];
	try {
		return differences(vector.expected, make(vector));
	} catch (error) {
		return [{ key: "input", expected: "what our code takes", got: String(error) }];
	}
}
