import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contact } from "../../src/kernel/contact/contact.ts";
import type { Outcome } from "../../src/kernel/dialogue.ts";
import { lines, play } from "../../src/kernel/play.ts";
import { ascii, fci, objectsOf, row, type Shop, template, terms } from "./shop.ts";

const debit = "A000000333010101";
const credit = "A000000333010102";
const master = "A0000000041010";
const pse = "select-pse 00A404000E315041592E5359532E444446303100";
const pseName = objectsOf({ "84": ascii("1PAY.SYS.DDF01") });
const environment = `${template("6F", pseName + template("A5", "880101"))}9000`;
const stranger = template("61", objectsOf({ "4F": "A0000099990101", "50": ascii("STRANGER") }));
const entry = (aid: string, label: string, more: Readonly<Record<string, string>> = {}): string =>
	template("61", objectsOf({ "4F": aid, "50": ascii(label), ...more }));
const directory = (...entries: readonly string[]): string => `${template("70", entries.join(""))}9000`;
const selects = (aid: string, next = false): string =>
	`select-aid 00A404${next ? "02" : "00"}${(aid.length / 2).toString(16).padStart(2, "0").toUpperCase()}${aid}00`;

const outcome = (text: string, shop: Shop = {}): Outcome => {
	const played = play(contact(terms(shop)), lines(text));
	assert.ok(played.ok, played.ok ? "" : played.error);
	return played.value;
};
const refused = (end: Outcome): string => (end.end === "not-accepted" ? `${end.why} at ${end.at}` : end.end);
/** The rest of a transaction that ends at once, so that a test of selection need not tell it. */
const stop = `
	random 4 -> 00000000
	get-processing-options 80A8000002830000 -> 6D00`;
const chosen = "bad-answer at get-processing-options";

const byDirectory = suite("selection by the card's directory");
byDirectory("the only application that fits is taken", () => {
	const end = outcome(`
		${pse} -> ${environment}
		read-directory 00B2010C00 -> ${directory(stranger, entry(debit, "UNIONPAY DEBIT"))}
		read-directory 00B2020C00 -> 6A83
		${selects(debit)} -> ${fci(debit, "UNIONPAY DEBIT")}
		${stop}`);
	assert.is(refused(end), chosen);
});
byDirectory("several stand by their priority, those without one last", () => {
	const end = outcome(`
		${pse} -> ${environment}
		read-directory 00B2010C00 -> ${directory(entry(master, "WORLD"), entry(credit, "CREDIT", { "87": "02" }))}
		read-directory 00B2020C00 -> ${directory(entry(debit, "DEBIT", { "87": "01" }))}
		read-directory 00B2030C00 -> 6A83
		choose DEBIT, CREDIT, WORLD -> 1
		${selects(credit)} -> ${fci(credit, "CREDIT")}
		${stop}`);
	assert.is(refused(end), chosen);
});
byDirectory("the cardholder chooses none: cancelled", () => {
	const end = outcome(`
		${pse} -> ${environment}
		read-directory 00B2010C00 -> ${directory(entry(debit, "DEBIT"), entry(credit, "CREDIT"))}
		read-directory 00B2020C00 -> 6A83
		choose DEBIT, CREDIT -> none`);
	assert.ok(end.end === "cancelled" && end.why === "cardholder");
});
byDirectory("the only one that wants agreement is asked for it", () => {
	const end = outcome(`
		${pse} -> ${environment}
		read-directory 00B2010C00 -> ${directory(entry(debit, "DEBIT", { "87": "81" }))}
		read-directory 00B2020C00 -> 6A83
		choose DEBIT -> 0
		${selects(debit)} -> ${fci(debit, "DEBIT")}
		${stop}`);
	assert.is(refused(end), chosen);
});
byDirectory("a preferred name is shown when its alphabet is Latin 1, else the label", () => {
	const preferred = { "9F12": ascii("Meine Karte") };
	const latin1 = template("A5", "8801019F110101");
	const cyrillic = template("A5", "8801019F110105");
	for (const [control, label] of [
		[latin1, "Meine Karte"],
		[cyrillic, "DEBIT"],
	]) {
		const end = outcome(`
			${pse} -> ${template("6F", pseName + control)}9000
			read-directory 00B2010C00 -> ${directory(entry(debit, "DEBIT", preferred), entry(credit, "CREDIT"))}
			read-directory 00B2020C00 -> 6A83
			choose ${label}, CREDIT -> none`);
		assert.is(end.end, "cancelled");
	}
});
byDirectory("6A81: the card is blocked", () => {
	assert.is(refused(outcome(`${pse} -> 6A81`)), "card-blocked at select-pse");
});
byDirectory("an entry without its name counts for nothing, and an AID listed twice counts once", () => {
	const nameless = template("61", objectsOf({ "50": ascii("NAMELESS") }));
	const end = outcome(`
		${pse} -> ${environment}
		read-directory 00B2010C00 -> ${directory(nameless, entry(debit, "DEBIT"), entry(debit, "AGAIN"))}
		read-directory 00B2020C00 -> 6A83
		${selects(debit)} -> ${fci(debit, "DEBIT")}
		${stop}`);
	assert.is(refused(end), chosen);
});
for (const [what, answers] of [
	["no directory", `${pse} -> 6A82`],
	["a blocked directory", `${pse} -> ${environment.replace(/9000$/, "6283")}`],
	["a directory in SFI 11", `${pse} -> ${environment.replace("880101", "88010B")}`],
	["an FCI that is noise", `${pse} -> 6F03FF9000`],
	["a record that is none", `${pse} -> ${environment}\n read-directory 00B2010C00 -> 61009000`],
	["an error in the middle", `${pse} -> ${environment}\n read-directory 00B2010C00 -> 6985`],
	[
		"nothing that fits",
		`${pse} -> ${environment}
		read-directory 00B2010C00 -> ${directory(stranger)}
		read-directory 00B2020C00 -> 6A83`,
	],
])
	byDirectory(`${what}: name by name`, () => {
		const end = outcome(
			`${answers}
			${selects(debit)} -> 6A82
			${selects(credit)} -> 6A82
			${selects(master)} -> 6A82`,
		);
		assert.is(refused(end), "no-application at select-aid");
	});
