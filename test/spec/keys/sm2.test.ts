import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concat, hex, latin, unhex } from "../../../src/kit/bytes.ts";
import { seeded } from "../../../src/kit/random.ts";
import type { Result } from "../../../src/kit/result.ts";
import { hashes } from "../../../src/runtime/hash.ts";
import { sm2Curve } from "../../../src/runtime/sm2.ts";
import {
	sm2Decrypt,
	sm2Digest,
	sm2Encrypt,
	sm2IdentityHash,
	sm2KeyPair,
	sm2Sign,
	sm2Verify,
	usualIdentity,
} from "../../../src/spec/keys/sm2.ts";
import {
	sm2CryptogramOfDer,
	sm2CryptogramToDer,
	sm2SignatureOfDer,
	sm2SignatureToDer,
} from "../../../src/spec/keys/sm2-der.ts";

const sm2 = suite("SM2");
const curve = sm2Curve();
const arithmetic = { curve, sm3: hashes.sm3 };
const random = seeded(32918);
const pair = sm2KeyPair(curve, random);
const other = sm2KeyPair(curve, random);
function given<T, E extends { readonly at: string }>(result: Result<T, E>): T {
	if (!result.ok) throw new Error(`refused: ${result.error.at}`);
	return result.value;
}
const at = <T, E extends { readonly at: string }>(result: Result<T, E>): string =>
	result.ok ? "taken" : result.error.at;
const digestOf = (message: Uint8Array, identity = usualIdentity): Uint8Array =>
	given(sm2Digest(hashes.sm3, identity, pair.public, message));
const flipped = (bytes: Uint8Array, where: number): Uint8Array =>
	bytes.map((byte, i) => (i === where ? byte ^ 1 : byte));

sm2("what one signs, everybody can verify, and nothing else", () => {
	void fc.assert(
		fc.property(
			fc.uint8Array({ maxLength: 80 }),
			fc.uint8Array({ maxLength: 20 }),
			fc.nat(63),
			(message, identity, where) => {
				const digest = digestOf(message, identity);
				const signature = given(sm2Sign(curve, pair.secret, digest, random));
				assert.ok(sm2Verify(curve, pair.public, digest, signature));
				assert.not.ok(sm2Verify(curve, pair.public, digest, flipped(signature, where)));
				assert.not.ok(sm2Verify(curve, pair.public, flipped(digest, where % 32), signature));
				assert.not.ok(sm2Verify(curve, other.public, digest, signature));
			},
		),
		{ numRuns: 12 },
	);
});

sm2("the same message by another name is another signature", () => {
	const message = latin("message digest");
	const signature = given(sm2Sign(curve, pair.secret, digestOf(message), random));
	assert.ok(sm2Verify(curve, pair.public, digestOf(message), signature));
	assert.not.ok(sm2Verify(curve, pair.public, digestOf(message, latin("ALICE123@YAHOO.COM")), signature));
});

sm2("numbers out of range are no signature", () => {
	const digest = digestOf(latin("x"));
	const order = unhex("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123");
	const zero = new Uint8Array(32);
	const one = unhex(`${"00".repeat(31)}01`);
	for (const [r, s] of [
		[zero, one],
		[one, zero],
		[order, one],
		[one, order],
		[zero, zero],
		[one, unhex("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54122")],
	] as const)
		assert.not.ok(sm2Verify(curve, pair.public, digest, concat(r, s)));
	assert.not.ok(sm2Verify(curve, pair.public, digest, one));
	assert.not.ok(sm2Verify(curve, new Uint8Array(64), digest, concat(one, one)));
	assert.is(at(sm2Sign(curve, zero, digest, random)), "key");
	assert.is(at(sm2Sign(curve, order, digest, random)), "key");
	assert.is(at(sm2Sign(curve, pair.secret, one.subarray(1), random)), "hash");
	assert.is(at(sm2IdentityHash(hashes.sm3, new Uint8Array(8192), pair.public)), "identity");
	assert.is(at(sm2IdentityHash(hashes.sm3, usualIdentity, one)), "key");
});

