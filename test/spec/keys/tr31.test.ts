import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Vector } from "../../../scripts/vectors/runner.ts";
import { run } from "../../../scripts/vectors/tr31.ts";
import { hex, latin, unhex } from "../../../src/kit/bytes.ts";
import { seeded } from "../../../src/kit/random.ts";
import type { Result } from "../../../src/kit/result.ts";
import { aesFor } from "../../../src/runtime/aes.ts";
import { desFor } from "../../../src/runtime/des.ts";
import {
	anyKeyBlock,
	type KeyBlock,
	type KeyBlockOrder,
	type KeyBlockPolicy,
	unwrapKeyBlock,
	wrapKeyBlock,
} from "../../../src/spec/keys/tr31.ts";
import {
	irregular,
	type KeyBlockFault,
	type KeyBlockHeader,
	type KeyBlockVersion,
	optionalBlock,
	readHeader,
} from "../../../src/spec/keys/tr31-header.ts";
import { protections } from "../../../src/spec/keys/tr31-protection.ts";

const text = readFileSync(new URL("../../vectors/tr31.json", import.meta.url), "utf8");
interface Opened extends Vector {
	readonly input: { readonly [name: string]: string; readonly kbpk: string; readonly key_block: string };
}
const published = JSON.parse(text) as { readonly vectors: readonly Vector[] };

const vectors = suite("key blocks by their vectors");
for (const vector of published.vectors) vectors(vector.id, () => assert.equal(run(vector), []));
const opened = published.vectors.filter((v): v is Opened => "key" in v.expected);
vectors("another key, another field, another optional block are differences", () => {
	const [vector] = opened.filter((v) => "ksn" in v.expected);
	assert.ok(vector);
	const { expected } = vector;
	const wrong = { ...expected, key: "00", ksn: "FF", header: { version: "B", colour: "red" }, label: "x" };
	assert.equal(
		run({ ...vector, expected: wrong }).map((d) => d.key),
		["key", "header", "ksn", "label"],
	);
	assert.equal(
		run({ ...vector, expected: { error: "rejected" } }).map((d) => d.got),
		["accepted"],
	);
	assert.equal(run({ ...vector, input: { kb: "" } })[0]?.got, "kb");
});
vectors.run();

const ciphers = { desFor, aesFor };
const versions: readonly KeyBlockVersion[] = ["A", "B", "C", "D", "E"];
const protectionKey = unhex("000102030405060708090A0B0C0D0E0FF0E1D2C3B4A59687");
const header: KeyBlockHeader = {
	version: "D",
	usage: "P0",
	algorithm: "T",
	mode: "E",
	keyVersion: "07",
	exportability: "N",
	reserved: "00",
	optional: [],
};
const pinKey = unhex("89E88CF7931444F334BD7547FC3F380C");
const least: KeyBlockOrder = { random: seeded(7), spread: 0, legacy: true };
const value = <T>(result: Result<T, KeyBlockFault>): T => {
	if (!result.ok) throw new Error(`refused at ${result.error.at}`);
	return result.value;
};
const wrap = (block: KeyBlock, order: KeyBlockOrder = least): string =>
	value(wrapKeyBlock(ciphers, protectionKey, block, order));
const open = (block: string, policy: KeyBlockPolicy = anyKeyBlock) =>
	unwrapKeyBlock(ciphers, protectionKey, block, policy);
const at = (result: Result<unknown, KeyBlockFault>): string => (result.ok ? "taken" : result.error.at);

const chars = (count: number): fc.Arbitrary<string> =>
	fc.string({ unit: fc.constantFrom(..."ABCDEFGHJK0123456789"), minLength: count, maxLength: count });
const optional = fc
	.uniqueArray(fc.tuple(chars(2), fc.string({ maxLength: 40 })), {
		selector: ([id]) => id,
		maxLength: 3,
	})
	.map((all) => all.filter(([id]) => id !== "PB").map(([id, data]) => optionalBlock(id, data)));
const anyHeader = fc.record(
	{
		version: fc.constantFrom(...versions),
		usage: chars(2),
		algorithm: fc.constantFrom("T", "A", "H"),
		mode: chars(1),
		keyVersion: chars(2),
		exportability: fc.constantFrom("E", "N", "S", "1"),
		reserved: fc.constantFrom("00", "10"),
		optional,
	},
	{ noNullPrototype: true },
);

