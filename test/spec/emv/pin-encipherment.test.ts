import { constants, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../../scripts/vectors/pin-encipherment.ts";
import type { Vector } from "../../../scripts/vectors/runner.ts";
import { hex } from "../../../src/kit/bytes.ts";
import { rsaPublic } from "../../../src/runtime/rsa.ts";
import { encipherPin } from "../../../src/spec/emv/pin-encipherment.ts";

const pin = suite("PIN enciphered for the card");
const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(
	readFileSync("test/vectors/pin-encipherment.json", "utf8"),
);
for (const vector of vectors) {
	pin(vector.id, () => assert.equal(run(vector), []));
	pin(`${vector.id}, expecting something else, fails by name`, () => {
		for (const key of Object.keys(vector.expected)) {
			const differences = run({ ...vector, expected: { ...vector.expected, [key]: "00" } });
			assert.equal(
				differences.map((d) => d.key),
				[key],
			);
		}
	});
}

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024, publicExponent: 65537 });
const { n = "", e = "" } = publicKey.export({ format: "jwk" });
const key = { modulus: Buffer.from(n, "base64url"), exponent: Buffer.from(e, "base64url") };
const rsa = rsaPublic();

pin("the card finds PIN block and its own number, and chance behind them", () => {
	void fc.assert(
		fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(255), (numbers, chance) => {
			const [block, unpredictable] = [numbers.subarray(0, 8), numbers.subarray(8)];
			const fill = (count: number): Uint8Array => new Uint8Array(count).fill(chance);
			const sent = encipherPin(rsa, key, block, unpredictable, fill);
			assert.ok(sent.ok);
			const opened = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, sent.value);
			assert.equal(hex(opened.subarray(0, 17)), `7F${hex(block)}${hex(unpredictable)}`);
			assert.ok(opened.subarray(17).every((byte) => byte === chance));
			assert.is(opened.length, 128);
		}),
		{ numRuns: 25 },
	);
});

pin("what does not fit is refused by its place", () => {
	const none = (count: number): Uint8Array => new Uint8Array(count);
	const at = (result: ReturnType<typeof encipherPin>) => (result.ok ? "taken" : result.error.at);
	assert.is(at(encipherPin(rsa, key, none(7), none(8), none)), "pin-block");
	assert.is(at(encipherPin(rsa, key, none(8), none(4), none)), "unpredictable-number");
	assert.is(at(encipherPin(rsa, { ...key, modulus: none(16) }, none(8), none(8), none)), "key");
	assert.is(at(encipherPin(rsa, { ...key, modulus: none(128) }, none(8), none(8), none)), "key");
});

pin.run();
