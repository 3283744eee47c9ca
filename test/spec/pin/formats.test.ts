import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { seeded } from "../../../src/kit/random.ts";
import type { Result } from "../../../src/kit/result.ts";
import { aesFor } from "../../../src/runtime/aes.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { digitsOf } from "../../../src/spec/keys/digits.ts";
import {
	format1,
	format2,
	format3,
	openFormat1,
	openFormat2,
	openFormat3,
	type PinBlockFault,
} from "../../../src/spec/pin/block.ts";
import { format4, format4PanField, openFormat4 } from "../../../src/spec/pin/format-4.ts";
import { naturalPin, offsetPin, pinOffset, pvv } from "../../../src/spec/pin/verify.ts";

type Made = Result<Uint8Array, PinBlockFault>;
const aes = aesFor(unhex("00112233445566778899AABBCCDDEEFF"));
/** Each format as it is built and opened; those without an account take no notice of it. */
const formats: Readonly<
	Record<
		string,
		{
			readonly build: (pin: Uint8Array, pan: string, seed: number) => Made;
			readonly open: (block: Uint8Array, pan: string) => Made;
		}
	>
> = {
	"format 1": { build: (pin, _, seed) => format1(pin, seeded(seed)), open: openFormat1 },
	"format 2": { build: format2, open: openFormat2 },
	"format 3": { build: (pin, pan, seed) => format3(pin, pan, seeded(seed)), open: openFormat3 },
	"format 4": {
		build: (pin, pan, seed) => format4(aes, pin, pan, seeded(seed)),
		open: (block, pan) => openFormat4(aes, block, pan),
	},
};
const digits = (least: number, most: number): fc.Arbitrary<number[]> =>
	fc.array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most });
const where = (made: Made): string => (made.ok ? "taken" : `${made.error.at} ${made.error.offset}`);
const pin = Uint8Array.of(1, 2, 3, 4);
const pan = "5555555551234567";

const blocks = suite("PIN blocks, formats 1 to 4");

for (const [name, { build, open }] of Object.entries(formats)) {
	blocks(`${name}: every PIN and account comes back`, () => {
		fc.assert(
			fc.property(digits(4, 12), digits(12, 19), fc.nat(), (some, account, seed) => {
				const made = build(Uint8Array.from(some), account.join(""), seed);
				assert.ok(made.ok);
				const back = open(made.value, account.join(""));
				assert.ok(back.ok);
				assert.equal([...back.value], some);
			}),
		);
	});
	blocks(`${name}: noise is refused or read, never thrown`, () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 18 }), fc.string({ maxLength: 20 }), (block, account) => {
				open(block, account);
				build(block, account, 1);
			}),
		);
	});
	blocks(`${name}: a PIN of another length or digit is refused by place`, () => {
		assert.is(where(build(Uint8Array.of(1, 2, 3), pan, 1)), "pin-length 0");
		assert.is(where(build(new Uint8Array(13), pan, 1)), "pin-length 0");
		assert.is(where(build(Uint8Array.of(1, 2, 10, 4), pan, 1)), "pin-digit 2");
		assert.is(where(open(new Uint8Array(7), pan)), "block-length 0");
	});
}

const refused: readonly (readonly [string, () => Made, string])[] = [
	["format 1 with the control of format 2", () => openFormat1(unhex("241234FFFFFFFFFF")), "control 0"],
	["format 1 with a PIN of thirteen", () => openFormat1(unhex("1D12341234123412")), "pin-length 1"],
	["format 1 with a letter in the PIN", () => openFormat1(unhex("14A234FFFFFFFFFF")), "pin-digit 2"],
	["format 2 with fill E at the end", () => openFormat2(unhex("241234FFFFFFFFFE")), "fill 15"],
	["format 2 with a PIN of three", () => openFormat2(unhex("23123FFFFFFFFFFF")), "pin-length 1"],
	["format 3 with fill 9", () => openFormat3(unhex("3412349AAAAAAAAA"), "0000000000000"), "fill 6"],
	["format 3 of an account with a letter", () => format3(pin, "55555555512345X7", seeded(1)), "pan 14"],
	["format 3 of an account of eleven", () => format3(pin, "12345678901", seeded(1)), "pan 0"],
	["format 4 of no account", () => format4PanField(""), "pan 0"],
	["format 4 of an account of twenty", () => format4PanField("1".repeat(20)), "pan 0"],
	["format 4 of an account with a letter", () => format4(aes, pin, "12X4", seeded(1)), "pan 2"],
];
for (const [what, made, place] of refused)
	blocks(`${what} is refused at ${place}`, () => assert.is(where(made()), place));

