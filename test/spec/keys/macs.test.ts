import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../../scripts/vectors/mac.ts";
import type { Vector } from "../../../scripts/vectors/runner.ts";
import { run as runUnionPay } from "../../../scripts/vectors/unionpay-mac.ts";
import { hex, latin, unhex } from "../../../src/kit/bytes.ts";
import { aesFor } from "../../../src/runtime/aes.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { hashes } from "../../../src/runtime/hash.ts";
import { sm4For } from "../../../src/runtime/sm4.ts";
import { cmac } from "../../../src/spec/keys/cmac.ts";
import { retailMac } from "../../../src/spec/keys/issuer.ts";
import { algorithm1Mac, algorithm3Mac, hmac, macPadded } from "../../../src/spec/keys/macs.ts";

const published = (file: string): readonly Vector[] => {
	const text = readFileSync(new URL(`../../vectors/${file}.json`, import.meta.url), "utf8");
	return (JSON.parse(text) as { readonly vectors: readonly Vector[] }).vectors;
};

const vectors = suite("MACs by their vectors");
for (const vector of published("mac")) vectors(vector.id, () => assert.equal(run(vector), []));
for (const vector of published("unionpay-mac"))
	vectors(vector.id, () => assert.equal(runUnionPay(vector), []));
vectors("a wrong MAC, an unknown input and an unknown answer are named", () => {
	const base = { id: "mac-alg1-x", input: { key: "00".repeat(16), data: "", padding: 2 }, expected: {} };
	const difference = (vector: Vector) => run(vector).map(({ key, got }) => [key, got]);
	assert.equal(difference({ ...base, expected: { mac: "00" } }).length, 1);
	assert.equal(difference({ ...base, expected: { tag: "00" } }), [["tag", "a key this runner knows not"]]);
	assert.equal(difference({ ...base, input: { key: "", iv: "" } }), [["input", "iv key"]]);
	assert.match(difference({ ...base, id: "mac-alg7-x", expected: { mac: "" } })[0]?.[1] ?? "", /by alg7/);
	assert.match(run({ ...base, input: { ...base.input, padding: 4 } })[0]?.got ?? "", /padding 4/);
});
vectors.run();

const rules = suite("MAC rules");
const key = unhex("0123456789ABCDEFFEDCBA9876543210");
const over = { minLength: 0, maxLength: 70 };
rules("X9.9 is algorithm 1 under single DES: FIPS 113's example", () => {
	const mac = algorithm1Mac(desFor(key.subarray(0, 8)), latin("7654321 Now is the time for "), 1);
	assert.is(hex(mac.subarray(0, 4)), "F1D30F68");
});
rules("algorithm 3 is what cards and issuers use, with padding 1 and 2", () => {
	const ciphers = { left: desFor(key.subarray(0, 8)), right: desFor(key.subarray(8)) };
	fc.assert(
		fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), (data) => {
			assert.is(hex(algorithm3Mac(ciphers, data, 2)), hex(retailMac(desFor, key, data, "80")));
			assert.is(hex(algorithm3Mac(ciphers, data, 1)), hex(retailMac(desFor, key, data, "00")));
		}),
		{ numRuns: 40 },
	);
});
rules("algorithm 3 with two equal keys is algorithm 1", () => {
	const des = desFor(key.subarray(0, 8));
	fc.assert(
		fc.property(fc.uint8Array(over), fc.constantFrom(1, 2, 3), (data, padding) => {
			const [one, three] = [
				algorithm1Mac(des, data, padding),
				algorithm3Mac({ left: des, right: des }, data, padding),
			];
			assert.is(hex(one), hex(three));
		}),
		{ numRuns: 40 },
	);
});
rules("padding gives whole blocks, at least one, and 2 and 3 tell apart what 1 does not", () => {
	fc.assert(
		fc.property(
			fc.uint8Array(over),
			fc.constantFrom(1, 2, 3),
			fc.constantFrom(8, 16),
			(data, padding, size) => {
				const whole = macPadded(data, padding, size);
				assert.is(whole.length % size, 0);
				assert.ok(whole.length >= size);
				const from = padding === 3 ? size : 0;
				assert.is(hex(whole.subarray(from, from + data.length)), hex(data));
			},
		),
	);
	const [short, long] = [unhex("12"), unhex("1200")];
	assert.is(hex(macPadded(short, 1)), hex(macPadded(long, 1)));
	assert.is.not(hex(macPadded(short, 2)), hex(macPadded(long, 2)));
	assert.is.not(hex(macPadded(short, 3)), hex(macPadded(long, 3)));
});
rules("SM4: CMAC of a whole and of a short block, and CBC-MAC, as OpenSSL has them", () => {
	const sm4 = sm4For(key);
	assert.is(hex(cmac(sm4, 16, new Uint8Array(16))), "909F5E6ED15518C01252302383C63E8C");
	assert.is(hex(cmac(sm4, 16, latin("hello world"))), "1EC25255D94D6AF691146C593B50193C");
	assert.is(hex(algorithm1Mac(sm4, latin("hello world"), 2, 16)), "DF2826D25EDE27E6CDB17BB909F90DB7");
});
rules("CMAC: one changed bit changes it, and a message is not its padded self", () => {
	const aes = aesFor(key);
	fc.assert(
		fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (data, at) => {
			const other = data.slice();
			other[at % data.length] = (other[at % data.length] ?? 0) ^ 0x10;
			assert.is.not(hex(cmac(aes, 16, data)), hex(cmac(aes, 16, other)));
			if (data.length % 16 !== 0)
				assert.is.not(hex(cmac(aes, 16, data)), hex(cmac(aes, 16, macPadded(data, 2, 16))));
		}),
		{ numRuns: 60 },
	);
});
rules("HMAC: RFC 4231 cases 2 and 6, SHA-256 and SHA-512", () => {
	const jefe = latin("what do ya want for nothing?");
	assert.is(
		hex(hmac(hashes.sha256, 64, latin("Jefe"), jefe)),
		"5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843",
	);
	const longKey = new Uint8Array(131).fill(0xaa);
	const text = latin("Test Using Larger Than Block-Size Key - Hash Key First");
	assert.is(
		hex(hmac(hashes.sha256, 64, longKey, text)),
		"60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54",
	);
	assert.is(
		hex(hmac(hashes.sha512, 128, longKey, text)),
		"80B24263C7C1A3EBB71493C1DD7BE8B49B46D1F41B4AEEC1121B013783F8F3526B56D037E05F2598BD0FD2215D6A1E5295E64F73F63F0AEC8B915A985D786598",
	);
});
rules.run();
