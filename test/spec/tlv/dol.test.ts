import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { formatOf } from "../../../src/spec/emv/tags-table.ts";
import { dolLength, fillDol, parseDol } from "../../../src/spec/tlv/dol.ts";

interface Vector {
	readonly id: string;
	readonly title: string;
	readonly input: {
		readonly dol: string;
		readonly values?: Readonly<Record<string, string>>;
		readonly formats?: Readonly<Record<string, string>>;
	};
	readonly expected: {
		readonly data?: string;
		readonly entries?: readonly (readonly [string, number])[];
		readonly data_length?: number;
		readonly error?: string;
	};
}
const { vectors } = JSON.parse(readFileSync("test/vectors/dol.json", "utf8")) as { vectors: Vector[] };

const dols = suite("data object lists");
for (const { id, title, input, expected } of vectors)
	dols(`${id}: ${title}`, () => {
		const entries = parseDol(unhex(input.dol));
		assert.is(entries.ok, expected.error === undefined);
		if (!entries.ok) return;
		if (expected.entries !== undefined) {
			assert.equal(
				entries.value.map((e) => [e.tag, e.length]),
				expected.entries,
			);
			assert.is(dolLength(entries.value), expected.data_length);
		}
		for (const [tag, format] of Object.entries(input.formats ?? {})) assert.is(formatOf(tag), format, tag);
		const values = input.values;
		if (values === undefined || expected.data === undefined) return;
		const filled = fillDol(entries.value, (tag) => {
			const value = values[tag];
			return value === undefined ? undefined : unhex(value);
		});
		assert.is(hex(filled), expected.data);
	});
dols("a template that a card asks for is filled with zeros", () => {
	const entries = parseDol(unhex("7003"));
	assert.ok(entries.ok);
	assert.is(hex(fillDol(entries.value, () => unhex("010203"))), "000000");
});
dols("noise never throws; what parses fills to its own length", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 20 }), (noise, value) => {
			const entries = parseDol(noise);
			if (entries.ok) assert.is(fillDol(entries.value, () => value).length, dolLength(entries.value));
		}),
		{ numRuns: 1000 },
	);
});
dols.run();
