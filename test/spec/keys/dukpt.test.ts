import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run as runAes } from "../../../scripts/vectors/dukpt-aes.ts";
import { run as runTdes } from "../../../scripts/vectors/dukpt-tdes.ts";
import type { RunVector, Vector } from "../../../scripts/vectors/runner.ts";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { aesFor } from "../../../src/runtime/aes.ts";
import { desFor } from "../../../src/runtime/des.ts";
import {
	isTransaction,
	lowestOf,
	nextCounter,
	onesOf,
	pathTo,
	transactionKey,
} from "../../../src/spec/keys/dukpt.ts";
import { aesDukpt, aesInitialKey, aesWorkingKey, readAesKsn } from "../../../src/spec/keys/dukpt-aes.ts";
import { readTdesKsn, tdesDukpt, tdesInitialKey, tdesWorkingKey } from "../../../src/spec/keys/dukpt-tdes.ts";

interface Held extends Vector {
	/** What the note computed beside what is published. */
	readonly computed_here?: Vector["expected"];
}
const load = (group: string): readonly Held[] => {
	const file = new URL(`../../vectors/${group}.json`, import.meta.url);
	return (JSON.parse(readFileSync(file, "utf8")) as { readonly vectors: readonly Held[] }).vectors;
};

const tdesCounter = tdesDukpt(desFor).counter;
const aesCounter = aesDukpt(aesFor).counter;

for (const [group, run] of [
	["dukpt-tdes", runTdes],
	["dukpt-aes", runAes],
] as const satisfies readonly (readonly [string, RunVector])[]) {
	const published = suite(`published vectors: ${group}`);
	for (const vector of load(group)) published(vector.id, () => assert.equal(run(vector), []));
	for (const { id, input, computed_here: expected } of load(group))
		if (expected !== undefined)
			published(`${id}, usages that another tool computed`, () =>
				assert.equal(run({ id, input, expected }), []),
			);
	published("a changed answer, a strange input and a strange key of expected are told by name", () => {
		const first = load(group)[0];
		assert.ok(first);
		const changed = { ...first.expected, transaction_key: "00" };
		assert.is(run({ ...first, expected: changed })[0]?.key, "transaction_key");
		assert.is(run({ ...first, input: { ...first.input, shoe_size: "43" } })[0]?.got, "shoe_size");
		assert.is(run({ ...first, expected: { shoe_size: "43" } })[0]?.key, "shoe_size");
	});
	published("each answer of each vector, altered, is told by its key", () => {
		for (const vector of load(group))
			for (const [key, wanted] of Object.entries(vector.expected)) {
				const altered = typeof wanted === "string" ? `?${wanted}` : 0;
				const told = run({ ...vector, expected: { ...vector.expected, [key]: altered } });
				assert.equal(
					told.map((difference) => difference.key),
					[key],
				);
			}
	});
	published.run();
}

const counters = suite("DUKPT: which counters are used");
counters("TDES: 1, 2, 3 …; eleven ones are stepped over; the last is 1FF800", () => {
	assert.is(nextCounter(tdesCounter, 0), 1);
	assert.is(nextCounter(tdesCounter, 1), 2);
	assert.is(nextCounter(tdesCounter, 0x0003fe), 0x0003ff);
	assert.is(nextCounter(tdesCounter, 0x0003ff), 0x000400);
	assert.is(nextCounter(tdesCounter, 0x0007fe), 0x000800);
	assert.is(nextCounter(tdesCounter, 0x1ff800), undefined);
});
counters("AES: from 0001FFFE to 00020000; the last is FFFF0000", () => {
	assert.is(nextCounter(aesCounter, 0x0000ffff), 0x00010000);
	assert.is(nextCounter(aesCounter, 0x0001fffe), 0x00020000);
	assert.is(nextCounter(aesCounter, 0x7fff8000), 0x80000000);
	assert.is(nextCounter(aesCounter, 0xfffe8000), 0xffff0000);
	assert.is(nextCounter(aesCounter, 0xffff0000), undefined);
});
counters("TDES: each counter with at most ten ones comes once and in order, 1,048,575 of them", () => {
	let at = 0;
	let count = 0;
	for (let next = nextCounter(tdesCounter, 0); next !== undefined; next = nextCounter(tdesCounter, next)) {
		for (let between = at + 1; between < next; between += 1)
			if (onesOf(between) <= 10) assert.unreachable(`${between} is left out`);
		if (onesOf(next) > 10) assert.unreachable(`${next} is used`);
		at = next;
		count += 1;
	}
	assert.is(count, 1_048_575);
});
counters("AES: the next counter is valid, higher, and nothing between is valid", () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 0xffffffff }), (any) => {
			fc.pre(isTransaction(aesCounter, any));
			const next = nextCounter(aesCounter, any);
			if (next === undefined) return any === 0xffff0000;
			const probe = Math.floor((any + next) / 2);
			const between = probe > any && probe < next && isTransaction(aesCounter, probe);
			return next > any && isTransaction(aesCounter, next) && !between;
		}),
	);
});
counters("a path is the counter's ones, highest first", () => {
	assert.equal([...pathTo(0b1011)], [0b1000, 0b1010, 0b1011]);
	assert.equal([...pathTo(0xc0000000)], [0x80000000, 0xc0000000]);
	assert.is(lowestOf(0xc0000000), 0x40000000);
});
counters("no key stands for zero, a fraction, a wider counter or too many ones", () => {
	for (const bad of [0, -1, 1.5, Number.NaN, 2 ** 21, 0x7ff]) assert.not(isTransaction(tdesCounter, bad));
	for (const bad of [0, 2 ** 32, 0x0001ffff, 0xffffffff]) assert.not(isTransaction(aesCounter, bad));
});
counters.run();