sm2("a chance that only ever gives zeros ends the work instead of hanging it", () => {
	const stuck = { bytes: (count: number) => new Uint8Array(count), below: () => 0 };
	assert.throws(() => sm2Sign(curve, pair.secret, digestOf(latin("x")), stuck), /no scalar/);
});

sm2("what is enciphered opens with the secret, in both layouts, and no byte may be another", () => {
	void fc.assert(
		fc.property(
			fc.uint8Array({ minLength: 1, maxLength: 70 }),
			fc.constantFrom("C1C3C2" as const, "C1C2C3" as const),
			fc.nat(),
			(message, layout, where) => {
				const sealed = given(sm2Encrypt(arithmetic, pair.public, message, { random, layout }));
				assert.is(sealed.length, message.length + 97);
				assert.equal(hex(given(sm2Decrypt(arithmetic, pair.secret, sealed, layout))), hex(message));
				const bad = flipped(sealed, where % sealed.length);
				const place = at(sm2Decrypt(arithmetic, pair.secret, bad, layout));
				assert.is(place, where % sealed.length < 65 ? "point" : "hash");
				assert.is(at(sm2Decrypt(arithmetic, other.secret, sealed, layout)), "hash");
			},
		),
		{ numRuns: 12 },
	);
});

sm2("the standard's own cryptogram (the example of GB/T 32918.5-2017)", () => {
	const secret = unhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8");
	const nonce = "59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21";
	const told = { bytes: () => unhex(nonce), below: () => 0 };
	const message = latin("encryption standard");
	const how = { random: told, layout: "C1C2C3" as const };
	const sealed = given(sm2Encrypt(arithmetic, curve.base(secret), message, how));
	const point =
		"04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0";
	const hash = "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766";
	assert.equal(hex(sealed), `04${point}21886CA989CA9C7D58087307CA93092D651EFA${hash}`);
	assert.equal(hex(given(sm2Decrypt(arithmetic, secret, sealed, "C1C2C3"))), hex(message));
});

sm2("the layouts differ in the hash's place only, and are not taken for each other", () => {
	const message = latin("encryption standard");
	const [ours, old] = (["C1C3C2", "C1C2C3"] as const).map((layout) =>
		given(sm2Encrypt(arithmetic, pair.public, message, { random: seeded(4), layout })),
	);
	assert.ok(ours !== undefined && old !== undefined);
	assert.equal(hex(concat(old.subarray(0, 65), old.subarray(-32), old.subarray(65, -32))), hex(ours));
	assert.is(at(sm2Decrypt(arithmetic, pair.secret, ours, "C1C2C3")), "hash");
	assert.is(at(sm2Decrypt(arithmetic, pair.secret, ours.subarray(0, 97))), "length");
	assert.is(at(sm2Decrypt(arithmetic, new Uint8Array(32), ours)), "key");
	assert.is(at(sm2Encrypt(arithmetic, pair.public, new Uint8Array(0), { random })), "message");
	assert.is(at(sm2Encrypt(arithmetic, new Uint8Array(64), message, { random })), "key");
});

sm2("DER: one form for each number, and no other is read", () => {
	void fc.assert(
		fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.nat(20), (signature, zeros) => {
			const padded = signature.map((byte, i) => (i % 32 < zeros ? 0 : byte));
			const der = sm2SignatureToDer(padded);
			assert.equal(hex(given(sm2SignatureOfDer(der))), hex(padded));
			assert.is(at(sm2SignatureOfDer(der.subarray(0, -1))), "length");
			assert.is(at(sm2SignatureOfDer(concat(der, new Uint8Array(1)))), "length");
		}),
	);
	void fc.assert(
		fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (text) => {
			const sealed = concat(Uint8Array.of(4), new Uint8Array(96).fill(0x99), text);
			assert.equal(hex(given(sm2CryptogramOfDer(sm2CryptogramToDer(sealed)))), hex(sealed));
		}),
	);
	void fc.assert(
		fc.property(fc.uint8Array({ maxLength: 90 }), (noise) => {
			sm2SignatureOfDer(noise);
			sm2CryptogramOfDer(noise);
		}),
	);
	for (const wrong of ["3006020100028101FF", "30070202000102010100", "30060201FF020101", "3081060201010201"])
		assert.is(at(sm2SignatureOfDer(unhex(wrong))), "length");
});

