import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../../scripts/vectors/emv-host.ts";
import type { Vector } from "../../../scripts/vectors/runner.ts";
import { concat, hex, unhex } from "../../../src/kit/bytes.ts";
import { aesFor } from "../../../src/runtime/aes.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { hashes } from "../../../src/runtime/hash.ts";
import { applicationCryptogram, cardMasterKey, retailMac } from "../../../src/spec/keys/issuer.ts";
import { cardMasterKeyB, cardMasterKeyC } from "../../../src/spec/keys/issuer-master.ts";
import { type IssuerRules, issuerRules } from "../../../src/spec/keys/issuer-rules-table.ts";
import {
	decipherScript,
	encipherScript,
	pinChangeCommand,
	scriptMac,
	visPinBlock,
} from "../../../src/spec/keys/issuer-script.ts";
import { openFormat2 } from "../../../src/spec/pin/block.ts";

const { vectors } = JSON.parse(
	readFileSync(new URL("../../vectors/emv-host.json", import.meta.url), "utf8"),
) as { readonly vectors: readonly Vector[] };
const vector = (id: string): Vector => {
	const found = vectors.find((each) => each.id === id);
	assert.ok(found, id);
	return found;
};

const published = suite("the issuer's end, published");
for (const each of vectors) published(each.id, () => assert.equal(run(each), []));

published("another scheme's number in the id explains nothing", () => {
	const wrong = run({ ...vector("emv-mc-cvn20"), id: "emv-mc-cvn16" });
	assert.ok(wrong.some((each) => each.key === "arqc"));
});
published("without a scheme in the id, the one that explains the values is found", () => {
	for (const each of vectors.filter((v) => v.id.startsWith("emv-mc-") || v.id.startsWith("emv-jpos-")))
		assert.equal(run({ ...each, id: "nameless" }), [], each.id);
});
published("wrong values, unknown keys and unknown inputs are told by name", () => {
	const { id, input, expected } = vector("emv-visa-cvn10");
	const told = run({
		id,
		input: { ...input, moon: "full" },
		expected: { ...expected, arpc: "0000000000000000", colour: "red" },
	});
	assert.equal(told.map((each) => each.key).sort(), ["arpc", "colour", "moon"]);
});
published("data that the tags do not make is a difference", () => {
	const { id, input, expected } = vector("emv-visa-cvn10");
	assert.ok(run({ id, input: { ...input, ac_data: "00" }, expected }).length > 0);
});

const atc = unhex("001C");
const imk = {
	ac: unhex("0123456789ABCDEFFEDCBA9876543210"),
	smi: unhex("FEDCBA98765432100123456789ABCDEF"),
	smc: unhex("89ABCDEF0123456776543210FEDCBA98"),
};
const cardKey = (issuerKey: Uint8Array): Uint8Array =>
	cardMasterKey(desFor, issuerKey, "1234567890123456", "00");
const card = { ac: cardKey(imk.ac), smi: cardKey(imk.smi), smc: cardKey(imk.smc) };
const nines = Uint8Array.of(9, 9, 9, 9);
const eights = Uint8Array.of(8, 8, 8, 8);
const changed = (rules: IssuerRules, arqc: string, current?: Uint8Array): string => {
	const change = { pin: nines, atc, arqc: unhex(arqc) };
	const made = pinChangeCommand(desFor, rules, card, current === undefined ? change : { ...change, current });
	assert.ok(made.ok);
	return hex(made.value);
};
/** pyemv, test_cvn_hsm.py: values of an HSM. */
published("Visa 18 and Interac 133 change a PIN", () => {
	assert.is(
		changed(issuerRules["visa-18"], "7A788EA6B8A3E733"),
		"8424000218BB221AF527377A2811D2B6EBC396A9391A22B480EF312F40",
	);
	assert.is(
		changed(issuerRules["visa-18"], "7A788EA6B8A3E733", eights),
		"84240001182EE025E554BCD87E11D2B6EBC396A9390FB94A4E4EC10F41",
	);
	assert.is(
		changed(issuerRules["interac-133"], "18932FECA2D84326"),
		"8424000210382F36D5920D23915CC7573F770298C9",
	);
});
published("Interac's script MAC is over the command alone", () => {
	const rules = issuerRules["interac-133"];
	const arqc = unhex("18932FECA2D84326");
	const mac = scriptMac(desFor, rules, rules.script(desFor, card.smi, { atc, arqc }), {
		header: unhex("8424000008"),
		atc,
		arqc,
	});
	assert.is(hex(mac), "B574ABB0A485A330");
});
published("options A and B of a PAN of 17 digits (pyemv, kd.py)", () => {
	const b = cardMasterKeyB({ desFor, sha1: hashes.sha1 }, imk.ac, "12345678901234567", "01");
	assert.is(hex(b), "AD406D7F6D7570916D75E5DCAB8CF737");
	assert.is(
		hex(cardMasterKey(desFor, imk.ac, "12345678901234567", "01")),
		"73AD54688CEF2934B0979857E3C719F1",
	);
});
published.run();

