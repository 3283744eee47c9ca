import { constants, generateKeyPairSync, type KeyObject, privateEncrypt } from "node:crypto";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run as runCapk } from "../../../scripts/vectors/capk.ts";
import { run } from "../../../scripts/vectors/oda.ts";
import type { Vector } from "../../../scripts/vectors/runner.ts";
import { concat, hex, unhex } from "../../../src/kit/bytes.ts";
import { hashes } from "../../../src/runtime/hash.ts";
import { rsaPublic } from "../../../src/runtime/rsa.ts";
import {
	certificateExpired,
	combinedAuthentication,
	dynamicAuthentication,
	iccKey,
	issuerKey,
	type RsaKey,
	staticAuthentication,
} from "../../../src/spec/emv/oda.ts";

const oda = suite("offline data authentication");
const vectorsOf = (group: string): readonly Vector[] =>
	JSON.parse(readFileSync(`test/vectors/${group}.json`, "utf8")).vectors;

for (const vector of vectorsOf("oda")) oda(vector.id, () => assert.equal(run(vector), []));
for (const vector of vectorsOf("capk")) oda(vector.id, () => assert.equal(runCapk(vector), []));

oda("a vector that says something else is told apart, in every key that it expects", () => {
	for (const vector of vectorsOf("oda"))
		for (const [key, wanted] of Object.entries(vector.expected)) {
			if (key === "error") continue;
			const other = typeof wanted === "boolean" ? !wanted : `${String(wanted)}0`;
			const differences = run({ ...vector, expected: { ...vector.expected, [key]: other } });
			assert.equal(
				differences.map((d) => d.key),
				[key],
				`${vector.id} ${key}`,
			);
		}
});

oda("a key that the runner does not know is a failure that names it", () => {
	const [vector] = vectorsOf("oda");
	assert.ok(vector);
	assert.equal(run({ ...vector, expected: { colour: "red" } })[0]?.key, "colour");
});

/** A scheme, an issuer and a card of our own making: chance decides the sizes of their keys. */
interface Pair {
	readonly key: RsaKey;
	readonly secret: KeyObject;
}
function pair(bits: number): Pair {
	const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: bits, publicExponent: 3 });
	const { n = "" } = publicKey.export({ format: "jwk" });
	const key = { modulus: new Uint8Array(Buffer.from(n, "base64url")), exponent: Uint8Array.of(3) };
	return { key, secret: privateKey };
}
const [scheme, issuer, card, other] = [pair(1152), pair(1024), pair(768), pair(1024)];
const arithmetic = { recover: rsaPublic(), sha1: hashes.sha1 };
const none = new Uint8Array(0);
const pan = "6222021234567890";
const staticData = unhex("5A0862220212345678905F24033012317C00");
const terms = { pan, date: "260101", staticData };

/** `6A ‖ signed ‖ hash ‖ BC` under the signer's secret key, `behind` being hashed too. */
function sign(signer: Pair, signed: Uint8Array, behind: Uint8Array): Uint8Array {
	const block = concat(Uint8Array.of(0x6a), signed, hashes.sha1(concat(signed, behind)), Uint8Array.of(0xbc));
	return new Uint8Array(privateEncrypt({ key: signer.secret, padding: constants.RSA_NO_PADDING }, block));
}
const filled = (size: number, ...parts: readonly Uint8Array[]): Uint8Array => {
	const whole = new Uint8Array(size).fill(0xbb);
	whole.set(concat(...parts));
	return whole;
};