const round = suite("a key block, made and opened");
round("what was wrapped is unwrapped: header, optional blocks byte for byte, key", () => {
	fc.assert(
		fc.property(
			anyHeader,
			fc.constantFrom(16, 24),
			fc.constantFrom(16, 24),
			fc.nat(4),
			fc.integer(),
			(made, keySize, protectionSize, spread, seed) => {
				const random = seeded(seed);
				const key = random.bytes(keySize);
				const under = random.bytes(protectionSize);
				const order = { random, spread, legacy: true } as const;
				const block = value(wrapKeyBlock(ciphers, under, { header: made, key }, order));
				assert.is(Number(block.slice(1, 5)), block.length);
				const back = value(unwrapKeyBlock(ciphers, under, block, anyKeyBlock));
				assert.is(hex(back.key), hex(key));
				const kept = back.header.optional.filter((b) => b.id !== "PB");
				assert.equal({ ...back.header, optional: kept }, made);
				const again = { random, spread: 0, legacy: true } as const;
				const second = value(wrapKeyBlock(ciphers, under, back, again));
				assert.equal(value(unwrapKeyBlock(ciphers, under, second, anyKeyBlock)), back);
			},
		),
		{ numRuns: 120 },
	);
});
/** Key data of a published block in the clear, with its padding. */
function clearOf(kbpk: string, block: string): Uint8Array {
	const { header: read, end } = value(readHeader(block));
	const way = protections[read.version];
	const key = unhex(kbpk);
	const encrypting = way.derive({ cipher: way.cipher(ciphers, key), key }, "encrypt");
	const [sealed, mac] = [block.slice(end, -2 * way.macBytes), block.slice(-2 * way.macBytes)];
	const first = way.macOver === "clear" ? unhex(mac) : latin(block).subarray(0, way.block);
	return way.mode.open(way.cipher(ciphers, encrypting), first, unhex(sealed));
}
round("a published block is made again, byte for byte, when chance gives its padding", () => {
	for (const { id, input } of opened) {
		const block = value(unwrapKeyBlock(ciphers, unhex(input.kbpk), input.key_block, anyKeyBlock));
		const { unit } = protections[block.header.version];
		const clear = clearOf(input.kbpk, input.key_block);
		const padding = clear.slice(2 + block.key.length);
		const needed = Math.ceil((2 + block.key.length) / unit) * unit;
		const random = { bytes: () => padding, below: () => (clear.length - needed) / unit };
		const order = { random, spread: 9, legacy: true } as const;
		assert.is(value(wrapKeyBlock(ciphers, unhex(input.kbpk), block, order)), input.key_block, id);
	}
});
round("AES-256 under AES-256, single DES under single DES in the legacy version", () => {
	const long = seeded(3).bytes(32);
	const aes = { header: { ...header, algorithm: "A" }, key: long };
	const block = value(wrapKeyBlock(ciphers, long, aes, least));
	assert.equal(value(unwrapKeyBlock(ciphers, long, block, anyKeyBlock)), aes);
	const des = { header: { ...header, version: "A" as const, algorithm: "D" }, key: long.slice(0, 8) };
	const old = value(wrapKeyBlock(ciphers, des.key, des, least));
	assert.equal(value(unwrapKeyBlock(ciphers, des.key, old, anyKeyBlock)), des);
});
round("the spread hides how long the key is, by chance that is handed in", () => {
	for (const version of versions) {
		const lengths = (spread: number): ReadonlySet<number> => {
			const random = seeded(11);
			const order = { random, spread, legacy: true } as const;
			const one = () => wrap({ header: { ...header, version }, key: pinKey }, order).length;
			return new Set(Array.from({ length: 60 }, one));
		};
		assert.is(lengths(0).size, 1, version);
		assert.ok(lengths(3).size >= 4, version);
	}
});
round("two blocks of one key differ, except where a version has no chance in it", () => {
	for (const version of versions) {
		const [one, two] = [1, 2].map((seed) =>
			wrap({ header: { ...header, version }, key: pinKey }, { ...least, random: seeded(seed) }),
		);
		assert.is(one === two, version === "E", version);
	}
});
round("an optional block of more than 255 characters gets the long length", () => {
	const made = { ...header, optional: [optionalBlock("CT", "x".repeat(300)), optionalBlock("KS", "00FF")] };
	const block = wrap({ header: made, key: pinKey });
	assert.is(block.slice(16, 26), "CT00040136");
	const kept = value(open(block)).header.optional.map((b) => b.id);
	assert.equal(kept, ["CT", "KS", "PB"]);
});
round("an optional block that is not as its book says is told, and kept", () => {
	const odd = [optionalBlock("KS", "VM9A"), optionalBlock("TS", "20200818004100Z"), optionalBlock("77", "?")];
	const back = value(open(wrap({ header: { ...header, optional: odd }, key: pinKey })));
	assert.equal(irregular(back.header), ["KS"]);
	assert.equal(back.header.optional.slice(0, 3), odd);
});
round.run();

