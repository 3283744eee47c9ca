/** Vectors of data object lists: read, filled, and refused. */
import { hex, unhex } from "../../src/kit/bytes.ts";
import { formatOf } from "../../src/spec/emv/tags-table.ts";
import { type DolEntry, dolLength, fillDol, parseDol } from "../../src/spec/tlv/dol.ts";
import type { Difference, RunVector } from "./runner.ts";

type Texts = Readonly<Record<string, string>>;
const texts = (value: unknown): Texts => (value ?? {}) as Texts;
const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

type Check = (entries: readonly DolEntry[], values: Texts) => unknown;
const checks: Readonly<Record<string, Check>> = {
	entries: (entries) => entries.map(({ tag, length }) => [tag, length]),
	data_length: dolLength,
	data: (entries, values) =>
		hex(
			fillDol(entries, (tag) => {
				const value = values[tag];
				return value === undefined ? undefined : unhex(value);
			}),
		),
};

export const run: RunVector = ({ input, expected }) => {
	const { dol, values, formats } = input;
	if (typeof dol !== "string") return [{ key: "input", expected: "dol", got: Object.keys(input).join(", ") }];
	const entries = parseDol(unhex(dol));
	const differences: Difference[] = Object.entries(texts(formats))
		.filter(([tag, format]) => formatOf(tag) !== format)
		.map(([tag, format]) => ({ key: `formats.${tag}`, expected: format, got: formatOf(tag) }));
	for (const [key, wanted] of Object.entries(expected)) {
		const refused = entries.ok ? "read" : `${entries.error.kind} at ${entries.error.offset}`;
		const check = checks[key];
		if (key === "error") {
			if (entries.ok) differences.push({ key, expected: text(wanted), got: refused });
			continue;
		}
		const value = entries.ok ? check?.(entries.value, texts(values)) : refused;
		const got = check === undefined ? "a key this runner knows not" : text(value);
		if (got !== text(wanted)) differences.push({ key, expected: text(wanted), got });
	}
	return differences;
};
