/** The laboratory as a process, against published numbers. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, unhex } from "../../src/kit/bytes.ts";
import { build } from "../../src/spec/tlv/tlv.ts";
import { type Ran, technician } from "./run.ts";

type Facts = Readonly<Record<string, unknown>>;
interface Vector {
	readonly id: string;
	readonly input: Facts;
	readonly expected: Facts;
}
const held = new Map<string, readonly Vector[]>();
/** What stands under a name; a name that is not there fails the test. */
const text =
	(facts: Facts) =>
	(name: string): string => {
		const value = facts[name];
		if (typeof value !== "string") throw new Error(`${name} is no text`);
		return value;
	};
function vector(group: string, id: string) {
	const vectors =
		held.get(group) ??
		(
			JSON.parse(readFileSync(`test/vectors/${group}.json`, "utf8")) as {
				readonly vectors: readonly Vector[];
			}
		).vectors;
	held.set(group, vectors);
	const found = vectors.find((each) => each.id === id);
	if (found === undefined) throw new Error(`${id} is not in ${group}`);
	return { input: text(found.input), expected: text(found.expected), facts: found.input };
}
/** One line of what it said, without its name. */
const line = (ran: Ran, name: string): string | undefined =>
	ran.lines.find((each) => each.startsWith(`${name}: `))?.slice(name.length + 2);
const lab = async (...args: readonly string[]): Promise<Ran> => {
	const ran = await technician("lab", ...args);
	assert.match(ran.said, /^LABORATORY: clear test keys/, "it says what it is before anything else");
	return ran;
};