byDirectory("a directory without end is read to its bound", () => {
	const dialogue = contact(terms());
	let turn = dialogue.next();
	let asked = 0;
	const endless = directory(entry(debit, "DEBIT")).match(/../g) ?? [];
	const answer = (text: readonly string[]): Uint8Array =>
		Uint8Array.from(text, (h) => Number.parseInt(h, 16));
	while (turn.done !== true && turn.value.ask === "apdu" && asked < 500) {
		asked += 1;
		const { step } = turn.value;
		const says = step === "select-pse" ? (environment.match(/../g) ?? []) : endless;
		turn = dialogue.next({ of: "apdu", response: answer(says) });
	}
	assert.ok(asked < 100, `${asked}`);
});
byDirectory.run();

const byName = suite("selection name by name");
byName("a longer name of the card fits where the profile allows it, and the next one is asked for", () => {
	const first = `${debit}01`;
	const second = `${debit}02`;
	const end = outcome(
		`${pse} -> 6A82
		${selects(debit)} -> ${fci(first, "FIRST", { "87": "02" })}
		${selects(debit, true)} -> ${fci(second, "SECOND", { "87": "01" })}
		${selects(debit, true)} -> 6A82
		choose SECOND, FIRST -> 1
		${selects(first)} -> ${fci(first, "FIRST")}
		${stop}`,
		{ applications: [row(debit, "unionpay")] },
	);
	assert.is(refused(end), chosen);
});
byName("where it does not, the longer name is passed by", () => {
	const end = outcome(
		`${pse} -> 6A82
		${selects(debit)} -> ${fci(`${debit}01`, "LONGER")}
		${selects(debit, true)} -> 6A82`,
		{ applications: [{ ...row(debit, "unionpay"), partial: false }] },
	);
	assert.is(refused(end), "no-application at select-aid");
});
byName("a blocked application is no candidate, and the end says why there is none", () => {
	const blocked = fci(debit, "DEBIT").replace(/9000$/, "6283");
	const end = outcome(`${pse} -> 6A82\n ${selects(debit)} -> ${blocked}`, {
		applications: [row(debit, "unionpay")],
	});
	assert.is(refused(end), "application-blocked at select-aid");
});
byName("6A81: the card is blocked", () => {
	assert.is(refused(outcome(`${pse} -> 6A82\n ${selects(debit)} -> 6A81`)), "card-blocked at select-aid");
});
byName.run();

