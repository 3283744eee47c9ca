/** Vectors of SM2, SM3 and SM4: what is computed is told by the names of the input. */
import { hex, latin, unhex } from "../../src/kit/bytes.ts";
import type { Result } from "../../src/kit/result.ts";
import { hashes } from "../../src/runtime/hash.ts";
import { sm2Curve } from "../../src/runtime/sm2.ts";
import { sm4For } from "../../src/runtime/sm4.ts";
import { cbcDecrypt, cbcEncrypt } from "../../src/spec/keys/cbc.ts";
import type { Sm4For } from "../../src/spec/keys/cipher.ts";
import { sm2Digest, sm2IdentityHash, sm2Sign, sm2Verify } from "../../src/spec/keys/sm2.ts";
import type { RunVector, Vector } from "./runner.ts";

const curve = sm2Curve();
const cipherFor: Sm4For = sm4For;
type Texts = Readonly<Record<string, string>>;
const textsOf = (held: Vector["input"]): Texts =>
	Object.fromEntries(Object.entries(held).flatMap(([k, v]) => (typeof v === "string" ? [[k, v]] : [])));
function given<T>(result: Result<T, { readonly at: string }>): T {
	if (!result.ok) throw new Error(`refused: ${result.error.at}`);
	return result.value;
}

/** A signature with the vector's own nonce; it must verify, and not for another message. */
function sm2(input: Texts, d: string): Texts {
	const { id = "", k = "", message_ascii: ascii, message } = input;
	const secret = unhex(d);
	const publicKey = curve.base(secret);
	const [identity, said] = [latin(id), ascii === undefined ? unhex(message ?? "") : latin(ascii)];
	const za = given(sm2IdentityHash(hashes.sm3, identity, publicKey));
	const digest = given(sm2Digest(hashes.sm3, identity, publicKey, said));
	const told = { bytes: () => unhex(k), below: () => 0 };
	const signature = given(sm2Sign(curve, secret, digest, told));
	const other = digest.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
	if (!sm2Verify(curve, publicKey, digest, signature) || sm2Verify(curve, publicKey, other, signature))
		throw new Error("the signature does not verify");
	return {
		public_key: hex(publicKey),
		za: hex(za),
		e: hex(digest),
		r: hex(signature.subarray(0, 32)),
		s: hex(signature.subarray(32)),
	};
}

/** Enciphered, and opened again: ECB, or CBC where there is an initial vector. */
function sm4(data: string, key: string, iv: string | undefined): Texts {
	const cipher = cipherFor(unhex(key));
	const clear = unhex(data);
	const sealed = iv === undefined ? cipher.encrypt(clear) : cbcEncrypt(cipher, unhex(iv), clear);
	const opened = iv === undefined ? cipher.decrypt(sealed) : cbcDecrypt(cipher, unhex(iv), sealed);
	if (hex(opened) !== hex(clear)) throw new Error("what was enciphered does not open");
	return { cipher: hex(sealed) };
}

function computed(input: Texts): Texts | undefined {
	const { d, data, key, iv } = input;
	if (d !== undefined) return sm2(input, d);
	if (data === undefined) return undefined;
	return key === undefined ? { digest: hex(hashes.sm3(unhex(data))) } : sm4(data, key, iv);
}

export const run: RunVector = ({ input, expected }) => {
	const says = computed(textsOf(input));
	if (says === undefined)
		return [{ key: "input", expected: "d, or data", got: Object.keys(input).join(", ") }];
	return Object.entries(expected).flatMap(([key, wanted]) => {
		const got = says[key] ?? "a key this runner knows not";
		return got === wanted ? [] : [{ key, expected: String(wanted), got }];
	});
};
