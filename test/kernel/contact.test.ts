import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contact } from "../../src/kernel/contact/contact.ts";
import type { Outcome } from "../../src/kernel/dialogue.ts";
import { type Line, lines, play } from "../../src/kernel/play.ts";
import { cryptogram, fci, findings, objectsOf, recordOf, type Shop, tag, template, terms } from "./shop.ts";

const debit = "A000000333010101";
const arqc = cryptogram("80", "A1A2A3A4A5A6A7A8");
const tc = cryptogram("40", "B1B2B3B4B5B6B7B8");
const aac = cryptogram("00", "C1C2C3C4C5C6C7C8");

const outcome = (transcript: readonly Line[], shop: Shop = {}): Outcome => {
	const played = play(contact(terms(shop)), transcript);
	assert.ok(played.ok, played.ok ? "" : played.error);
	return played.value;
};

/** The lines of one sale, so that a test can write only what is different in its own. */
interface Sale {
	readonly options?: string;
	readonly record?: string;
	readonly verification?: string;
	readonly risk?: string;
	readonly first?: string;
	readonly rest?: string;
}
const approval = `
	host 9F27=80 9F26=A1A2A3A4A5A6A7A8 9F36=0007 9F37=0A0B0C0D -> approved 00 9108D1D2D3D4D5D6D7D8
	external-authenticate 0082000008D1D2D3D4D5D6D7D8 -> 9000
	generate-ac-2 80AE40001E * -> ${tc}
`;
const selected = `
	select-pse 00A40400 0E 315041592E5359532E4444463031 00 -> 6A82
	select-aid 00A40400 08 ${debit} 00 -> ${fci(debit, "UNIONPAY DEBIT")}
	select-aid 00A40400 08 A000000333010102 00 -> 6A82
	select-aid 00A40400 07 A0000000041010 00 -> 6A82
	select-aid 00A40400 08 ${debit} 00 -> ${fci(debit, "UNIONPAY DEBIT")}
`;
const sale = (other: Sale = {}): readonly Line[] =>
	lines(`
	${selected}
	random 4 -> 0A0B0C0D
	get-processing-options 80A80000 02 8300 00 -> ${other.options ?? "80067C00080101019000"}
	read-record 00B2010C00 -> ${other.record ?? recordOf()}
	account -> go
	${other.verification ?? "pin or empty -> entered"}
	${other.risk ?? ""}
	generate-ac-1 ${other.first ?? `80AE8000 1A * -> ${arqc}`}
	${other.rest ?? approval}
`);

const whole = suite("a whole transaction");
whole("a domestic card with its PIN is approved online", () => {
	const end = outcome(sale());
	assert.is(end.end, "approved");
	assert.is(end.end === "approved" && end.online, true);
	assert.is(tag(end, "9F26"), "B1B2B3B4B5B6B7B8");
	assert.is(tag(end, "9F27"), "40");
	assert.is(tag(end, "8A"), "3030");
	assert.is(tag(end, "9F34"), "420300");
	assert.is(tag(end, "9B"), "7800");
	assert.equal(findings(end), [
		"Offline data authentication was not performed",
		"Online CVM captured",
		"Transaction exceeds floor limit",
	]);
});
whole("everything that field 55 wants is handed to the host", () => {
	const dialogue = contact(terms());
	let turn = dialogue.next();
	for (const [, hears] of sale().slice(0, -3)) {
		assert.not(turn.done);
		const ask = turn.done === true ? undefined : turn.value;
		if (ask?.ask === "random") turn = dialogue.next({ of: "random", bytes: Uint8Array.of(1, 2, 3, 4) });
		else if (ask?.ask === "account") turn = dialogue.next({ of: "account", go: true });
		else if (ask?.ask === "pin") turn = dialogue.next({ of: "pin", end: "entered" });
		else
			turn = dialogue.next({
				of: "apdu",
				response: Uint8Array.from(hears.match(/../g) ?? [], (h) => Number.parseInt(h, 16)),
			});
	}
	assert.ok(turn.done !== true && turn.value.ask === "host");
	const wanted =
		"57 5A 5F24 5F34 9F26 9F27 9F10 9F37 9F36 95 9A 9C 9F02 5F2A 82 9F1A 9F03 9F33 9F34 9F35 9F1E 84 9F09 9F41 50 9B";
	for (const name of wanted.split(" ")) assert.ok(turn.value.data.has(name), name);
	assert.is(turn.value.data.get("9F33")?.length, 3);
});
whole("the host declines: AAC is asked for and the sale is declined", () => {
	const end = outcome(sale({ rest: `host -> declined 55\n generate-ac-2 80AE00001E3535 * -> ${aac}` }));
	assert.equal({ ...end, data: 0 }, { end: "declined", online: true, byCard: false, data: 0 });
	assert.is(tag(end, "8A"), "3535");
});
whole("the host approves and the card refuses: to be reversed", () => {
	const end = outcome(sale({ rest: `host -> approved 00\n generate-ac-2 80AE40001E3030 * -> ${aac}` }));
	assert.equal({ ...end, data: 0 }, { end: "declined", online: true, byCard: true, data: 0 });
});
whole("no answer from the host: Z3, and AAC always", () => {
	const end = outcome(sale({ rest: `host -> unable Z3\n generate-ac-2 80AE00001E5A33 * -> ${aac}` }));
	assert.equal({ ...end, data: 0 }, { end: "declined", online: true, byCard: false, data: 0 });
});
whole("a TC that nobody asked for approves nothing", () => {
	const end = outcome(sale({ rest: `host -> unable Z3\n generate-ac-2 80AE00001E5A33 * -> ${tc}` }));
	assert.is(end.end, "declined");
});
for (const [what, answer] of [
	["6985", "6985"],
	["noise", "FF9000"],
	["an ARQC", arqc],
	["a CID with both bits", cryptogram("C0")],
])
	whole(`after the host's approval ${what} is a card that refuses, never a card that cannot be used`, () => {
		const end = outcome(sale({ rest: `host -> approved 00\n generate-ac-2 80AE4000 * -> ${answer}` }));
		assert.equal({ ...end, data: 0 }, { end: "declined", online: true, byCard: true, data: 0 });
	});
