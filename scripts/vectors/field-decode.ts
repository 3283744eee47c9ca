/** Vectors of EMV's bit fields told in words, one sentence a bit. */
import { unhex } from "../../src/kit/bytes.ts";
import { describe } from "../../src/spec/emv/bits.ts";
import type { RunVector } from "./runner.ts";

/** The tag of a field as the vectors call it. */
const tagsOf: Readonly<Record<string, string>> = {
	tvr: "95",
	tsi: "9B",
	aip: "82",
	auc: "9F07",
	"term-caps": "9F33",
	"addl-term-caps": "9F40",
	"term-type": "9F35",
	"cvm-results": "9F34",
	ttq: "9F66",
	ctq: "9F6C",
};

export const run: RunVector = ({ input, expected }) => {
	const { field, hex } = input;
	const tag = tagsOf[String(field)];
	if (tag === undefined || typeof hex !== "string")
		return [{ key: "input.field", expected: Object.keys(tagsOf).join(", "), got: String(field) }];
	return Object.entries(expected).flatMap(([key, wanted]) => {
		const got = key === "lines" ? JSON.stringify(describe(tag, unhex(hex))) : "a key this runner knows not";
		return got === JSON.stringify(wanted) ? [] : [{ key, expected: JSON.stringify(wanted), got }];
	});
};