const rules = suite("cryptogram versions, scripts and keys without public vector");

const tags = new Map(
	Object.entries({
		"9F02": "000000004000",
		"9F03": "000000000000",
		"9F1A": "0156",
		"95": "8000048000",
		"5F2A": "0156",
		"9A": "251105",
		"9C": "00",
		"9F37": "52BF4585",
		"82": "7C00",
		"9F36": "001C",
		"9F10": "07010103A0A00001FFEEDDCCBBAA99887766",
	}).map(([tag, value]) => [tag, unhex(value)] as const),
);
for (const [name, each] of Object.entries(issuerRules))
	rules(`${name}: a cryptogram of all its tags, and none without one of them`, () => {
		const version: IssuerRules = each;
		const made = applicationCryptogram(desFor, version, card.ac, tags);
		assert.ok("cryptogram" in made);
		for (const tag of version.tags ?? ["9F02", "95", "9F37"]) {
			const less = new Map(tags);
			less.delete(tag);
			assert.equal(applicationCryptogram(desFor, version, card.ac, less), { missing: tag });
			const other = new Map(tags).set(tag, unhex("010203040506").subarray(0, tags.get(tag)?.length));
			assert.not.equal(applicationCryptogram(desFor, version, card.ac, other), made);
		}
	});
rules("UnionPay 17 is over amount, unpredictable number, counter and one byte of the CVR", () => {
	const version: IssuerRules = issuerRules["unionpay-17"];
	const session = version.session(desFor, card.ac, { atc, unpredictable: unhex("52BF4585") });
	const data = unhex("000000004000" + "52BF4585" + "001C" + "A0");
	assert.equal(applicationCryptogram(desFor, version, card.ac, tags), {
		cryptogram: retailMac(desFor, session, data, "80"),
	});
});
rules("M/Chip 17 and 21 take CVR and counters, but not the DAC between them", () => {
	const version: IssuerRules = issuerRules["mastercard-17"];
	assert.is(
		hex(version.verified(unhex("0111A00003220000DDAC00000000000322FF"))),
		"A0000322000000000000000322FF",
	);
	assert.is(issuerRules["mastercard-21"].verified, version.verified);
});
rules("no two versions of a scheme have one number at one place", () => {
	const places = Object.entries(issuerRules).map(
		([n, { at, number }]) => `${n.split("-")[0]} ${at} ${number}`,
	);
	assert.is(new Set(places).size, places.length);
});

rules("option C has the length of its issuer key, and the first block is the enciphered account", () => {
	for (const size of [16, 24, 32]) {
		const issuerKey = Uint8Array.from({ length: size }, (_, i) => i);
		const made = cardMasterKeyC(aesFor, issuerKey, "1234567890123456", "");
		assert.is(made.length, size);
		const y = unhex("00000000000000123456789012345600");
		assert.is(hex(made.subarray(0, 16)), hex(aesFor(issuerKey).encrypt(y)));
		const rest = aesFor(issuerKey).encrypt(y.map((byte) => byte ^ 0xff));
		assert.is(hex(made.subarray(16)), hex(rest.subarray(0, size - 16)));
	}
});

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
for (const how of ["visa", "mastercard", "emv"] as const)
	rules(`${how} encipherment: the card reads what the issuer wrote`, () => {
		fc.assert(
			fc.property(bytes(16, 16), bytes(1, 40), (key, data) => {
				const sent = encipherScript(desFor, how, key, data);
				assert.is(sent.length % 8, 0);
				const read = decipherScript(desFor, how, key, sent, data.length);
				assert.ok(read);
				assert.is(hex(read), hex(data));
			}),
		);
	});