const again = suite("selection again");
const two = `
	${pse} -> ${environment}
	read-directory 00B2010C00 -> ${directory(entry(debit, "DEBIT"), entry(credit, "CREDIT"))}
	read-directory 00B2020C00 -> 6A83
	choose DEBIT, CREDIT -> 0`;
again("6985 to GET PROCESSING OPTIONS: the other one is taken", () => {
	const end = outcome(`${two}
		${selects(debit)} -> ${fci(debit, "DEBIT")}
		random 4 -> 00000000
		get-processing-options 80A8000002830000 -> 6985
		${selects(credit)} -> ${fci(credit, "CREDIT")}
		${stop}`);
	assert.is(refused(end), chosen);
});
again("6985 by the last one: the conditions are not satisfied", () => {
	const end = outcome(
		`${pse} -> 6A82
		${selects(debit)} -> ${fci(debit, "DEBIT")}
		${selects(debit)} -> ${fci(debit, "DEBIT")}
		random 4 -> 00000000
		get-processing-options 80A8000002830000 -> 6985`,
		{ applications: [row(debit, "unionpay")] },
	);
	assert.is(refused(end), "conditions-not-satisfied at get-processing-options");
});
for (const [what, answer] of [
	["6A82", "6A82"],
	["6283", fci(debit, "DEBIT").replace(/9000$/, "6283")],
	["another name in the FCI", fci(credit, "CREDIT")],
	["an FCI that is noise", "6F7F9000"],
])
	again(`${what} to the final SELECT: the other one is taken`, () => {
		const end = outcome(`${two}
			${selects(debit)} -> ${answer}
			${selects(credit)} -> ${fci(credit, "CREDIT")}
			${stop}`);
		assert.is(refused(end), chosen);
	});
again("what the first one said is forgotten when the second is taken", () => {
	const end = outcome(`${two}
		${selects(debit)} -> ${fci(debit, "DEBIT", { "5F2D": ascii("zh"), "9F38": "9F1A02" })}
		random 4 -> 00000000
		get-processing-options 80A80000048302015600 -> 6985
		${selects(credit)} -> ${fci(credit, "CREDIT")}
		${stop}`);
	assert.not(end.data.has("5F2D"));
	assert.not(end.data.has("9F38"));
});
again.run();

const initiation = suite("initiation and records");
const one = `
	${pse} -> 6A82
	${selects(debit)} -> ${fci(debit, "DEBIT")}`;
const only = { applications: [row(debit, "unionpay")] };
for (const [what, pdol, command, answer, why] of [
	["a PDOL is filled", "9F33039F1A02", "80A80000078305206800015600", "6A81", "bad-answer"],
	["a PDOL that is cut", "9F33", undefined, "", "bad-answer"],
	["a PDOL that wants more than a command holds", "9F02FF", undefined, "", "bad-answer"],
	["no AIP", "9F3303", "80A80000058303206800 00", "7706940408010100 9000", "bad-answer"],
	["an AFL cut short", "9F3303", "80A80000058303206800 00", "80057C0008 0101 9000", "bad-answer"],
	["an AFL of SFI 0", "9F3303", "80A80000058303206800 00", "80067C00000101009000", "bad-answer"],
	["an AFL of SFI 31", "9F3303", "80A80000058303206800 00", "80067C00F80101009000", "bad-answer"],
	["an AFL that runs backwards", "9F3303", "80A80000058303206800 00", "80067C00080201009000", "bad-answer"],
	[
		"an AFL that signs more than it has",
		"9F3303",
		"80A80000058303206800 00",
		"80067C00080101029000",
		"bad-answer",
	],
	["an AFL of zero records", "9F3303", "80A80000058303206800 00", "80027C009000", "bad-answer"],
	["an AFL of too many records", "9F3303", "80A80000058303206800 00", "80067C000801FF009000", "bad-answer"],
])
	initiation(`${what}: ${why}`, () => {
		const asks = command === undefined ? "" : `get-processing-options ${command} -> ${answer}`;
		const end = outcome(
			`${one}
			${selects(debit)} -> ${fci(debit, "DEBIT", { "9F38": pdol ?? "" })}
			random 4 -> 00000000
			${asks}`,
			only,
		);
		assert.is(refused(end), `${why} at get-processing-options`);
	});
initiation.run();