blocks("format 4: bad control, length, digit and fill are refused behind both AES steps", () => {
	const account = format4PanField(pan);
	assert.ok(account.ok);
	const enciphered = (field: string): Uint8Array =>
		aes.encrypt(aes.encrypt(unhex(field)).map((byte, i) => byte ^ (account.value[i] ?? 0)));
	const rest = "0123456789ABCDEF";
	assert.is(where(openFormat4(aes, enciphered(`441234AAAAAAAAAA${rest}`), pan)), "taken");
	assert.is(where(openFormat4(aes, enciphered(`341234AAAAAAAAAA${rest}`), pan)), "control 0");
	assert.is(where(openFormat4(aes, enciphered(`431234AAAAAAAAAA${rest}`), pan)), "pin-length 1");
	assert.is(where(openFormat4(aes, enciphered(`4412C4AAAAAAAAAA${rest}`), pan)), "pin-digit 4");
	assert.is(where(openFormat4(aes, enciphered(`441234AAAAAAAAAF${rest}`), pan)), "fill 15");
});
blocks("format 4: any flipped bit of block or account opens no such PIN", () => {
	const made = format4(aes, pin, pan, seeded(4));
	assert.ok(made.ok);
	for (let bit = 0; bit < 128; bit += 1) {
		const turned = made.value.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
		assert.is(openFormat4(aes, turned, pan).ok, false, `bit ${bit}`);
	}
	assert.is(openFormat4(aes, made.value, "5555555551234568").ok, false);
});
blocks("formats 1, 3 and 4 give another block each time, format 2 the same", () => {
	const twice = (name: string): boolean => {
		const made = [1, 2].map((seed) => formats[name]?.build(pin, pan, seed));
		return made[0]?.ok === true && made[1]?.ok === true && hex(made[0].value) === hex(made[1].value);
	};
	assert.equal(Object.keys(formats).map(twice), [false, true, false, false]);
});
blocks.run();

const proofs = suite("how an issuer proves a PIN");
const key = unhex("0123456789ABCDEFFEDCBA9876543210");
proofs("the offset leads from the natural PIN to the customer's and back, at all lengths", () => {
	fc.assert(
		fc.property(digits(4, 12), (some) => {
			const natural = naturalPin(desFor, key, {
				validationData: "5432101234567890",
				decimalisation: "0123456789012345",
				length: some.length,
			});
			const offset = pinOffset(natural, Uint8Array.from(some));
			assert.match(offset, /^\d+$/);
			assert.equal([...offsetPin(natural, offset)], some);
		}),
	);
});
proofs("digits come first, then letters as 0 to 5, from the left", () => {
	assert.is(digitsOf(unhex("A1B2C3D4E5F60000"), 8), "12345600");
	assert.is(digitsOf(unhex("ABCDEFABCDEFABC9"), 4), "9012");
});
proofs("parts of another shape are refused, and the error names the part only", () => {
	const facts = { pan: "1122334455667788", keyIndex: "1", pin };
	assert.throws(() => pvv(desFor, key, { ...facts, pan: "112233X455667788" }), /^PAN|PAN for/);
	assert.throws(() => pvv(desFor, key, { ...facts, keyIndex: "12" }), /key index/);
	assert.throws(() => pvv(desFor, key, { ...facts, pin: pin.subarray(1) }), /PIN for/);
	const natural = { validationData: "5432101234567890", decimalisation: "0123456789012345", length: 4 };
	assert.throws(() => naturalPin(desFor, key, { ...natural, length: 3 }), /4 to 16/);
	assert.throws(() => naturalPin(desFor, key, { ...natural, decimalisation: "0123" }), /table/);
	assert.throws(() => naturalPin(desFor, key, { ...natural, validationData: "5432" }), /validation/);
	assert.throws(() => pinOffset(Uint8Array.of(1), pin), /different/);
	assert.throws(() => offsetPin(pin, "123"), /length/);
});
proofs.run();