interface Minted {
	readonly signer: Pair;
	readonly of: "issuer" | "icc";
	readonly owner: RsaKey;
	readonly subject: string;
	readonly expiry?: string;
	readonly hashAlgorithm?: number;
	readonly keyAlgorithm?: number;
	readonly data?: Uint8Array;
}
function mint(how: Minted) {
	const { signer, of, owner, subject, expiry = "1230", data = none } = how;
	const head = concat(
		Uint8Array.of(of === "issuer" ? 2 : 4),
		unhex(subject),
		unhex(expiry),
		unhex("000007"),
		Uint8Array.of(how.hashAlgorithm ?? 1, how.keyAlgorithm ?? 1, owner.modulus.length, owner.exponent.length),
	);
	const room = signer.key.modulus.length - 22 - head.length;
	const signed = filled(room + head.length, head, owner.modulus.slice(0, room));
	const remainder = owner.modulus.slice(room);
	const certificate = sign(signer, signed, concat(remainder, owner.exponent, data));
	return { certificate, remainder, exponent: owner.exponent };
}
const issuerParts = mint({ signer: scheme, of: "issuer", owner: issuer.key, subject: "622202FF" });
const iccParts = mint({
	signer: issuer,
	of: "icc",
	owner: card.key,
	subject: `${pan}FFFF`,
	data: staticData,
});

oda("a whole chain of our own: issuer, card, DDA, CDA and SDA are believed", () => {
	const found = issuerKey(arithmetic, scheme.key, issuerParts, terms);
	assert.ok(found.ok);
	assert.equal(hex(found.value.key.modulus), hex(issuer.key.modulus));
	const icc = iccKey(arithmetic, found.value.key, iccParts, terms);
	assert.ok(icc.ok);
	assert.equal(hex(icc.value.key.modulus), hex(card.key.modulus));
	const dac = staticAuthentication(arithmetic, found.value.key, ssad, staticData);
	assert.equal(dac.ok && hex(dac.value), "DAC5");
	const combined = combinedAuthentication(arithmetic, icc.value.key, cdaSignature, cda);
	assert.equal(combined.ok && hex(combined.value.combined.cryptogram), "1122334455667788");
	assert.equal(combined.ok && hex(combined.value.dynamicNumber), "0102030405060708");
});

const ssad = sign(issuer, filled(issuer.key.modulus.length - 22, unhex("0301DAC5")), staticData);
const cda = {
	unpredictable: unhex("0BADCAFE"),
	cid: 0x80,
	sent: unhex("000000012850"),
	response: unhex("9F2701809F36020001"),
};
const dynamicData = concat(
	unhex("080102030405060708"),
	unhex("801122334455667788"),
	hashes.sha1(concat(cda.sent, cda.response)),
);
const cdaSignature = sign(
	card,
	filled(card.key.modulus.length - 22, unhex("0501"), Uint8Array.of(dynamicData.length), dynamicData),
	cda.unpredictable,
);

const flipped = (bytes: Uint8Array, at: number, bit: number): Uint8Array =>
	bytes.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));

oda("no byte of certificate, remainder, exponent, signature or data may be another", () => {
	const whole = concat(iccParts.certificate, iccParts.remainder, staticData);
	const [size, rest] = [iccParts.certificate.length, iccParts.remainder.length];
	void fc.assert(
		fc.property(fc.nat(whole.length - 1), fc.nat(7), (at, bit) => {
			const bytes = flipped(whole, at, bit);
			const parts = {
				certificate: bytes.slice(0, size),
				remainder: bytes.slice(size, size + rest),
				exponent: iccParts.exponent,
			};
			const judged = iccKey(arithmetic, issuer.key, parts, {
				...terms,
				staticData: bytes.slice(size + rest),
			});
			assert.not.ok(judged.ok);
		}),
		{ numRuns: 300 },
	);
	const exponent = Uint8Array.of(17);
	const judged = iccKey(arithmetic, issuer.key, { ...iccParts, exponent }, terms);
	assert.equal(judged, { ok: false, error: { of: "icc", at: "hash" } });
	void fc.assert(
		fc.property(fc.nat(cdaSignature.length - 1), fc.nat(7), (at, bit) => {
			const signature = flipped(cdaSignature, at, bit);
			assert.not.ok(combinedAuthentication(arithmetic, card.key, signature, cda).ok);
		}),
		{ numRuns: 300 },
	);
	void fc.assert(
		fc.property(fc.nat(ssad.length - 1), fc.nat(7), (at, bit) => {
			assert.not.ok(staticAuthentication(arithmetic, issuer.key, flipped(ssad, at, bit), staticData).ok);
		}),
		{ numRuns: 300 },
	);
});

