import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../../scripts/vectors/kcv.ts";
import type { Vector } from "../../../scripts/vectors/runner.ts";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { sm4For } from "../../../src/runtime/sm4.ts";
import { aesKcv } from "../../../src/spec/keys/kcv.ts";

const text = readFileSync(new URL("../../vectors/kcv.json", import.meta.url), "utf8");
const { vectors } = JSON.parse(text) as { readonly vectors: readonly Vector[] };

const kcv = suite("check values by their vectors");
for (const vector of vectors) kcv(vector.id, () => assert.equal(run(vector), []));

const answer = (id: string, key: string, expected: Vector["expected"]) =>
	run({ id, input: { key }, expected }).map((d) => `${d.key}: ${d.got}`);
kcv("the rule is read from the id, and the check value is as long as told", () => {
	const key = "0123456789ABCDEFFEDCBA9876543210";
	for (const id of ["kcv-tdes", "kcv-tdes-ecb-zero", "kcv-tdes-8-zeros"])
		assert.equal(answer(id, key, { kcv: "08D7B4" }), []);
	assert.equal(answer("kcv-tdes-zero", key, { kcv: "08D7B4FB" }), []);
	assert.equal(answer("kcv-sm4-cmac-16-zero", key, { kcv: "909F5E" }), []);
});
kcv("a rule that is not known is named, and so is an answer", () => {
	const key = "00".repeat(16);
	assert.match(answer("kcv-rot13-zero", key, { kcv: "00" })[0] ?? "", /check value by rot13-zero/);
	assert.match(answer("kcv-aes-cmac-twice", key, { kcv: "00" })[0] ?? "", /over twice/);
	assert.match(answer("kcv-hmac-md2-empty", key, { kcv: "00" })[0] ?? "", /by hmac-md2-empty/);
	assert.match(answer("kcv-aes-cmac-empty", key, { check: "00" })[0] ?? "", /knows not/);
});
kcv("SM4 by the CMAC of a zero block, as OpenSSL has it", () => {
	const sm4 = sm4For(unhex("0123456789ABCDEFFEDCBA9876543210"));
	assert.is(hex(aesKcv(sm4, 5)), "909F5E6ED1");
});
kcv.run();
