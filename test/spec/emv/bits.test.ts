import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { describe, has, set } from "../../../src/spec/emv/bits.ts";
import { aip, tsi, tvr } from "../../../src/spec/emv/bits-table.ts";
import { conditionOf, cvmOf, parseCvmList } from "../../../src/spec/emv/cvm.ts";
import { formatOf, isTerminals, secretTags, tagEntry } from "../../../src/spec/emv/tags-table.ts";

const read = <T>(name: string): readonly T[] =>
	(JSON.parse(readFileSync(`test/vectors/${name}.json`, "utf8")) as { readonly vectors: readonly T[] })
		.vectors;

interface Field {
	readonly id: string;
	readonly input: { readonly field: string; readonly hex: string };
	readonly expected: { readonly lines: readonly string[] };
}
const tagsOf: Readonly<Record<string, string>> = {
	tvr: "95",
	tsi: "9B",
	"term-caps": "9F33",
	"addl-term-caps": "9F40",
	"term-type": "9F35",
	"cvm-results": "9F34",
	ttq: "9F66",
	ctq: "9F6C",
};
const fields = suite("fields bit by bit");
for (const { id, input, expected } of read<Field>("field-decode"))
	fields(`${id} reads as its peer reads it`, () => {
		assert.equal(describe(tagsOf[input.field] ?? "", unhex(input.hex)), expected.lines);
	});
fields("a bit is set by its name and found again", () => {
	const results = new Uint8Array(5);
	set(results, tvr.odaNotPerformed);
	set(results, tvr.onlinePinEntered);
	set(results, tvr.overFloorLimit);
	assert.is(hex(results), "8000048000");
	assert.ok(has(results, tvr.onlinePinEntered));
	assert.not(has(results, tvr.cvmFailed));
});
fields("every bit has a place of its own", () => {
	for (const table of [tvr, tsi, aip]) {
		const places = Object.values(table).map(({ byte, mask }) => `${byte}.${mask}`);
		assert.is(new Set(places).size, places.length);
	}
});
fields("a field too short for a bit has it clear", () => {
	assert.not(has(new Uint8Array(0), tvr.defaultTdol));
	assert.not(has(undefined, tvr.defaultTdol));
});
fields("noise never throws; a tag that has no bits says nothing", () => {
	fc.assert(
		fc.property(fc.constantFrom(...Object.values(tagsOf)), fc.uint8Array({ maxLength: 8 }), (tag, noise) => {
			assert.ok(describe(tag, noise).every((line) => typeof line === "string"));
		}),
	);
	assert.equal(describe("9F02", unhex("000000001000")), []);
});
fields.run();

interface List {
	readonly id: string;
	readonly input: { readonly tag_8E: string };
	readonly expected: {
		readonly error?: string;
		readonly amount_x?: number;
		readonly amount_y?: number;
		readonly rules?: readonly {
			readonly cvm_code: string;
			readonly apply_next: boolean;
			readonly cvm: string;
			readonly condition_code: string;
			readonly condition: string;
		}[];
	};
}
const lists = suite("CVM lists");
for (const { id, input, expected } of read<List>("cvm"))
	lists(`${id}: ${input.tag_8E}`, () => {
		const list = parseCvmList(unhex(input.tag_8E));
		assert.is(list.ok, expected.error === undefined);
		if (!list.ok) return;
		assert.equal([list.value.x, list.value.y], [expected.amount_x, expected.amount_y]);
		assert.equal(
			list.value.rules.map((rule) => [
				rule.code,
				rule.applyNext,
				cvmOf(rule.code)?.name,
				rule.condition,
				conditionOf(rule.condition)?.name,
			]),
			expected.rules?.map((rule) => [
				Number.parseInt(rule.cvm_code, 16),
				rule.apply_next,
				rule.cvm,
				Number.parseInt(rule.condition_code, 16),
				rule.condition,
			]),
		);
	});
lists("amounts of four bytes are not negative", () => {
	const list = parseCvmList(unhex("FFFFFFFF00000000"));
	assert.is(list.ok && list.value.x, 0xffff_ffff);
});
lists.run();

const tags = suite("the dictionary of tags");
tags("tells name, source, format and templates", () => {
	assert.equal(tagEntry("9F26"), {
		name: "Application Cryptogram",
		source: "card",
		format: "b",
		templates: ["77", "80"],
	});
	assert.is(formatOf("9F02"), "n");
	assert.is(formatOf("5A"), "cn");
	assert.is(formatOf("DFFF"), "b");
	assert.ok(isTerminals("95"));
	assert.is(tagEntry("DFFF"), undefined);
});
tags("account, tracks and PIN are secret, amounts are not", () => {
	for (const tag of ["57", "5A", "99", "9F1F", "5F20"]) assert.ok(secretTags.has(tag), tag);
	assert.not(secretTags.has("9F02"));
});
tags.run();
