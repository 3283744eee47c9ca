import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equal, hex, unhex } from "../../../src/kit/bytes.ts";
import { limits } from "../../../src/kit/limits.ts";
import { build, find, leaves, lengthOf, objects, parse, tlv } from "../../../src/spec/tlv/tlv.ts";

interface Tree {
	readonly [tag: string]: string | Tree;
}
interface Vector {
	readonly id: string;
	readonly input: { readonly hex?: string; readonly length?: number; readonly tags?: Tree };
	readonly expected: { readonly offset?: number; readonly hex?: string; readonly tags?: Tree | string[][] };
}
const { vectors } = JSON.parse(readFileSync("test/vectors/ber-tlv.json", "utf8")) as { vectors: Vector[] };
const vector = (id: string): Vector => {
	const found = vectors.find((v) => v.id === id);
	assert.ok(found, id);
	return found;
};
const encode = (tree: Tree): Uint8Array =>
	build(Object.entries(tree).map(([t, v]) => [t, typeof v === "string" ? unhex(v) : encode(v)]));
const flat = (text: string, mode: "card" | "strict" = "card"): [string, string][] => {
	const read = objects(unhex(text), mode);
	assert.ok(read.ok, text);
	return [...read.value].map(([t, v]) => [t, hex(v)]);
};
const fault = (text: string, mode: "card" | "strict"): string => {
	const read = parse(unhex(text), mode);
	return read.ok ? "none" : `${read.error.kind} at ${read.error.offset}`;
};

const vectorsHold = suite("BER-TLV vectors");
for (const v of vectors.filter((x) => x.id.startsWith("tlv-bad-")))
	vectorsHold(`${v.id}: ${v.input.hex} fails at ${v.expected.offset}`, () => {
		for (const mode of ["card", "strict"] as const) {
			const read = parse(unhex(v.input.hex ?? ""), mode);
			assert.not(read.ok);
			if (!read.ok) assert.is(read.error.offset, v.expected.offset);
		}
	});
for (const v of vectors.filter((x) => /^tlv-(dec-|field-3byte)/.test(x.id)))
	vectorsHold(`${v.id}: ${v.input.hex} reads`, () => {
		assert.equal(flat(v.input.hex ?? "", "strict"), Object.entries(v.expected.tags ?? {}));
	});
for (const v of vectors.filter((x) => x.id.startsWith("tlv-enc-")))
	vectorsHold(`${v.id} builds`, () => {
		assert.is(hex(encode(v.input.tags ?? {})), v.expected.hex);
	});
for (const v of vectors.filter((x) => x.id.startsWith("tlv-len-")))
	vectorsHold(`${v.id}: a length of ${v.input.length}`, () => {
		assert.is(hex(lengthOf(v.input.length ?? -1)), v.expected.hex);
	});
vectorsHold("a length byte of 91 is not BER, whoever sends it", () => {
	for (const mode of ["card", "strict"] as const) assert.is(fault("709157", mode), "long-length at 1");
});
vectorsHold("FF between objects is padding from a card, a fault from a host", () => {
	const record = vector("tlv-field-ff-padding").input.hex ?? "";
	assert.equal(flat(record), [
		["5F34", "01"],
		["9F57", "0840"],
	]);
	assert.is(fault(record, "strict"), "long-tag at 6");
});
vectorsHold("FF0E from a host is a tag", () => {
	const tree = parse(unhex("FF0E00"), "strict");
	assert.ok(tree.ok);
	assert.is(tree.value[0]?.tag, "FF0E");
	// The vector's value 01 is not an object, so a reader of trees must refuse it.
	assert.is(fault(vector("tlv-field-ff-tag-constructed").input.hex ?? "", "strict"), "short-length at 4");
});
vectorsHold("00 before, between and after is skipped from a card and refused from a host", () => {
	const padded = vector("tlv-padding-skip");
	assert.equal(flat(padded.input.hex ?? ""), padded.expected.tags);
	assert.is(fault(padded.input.hex ?? "", "strict"), "padding at 0");
});
vectorsHold("a real FCI gives its objects flat and by path", () => {
	const { input, expected } = vector("tlv-real-fci");
	const read = new Map(flat(input.hex ?? ""));
	assert.equal(
		[...read].sort(),
		Object.entries(expected)
			.filter(([tag]) => tag !== "note")
			.sort(),
	);
	const tree = parse(unhex(input.hex ?? ""), "strict");
	assert.ok(tree.ok);
	assert.is(hex(find(tree.value, "6F", "A5", "BF0C", "9F5A")?.value ?? new Uint8Array()), "1108400840");
	assert.is(find(tree.value, "6F", "88"), undefined);
});
vectorsHold("the strict ones fail for their own reason", () => {
	const why = (id: string): string => fault(vector(id).input.hex ?? "", "strict");
	assert.is(why("tlv-strict-5len"), "long-length at 1");
	assert.is(why("tlv-strict-indefinite"), "indefinite-length at 1");
	assert.is(why("tlv-strict-trailing"), "short-length at 6");
	assert.is(why("tlv-strict-trunc"), "short-value at 2");
});
vectorsHold.run();

const bounds = suite("BER-TLV bounds");
const nested = (deep: number): Uint8Array =>
	Array.from({ length: deep }).reduce<Uint8Array>((inner) => tlv("E0", inner), tlv("9A", unhex("260101")));
bounds("templates nest to the limit and no deeper", () => {
	assert.ok(parse(nested(limits.tlvDepth)).ok);
	const deeper = parse(nested(limits.tlvDepth + 1));
	assert.equal(deeper.ok ? undefined : deeper.error.kind, "too-deep");
});
bounds("a tag of five bytes is refused", () => {
	assert.is(fault("9F8181818101", "strict"), "long-tag at 0");
});
bounds("a tag that stands twice keeps its first value, and both stand in the tree", () => {
	assert.equal(flat("9A01019A0102"), [["9A", "01"]]);
	const tree = parse(unhex("9A01019A0102"));
	assert.ok(tree.ok);
	assert.is(leaves(tree.value).length, 2);
});
bounds.run();

const properties = suite("BER-TLV properties");
const tag = fc.constantFrom("50", "5A", "9A", "9F26", "9F02", "DF31", "5F34", "9F8201");
properties("what is built reads back, in order", () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(tag, fc.uint8Array({ maxLength: 300 }))), (pairs) => {
			for (const mode of ["card", "strict"] as const) {
				const read = parse(build(pairs), mode);
				assert.ok(read.ok);
				assert.is(read.value.length, pairs.length);
				pairs.forEach(([name, value], i) => {
					assert.is(read.value[i]?.tag, name);
					assert.ok(equal(read.value[i]?.value ?? new Uint8Array(), value));
				});
			}
		}),
	);
});
properties("noise never throws, and a fault points inside the noise", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom("card", "strict"), (noise, mode) => {
			const read = parse(noise, mode);
			if (!read.ok) assert.ok(read.error.offset >= 0 && read.error.offset <= noise.length);
			assert.type(objects(noise, mode).ok, "boolean");
		}),
		{ numRuns: 1000 },
	);
});
properties("what was cut short is never read as whole", () => {
	const whole = build([
		["9F02", unhex("000000001000")],
		["5F2A", unhex("0156")],
	]);
	for (let cut = 1; cut < whole.length; cut += 1)
		if (cut !== 9) assert.not(parse(whole.subarray(0, cut)).ok, `cut at ${cut}`);
});
properties.run();
