import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contact } from "../../src/kernel/contact/contact.ts";
import { chance } from "../../src/kernel/contact/risk.ts";
import type { Application, Outcome } from "../../src/kernel/dialogue.ts";
import { lines, play } from "../../src/kernel/play.ts";
import { unhex } from "../../src/kit/bytes.ts";
import { cryptogram, fci, findings, recordOf, row, type Shop, tag, terms } from "./shop.ts";

/** One card of one application, from its records to an AAC that ends the transaction. */
interface Case {
	readonly scheme?: Application["scheme"];
	readonly row?: Partial<Application>;
	readonly options?: string;
	readonly record?: Readonly<Record<string, string | undefined>>;
	readonly raw?: string;
	/** Lines between the account and the first GENERATE AC. */
	readonly says?: string;
	readonly ac?: string;
	readonly shop?: Shop;
}
const aid = "A000000333010101";
const oda = "Offline data authentication was not performed";
const run = (c: Case): Outcome => {
	const application = { ...row(aid, c.scheme ?? "unionpay"), floorLimit: 1_000_000, ...c.row };
	const played = play(
		contact(terms({ applications: [application], ...c.shop })),
		lines(`
			select-pse 00A404000E315041592E5359532E444446303100 -> 6A82
			select-aid 00A4040008${aid}00 -> ${fci(aid, "DEBIT")}
			select-aid 00A4040008${aid}00 -> ${fci(aid, "DEBIT")}
			random 4 -> 0A0B0C0D
			get-processing-options 80A8000002830000 -> ${c.options ?? "80067C00080101019000"}
			read-record 00B2010C00 -> ${c.raw ?? recordOf(c.record)}
			${c.says ?? "account -> go\n pin or empty -> entered\n random 2 -> 0062"}
			${c.ac ?? `generate-ac-1 80AE8000 1A * -> ${cryptogram("00")}`}`),
	);
	assert.ok(played.ok, played.ok ? "" : played.error);
	return played.value;
};
const found = (c: Case): readonly string[] =>
	findings(run(c)).filter((text) => text !== oda && text !== "Online CVM captured");

const records = suite("records");
for (const missing of ["5A", "5F24", "8C", "8D"])
	records(`without ${missing} the card is not accepted`, () => {
		const end = run({ record: { [missing]: undefined }, says: "", ac: "" });
		assert.ok(end.end === "not-accepted" && end.why === "missing-data" && end.at === "read-record");
	});
for (const [what, raw] of [
	["6985", "6985"],
	["a template 71", "71009000"],
	["a malformed object", "70045A0861629000"],
	["no template", "FF9000"],
	[
		"an object that stands twice",
		`${recordOf()
			.slice(0, -4)
			.replace(
				/^7081(..)/,
				(_, n: string) => `7081${(Number.parseInt(n, 16) + 6).toString(16)}`,
			)}5F24033012319000`,
	],
	["a PAN with a letter", recordOf({ "5A": "62179700000000050A0F" })],
	["a month 13", recordOf({ "5F24": "301331" })],
	["a CDOL that is cut", recordOf({ "8C": "9F02" })],
])
	records(`${what}: the card is not accepted`, () => {
		const end = run({ raw: raw ?? "", says: "", ac: "" });
		assert.is(end.end === "not-accepted" && end.why, "bad-answer");
	});
records("00 and FF between objects are padding", () => {
	const padded = recordOf().replace(
		/^7081(..)/,
		(_, n: string) => `7081${(Number.parseInt(n, 16) + 4).toString(16)}0000FFFF`,
	);
	assert.is(run({ raw: padded }).end, "declined");
});
records("records of SFI 11 are read and not looked at", () => {
	const end = run({
		options: "800A7C0008010101580101009000",
		says: "read-record 00B2015C00 -> FFFF9000\n account -> go\n pin or empty -> entered\n random 2 -> 0062",
	});
	assert.is(end.end, "declined");
});
records("a card cannot give the terminal's own data", () => {
	const end = run({ record: { "9F33": "FFFFFF", "9F02": "000000000001", "9F1C": "4142434445464748" } });
	assert.is(tag(end, "9F33"), "206800");
	assert.is(tag(end, "9F02"), "000000003900");
	assert.not(end.data.has("9F1C"));
});
records("account, expiry and sequence are known when the account is asked", () => {
	const end = run({ says: "account -> stop", ac: "" });
	assert.ok(end.end === "cancelled" && end.why === "account");
	assert.is(tag(end, "5A"), "6217970000000005090F");
	assert.is(tag(end, "5F34"), "01");
	assert.is(tag(end, "9F06"), aid);
});
records.run();

