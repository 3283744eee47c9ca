import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contact } from "../../src/kernel/contact/contact.ts";
import type { Answer, Ask, Outcome } from "../../src/kernel/dialogue.ts";
import { equal, hex, unhex } from "../../src/kit/bytes.ts";
import { seeded } from "../../src/kit/random.ts";
import { cryptogram, fci, objectsOf, recordOf, row, template, terms } from "./shop.ts";

/**
 * Whatever a card, a host and a cardholder answer, a transaction ends in an outcome, in a bounded number of
 * asks, and an outcome never approves what was not approved.
 */
const aid = "A000000333010101";
const pse = `${template("6F", template("A5", "880101"))}9000`;
/** Answers that lead on, by step: noise alone would end at the first SELECT. */
const good: Readonly<Record<string, readonly string[]>> = {
	"select-pse": [pse, "6A82"],
	"read-directory": [`${template("70", template("61", objectsOf({ "4F": aid })))}9000`, "6A83"],
	"select-aid": [fci(aid, "DEBIT"), fci(aid, "DEBIT", { "9F38": "9F3704" }), fci(`${aid}01`, "LONGER")],
	"get-processing-options": ["80067C00080101019000", "770A82025C009404080101019000", "6985"],
	"read-record": [recordOf(), recordOf({ "5F28": "0840" }), recordOf({ "9F14": "01", "9F23": "02" })],
	"get-data": ["9F360200079000", "9F130200009000", "6A88"],
	"external-authenticate": ["9000", "6300"],
	script: ["9000", "6283", "6985"],
	"generate-ac-1": [cryptogram("80"), cryptogram("40"), cryptogram("00"), cryptogram("C0")],
	"generate-ac-2": [cryptogram("40"), cryptogram("00"), cryptogram("80")],
};
const issuerData = [
	"",
	"91081122334455667788",
	template("71", "860484160000"),
	template("72", "860484160000"),
];

/** A world of one seed: mostly what leads on, sometimes a byte changed, a cut, a gap, or noise. */
function world(seed: number, wildness: number): (ask: Ask) => Answer {
	const chance = seeded(seed);
	const pick = <T>(of: readonly [T, ...T[]]): T => of[chance.below(of.length)] ?? of[0];
	const wild = (): boolean => chance.below(100) < wildness;
	const spoil = (bytes: Uint8Array): Uint8Array => {
		const spoilt = bytes.slice();
		const at = chance.below(Math.max(1, spoilt.length));
		if (chance.below(2) === 0) return spoilt.subarray(0, at);
		spoilt[at] = chance.below(256);
		return spoilt;
	};
	const response = (step: string): Uint8Array | undefined => {
		const [first = "9000", ...others] = good[step] ?? [];
		const written = unhex(pick([first, ...others]));
		if (!wild()) return written;
		return pick([undefined, spoil(written), spoil(written), chance.bytes(chance.below(40)), unhex("9000")]);
	};
	return (ask) => {
		switch (ask.ask) {
			case "apdu":
				return { of: "apdu", response: response(ask.step) };
			case "choose":
				return { of: "choose", index: wild() ? pick([undefined, -1, 99, Number.NaN, 0.5]) : 0 };
			case "random":
				return { of: "random", bytes: chance.bytes(wild() ? chance.below(9) : ask.bytes) };
			case "account":
				return { of: "account", go: !wild() };
			case "pin":
				return {
					of: "pin",
					end: pick(["entered", "entered", "empty", "cancelled", "timeout", "unavailable"]),
				};
			default: {
				const data = unhex(pick(["", ...issuerData]));
				return {
					of: "host",
					end: pick(["answered", "answered", "unable"]),
					arc: pick(["00", "55", "Z3", "", "\u4e2d\u6587"]),
					approved: pick([true, true, false]),
					issuerData: wild() ? pick([chance.bytes(30), spoil(data)]) : data,
				};
			}
		}
	};
}

interface Heard {
	readonly outcome: Outcome;
	readonly asks: readonly Ask[];
	readonly answers: readonly Answer[];
}
function run(answer: (ask: Ask) => Answer): Heard {
	const dialogue = contact(
		terms({
			applications: [row(aid, "unionpay"), { ...row("A0000000041010", "mastercard"), floorLimit: 10_000 }],
		}),
	);
	const asks: Ask[] = [];
	const answers: Answer[] = [];
	let turn = dialogue.next();
	while (turn.done !== true) {
		assert.ok(asks.length < 400, "it asks without end");
		asks.push(turn.value);
		const said = answer(turn.value);
		answers.push(said);
		turn = dialogue.next(said);
	}
	return { outcome: turn.value, asks, answers };
}

/** What must hold of every transaction, whatever happened in it. */
function holds({ outcome, asks, answers }: Heard): void {
	const host = answers.find((a) => a.of === "host");
	const approvedByHost = host?.of === "host" && host.end === "answered" && host.approved;
	const generated = asks.flatMap((a) => (a.ask === "apdu" && a.step.startsWith("generate") ? [a] : []));
	assert.ok(generated.length <= 2, "at most two GENERATE AC");
	assert.ok(asks.filter((a) => a.ask === "host").length <= 1, "the host is asked once");
	if (outcome.end === "approved") {
		assert.is(outcome.online, host !== undefined);
		if (outcome.online) assert.ok(approvedByHost, "approved against the host");
		assert.is((outcome.data.get("9F27")?.[0] ?? 0) & 0xc0, 0x40, "approved without a TC");
	}
	// After the host there is no way out that leaves open what becomes of the money.
	if (host !== undefined) assert.ok(["approved", "declined", "card-gone"].includes(outcome.end), outcome.end);
	if (outcome.end === "declined") assert.is(outcome.byCard, approvedByHost === true);
	if (outcome.end === "card-gone")
		assert.equal([outcome.sent, outcome.approved], [host !== undefined, approvedByHost === true]);
	// The PIN pad is opened once, and a TC is asked for behind the host only when it approved.
	assert.ok(asks.filter((a) => a.ask === "pin").length <= 1);
	const last = generated[1];
	if (last !== undefined) assert.is(hex(last.command).slice(0, 6), approvedByHost ? "80AE40" : "80AE00");
	assert.is(outcome.data.get("95")?.length, 5);
}

const ends = new Map<string, number>();
const noise = suite("noise");
for (const wildness of [0, 5, 20, 60])
	noise(
		`with ${wildness} wild answers in a hundred every transaction ends, and none approves by mistake`,
		() => {
			fc.assert(
				fc.property(fc.integer(), (seed) => {
					const heard = run(world(seed, wildness));
					holds(heard);
					ends.set(heard.outcome.end, (ends.get(heard.outcome.end) ?? 0) + 1);
				}),
				{ numRuns: 400 },
			);
		},
	);
noise("every kind of end was reached", () => {
	assert.equal([...ends.keys()].sort(), ["approved", "cancelled", "card-gone", "declined", "not-accepted"]);
});
noise("a snapshot that was handed out does not change afterwards", () => {
	const seen: { readonly data: ReadonlyMap<string, Uint8Array>; readonly tvr: Uint8Array }[] = [];
	const answer = world(7, 0);
	const heard = run((ask) => {
		if (ask.ask === "host" || ask.ask === "account")
			seen.push({ data: ask.data, tvr: ask.data.get("95")?.slice() ?? new Uint8Array() });
		return answer(ask);
	});
	assert.ok(heard.asks.length > 0 && seen.length > 0);
	for (const { data, tvr } of seen) assert.ok(equal(data.get("95") ?? new Uint8Array(), tvr));
});
noise.run();