whole("the wrong card ends it before the PIN", () => {
	const end = outcome([...sale().slice(0, 8), ["account", "stop"]]);
	assert.is(end.end === "cancelled" && end.why, "account");
});
whole("a forced sale tells so in the TVR", () => {
	assert.ok(findings(outcome(sale(), { forceOnline: true })).includes("Merchant forced transaction online"));
});
whole("an answer of another kind is a bug of the terminal", () => {
	const dialogue = contact(terms());
	dialogue.next();
	assert.throws(() => dialogue.next({ of: "account", go: true }), /asked for apdu, answered with account/);
});
whole.run();

const taken = suite("the card is taken");
const full = sale();
full.forEach(([says], at) => {
	const [step = ""] = says.split(" ");
	if (["random", "account", "pin", "host"].includes(step)) return;
	const sent = at > full.findIndex(([line]) => line.startsWith("host"));
	taken(`at ${step}, ask ${at + 1}: ${sent ? "the host had approved" : "nothing was sent"}`, () => {
		const end = outcome([...full.slice(0, at), [says, "gone"]]);
		assert.equal({ ...end, data: 0 }, { end: "card-gone", sent, approved: sent, data: 0 });
	});
});
taken("after the host declined it stays declined", () => {
	const end = outcome(sale({ rest: "host -> declined 51\n generate-ac-2 80AE0000 * -> gone" }));
	assert.equal({ ...end, data: 0 }, { end: "card-gone", sent: true, approved: false, data: 0 });
});
taken("while a script runs behind the TC: the sale stands", () => {
	const script = template("72", objectsOf({ "9F18": "00000001", "86": "841E000004AABBCCDD" }));
	const end = outcome(
		sale({
			rest: `host -> approved 00 ${script}
				generate-ac-2 80AE4000 * -> ${tc}
				script 841E000004AABBCCDD -> gone`,
		}),
	);
	assert.is(end.end, "approved");
	assert.is(tag(end, "DF31"), "1100000001");
	assert.ok(findings(end).includes("Script processing failed after final GENERATE AC"));
});
taken.run();

const first = suite("the first GENERATE AC");
for (const [what, answer, why] of [
	["a CID with both bits set is reserved", cryptogram("C0"), "bad-answer"],
	["a TC where an ARQC was asked for raises it", tc, "bad-answer"],
	["a cryptogram cut short", "800A8000071122334455669000", "bad-answer"],
	["no template", "9F2701809000", "bad-answer"],
	["6985", "6985", "conditions-not-satisfied"],
	["6A81", "6A81", "bad-answer"],
])
	first(`${what}: the card is not accepted`, () => {
		const end = outcome(sale({ first: `80AE8000 1A * -> ${answer}`, rest: "" }));
		assert.ok(end.end === "not-accepted");
		assert.is(end.why, why);
		assert.is(end.at, "generate-ac-1");
	});