const restrictions = suite("restrictions");
const denied = { ac: `generate-ac-1 80AE0000 1A * -> ${cryptogram("00")}` };
restrictions("nothing is found with a card that may be used today", () => {
	assert.equal(found({}), []);
});
restrictions("a card of yesterday has expired, one of today has not", () => {
	assert.equal(found({ record: { "5F24": "261123" } }), ["Expired application"]);
	assert.equal(found({ record: { "5F24": "261124" } }), []);
});
restrictions("a card from tomorrow is not yet effective, one from today is", () => {
	assert.equal(found({ record: { "5F25": "261125" } }), ["Application not yet effective"]);
	assert.equal(found({ record: { "5F25": "261124" } }), []);
});
restrictions("years 50 to 99 are of the last century", () => {
	assert.equal(found({ record: { "5F24": "991231", "5F25": "990101" } }), ["Expired application"]);
	assert.equal(found({ record: { "5F24": "491231" } }), []);
});
restrictions("another version", () => {
	assert.equal(found({ record: { "9F08": "0020" } }), [
		"Integrated circuit card (ICC) and terminal have different application versions",
	]);
	assert.equal(found({ record: { "9F08": undefined } }), []);
});
for (const [what, control, country, type, fits] of [
	["goods at home", "2100", "0156", "00", true],
	["services at home", "0900", "0156", "00", true],
	["only abroad, used at home", "1500", "0156", "00", false],
	["goods abroad", "1100", "0840", "00", true],
	["only at home, used abroad", "2900", "0840", "00", false],
	["cash at home", "8100", "0156", "01", true],
	["no cash", "3D00", "0156", "01", false],
	["cashback at home", "2180", "0156", "09", true],
	["no cashback", "2100", "0156", "09", false],
	["at tellers only", "FE00", "0156", "00", false],
	["no issuer country: only the place counts", "0100", undefined, "00", true],
] as const)
	restrictions(`usage control, ${what}: ${fits ? "allowed" : "not allowed"}`, () => {
		const pin = country === "0840" ? "pin" : "pin or empty";
		const said = found({
			record: { "9F07": control, "5F28": country, "8E": "00000000000000000203" },
			shop: { transaction: { "9C": type } },
			says: `account -> go\n ${pin} -> entered\n random 2 -> 0062`,
			...(fits ? {} : denied),
		});
		assert.equal(said, fits ? [] : ["Requested service not allowed for card product"]);
	});
restrictions.run();

const verification = suite("cardholder verification");
const foreign = (list: string, says: string, more: Partial<Case> = {}): Outcome =>
	run({
		scheme: "visa",
		record: { "5F28": "0840", "8E": list, "9F42": "0156", "9F07": "FFC0", ...more.record },
		says: `account -> go\n ${says}\n random 2 -> 0062`,
		...(more.shop === undefined ? {} : { shop: more.shop }),
		...(more.options === undefined ? {} : { options: more.options }),
	});
const notVerified = "Cardholder verification was not successful";
const told = (end: Outcome): readonly string[] => findings(end).filter((text) => text !== oda);

verification("a domestic UnionPay card is asked for its PIN whatever its list says", () => {
	const end = run({ record: { "8E": "00000000000000001F00" } });
	assert.is(tag(end, "9F34"), "420300");
	assert.is(run({ record: { "5F28": undefined, "8E": undefined } }).end, "declined");
});
verification("its empty PIN is the issuer's to judge: the TVR tells that none was entered", () => {
	const end = run({ says: "account -> go\n pin or empty -> empty\n random 2 -> 0062" });
	assert.is(tag(end, "9F34"), "420300");
	assert.equal(told(end), ["PIN entry required, PIN pad present, but PIN was not entered"]);
});
verification("its PIN cannot be taken: verification has failed", () => {
	const end = run({ says: "account -> go\n pin or empty -> unavailable\n random 2 -> 0062" });
	assert.is(tag(end, "9F34"), "420301");
	assert.equal(told(end), [notVerified, "PIN entry required and PIN pad not present or not working"]);
});
for (const [end, why] of [
	["cancelled", "cardholder"],
	["timeout", "pin-timeout"],
])
	verification(`the PIN ${end}: cancelled before any cryptogram`, () => {
		const over = run({ says: `account -> go\n pin or empty -> ${end}`, ac: "" });
		assert.ok(over.end === "cancelled");
		assert.is(over.why, why);
		assert.not(over.data.has("9F26"));
	});
