import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cardProfileFrom } from "../../src/kernel/profile.ts";
import { unhex } from "../../src/kit/bytes.ts";
import { describe } from "../../src/spec/emv/bits.ts";

interface File {
	readonly applications: readonly { readonly tacOnline: string }[];
}
const file = (): File =>
	JSON.parse(readFileSync("firmware-config/profiles/applications.json", "utf8")) as File;
const rows = (): File["applications"] => file().applications;
const faultOf = (json: unknown): string => {
	const read = cardProfileFrom(json);
	return read.ok ? "none" : read.error.at;
};

const profile = suite("the applications of the profile");
profile("the shipped file reads, and claims no more than the terminal can do", () => {
	const read = cardProfileFrom(file());
	assert.ok(read.ok);
	assert.is(read.value.applications.length, 7);
	assert.equal(describe("9F33", read.value.terminal.get("9F33") ?? new Uint8Array()), [
		"Card Data Input Capability: IC with contacts",
		"CVM Capability: Enciphered PIN for online verification",
		"CVM Capability: Signature",
		"CVM Capability: No CVM required",
	]);
});
profile("no TAC lets a card without offline data authentication be approved offline", () => {
	for (const { tacOnline } of rows())
		assert.ok(describe("95", unhex(tacOnline)).includes("Offline data authentication was not performed"));
});
profile("a fault names its place", () => {
	const [row] = rows();
	assert.is(faultOf({ ...file(), applications: [] }), "applications");
	assert.is(faultOf({ ...file(), domesticCountry: 156 }), "domesticCountry");
	assert.is(faultOf({ ...file(), terminal: {} }), "terminal.9F1A");
	assert.is(faultOf({ ...file(), applications: [{ ...row, tacOnline: "D8" }] }), "applications.0.tacOnline");
	assert.is(faultOf({ ...file(), applications: [{ ...row, floor: 1 }] }), "applications.0.floor");
	assert.is(faultOf({ ...file(), applications: [row, row] }), "applications.1.aid");
});
profile("noise never throws", () => {
	fc.assert(fc.property(fc.jsonValue(), (json) => assert.not(cardProfileFrom(json).ok)));
});
profile.run();