oda("each reason to refuse has its name", () => {
	const judged = (how: Partial<Minted>, changed: object = {}) => {
		const parts = mint({ signer: scheme, of: "issuer", owner: issuer.key, subject: "622202FF", ...how });
		const result = issuerKey(arithmetic, scheme.key, { ...parts, ...changed }, terms);
		return result.ok ? "believed" : result.error.at;
	};
	assert.is(judged({}), "believed");
	assert.is(judged({ subject: "622203FF" }), "issuer-identifier");
	assert.is(judged({ subject: "6222F2FF" }), "issuer-identifier");
	assert.is(judged({ expiry: "1225" }), "expired");
	assert.is(judged({ expiry: "1325" }), "expired");
	assert.is(judged({ expiry: "0126" }), "believed");
	assert.is(judged({ hashAlgorithm: 2 }), "hash-algorithm");
	assert.is(judged({ keyAlgorithm: 2 }), "key-algorithm");
	assert.is(judged({ of: "icc", subject: `${pan}FFFF` }), "format");
	assert.is(judged({}, { remainder: none }), "remainder");
	assert.is(judged({}, { exponent: unhex("010001") }), "key-length");
	assert.is(judged({}, { certificate: none }), "length");
	assert.is(judged({}, { certificate: scheme.key.modulus }), "length");
	// Recovered with a key that did not sign: what comes out is noise.
	assert.ok(["trailer", "header", "length"].includes(judged({ signer: other }, {})));
});

oda("CDA is refused for another card's answer, another number, another question", () => {
	const judged = (changed: Partial<typeof cda>) => {
		const result = combinedAuthentication(arithmetic, card.key, cdaSignature, { ...cda, ...changed });
		return result.ok ? "believed" : result.error.at;
	};
	assert.is(judged({}), "believed");
	assert.is(judged({ unpredictable: unhex("0BADCAFF") }), "hash");
	assert.is(judged({ cid: 0x40 }), "cryptogram-information");
	assert.is(judged({ sent: unhex("000000012851") }), "transaction-hash");
	assert.is(judged({ response: unhex("9F2701809F36020002") }), "transaction-hash");
});

oda("a DDA signature is no CDA", () => {
	const signature = sign(
		card,
		filled(card.key.modulus.length - 22, unhex("050103020001")),
		cda.unpredictable,
	);
	const dda = dynamicAuthentication(arithmetic, card.key, signature, cda.unpredictable);
	assert.equal(dda.ok && hex(dda.value.dynamicNumber), "0001");
	const combined = combinedAuthentication(arithmetic, card.key, signature, cda);
	assert.equal(combined, { ok: false, error: { of: "dynamic", at: "length" } });
});

oda("certificates are good to the last day of their month, over the turn of the century", () => {
	const good = (expiry: string, date: string) => !certificateExpired(expiry, date);
	assert.ok(good("1231", "311231"));
	assert.not.ok(good("1231", "320101"));
	assert.ok(good("1249", "491231"));
	assert.ok(good("0100", "991231"));
	assert.not.ok(good("1299", "000101"));
	assert.not.ok(good("0030", "260101"));
});

oda("noise is never believed and never throws", () => {
	void fc.assert(
		fc.property(
			fc.uint8Array({ maxLength: 150 }),
			fc.uint8Array({ maxLength: 40 }),
			(certificate, remainder) => {
				const parts = { certificate, remainder, exponent: Uint8Array.of(3) };
				assert.not.ok(issuerKey(arithmetic, scheme.key, parts, terms).ok);
				assert.not.ok(dynamicAuthentication(arithmetic, card.key, certificate, remainder).ok);
			},
		),
	);
	const noKey = { modulus: new Uint8Array(128), exponent: new Uint8Array(1) };
	assert.not.ok(issuerKey(arithmetic, noKey, issuerParts, terms).ok);
});

oda.run();
