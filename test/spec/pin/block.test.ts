import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { format0, openFormat0 } from "../../../src/spec/pin/block.ts";

const pinBlock = suite("PIN block, format 0");

interface Vector {
	readonly id: string;
	readonly input: { readonly pin?: string; readonly block?: string; readonly pan: string };
	readonly expected: { readonly block?: string; readonly error?: string };
}
const vectors = (file: string, key: string): Vector[] =>
	JSON.parse(readFileSync(new URL(`../../vectors/${file}`, import.meta.url), "utf8"))[key];
const digits = (text: string): Uint8Array => Uint8Array.from(text, Number);

for (const { id, input, expected } of vectors("pin-block.json", "vectors").filter((v) =>
	v.id.startsWith("pin-f0-"),
))
	pinBlock(id, () => {
		if (input.pin !== undefined) {
			const made = format0(digits(input.pin), input.pan);
			assert.ok(made.ok);
			assert.is(hex(made.value), expected.block);
			const read = openFormat0(made.value, input.pan);
			assert.ok(read.ok);
			assert.equal([...read.value], [...digits(input.pin)]);
		} else assert.not(openFormat0(unhex(input.block ?? ""), input.pan).ok, expected.error);
	});

for (const id of ["pin-block-5678-18", "pin-block-3456-16"])
	pinBlock(`${id}, published with the UnionPay messages`, () => {
		const all: { id: string; pin: string; pan: string; clearBlock: string }[] = JSON.parse(
			readFileSync(new URL("../../vectors/unionpay-keys.json", import.meta.url), "utf8"),
		).vectors;
		const v = all.find((x) => x.id === id);
		assert.ok(v);
		const made = format0(digits(v.pin), v.pan);
		assert.ok(made.ok);
		assert.is(hex(made.value), v.clearBlock);
	});

const pan = "6212345678901232";
const refusals: readonly (readonly [string, number[], string, string])[] = [
	["three digits", [1, 2, 3], pan, "pin-length 0"],
	["thirteen digits", Array.from({ length: 13 }, () => 1), pan, "pin-length 0"],
	["a digit of ten", [1, 2, 10, 4], pan, "pin-digit 2"],
	["an account of eleven digits", [1, 2, 3, 4], "12345678901", "pan 0"],
	["an account with a letter", [1, 2, 3, 4], "621234567890123D", "pan 15"],
];
for (const [what, pin, account, where] of refusals)
	pinBlock(`refuses ${what} at ${where}`, () => {
		const made = format0(Uint8Array.from(pin), account);
		assert.not(made.ok);
		if (!made.ok) assert.is(`${made.error.at} ${made.error.offset}`, where);
	});

pinBlock("what is packed for one account opens for it, and for no other of its length", () => {
	const someDigits = (least: number, most: number): fc.Arbitrary<number[]> =>
		fc.array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most });
	fc.assert(
		fc.property(someDigits(4, 12), someDigits(13, 19), fc.nat(11), (pin, account, which) => {
			const made = format0(Uint8Array.from(pin), account.join(""));
			assert.ok(made.ok);
			const back = openFormat0(made.value, account.join(""));
			assert.ok(back.ok);
			assert.equal([...back.value], pin);
			const at = account.length - 2 - which;
			const other = account.map((d, i) => (i === at ? (d + 1) % 10 : d)).join("");
			const wrong = openFormat0(made.value, other);
			assert.ok(!wrong.ok || hex(wrong.value) !== hex(back.value));
		}),
	);
});

pinBlock("noise is refused or read, never thrown", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 10 }), fc.string({ maxLength: 20 }), (block, account) => {
			openFormat0(block, account);
			format0(block, account);
		}),
	);
});

pinBlock.run();