first("AAC declines without the host", () => {
	const end = outcome(sale({ first: `80AE8000 1A * -> ${aac}`, rest: "" }));
	assert.equal({ ...end, data: 0 }, { end: "declined", online: false, byCard: false, data: 0 });
	assert.is(tag(end, "8A"), "5A31");
});
first("format 2 says the same", () => {
	const answer = template("77", objectsOf({ "9F27": "80", "9F36": "0007", "9F26": "A1A2A3A4A5A6A7A8" }));
	const end = outcome(
		sale({
			first: `80AE8000 1A * -> ${answer}9000`,
			rest: `host 9F36=0007 9F26=A1A2A3A4A5A6A7A8 -> declined 05\n generate-ac-2 80AE0000 * -> ${aac}`,
		}),
	);
	assert.is(end.end, "declined");
});
first("an issuer's action code denies: AAC is asked for", () => {
	const end = outcome(
		sale({
			record: recordOf({ "9F0E": "8000000000" }),
			first: `80AE0000 1A * -> ${aac}`,
			rest: "",
		}),
	);
	assert.is(end.end, "declined");
});
first.run();

const issuer = suite("the issuer's answer");
issuer("its authentication fails at the card: the TVR tells, the card decides", () => {
	const end = outcome(
		sale({
			rest: `host -> approved 00 9108D1D2D3D4D5D6D7D8
				external-authenticate 0082000008D1D2D3D4D5D6D7D8 -> 6300
				generate-ac-2 80AE40001E3030D1D2D3D4D5D6D7D80000000039008000048040 * -> ${aac}`,
		}),
	);
	assert.ok(end.end === "declined" && end.byCard);
	assert.ok(findings(end).includes("Issuer authentication failed"));
});
issuer("a card without EXTERNAL AUTHENTICATE takes it by CDOL2 alone", () => {
	const end = outcome(
		sale({
			options: "80067800080101019000",
			rest: `host -> approved 00 9108D1D2D3D4D5D6D7D8
				generate-ac-2 80AE40001E3030D1D2D3D4D5D6D7D8 * -> ${tc}`,
		}),
	);
	assert.is(end.end, "approved");
	assert.is(tag(end, "9B"), "6800");
});
for (const data of ["11223344556677", "1122334455667788112233445566778811"])
	issuer(
		`issuer authentication data of ${data.length / 2} bytes is not sent, and authenticates nobody`,
		() => {
			const end = outcome(
				sale({
					rest: `host -> approved 00 ${objectsOf({ "91": data })}\n generate-ac-2 80AE4000 * -> ${tc}`,
				}),
			);
			assert.ok(findings(end).includes("Issuer authentication failed"));
			assert.is(tag(end, "9B"), "6800");
		},
	);
issuer("a script before the cryptogram stops at its first error", () => {
	const script = "7113 9F180400000002 860484160000 860484180000";
	const end = outcome(
		sale({
			rest: `host -> approved 00 ${script}
				script 84160000 -> 6288
				script 84180000 -> 6988
				generate-ac-2 80AE4000 * -> ${tc}`,
		}),
	);
	assert.is(tag(end, "DF31"), "1200000002");
	assert.is(tag(end, "9B"), "6C00");
	assert.ok(findings(end).includes("Script processing failed before final GENERATE AC"));
});
issuer("scripts that went well say so, one after another", () => {
	const one = template("71", objectsOf({ "9F18": "00000001", "86": "84160000" }));
	const two = template("72", objectsOf({ "9F18": "00000002", "86": "84240000" }));
	const end = outcome(
		sale({
			rest: `host -> approved 00 ${one} ${two}
				script 84160000 -> 9000
				generate-ac-2 80AE4000 * -> ${tc}
				script 84240000 -> 9000`,
		}),
	);
	assert.is(tag(end, "DF31"), "20000000012000000002");
	assert.not(findings(end).some((text) => text.startsWith("Script")));
});
issuer("data that cannot be read counts as none", () => {
	assert.is(
		outcome(sale({ rest: `host -> approved 00 9108D1\n generate-ac-2 80AE4000 * -> ${tc}` })).end,
		"approved",
	);
});
issuer.run();