verification("a foreign UnionPay card goes by its list", () => {
	const end = run({
		record: { "5F28": "0840", "8E": "00000000000000005E0342031F00" },
		says: "account -> go\n random 2 -> 0062",
	});
	assert.is(tag(end, "9F34"), "5E0300");
	assert.equal(told(end), []);
});
for (const [what, list, says, results, bits] of [
	["signature", "00000000000000001E03", "", "1E0300", []],
	["no CVM", "00000000000000001F00", "", "1F0002", []],
	["online PIN", "00000000000000000203", "pin -> entered", "020300", ["Online CVM captured"]],
	[
		"online PIN, empty, then signature",
		"00000000000000004203 5E03",
		"pin or empty -> empty",
		"5E0300",
		["PIN entry required, PIN pad present, but PIN was not entered"],
	],
	[
		"online PIN without a next rule cannot be empty, and fails",
		"00000000000000000203",
		"pin -> empty",
		"020301",
		[notVerified, "PIN entry required, PIN pad present, but PIN was not entered"],
	],
	[
		"two PIN rules ask once",
		"00000000000000004200 4203 1E03",
		"pin or empty -> unavailable",
		"1E0300",
		["PIN entry required and PIN pad not present or not working"],
	],
	["offline PIN by condition 03 is passed by", "00000000000000004103 4403 1E03", "", "1E0300", []],
	[
		"offline PIN always wanted leaves its bit",
		"00000000000000004100 1F00",
		"",
		"1F0002",
		["PIN entry required and PIN pad not present or not working"],
	],
	["fail", "00000000000000000000", "", "000001", [notVerified]],
	[
		"a code that nobody knows, with a next rule",
		"00000000000000006A00 1F00",
		"",
		"1F0002",
		["Unrecognised CVM"],
	],
	[
		"a code that nobody knows, without",
		"00000000000000002A00 1F00",
		"",
		"2A0001",
		[notVerified, "Unrecognised CVM"],
	],
	["no condition holds", "00000000000000001F01 1F04 1F05 1F99", "", "3F0001", [notVerified]],
	["a list without rules", "0000000000000000", "", "3F0000", ["Integrated circuit card (ICC) data missing"]],
	["under X", "0000 2710 00000000 1F06", "", "1F0602", []],
	["not over X", "0000 2710 00000000 1F07", "", "3F0001", [notVerified]],
	["over Y", "00000000 0000 03E8 1F09", "", "1F0902", []],
	["not under Y", "00000000 0000 03E8 1F08", "", "3F0001", [notVerified]],
] as const)
	verification(`by list: ${what}`, () => {
		const end = foreign(list.replaceAll(" ", ""), says);
		assert.is(tag(end, "9F34"), results);
		assert.equal([...told(end)].sort(), [...bits].sort());
	});
verification("amounts count only in the card's own currency", () => {
	const end = foreign("00002710000000001F06", "", { record: { "9F42": "0840" } });
	assert.is(tag(end, "9F34"), "3F0001");
});
verification("conditions of cash and cashback", () => {
	const cash = { shop: { transaction: { "9C": "01" } } };
	assert.is(tag(foreign("00000000000000001F021F04", "", cash), "9F34"), "1F0402");
	const back = { shop: { transaction: { "9C": "09" } } };
	assert.is(tag(foreign("00000000000000001F021F05", "", back), "9F34"), "1F0502");
	const teller = { shop: { transaction: { "9C": "01" }, terminal: { "9F35": "15" } } };
	assert.is(tag(foreign("00000000000000001F041F01", "", teller), "9F34"), "1F0102");
});
verification("an AIP without verification: nothing is performed", () => {
	const end = foreign("00000000000000001E03", "", { options: "80066C00080101019000" });
	assert.is(tag(end, "9F34"), "3F0000");
});
verification("a list of an odd length: the card is not accepted", () => {
	const end = run({
		scheme: "visa",
		record: { "8E": "000186A0000003E81E0342" },
		says: "account -> go",
		ac: "",
	});
	assert.is(end.end === "not-accepted" && end.why, "bad-answer");
});
verification.run();

