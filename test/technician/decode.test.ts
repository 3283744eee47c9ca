/** What the technician reads from a wire: names and bits, and no account. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { technician } from "./run.ts";

const decode = suite("technician decode");
decode("tlv as a tree, with the bits of a field below it", async () => {
	const { code, lines } = await technician(
		"decode",
		"tlv",
		"77 0A 9F3602001C 9505 80 0004 80 00".replaceAll(" ", ""),
	);
	assert.is(code, 1, "the template is longer than what stands there");
	assert.equal(lines, []);
	const whole = await technician("decode", "tlv", "770C9F3602001C95058000048000");
	assert.equal(whole.lines, [
		"77 Response Message Template Format 2",
		"  9F36 Application Transaction Counter: 001C",
		"  95 Terminal Verification Results: 8000048000",
		"      Offline data authentication was not performed",
		"      Online CVM captured",
		"      Transaction exceeds floor limit",
	]);
});
decode("an account is shown as six and four, a track not at all", async () => {
	const { lines } = await technician(
		"decode",
		"tlv",
		"5A08621234567890123457136212345678901234D30121010000000000000F",
	);
	assert.ok(
		lines.some((line) => line.endsWith(": 621234******1234")),
		lines.join("\n"),
	);
	assert.ok(
		lines.some((line) => /^57 .*: \[19 bytes hidden\]$/.test(line)),
		lines.join("\n"),
	);
	assert.not.match(lines.join("\n"), "567890");
});
decode("a list of what a card asks for, and its length", async () => {
	const { lines } = await technician("decode", "dol", "9F02069F3704");
	assert.equal(lines, ["9F02 Amount, Authorised (Numeric): 6", "9F37 Unpredictable Number: 4", "bytes: 10"]);
});
decode("verification rules, and single fields", async () => {
	const rules = await technician("decode", "cvm", "000186A0000003E842011E03");
	assert.equal(rules.lines, [
		"X 100000, Y 1000 in minor units",
		"Enciphered PIN verified online; If unattended cash; else the next rule",
		"Signature (paper); If terminal supports the CVM; else failed",
	]);
	const bits = await technician("decode", "bits", "9F34", "1F0302");
	assert.is(bits.lines.length, 4);
	assert.is((await technician("decode", "bits", "9F02", "00")).code, 1);
});
/** A published message (vectors/unionpay-mac.json), with its MAC behind it. */
const message =
	"0200302004C020C0981100000000000000005100183402100006324392260009942820D1312101120084393136363838303134303" +
	"030303030303030303030303031313536ACF46E73838A82F926000000000000000008220000013841394539314238";
decode("a message field by field, bare or in its frame, without account, track and PIN block", async () => {
	const bare = await technician("decode", "iso8583", message);
	assert.is(bare.code, 0, bare.said);
	assert.is(bare.lines[0], "MTI  message type: 0200");
	assert.ok(
		bare.lines.some((line) => /^F011 .*: 001834$/.test(line)),
		bare.lines.join("\n"),
	);
	for (const secret of ["9942820", "ACF46E73"]) assert.not.match(bare.lines.join("\n"), secret);
	const framed = await technician("decode", "iso8583", "--header", "6", `6000030000603100310100${message}`);
	assert.equal(framed.lines, ["TPDU 6000030000", "header 603100310100", ...bare.lines]);
	const cut = await technician("decode", "iso8583", message.slice(0, -2));
	assert.is(cut.code, 1);
	assert.match(cut.said, "short in field 64 at byte");
});
decode.run();
