import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as cardVerify from "../../../scripts/vectors/card-verify.ts";
import * as magstripeMode from "../../../scripts/vectors/magstripe-mode.ts";
import type { RunVector, Vector } from "../../../scripts/vectors/runner.ts";
import { hex, latin, unhex } from "../../../src/kit/bytes.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { cvc3, cvv, dcvv, ivCvc3, serviceCodes } from "../../../src/spec/keys/card-verify.ts";
import { cardMasterKey } from "../../../src/spec/keys/issuer.ts";

const published = suite("card verification values, published");
const vectorsOf = (group: string): readonly Vector[] =>
	JSON.parse(readFileSync(new URL(`../../vectors/${group}.json`, import.meta.url), "utf8")).vectors;
const groups: Readonly<Record<string, RunVector>> = {
	"card-verify": cardVerify.run,
	"magstripe-mode": magstripeMode.run,
};
for (const [group, run] of Object.entries(groups))
	for (const vector of vectorsOf(group))
		published(`${group} ${vector.id}`, () => assert.equal(run(vector), []));

/** jPOS, JCESecurityModuleTest: testVerifyDCVVImpl1 and 2. */
for (const [pan, value] of [
	["1234567890123456", "422"],
	["123456789012", "719"],
] as const)
	published(`dynamic CVV of jPOS: ${value}`, () => {
		const key = cardMasterKey(desFor, unhex("12345678123456781234567812345678"), pan, "00");
		assert.is(dcvv(desFor, key, { pan, expiry: "1310", serviceCode: "226" }, unhex("3210")), value);
	});
published("CVC3 over track 1 takes its characters (pyemv, test_generate_cvc3_track1)", () => {
	const key = cardMasterKey(desFor, unhex("01234567899876543210012345678998"), "5123456789012345", "00");
	const track = latin("B5123456789012345^KENOBI/OBIWAN^3512101000000000000000000000000");
	const over = { iv: ivCvc3(desFor, key, track), unpredictable: unhex("00000899"), atc: unhex("005E") };
	assert.is(cvc3(desFor, key, over).slice(-3), "419");
});
published("a track may be written as characters or packed", () => {
	const [vector] = vectorsOf("magstripe-mode");
	assert.ok(vector);
	const { static_track2: track, ...rest } = vector.input;
	assert.equal(magstripeMode.run({ ...vector, input: { ...rest, static_track_hex: track } }), []);
	assert.ok(magstripeMode.run({ ...vector, input: { ...rest, static_track1: "B12^X^" } }).length > 0);
	assert.ok(magstripeMode.run({ ...vector, input: { ...rest, sideways: "12" } }).length > 0);
});
published.run();

const values = suite("card verification values");
const key = unhex("0123456789ABCDEFFEDCBA9876543210");
const card = { pan: "4123456789012345", expiry: "0225", serviceCode: "201" };
values("service code and order of the expiry make other values", () => {
	const all = [
		cvv(desFor, key, card),
		cvv(desFor, key, { ...card, serviceCode: serviceCodes.icvv }),
		cvv(desFor, key, { ...card, serviceCode: serviceCodes.cvv2 }),
		cvv(desFor, key, { ...card, expiry: "2502" }),
		dcvv(desFor, key, card, unhex("0001")),
		dcvv(desFor, key, card, unhex("0002")),
	];
	for (const value of all) assert.match(value, /^\d{3}$/);
	assert.is(new Set(all).size, all.length);
});
values("parts that are not digits of their length are refused, named and not shown", () => {
	const bad = [
		{ ...card, pan: "41234567890X2345" },
		{ ...card, pan: "41234567890" },
		{ ...card, expiry: "22" },
		{ ...card, serviceCode: "2O1" },
	];
	for (const each of bad) {
		assert.throws(() => cvv(desFor, key, each), /^(PAN|expiry|service code) for a CVV|for a CVV/);
		assert.throws(() => dcvv(desFor, key, each, unhex("0001")), /for a CVV/);
	}
});
values("a CVC3 has five digits, also when its number is small", () => {
	const zeros = {
		encrypt: (blocks: Uint8Array) => new Uint8Array(blocks.length),
		decrypt: (b: Uint8Array) => b,
	};
	const over = { iv: unhex("0000"), unpredictable: unhex("00000000"), atc: unhex("0000") };
	assert.is(
		cvc3(() => zeros, key, over),
		"00000",
	);
	assert.is(hex(ivCvc3(() => zeros, key, unhex("00"))), "0000");
});
values.run();