const numbers = suite("technician lab, published numbers");
numbers("dukpt gives the keys of a TDES transaction, from either key", async () => {
	const { input, expected } = vector("dukpt-tdes", "dukpt-tdes-FFFF9876543210E00001");
	const fromBdk = await lab("dukpt", "--bdk", input("bdk"), "--ksn", input("ksn"));
	assert.is(fromBdk.code, 0);
	assert.is(line(fromBdk, "transaction key"), expected("transaction_key"));
	assert.is(line(fromBdk, "pin"), expected("pin_key"));
	assert.is(line(fromBdk, "mac-request"), expected("mac_request_key"));
	assert.is(line(fromBdk, "data-response"), expected("data_response_key"));
	const fromIk = await lab("dukpt", "--ik", line(fromBdk, "initial key") ?? "", "--ksn", input("ksn"));
	assert.equal(fromIk.lines, fromBdk.lines);
});
numbers("dukpt gives the keys of an AES transaction", async () => {
	const { input, expected } = vector("dukpt-aes", "dukpt-aes-AES128-ctr1");
	const ran = await lab("dukpt", "--bdk", input("bdk"), "--ksn", input("ksn"));
	assert.is(line(ran, "transaction key"), expected("transaction_key"));
	assert.is(line(ran, "pin"), expected("PIN_AES128"));
	assert.is(line(ran, "mac-generate"), expected("MAC_GEN_AES128"));
	assert.is(line(ran, "data-encrypt"), expected("DATA_ENC_AES128"));
});
numbers("pin-block makes and opens a block under that key", async () => {
	const { input, expected } = vector("dukpt-tdes", "dukpt-tdes-FFFF9876543210E00001");
	const same = ["--pan", "4012345678909", "--key", expected("pin_key")];
	const made = await lab("pin-block", "make", "--pin", "1234", ...same);
	assert.equal(made.lines, [
		`block: ${input("clear_pin_block")}`,
		`enciphered: ${expected("encrypted_pin_block")}`,
	]);
	const opened = await lab("pin-block", "open", "--block", expected("encrypted_pin_block"), ...same);
	assert.equal(opened.lines, ["pin: 1234"]);
});
numbers("pin-block opens a format 4 block", async () => {
	const { input, expected } = vector("pin-block", "pin-f4-x9");
	const [pin, pan, key] = [input("pin"), input("pan"), input("key")];
	const opened = await lab(
		"pin-block",
		"open",
		"--format",
		"4",
		"--block",
		expected("block"),
		"--pan",
		pan,
		"--key",
		key,
	);
	assert.equal(opened.lines, [`pin: ${pin}`]);
});
numbers("tr31 opens a block and tells its header and optional blocks", async () => {
	const { input, expected } = vector("tr31", "tr31-openemv-15");
	const ran = await lab("tr31", "unwrap", "--kbpk", input("kbpk"), "--block", input("key_block"));
	assert.is(ran.code, 0);
	assert.is(line(ran, "key"), expected("key"));
	assert.is(line(ran, "block KS"), expected("ksn"));
	assert.is(line(ran, "usage"), "B0");
});
numbers("tr31 makes a block that opens again, and refuses one with a flipped byte", async () => {
	const kbpk = "00112233445566778899AABBCCDDEEFF";
	const key = "0123456789ABCDEFFEDCBA9876543210";
	const made = await lab("tr31", "wrap", "--kbpk", kbpk, "--header", "D0000P0TE00N0000", "--key", key);
	const block = line(made, "block") ?? "";
	assert.is(line(await lab("tr31", "unwrap", "--kbpk", kbpk, "--block", block), "key"), key);
	const flipped = block.slice(0, -1) + (block.endsWith("0") ? "1" : "0");
	const refused = await lab("tr31", "unwrap", "--kbpk", kbpk, "--block", flipped);
	assert.is(refused.code, 1);
	assert.equal(refused.lines, []);
	assert.match(refused.said, /technician: refused: mac at character/);
	const legacy = await lab("tr31", "wrap", "--kbpk", kbpk, "--header", "A0000P0TE00N0000", "--key", key);
	assert.match(legacy.said, /refused: legacy/);
});
numbers("mac, X9.19 and CMAC", async () => {
	const x919 = vector("mac", "mac-x919-24");
	const retail = await lab(
		...["mac", "--rule", "x9.19", "--key", x919.input("key"), "--text", x919.input("data_ascii")],
	);
	assert.is(line(retail, "mac")?.slice(0, 8), x919.expected("mac4"));
	const aes = vector("mac", "cmac-cmac_aes128-0");
	const cmac = await lab("mac", "--rule", "aes-cmac", "--key", aes.input("key"), "--data", "");
	assert.is(line(cmac, "mac"), aes.expected("cmac"));
});
numbers("mac of UnionPay, also as the text that field 64 carries", async () => {
	const { input, expected } = vector("unionpay-mac", "upay-mac-ecb-field-message");
	const ran = await lab("mac", "--rule", "unionpay", "--key", input("mak"), "--data", input("mab"));
	assert.equal(ran.lines, [`mac: ${expected("field64_hex")}`, `as text: ${expected("field64_ascii")}`]);
});
numbers("kcv of TDES and of AES", async () => {
	const { input, expected } = vector("kcv", "kcv-aes-cmac-16-zero");
	const aes = await lab("kcv", "--algorithm", "aes", "--key", input("key"));
	assert.is(line(aes, "kcv")?.slice(0, 6), expected("kcv"));
	const tdes = await lab("kcv", "--key", "6AC292FAA1315B4D858AB3A3D7D5933A");
	assert.is(line(tdes, "kcv")?.slice(0, 6), vector("dukpt-tdes", "dukpt-tdes-ik").expected("ik_kcv"));
});
/** Rules, vector, 9F10, and the issuer's decision: a response code or a card status update. */
const cryptograms: readonly (readonly [string, string, string, string, string])[] = [
	["visa-10", "emv-visa-cvn10", "06010A03A06010", "arc", "3030"],
	["visa-18", "emv-visa-cvn18", "06011203A0B800", "csu", "00000000"],
	["mastercard-16", "emv-mc-cvn16", "0110A00003220000", "arc", "0010"],
	["interac-133", "emv-interac-cvn133", "1501850440B100000000B00000000000000000000000", "arc", "0000"],
];
for (const [rules, id, issuerData, decision, value] of cryptograms)
	numbers(`arqc and arpc by the rules of ${rules}`, async () => {
		const { input, expected, facts } = vector("emv-host", id);
		const { tags } = facts as { readonly tags: Readonly<Record<string, string>> };
		const data = build(
			Object.entries({ ...tags, "9F10": issuerData }).map(([tag, held]) => [tag, unhex(held)]),
		);
		const ran = await lab(
			...["arqc", "--rules", rules, "--issuer-key", input("imk_ac"), "--pan", input("pan")],
			...["--sequence", input("psn"), "--tags", hex(data), `--${decision}`, value],
		);
		assert.is(line(ran, "card key"), expected("icc_mk_ac"), ran.said);
		assert.is(line(ran, "arqc"), expected("arqc"));
		assert.is(line(ran, `arpc method ${decision === "arc" ? 1 : 2}`), expected("arpc"));
	});
numbers.run();

const refusals = suite("technician lab, refusals");
refusals("what is wrong is named, never repeated", async () => {
	const secret = "0123456789ABCDEFFEDCBA98765432";
	for (const args of [
		["kcv", "--key", secret],
		["kcv", "--key", `${secret}ZZ`],
		["kcv", `--${secret}`],
		["mac", "--rule", secret, "--key", secret],
		["dukpt", "--bdk", secret, "--ksn", secret],
	]) {
		const ran = await lab(...args);
		assert.ok(ran.code === 1 || ran.code === 2, args[0]);
		assert.equal(ran.lines, []);
		assert.not.match(ran.said, secret);
	}
});
refusals("without a command it says what there is", async () => {
	const ran = await technician();
	assert.is(ran.code, 2);
	for (const name of ["key status", "key zeroise", "decode tlv", "lab dukpt", "lab tr31", "lab arqc"])
		assert.ok(ran.said.includes(`  ${name} `), name);
});
refusals.run();
