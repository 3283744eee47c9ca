/** What the shop reads out of the programs' log lines, and that every written scenario can be read. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readScenario, scenarioNames, told } from "../../../src/world/play/scenario.ts";
import type { Logged, WayStep } from "../../../src/world/shop/floor.ts";
import { lineReader, readLogged } from "../../../src/world/shop/logged.ts";
import { messageOf } from "../../../src/world/shop/messages.ts";
import { PaperRoll, slipText } from "../../../src/world/shop/paper-roll.ts";
import { acquirerBook, cloudBook, sideBySide } from "../../../src/world/shop/three-books.ts";
import { Watch } from "../../../src/world/shop/watch.ts";
import { follow, noWay } from "../../../src/world/shop/way.ts";

const logged = (event: string, fields: Record<string, unknown> = {}): Logged => ({
	at: "2026-11-24T09:41:02",
	program: "terminal",
	level: "note",
	event,
	fields,
});
const walk = (lines: readonly Logged[]): string =>
	lines
		.reduce(follow, noWay)
		.map((step: WayStep) => `${step.id} ${step.state}${step.label ? ` ${step.label}` : ""}`)
		.join(", ");

const lines = suite("log lines");

lines("a line that is no event is nobody's", () => {
	assert.is(readLogged("Segmentation fault"), undefined);
	assert.is(readLogged('{"event":"x"}'), undefined);
	assert.equal(readLogged('{"at":"a","program":"p","level":"note","event":"page","page":"idle"}'), {
		...{ at: "a", program: "p", level: "note", event: "page" },
		fields: { page: "idle" },
	});
});

lines("lines are whole wherever the stream was cut", () => {
	const text = "one\ntwo\n\nthree\n";
	for (let cut = 0; cut <= text.length; cut += 1) {
		const heard: string[] = [];
		const read = lineReader((line) => heard.push(line));
		read(text.slice(0, cut));
		read(text.slice(cut));
		assert.equal(heard, ["one", "two", "three"]);
	}
});

lines("a described message becomes a row with its amount, trace and code", () => {
	const fields =
		"MTI message type: 0210\nF004 amount: 128.50\nF037 reference: 1234 5678 9012\nF039 response: 00";
	const row = messageOf(logged("host-heard", { mti: "0210", stan: "000002", fields }));
	assert.is(row?.amount, "12850");
	assert.is(row?.code, "00");
	assert.is(row?.reference, "123456789012");
	assert.is(row?.way, "heard");
	assert.equal(row?.facts[1], ["F004 amount", "128.50"]);
	assert.is(messageOf(logged("host-wrong-mac", { mti: "0210", stan: "000002" }))?.why, "wrong-mac");
	const unheard = messageOf(logged("host-unheard", { mti: "0200", stan: "000002", end: "silent" }));
	assert.equal([unheard?.mti, unheard?.why, unheard?.fault], ["0210", "silent", true]);
	assert.is(messageOf(logged("page", { page: "idle" })), undefined);
});
lines.run();

const way = suite("the way of a sale");
const chip = [
	logged("page", { page: "amount" }),
	logged("chip-step", { step: "select-pse", sw: "6A82" }),
	logged("chip-step", { step: "select-aid", sw: "9000" }),
	logged("chip-step", { step: "read-record", sw: "9000" }),
	logged("page", { page: "pin" }),
	logged("chip-step", { step: "generate-ac-1", sw: "9000" }),
	logged("chip-online", { t95: "8000048000", t9F34: "020300", t9F27: "80" }),
	logged("host-sent", { mti: "0200", stan: "000002", fields: "" }),
];

way("goes from selection to the cryptogram, and waits for the host", () => {
	assert.is(walk(chip), "select done, read done, auth todo, pin done, arqc done, host now, end todo");
});
way("ends with the card's TC when all agreed", () => {
	const end = [
		logged("host-heard", { mti: "0210", fields: "F039 response code: 00" }),
		logged("chip-end", { end: "approved", t9F27: "40" }),
	];
	assert.is(
		walk([...chip, ...end]),
		"select done, read done, auth todo, pin done, arqc done, host done, end done TC",
	);
});
way("shows where it broke: a wrong MAC, then the card's AAC", () => {
	const end = [
		logged("host-heard", { mti: "0210", fields: "F039 response code: 00" }),
		logged("host-wrong-mac", { mti: "0210" }),
		logged("chip-end", { end: "declined", t9F27: "00" }),
	];
	assert.match(walk([...chip, ...end]), /host bad, end bad AAC$/);
});
way("begins anew with the next amount", () => {
	assert.equal([...chip, logged("page", { page: "amount" })].reduce(follow, noWay), noWay);
});
way("reads the TVR in the book's words", () => {
	const facts = chip.reduce(follow, noWay).find((step) => step.id === "arqc")?.facts ?? [];
	const says = facts.map(([name, reading]) => `${name} ${reading}`).join("\n");
	assert.match(says, /TVR 95 8000048000/);
	assert.match(says, /Offline data authentication was not performed/);
});
way.run();

const watch = suite("who is there");
watch("a program is there from its first word until boot says that it ended", () => {
	const eye = new Watch();
	assert.is(eye.up.terminal, false);
	eye.hear(logged("ready"));
	assert.is(eye.up.terminal, true);
	eye.hear({ ...logged("program-ended", { name: "terminal" }), program: "boot" });
	assert.is(eye.up.terminal, false);
});
watch.run();

const books = suite("three books");
const row = (state: string): { trace: string; amount: string; state: string } => ({
	trace: "000002",
	amount: "12850",
	state,
});
const terminal = (state: string, waiting = 0): Parameters<typeof sideBySide>[0] => {
	const stands = state === "approved";
	return {
		book: { reached: true, count: stands ? 1 : 0, net: stands ? "12850" : "0", rows: [row(state)] },
		unresolved: state === "reversing" ? 1 : 0,
		waiting,
	};
};
const host = (state: "booked" | "reversed"): ReturnType<typeof acquirerBook> =>
	acquirerBook({
		balances: [],
		reversals: [],
		net: "0",
		transactions: [
			{
				...{ terminal: "10016919", stan: "000002", batch: "000001", day: "1124", mti: "0200" },
				...{ amount: "12850", card: "", code: "00", state, reference: "", authorisation: "" },
				verified: { mac: true },
			},
		],
	});

books("agree when the same money stands in all three", () => {
	const all = sideBySide(terminal("approved"), host("booked"), cloudBook([row("approved")]));
	assert.is(all.verdict, "agree");
	assert.is(all.cloud.net, "12850");
});
books("wait while a row is still to be sent up", () => {
	assert.is(sideBySide(terminal("approved", 1), host("booked"), cloudBook([])).verdict, "wait");
});
books("wait while a reversal has no answer, though the acquirer has booked", () => {
	const all = sideBySide(terminal("reversing"), host("booked"), cloudBook([row("unresolved")]));
	assert.is(all.verdict, "wait");
	assert.is(all.difference, "12850");
});
books("differ when the acquirer holds money that the terminal calls declined", () => {
	assert.is(sideBySide(terminal("declined"), host("booked"), cloudBook([row("declined")])).verdict, "differ");
});
books("a cloud that cannot be asked is not taken for an empty one", () => {
	const all = sideBySide(terminal("reversed"), host("reversed"), cloudBook(undefined));
	assert.is(all.cloud.reached, false);
	assert.is(all.verdict, "wait");
});
books.run();

const paper = suite("paper");
paper("is cut into slips; the last is not whole before its cut", () => {
	const roll = new PaperRoll("run");
	const text = (words: string): void => {
		roll.take({ is: "text", text: words, align: "left", bold: false, large: false });
	};
	text("first");
	roll.take({ is: "cut" });
	text("second");
	assert.equal(roll.whole().map(slipText), ["first"]);
	assert.equal(roll.slips().map(slipText), ["first", "second"]);
});
paper.run();

const scenarios = suite("scenarios");
const folder = "src/world/scenarios";
for (const name of scenarioNames(folder))
	scenarios(`${name} can be read`, () => {
		const read = readScenario(folder, name);
		assert.ok(read.ok, read.ok ? "" : read.error.at);
	});
scenarios("there is one for each fault that the bench knows how to make", () => {
	const wanted = [
		...["chip-pin-sale", "host-silent", "wrong-mac", "line-cut", "late-answer"],
		...["declined-51", "wrong-pin", "card-removed", "paper-out", "cloud-away", "power-cut"],
	];
	for (const name of wanted) assert.ok(scenarioNames(folder).includes(name), name);
});
scenarios("a missing one is named, not thrown", () => {
	assert.equal(readScenario(folder, "no-such"), { ok: false, error: { at: "no-such.json" } });
});
scenarios("a PIN is told in stars", () => {
	assert.is(told({ pin: "123456" }), "pin ******");
});
scenarios.run();
