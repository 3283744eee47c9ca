import { createCipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../../scripts/vectors/china-gm.ts";
import type { Vector } from "../../../scripts/vectors/runner.ts";
import { hex, latin, unhex, unlatin } from "../../../src/kit/bytes.ts";
import { sm4For } from "../../../src/runtime/sm4.ts";
import { cbcDecrypt, cbcEncrypt } from "../../../src/spec/keys/cbc.ts";
import { unionPayMac } from "../../../src/spec/keys/mac.ts";
import { openSm4PinBlock, sm4PinBlock } from "../../../src/spec/pin/sm4-block.ts";

const gm = suite("SM2, SM3, SM4");
const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(
	readFileSync("test/vectors/china-gm.json", "utf8"),
);
for (const vector of vectors) {
	gm(vector.id, () => assert.equal(run(vector), []));
	gm(`${vector.id}, expecting something else, fails by name`, () => {
		for (const key of Object.keys(vector.expected)) {
			const differences = run({ ...vector, expected: { ...vector.expected, [key]: "00" } });
			assert.equal(
				differences.map((d) => d.key),
				[key],
			);
		}
	});
}
gm("an input or a key that the runner does not know is a failure that names it", () => {
	assert.equal(run({ id: "x", input: { colour: "red" }, expected: { hue: "1" } })[0]?.got, "colour");
	assert.equal(run({ id: "x", input: { data: "61" }, expected: { hue: "1" } })[0]?.key, "hue");
});

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });
gm("chaining agrees with the system's own, and opens again", () => {
	void fc.assert(
		fc.property(sixteen, sixteen, fc.array(sixteen, { maxLength: 5 }), (key, iv, blocks) => {
			const clear = Uint8Array.from(blocks.flatMap((block) => [...block]));
			const sealed = cbcEncrypt(sm4For(key), iv, clear);
			const system = createCipheriv("sm4-cbc", key, iv).setAutoPadding(false);
			assert.equal(hex(sealed), hex(system.update(clear)));
			assert.equal(hex(cbcDecrypt(sm4For(key), iv, sealed)), hex(clear));
		}),
	);
});
gm("half blocks and keys of another length are refused by place", () => {
	const cipher = sm4For(new Uint8Array(16));
	assert.throws(() => sm4For(new Uint8Array(24)), /24 bytes/);
	assert.throws(() => cipher.encrypt(new Uint8Array(17)), /half a block at 16/);
	assert.throws(() => cbcEncrypt(cipher, new Uint8Array(16), new Uint8Array(31)), /half a block at 16/);
	assert.throws(() => cbcDecrypt(cipher, new Uint8Array(16), new Uint8Array(33)), /half a block at 32/);
});

/** An integrator's worked example: blog.csdn.net/M_Kerry/article/details/104625499. */
const digits = (text: string): Uint8Array => Uint8Array.from(text, Number);
gm("an acquirer's worked example: the working key opens to its check value", () => {
	const master = sm4For(unhex("1234567890ABCDEFABCDEF0987654321"));
	const working = master.decrypt(unhex("3D66234C49E4296FF9C78D8BACBD6A76"));
	assert.equal(hex(sm4For(working).encrypt(new Uint8Array(16)).subarray(0, 8)), "861E83E31FAEBF10");
});
gm("an acquirer's worked example: PIN 123654 and its account make this block", () => {
	const block = sm4PinBlock(digits("123654"), "6230606601007726888");
	assert.ok(block.ok);
	assert.equal(hex(block.value), "06123654FFFFFFFFFFFF99FEFF88D977");
	const pin = openSm4PinBlock(block.value, "6230606601007726888");
	assert.equal(pin.ok && [...pin.value].join(""), "123654");
	assert.ok(block.value.every((byte) => byte === 0));
});

const someDigits = (least: number, most: number): fc.Arbitrary<number[]> =>
	fc.array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most });
gm("every PIN and account: the block opens, and not for another account", () => {
	void fc.assert(
		fc.property(someDigits(4, 12), someDigits(12, 19), fc.nat(10), (pin, account, which) => {
			const pan = account.join("");
			const block = sm4PinBlock(Uint8Array.from(pin), pan);
			assert.ok(block.ok);
			const at = account.length - 2 - which;
			const other = account.map((d, i) => (i === at ? (d + 1) % 10 : d)).join("");
			assert.not.ok(openSm4PinBlock(block.value.slice(), other).ok);
			const opened = openSm4PinBlock(block.value, pan);
			assert.equal(opened.ok && [...opened.value], pin);
		}),
	);
});
gm("what is no such block is refused by its place", () => {
	const pan = "6230606601007726888";
	const at = (result: ReturnType<typeof sm4PinBlock>) => (result.ok ? "taken" : result.error.at);
	const opened = (block: string) => openSm4PinBlock(unhex(block), pan);
	assert.is(at(sm4PinBlock(digits("123"), pan)), "pin-length");
	assert.is(at(sm4PinBlock(Uint8Array.of(1, 2, 3, 10), pan)), "pin-digit");
	assert.is(at(sm4PinBlock(digits("1234"), "62306066010077268x")), "pan");
	assert.is(at(sm4PinBlock(digits("1234"), "62306066010")), "pan");
	assert.is(at(opened("06123654FFFFFFFF")), "block-length");
	assert.is(at(opened("16123654FFFFFFFFFFFF99FEFF88D977")), "control");
	assert.is(at(opened("03123654FFFFFFFFFFFF99FEFF88D977")), "pin-length");
	assert.is(at(opened("0612365AFFFFFFFFFFFF99FEFF88D977")), "pin-digit");
	assert.is(at(opened("06123654FFFFFFFEFFFF99FEFF88D977")), "fill");
	assert.is(at(opened("06123654FFFFFFFFFEFF99FEFF88D977")), "fill");
	assert.equal(opened("06123654FFFFFFFFFFFF99FEFF88D976"), { ok: false, error: { at: "fill", offset: 30 } });
});

gm("the terminals' MAC under SM4 has blocks of 16, and every byte counts", () => {
	const cipher = sm4For(unhex("0123456789ABCDEFFEDCBA9876543210"));
	const mac = (data: Uint8Array): string => unlatin(unionPayMac(cipher, data, 16));
	assert.match(mac(latin("0200")), /^[0-9A-F]{8}$/);
	// One block folds to itself: its hex, enciphered half by half, is the rule written out.
	const block = unhex("00112233445566778899AABBCCDDEEFF");
	const first = cipher.encrypt(latin("0011223344556677"));
	const mixed = first.map((byte, i) => byte ^ ("8899AABBCCDDEEFF".charCodeAt(i) & 0xff));
	assert.equal(mac(block), hex(cipher.encrypt(mixed)).slice(0, 8));
	void fc.assert(
		fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(), (data, where) => {
			const other = data.map((byte, i) => (i === where % data.length ? byte ^ 1 : byte));
			assert.is.not(mac(other), mac(data));
		}),
	);
});

gm.run();