const risk = suite("risk and action");
risk("the floor limit counts the account's earlier sales", () => {
	const at = (floorLimit: number, earlier: number): readonly string[] =>
		found({
			row: { floorLimit },
			says: `account -> go\n pin or empty -> entered${3900 + earlier >= floorLimit ? "" : "\n random 2 -> 0062"}`,
			shop: { earlierWith: (pan) => (pan === "6217970000000005090" ? earlier : 0) },
		});
	assert.equal(at(3901, 0), []);
	assert.equal(at(3900, 0), ["Transaction exceeds floor limit"]);
	assert.equal(at(5000, 1100), ["Transaction exceeds floor limit"]);
	assert.equal(at(5001, 1100), []);
});
risk("random selection: the target up to the threshold, then rising to the greatest", () => {
	const limits = { ...row(aid, "unionpay"), floorLimit: 10_000, threshold: 2000, target: 10, targetMost: 50 };
	assert.is(chance(limits, 1999), 10);
	assert.is(chance(limits, 2000), 10);
	assert.is(chance(limits, 6000), 30);
	assert.is(chance({ ...limits, floorLimit: 0 }, 6000), 10);
	const drawn = (bytes: string): readonly string[] =>
		found({
			row: { target: 10, targetMost: 50 },
			says: `account -> go\n pin or empty -> entered\n random 2 -> ${bytes}`,
		});
	// 0009 is drawn as 10, 000A as 11.
	assert.equal(drawn("0009"), ["Transaction selected randomly for online processing"]);
	assert.equal(drawn("000A"), []);
});
for (const [what, atc, last, said] of [
	["within both", "9F36020006", "9F13020005", []],
	["over the lower", "9F36020008", "9F13020005", ["Lower consecutive offline limit exceeded"]],
	[
		"over both",
		"9F3602000F",
		"9F13020005",
		["Lower consecutive offline limit exceeded", "Upper consecutive offline limit exceeded"],
	],
	[
		"running backwards",
		"9F36020005",
		"9F13020005",
		["Lower consecutive offline limit exceeded", "Upper consecutive offline limit exceeded"],
	],
	["never online", "9F36020001", "9F13020000", ["New card"]],
] as const)
	risk(`velocity: ${what}`, () => {
		const end = run({
			record: { "9F14": "02", "9F23": "05" },
			says: `account -> go\n pin or empty -> entered\n random 2 -> 0062
				get-data 80CA9F3600 -> ${atc}9000
				get-data 80CA9F1300 -> ${last}9000`,
		});
		assert.equal(
			findings(end).filter((text) => text !== oda && text !== "Online CVM captured"),
			said,
		);
	});
risk("velocity: a card that does not tell its counters exceeds both", () => {
	const end = run({
		record: { "9F14": "02", "9F23": "05" },
		says: `account -> go\n pin or empty -> entered\n random 2 -> 0062
			get-data 80CA9F3600 -> 6A88
			get-data 80CA9F1300 -> 9F1303000000 9000`,
	});
	assert.ok(findings(end).includes("Upper consecutive offline limit exceeded"));
	assert.not(findings(end).includes("New card"));
});
risk("a card that wants no risk management is held to the floor limit all the same", () => {
	assert.equal(
		found({
			options: "80067400080101019000",
			row: { floorLimit: 0 },
			says: "account -> go\n pin or empty -> entered",
		}),
		["Transaction exceeds floor limit"],
	);
});
const quiet = {
	row: { tacOnline: "0000000000", tacDefault: "0000000000" },
	record: { "9F0D": "0000000000", "9F0E": "0000000000", "9F0F": "0000000000" },
};
risk("where no code names a finding the card is asked for a TC", () => {
	const end = run({ ...quiet, ac: `generate-ac-1 80AE4000 1A * -> ${cryptogram("40")}` });
	assert.equal({ ...end, data: 0 }, { end: "approved", online: false, data: 0 });
	assert.is(tag(end, "8A"), "5931");
});
risk("a card without codes wants everything online", () => {
	const end = run({ ...quiet, record: { "9F0D": undefined, "9F0E": undefined, "9F0F": undefined } });
	assert.is(end.end, "declined");
});
risk("a terminal that is only online asks for an ARQC, one that is only offline for TC or AAC", () => {
	const of = (type: string, says: string): Outcome =>
		run({
			...quiet,
			shop: { terminal: { "9F35": type } },
			ac: `generate-ac-1 ${says} 1A * -> ${cryptogram("00")}`,
		});
	assert.is(of("21", "80AE8000").end, "declined");
	const offline = { ...quiet, row: { ...quiet.row, tacDefault: "8000000000" } };
	assert.is(of("23", "80AE4000").end, "declined");
	assert.is(
		run({
			...offline,
			shop: { terminal: { "9F35": "23" } },
			ac: `generate-ac-1 80AE0000 1A * -> ${cryptogram("00")}`,
		}).end,
		"declined",
	);
});
risk.run();

const named = suite("fields");
named("9F1B and 9F09 follow the application", () => {
	const end = run({ row: { floorLimit: 0x10000 } });
	assert.equal(end.data.get("9F1B"), unhex("00010000"));
	assert.is(tag(end, "9F09"), "0030");
});
named.run();