rules("encipherment: half blocks, another size and broken padding are refused", () => {
	const sent = encipherScript(desFor, "visa", card.smc, unhex("0102030405"));
	assert.is(decipherScript(desFor, "visa", card.smc, sent, 4), undefined);
	assert.is(decipherScript(desFor, "visa", card.smc, sent.subarray(1), 5), undefined);
	assert.is(decipherScript(desFor, "visa", card.smc, new Uint8Array(0), 5), undefined);
	const emv = encipherScript(desFor, "emv", card.smc, unhex("0102030405060708"));
	const last = emv.map((byte, i) => (i === 15 ? byte ^ 1 : byte));
	assert.is(decipherScript(desFor, "emv", card.smc, last, 8), undefined);
	assert.is(decipherScript(desFor, "emv", card.smc, emv, 9), undefined);
});
rules("CBC: equal blocks look different; Visa's ECB shows them", () => {
	const twice = unhex("01".repeat(24));
	const parts = (how: "visa" | "emv"): string[] =>
		hex(encipherScript(desFor, how, card.smc, twice)).match(/.{16}/g) ?? [];
	assert.is(new Set(parts("emv")).size, 4);
	assert.is(new Set(parts("visa")).size, 3);
});
rules("Mastercard's PIN block is of format 2, and the card finds the new PIN in it", () => {
	const version: IssuerRules = issuerRules["mastercard-16"];
	const arqc = unhex("24CCF3DEE3158C70");
	const command = unhex(changed(version, hex(arqc)));
	const key = version.script(desFor, card.smc, { atc, arqc });
	const block = decipherScript(desFor, "mastercard", key, command.subarray(5, 13), 8);
	assert.ok(block);
	const pin = openFormat2(block);
	assert.ok(pin.ok);
	assert.equal([...pin.value], [...nines]);
});
rules("every bit of a script and its transaction is under its MAC", () => {
	const version: IssuerRules = issuerRules["visa-10"];
	const whole = concat(unhex("8424000210"), atc, unhex("29CCA15AE665FA2E"), unhex("0102030405060708"));
	const mac = (of: Uint8Array): string =>
		hex(
			scriptMac(desFor, version, card.smi, {
				header: of.subarray(0, 5),
				atc: of.subarray(5, 7),
				arqc: of.subarray(7, 15),
				data: of.subarray(15),
			}),
		);
	const good = mac(whole);
	for (let bit = 0; bit < whole.length * 8; bit += 1)
		assert.is.not(mac(whole.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))), good);
});
rules("a PIN that is none is refused, new or current", () => {
	const refusal = (pin: number[], current?: number[]): string => {
		const made = visPinBlock(card.ac, Uint8Array.from(pin), current && Uint8Array.from(current));
		return made.ok ? "taken" : `${made.error.at} ${made.error.offset}`;
	};
	assert.is(refusal([1, 2, 3, 4]), "taken");
	assert.is(refusal([1, 2, 3]), "pin-length 0");
	assert.is(refusal([1, 2, 3, 11]), "pin-digit 3");
	assert.is(refusal([1, 2, 3, 4], [1, 2, 3]), "pin-length 0");
	assert.is(refusal([1, 2, 3, 4], [1, 12, 3, 4]), "pin-digit 1");
	const command = pinChangeCommand(desFor, issuerRules["visa-10"], card, {
		pin: Uint8Array.of(1),
		atc,
		arqc: new Uint8Array(8),
	});
	assert.not(command.ok);
});
rules.run();