const bdk = unhex("0123456789ABCDEFFEDCBA9876543210");
const refused = suite("DUKPT: bad input is refused by its place");
const place = (result: { readonly ok: boolean; readonly error?: { readonly at: string } }): string =>
	result.ok ? "taken" : (result.error?.at ?? "nowhere");
refused("TDES", () => {
	const ksn = unhex("FFFF9876543210E00001");
	assert.is(place(tdesInitialKey(desFor, bdk.subarray(8), ksn)), "bdk");
	assert.is(place(tdesInitialKey(desFor, bdk, ksn.subarray(2))), "key-id");
	assert.is(place(readTdesKsn(ksn.subarray(1))), "ksn");
	const scheme = tdesDukpt(desFor);
	assert.is(place(transactionKey(scheme, bdk.subarray(1), ksn, 1)), "initial-key");
	assert.is(place(transactionKey(scheme, bdk, ksn.subarray(1), 1)), "key-id");
	for (const bad of [0, 0x7ff, 2 ** 21]) assert.is(place(transactionKey(scheme, bdk, ksn, bad)), "counter");
	assert.is(place(tdesWorkingKey(desFor, bdk.subarray(8), "pin")), "key");
});
refused("AES", () => {
	const keyId = unhex("1234567890123456");
	const key = new Uint8Array(16);
	assert.is(place(aesInitialKey(aesFor, new Uint8Array(15), keyId)), "bdk");
	assert.is(place(aesInitialKey(aesFor, key, keyId.subarray(1))), "key-id");
	assert.is(place(readAesKsn(keyId)), "ksn");
	assert.is(place(transactionKey(aesDukpt(aesFor), key, keyId, 0x0001ffff)), "counter");
	const from = { keyId, counter: 1 };
	assert.is(place(aesWorkingKey(aesFor, { ...from, key: key.subarray(1) }, "pin", "AES128")), "key");
	assert.is(place(aesWorkingKey(aesFor, { ...from, keyId: key, key }, "pin", "AES128")), "key-id");
});
refused("AES: a working key longer than the key it comes from; TDES keys come from any", () => {
	const from = { key: new Uint8Array(16), keyId: new Uint8Array(8), counter: 1 };
	for (const type of ["AES192", "AES256"] as const)
		assert.is(place(aesWorkingKey(aesFor, from, "pin", type)), "key-type");
	for (const type of ["TDES2", "TDES3", "AES128"] as const)
		assert.is(place(aesWorkingKey(aesFor, from, "pin", type)), "taken");
});
refused.run();

const apart = suite("DUKPT: working keys");
apart("TDES: every usage has a key of its own, and none is the transaction key", () => {
	const usages = ["pin", "mac-request", "mac-response", "data-request", "data-response"] as const;
	const keys = usages.map((usage) => tdesWorkingKey(desFor, bdk, usage));
	const texts = keys.map((key) => (key.ok ? hex(key.value) : "refused"));
	assert.is(new Set([...texts, hex(bdk)]).size, 6);
});
apart("AES-192: initial key, transaction key and working key have 24 bytes", () => {
	const base = unhex("FEDCBA9876543210F1F1F1F1F1F1F1F1FEDCBA9876543210");
	const keyId = unhex("1234567890123456");
	const initial = aesInitialKey(aesFor, base, keyId);
	assert.ok(initial.ok);
	const key = transactionKey(aesDukpt(aesFor), initial.value, keyId, 1);
	assert.ok(key.ok);
	const working = aesWorkingKey(aesFor, { key: key.value, keyId, counter: 1 }, "pin", "AES192");
	assert.ok(working.ok);
	assert.equal([initial.value.length, key.value.length, working.value.length], [24, 24, 24]);
});
apart("the derivation leaves the keys that were handed in as they were", () => {
	const initial = bdk.slice();
	assert.ok(transactionKey(tdesDukpt(desFor), initial, unhex("FFFF9876543210E00000"), 0xff800).ok);
	assert.is(hex(initial), hex(bdk));
});
apart.run();

const cipher = suite("AES by the system");
cipher("FIPS 197, appendix C: three lengths of key, both ways", () => {
	const clear = "00112233445566778899AABBCCDDEEFF";
	for (const [size, hidden] of [
		[16, "69C4E0D86A7B0430D8CDB78070B4C55A"],
		[24, "DDA97CA4864CDFE06EAF70A0EC0D7191"],
		[32, "8EA2B7CA516745BFEAFC49904B496089"],
	] as const) {
		const key = aesFor(Uint8Array.from({ length: size }, (_, i) => i));
		assert.is(hex(key.encrypt(unhex(clear))), hidden);
		assert.is(hex(key.decrypt(unhex(hidden))), clear);
	}
});
cipher("refuses a key of another length and half a block, and says where", () => {
	assert.throws(() => aesFor(new Uint8Array(15)), /15 bytes/);
	assert.throws(() => aesFor(new Uint8Array(16)).encrypt(new Uint8Array(17)), /half a block at 16/);
});
cipher.run();
