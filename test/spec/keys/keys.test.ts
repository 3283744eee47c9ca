import { createCipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concat, equal, hex, unhex, unlatin } from "../../../src/kit/bytes.ts";
import { desFor } from "../../../src/runtime/des.ts";
import type { BlockCipher, DesFor } from "../../../src/spec/keys/cipher.ts";
import { aesKcv, desKcv } from "../../../src/spec/keys/kcv.ts";
import { unionPayMac } from "../../../src/spec/keys/mac.ts";

const des: DesFor = desFor;
type Name = "mak" | "dataHex" | "field64Hex" | "tmk" | "makCipher" | "field62" | "pik";
type Vector = { readonly id: string } & { readonly [N in Name]: string };
const load = (file: string): unknown =>
	JSON.parse(readFileSync(new URL(`../../vectors/${file}`, import.meta.url), "utf8"));
const published = (id: string): Vector => {
	const { vectors } = load("unionpay-keys.json") as { vectors: Vector[] };
	const v = vectors.find((x) => x.id === id);
	assert.ok(v, id);
	return v;
};
const at = (v: Vector, field: Name): Uint8Array => unhex(v[field]);

const mac = suite("UnionPay MAC");

mac("a field 64 that its user published: B3A092AE", () => {
	const v = published("mac-qr-sale");
	const made = unionPayMac(des(at(v, "mak")), at(v, "dataHex"));
	assert.is(unlatin(made), "B3A092AE");
	assert.is(hex(made), v.field64Hex);
});
mac("steps that a page publishes: key from under its master key, and 72489CAC", () => {
	const v = published("mac-worked-steps");
	const key = des(at(v, "tmk")).decrypt(at(v, "makCipher"));
	assert.is(hex(key), v.mak);
	assert.is(unlatin(unionPayMac(des(key), at(v, "dataHex"))), "72489CAC");
});
interface MacVector {
	readonly id: string;
	readonly input: { readonly [N in "mak" | "mab" | "tmk" | "mak_encrypted_under_tmk" | "key"]?: string };
	readonly expected: { readonly [N in "field64_ascii" | "mac_ascii_computed_here" | "kcv"]?: string };
}
for (const { id, input, expected } of (load("unionpay-mac.json") as { vectors: MacVector[] }).vectors)
	mac(id, () => {
		const under = (tmk: string): Uint8Array =>
			des(unhex(tmk)).decrypt(unhex(input.mak_encrypted_under_tmk ?? ""));
		const key = input.mak === undefined ? under(input.tmk ?? "") : unhex(input.mak);
		const made = unlatin(unionPayMac(des(key), unhex(input.mab ?? "")));
		assert.is(made, expected.field64_ascii ?? expected.mac_ascii_computed_here);
	});
mac("a key of two equal halves is the single one", () => {
	const k = unhex("0723C80DB5F4CD3D");
	const data = unhex("0200 30 20");
	assert.ok(equal(unionPayMac(des(k), data), unionPayMac(des(concat(k, k)), data)));
});
mac.run();

const kcv = suite("key check values");
kcv("a key download of 40 bytes: both check values, triple and single", () => {
	const v = published("key-download-40");
	const master = des(at(v, "tmk"));
	const field = at(v, "field62");
	const pik = master.decrypt(field.subarray(0, 16));
	const mak = master.decrypt(field.subarray(20, 28));
	assert.is(hex(pik), v.pik);
	assert.is(hex(mak), v.mak);
	assert.is(hex(desKcv(des(pik))), hex(field.subarray(16, 20)));
	assert.is(hex(desKcv(des(mak))), hex(field.subarray(36, 40)));
	assert.is(hex(desKcv(des(mak), 3)), hex(field.subarray(36, 39)));
});
kcv("AES by the CMAC of a zero block", () => {
	const { vectors } = load("kcv.json") as { vectors: MacVector[] };
	const v = vectors.find((x) => x.id === "kcv-aes-cmac-16-zero");
	assert.ok(v);
	assert.is(hex(aesKcv(aes(unhex(v.input.key ?? "")))), v.expected.kcv);
});
const aes = (key: Uint8Array): BlockCipher => ({
	encrypt: (blocks) => {
		const c = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
		return concat(c.update(blocks), c.final());
	},
	decrypt: () => new Uint8Array(0),
});
kcv.run();

const cipher = suite("DES by the system");
cipher("what is enciphered is deciphered, for 8, 16 and 24 bytes of key", () => {
	for (const size of [8, 16, 24]) {
		const key = Uint8Array.from({ length: size }, (_, i) => i * 7 + 1);
		const clear = unhex("00112233445566778899AABBCCDDEEFF");
		const c = des(key);
		assert.is(hex(c.decrypt(c.encrypt(clear))), hex(clear));
	}
});
cipher("refuses a key of another length and half a block, and says where", () => {
	assert.throws(() => des(new Uint8Array(15)), /15 bytes/);
	assert.throws(() => des(new Uint8Array(16)).encrypt(new Uint8Array(9)), /half a block at 8/);
});
cipher.run();