const refusals = suite("a key block refused");
const oneBit = [1, 2, 4, 8, 16, 32, 64, 128];
const everyMask = Array.from({ length: 255 }, (_, i) => i + 1);
refusals("any byte changed: every place and bit of every version, every other byte in version D", () => {
	for (const version of versions) {
		const block = wrap({
			header: { ...header, version, optional: [optionalBlock("KS", "0011")] },
			key: pinKey,
		});
		assert.ok(open(block).ok);
		for (let i = 0; i < block.length; i += 1)
			for (const mask of version === "D" ? everyMask : oneBit) {
				const changed = String.fromCharCode(block.charCodeAt(i) ^ mask);
				const bad = block.slice(0, i) + changed + block.slice(i + 1);
				if (open(bad).ok) assert.unreachable(`${version}: character ${i} xor ${mask}`);
			}
	}
});
refusals("any character replaced by another, in the published blocks too", () => {
	const blocks = opened.map((v) => [v.input.kbpk, v.input.key_block] as const);
	fc.assert(
		fc.property(
			fc.constantFrom(...blocks),
			fc.nat(),
			fc.integer({ min: 0x20, max: 0x7e }),
			([kbpk, block], place, code) => {
				const i = place % block.length;
				fc.pre(block.charCodeAt(i) !== code);
				const bad = block.slice(0, i) + String.fromCharCode(code) + block.slice(i + 1);
				assert.not(unwrapKeyBlock(ciphers, unhex(kbpk), bad, anyKeyBlock).ok);
			},
		),
		{ numRuns: 1500 },
	);
});
refusals("cut, lengthened, doubled, or another key's", () => {
	for (const version of versions) {
		const block = wrap({ header: { ...header, version }, key: pinKey });
		for (let size = 0; size < block.length; size += 1) assert.not(open(block.slice(0, size)).ok);
		for (const bad of [
			`${block}00`,
			`${block}${"0".repeat(32)}`,
			block + block,
			` ${block}`,
			block.toLowerCase(),
		])
			assert.not(open(bad).ok);
		for (let i = 0; i < protectionKey.length; i += 1) {
			// The lowest bit of a byte is the parity of a DES key.
			const other = protectionKey.map((byte, j) => (j === i ? byte ^ 2 : byte));
			assert.is(at(unwrapKeyBlock(ciphers, other, block, anyKeyBlock)), "mac");
		}
	}
});
refusals("noise, with a fault that says where and shows nothing", () => {
	const places = new Set<string>();
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string({ maxLength: 90 }),
				chars(60).map((s) => `B0060P0TE00N0000${s}`),
			),
			(noise) => {
				const outcome = open(noise);
				assert.not(outcome.ok);
				if (outcome.ok) return;
				places.add(outcome.error.at);
				assert.equal(
					Object.keys(outcome.error).filter((k) => k !== "at" && k !== "offset"),
					[],
				);
				assert.ok((outcome.error.offset ?? 0) <= noise.length);
			},
		),
		{ numRuns: 300 },
	);
	assert.ok(places.size >= 2, [...places].join());
});
refusals("a protection key of a length that the version has not", () => {
	const none = { A: 7, B: 8, C: 32, D: 8, E: 19 } as const;
	for (const version of versions) {
		const block = { header: { ...header, version }, key: pinKey };
		const wrong = new Uint8Array(none[version]);
		assert.is(at(unwrapKeyBlock(ciphers, wrong, wrap(block), anyKeyBlock)), "protection-key");
		assert.is(at(wrapKeyBlock(ciphers, wrong, block, least)), "protection-key");
	}
});
refusals("A and C are written by the legacy switch only", () => {
	const { random, spread } = least;
	const verdicts = versions.map((version) =>
		at(
			wrapKeyBlock(
				ciphers,
				protectionKey,
				{ header: { ...header, version }, key: pinKey },
				{ random, spread },
			),
		),
	);
	assert.equal(verdicts, ["legacy", "taken", "legacy", "taken", "taken"]);
});
refusals("a key of a length that its algorithm has not, wrapped or unwrapped", () => {
	const cases = [
		["D", 16],
		["T", 32],
		["A", 8],
		["H", 0],
	] as const;
	for (const [algorithm, size] of cases) {
		const block = { header: { ...header, algorithm }, key: new Uint8Array(size) };
		assert.is(at(wrapKeyBlock(ciphers, protectionKey, block, least)), "key-length", algorithm);
	}
});
refusals("a header that cannot be written", () => {
	const wrong: readonly (readonly [Partial<KeyBlockHeader>, string])[] = [
		[{ usage: "p0" }, "usage"],
		[{ algorithm: "TT" }, "algorithm"],
		[{ mode: "" }, "mode"],
		[{ exportability: "X" }, "exportability"],
		[{ optional: [optionalBlock("K", "S0")] }, "optional-block"],
		[{ optional: [optionalBlock("KS", "1"), optionalBlock("KS", "2")] }, "optional-block"],
		[{ optional: [optionalBlock("PB", "12"), optionalBlock("KS", "2")] }, "optional-block"],
		[{ optional: [optionalBlock("PB", "1")] }, "optional-block"],
		[{ optional: [optionalBlock("LB", "柜台")] }, "text"],
		[{ optional: [optionalBlock("CT", "x".repeat(9950))] }, "length"],
	];
	for (const [part, place] of wrong) {
		const block = { header: { ...header, ...part }, key: pinKey };
		assert.is(
			at(wrapKeyBlock(ciphers, protectionKey, block, least)),
			place,
			JSON.stringify(part).slice(0, 60),
		);
	}
});
refusals.run();

