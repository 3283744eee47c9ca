/** Vectors of cardholder verification lists: read rule by rule, and refused. */
import { big, hex, unhex } from "../../src/kit/bytes.ts";
import { type CvmList, conditionOf, cvmOf, parseCvmList } from "../../src/spec/emv/cvm.ts";
import type { RunVector } from "./runner.ts";

const byte = (value: number): string => hex(big(value, 1));
const checks: Readonly<Record<string, (list: CvmList) => unknown>> = {
	amount_x: ({ x }) => x,
	amount_y: ({ y }) => y,
	rules: ({ rules }) =>
		rules.map((rule) => ({
			cvm_code: byte(rule.code),
			apply_next: rule.applyNext,
			cvm: cvmOf(rule.code)?.name,
			condition_code: byte(rule.condition),
			condition: conditionOf(rule.condition)?.name,
		})),
};

export const run: RunVector = ({ input, expected }) => {
	const { tag_8E: bytes } = input;
	if (typeof bytes !== "string")
		return [{ key: "input", expected: "tag_8E", got: Object.keys(input).join(", ") }];
	const list = parseCvmList(unhex(bytes));
	return Object.entries(expected).flatMap(([key, wanted]) => {
		if (key === "error") return list.ok ? [{ key, expected: String(wanted), got: "read" }] : [];
		const check = checks[key];
		const value = list.ok ? check?.(list.value) : list.error.kind;
		const got = check === undefined ? "a key this runner knows not" : JSON.stringify(value);
		return got === JSON.stringify(wanted) ? [] : [{ key, expected: JSON.stringify(wanted), got }];
	});
};
