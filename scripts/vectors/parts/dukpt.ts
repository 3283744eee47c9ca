/**
 * What the runners of both DUKPT groups share: an answer for each key of `expected`, from inputs known by
 * name.
 */
import type { Difference, Vector } from "../runner.ts";

export type Inputs = (name: string) => string;
/** Gives what our code says; `wanted` is for sentences, given back when they are true of our code. */
export type Answer = (input: Inputs, wanted: string) => string;

/** Unknown names on either side, absent inputs and throwing code are differences, like other values. */
export function answered(
	{ input, expected }: Vector,
	inputs: readonly string[],
	answerOf: (key: string, input: Inputs) => Answer | undefined,
): readonly Difference[] {
	const strange = Object.keys(input).filter((name) => !inputs.includes(name));
	if (strange.length > 0)
		return [{ key: "input", expected: `of ${inputs.join(", ")}`, got: strange.join(", ") }];
	const text: Inputs = (name) => {
		const value = input[name];
		if (typeof value !== "string") throw new RangeError(`no input ${name}`);
		return value;
	};
	const given: Inputs = (name) => (input[name] === undefined ? "" : text(name));
	return Object.entries(expected).flatMap(([key, value]) => {
		const wanted = typeof value === "string" ? value : JSON.stringify(value);
		const answer = answerOf(key, given);
		const got = answer === undefined ? "a key this runner knows not" : tried(() => answer(text, wanted));
		return got === wanted ? [] : [{ key, expected: wanted, got }];
	});
}

function tried(answer: () => string): string {
	try {
		return answer();
	} catch (error) {
		return String(error);
	}
}

/** The value of a result; throws the place where our code refused. */
export function value<T>(
	result:
		| { readonly ok: true; readonly value: T }
		| { readonly ok: false; readonly error: { readonly at: string } },
): T {
	if (!result.ok) throw new RangeError(`refused at ${result.error.at}`);
	return result.value;
}

/** PIN digits, one byte each, of a published test PIN. */
export const digits = (text: string): Uint8Array => Uint8Array.from(text, Number);