/** Another maker's SM2: Debian's openssl knows it since 3.0. Undefined where there is none. */
function foreign() {
	const folder = mkdtempSync(join(tmpdir(), "sm2-"));
	const path = (name: string): string => join(folder, name);
	const ask = (...words: readonly string[]): Uint8Array =>
		execFileSync("openssl", words, { stdio: ["ignore", "pipe", "pipe"] });
	const close = (): void => rmSync(folder, { recursive: true });
	try {
		ask("genpkey", "-algorithm", "SM2", "-out", path("key.pem"));
		ask("pkey", "-in", path("key.pem"), "-pubout", "-out", path("public.pem"));
		const point = ask("pkey", "-in", path("key.pem"), "-pubout", "-outform", "DER").subarray(-64);
		const sec1 = hex(ask("pkey", "-in", path("key.pem"), "-traditional", "-outform", "DER"));
		const secret = /^30..0201010420(.{64})/.exec(sec1)?.[1];
		assert.ok(secret);
		return { path, ask, close, public: Uint8Array.from(point), secret: unhex(secret) };
	} catch {
		close();
		return undefined;
	}
}
const openssl = foreign();
const judged = openssl === undefined ? sm2.skip : sm2;

judged("openssl and we derive the same public key, and verify each other's signatures", () => {
	assert.ok(openssl);
	const { path, ask } = openssl;
	assert.equal(hex(curve.base(openssl.secret)), hex(openssl.public));
	const message = latin("the batch of the day");
	writeFileSync(path("message"), message);
	for (const identity of ["1234567812345678", "terminal 42"]) {
		const digest = given(sm2Digest(hashes.sm3, latin(identity), openssl.public, message));
		const how = ["-rawin", "-digest", "sm3", "-in", path("message"), "-pkeyopt", `distid:${identity}`];
		ask("pkeyutl", "-sign", "-inkey", path("key.pem"), "-out", path("theirs"), ...how);
		const theirs = given(sm2SignatureOfDer(readFileSync(path("theirs"))));
		assert.ok(sm2Verify(curve, openssl.public, digest, theirs));
		assert.not.ok(sm2Verify(curve, openssl.public, flipped(digest, 0), theirs));
		const ours = given(sm2Sign(curve, openssl.secret, digest, random));
		writeFileSync(path("ours"), sm2SignatureToDer(ours));
		const verify = ["pkeyutl", "-verify", "-pubin", "-inkey", path("public.pem"), "-sigfile", path("ours")];
		assert.match(new TextDecoder().decode(ask(...verify, ...how)), /Verified Successfully/);
		writeFileSync(path("ours"), sm2SignatureToDer(flipped(ours, 5)));
		assert.throws(() => ask(...verify, ...how));
	}
});

judged("openssl and we open each other's cryptograms", () => {
	assert.ok(openssl);
	const { path, ask } = openssl;
	const key = latin("a working key of 32 bytes, sealed");
	writeFileSync(path("clear"), key);
	ask(
		"pkeyutl",
		"-encrypt",
		"-pubin",
		"-inkey",
		path("public.pem"),
		"-in",
		path("clear"),
		"-out",
		path("sealed"),
	);
	const sealed = given(sm2CryptogramOfDer(readFileSync(path("sealed"))));
	assert.equal(hex(given(sm2Decrypt(arithmetic, openssl.secret, sealed))), hex(key));
	const ours = given(sm2Encrypt(arithmetic, openssl.public, key, { random }));
	writeFileSync(path("sealed"), sm2CryptogramToDer(ours));
	assert.equal(hex(ask("pkeyutl", "-decrypt", "-inkey", path("key.pem"), "-in", path("sealed"))), hex(key));
});

sm2.after(() => openssl?.close());
sm2.run();