const policies = suite("what a policy takes");
const slot: KeyBlockPolicy = {
	versions: ["B", "D"],
	usages: ["P0"],
	algorithms: ["T", "A"],
	modes: ["E", "B"],
	exportability: ["N"],
	leastKeyVersion: 7,
};
const cases: readonly (readonly [string, Partial<KeyBlockHeader>])[] = [
	["taken", {}],
	["taken", { version: "B", mode: "B", keyVersion: "08" }],
	["version", { version: "A" }],
	["version", { version: "C" }],
	["version", { version: "E" }],
	["usage", { usage: "M3" }],
	["usage", { usage: "K0", mode: "D" }],
	["algorithm", { algorithm: "H" }],
	["mode", { mode: "D" }],
	["mode", { mode: "N" }],
	["exportability", { exportability: "E" }],
	["exportability", { exportability: "S" }],
	["key-version", { keyVersion: "06" }],
	["key-version", { keyVersion: "c1" }],
];
for (const [verdict, part] of cases)
	policies(`${JSON.stringify(part)}: ${verdict}`, () => {
		const block = wrap({ header: { ...header, ...part }, key: pinKey });
		assert.is(at(open(block, slot)), verdict);
	});
policies("a header is judged only when it is authentic", () => {
	const block = wrap({ header: { ...header, usage: "M3" }, key: pinKey });
	assert.is(at(open(block.replace("M3", "K0"), slot)), "mac");
});
policies("what is read before the MAC needs no key and gives none", () => {
	const read = value(readHeader(wrap({ header, key: pinKey })));
	assert.equal(read.header, header);
	assert.is(read.end, 16);
});
policies.run();
