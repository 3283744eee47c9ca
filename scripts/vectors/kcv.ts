/** Vectors of check values. Which rule is meant stands in the id alone: kcv-CIPHER-MODE-OVER. */
import { hex } from "../../src/kit/bytes.ts";
import { aesFor } from "../../src/runtime/aes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { hashes } from "../../src/runtime/hash.ts";
import { sm4For } from "../../src/runtime/sm4.ts";
import type { BlockCipher } from "../../src/spec/keys/cipher.ts";
import { type BlockBytes, cmac } from "../../src/spec/keys/cmac.ts";
import { aesKcv, desKcv } from "../../src/spec/keys/kcv.ts";
import { hmac } from "../../src/spec/keys/macs.ts";
import { byShape, bytesOf, type Made } from "./parts/expect.ts";
import type { RunVector, Vector } from "./runner.ts";

interface Cipher {
	readonly for: (key: Uint8Array) => BlockCipher;
	readonly size: BlockBytes;
	/** What the trade means by the check value when it says no more. */
	readonly mode: "ecb" | "cmac";
}
const tdes: Cipher = { for: desFor, size: 8, mode: "ecb" };
const ciphers: Readonly<Record<string, Cipher>> = {
	des: tdes,
	tdes,
	"3des": tdes,
	tdea: tdes,
	aes: { for: aesFor, size: 16, mode: "cmac" },
	sm4: { for: sm4For, size: 16, mode: "cmac" },
};

/** Words after the mode: empty, or so many bytes of 00 or FF ("ones" are bits); none, a zero block. */
function over(words: readonly string[], size: number): Uint8Array {
	const [first = String(size), second = "zero"] = words;
	if (first === "empty") return new Uint8Array(0);
	if (/^(zeros?|ones)$/.test(first)) return over([String(size), first], size);
	const fill = { zero: 0, zeros: 0, ones: 0xff }[second];
	if (!/^\d+$/.test(first) || fill === undefined || words.length > 2)
		throw new RangeError(`a check value over ${words.join("-")}`);
	return new Uint8Array(Number(first)).fill(fill);
}
const zeroBlock = (data: Uint8Array, size: number): boolean =>
	data.length === size && data.every((byte) => byte === 0);

function byCipher(cipher: Cipher, words: readonly string[], key: Uint8Array): Uint8Array {
	const named = words[0] === "ecb" || words[0] === "cmac" ? words[0] : undefined;
	const mode = named ?? cipher.mode;
	const data = over(named === undefined ? words : words.slice(1), cipher.size);
	const under = cipher.for(key);
	const whole = zeroBlock(data, cipher.size);
	if (mode === "cmac") return cipher.size === 16 && whole ? aesKcv(under, 5) : cmac(under, cipher.size, data);
	return cipher.size === 8 && whole ? desKcv(under) : under.encrypt(data);
}

function checkValue(id: string, key: Uint8Array): Uint8Array {
	const [, name = "", ...words] = id.split("-");
	const cipher = ciphers[name];
	if (cipher !== undefined) return byCipher(cipher, words, key);
	const hash = Object.entries(hashes).find(([known]) => known === words[0]);
	if (name !== "hmac" || hash === undefined)
		throw new RangeError(`a check value by ${[name, ...words].join("-")}`);
	const blockBytes = /512|384/.test(hash[0]) ? 128 : 64;
	return hmac(hash[1], blockBytes, key, over(words.slice(1), 0));
}

/** As many hex digits as the vector tells. */
const made = (vector: Vector): Made => {
	const { kcv } = vector.expected;
	return { kcv: hex(checkValue(vector.id, bytesOf(vector, "key"))).slice(0, String(kcv).length) };
};
export const run: RunVector = (vector) => byShape({ key: made }, vector);
