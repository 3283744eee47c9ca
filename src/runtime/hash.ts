/** Hashes by the system's cryptography: the shape that `spec/keys/cipher.ts` asks for. */
import { createHash } from "node:crypto";

const named =
	(name: string): ((bytes: Uint8Array) => Uint8Array) =>
	(bytes) =>
		Uint8Array.from(createHash(name).update(bytes).digest());

/** By the name that the books use, in small letters. */
export const hashes = {
	sha1: named("sha1"),
	sha224: named("sha224"),
	sha256: named("sha256"),
	sha384: named("sha384"),
	sha512: named("sha512"),
	sm3: named("sm3"),
} as const;
