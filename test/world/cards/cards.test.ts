import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concat, hex, latin, unhex } from "../../../src/kit/bytes.ts";
import { seeded } from "../../../src/kit/random.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { fillDol, parseDol } from "../../../src/spec/tlv/dol.ts";
import { objects } from "../../../src/spec/tlv/tlv.ts";
import type { CardEvent } from "../../../src/world/cards/application.ts";
import type { ChipCard } from "../../../src/world/cards/chip-card.ts";
import { cardFor, type DeckCard, deck, type Issuer, issuerOf } from "../../../src/world/cards/deck.ts";
import { fileStore } from "../../../src/world/cards/memory.ts";

const needs = { desFor, random: seeded(1) };
const one = (id: string): DeckCard => {
	const card = deck.find((each) => each.id === id);
	assert.ok(card, id);
	return card;
};
const issuerFor = (card: DeckCard): Issuer => {
	const issuer = issuerOf(card.pan);
	assert.ok(issuer);
	return issuer;
};

/**
 * A terminal of T=0: fetches what 61xx announces, repeats what 6Cxx corrects. Gives hex of data and status.
 */
function send(card: ChipCard, command: string): string {
	const tpdu = unhex(command);
	const answer = card.transmit(tpdu);
	const [sw1 = 0, sw2 = 0] = answer.subarray(-2);
	if (sw1 === 0x61) return hex(card.transmit(Uint8Array.of(0x00, 0xc0, 0x00, 0x00, sw2)));
	if (sw1 === 0x6c) return hex(card.transmit(concat(tpdu.subarray(0, 4), Uint8Array.of(sw2))));
	return hex(answer);
}
const length = (data: Uint8Array): string => hex(Uint8Array.of(data.length));
const terminal: ReadonlyMap<string, Uint8Array> = new Map(
	Object.entries({
		"9F02": "000000012850",
		"9F03": "000000000000",
		"9F1A": "0156",
		"95": "8000048000",
		"5F2A": "0156",
		"9A": "261124",
		"9C": "00",
		"9F37": "52BF4585",
		"9F21": "094102",
		"9F33": "6040C8",
		"9F35": "22",
		"9F34": "420300",
	}).map(([tag, value]) => [tag, unhex(value)]),
);
const filled = (list: Uint8Array, more: Readonly<Record<string, Uint8Array>> = {}): Uint8Array => {
	const entries = parseDol(list);
	assert.ok(entries.ok);
	return fillDol(entries.value, (tag) => more[tag] ?? terminal.get(tag));
};
/** Objects of a response that ended 9000; format 1 is taken apart by the names it stands for. */
function read(response: string, names: readonly (readonly [string, number])[] = []): Map<string, Uint8Array> {
	assert.is(response.slice(-4), "9000");
	const found = objects(unhex(response.slice(0, -4)));
	assert.ok(found.ok);
	const packed = found.value.get("80");
	let at = 0;
	if (packed !== undefined)
		for (const [name, size] of names) {
			found.value.set(name, packed.slice(at, size < 0 ? undefined : at + size));
			at += size;
		}
	return found.value;
}
const cryptogram = [
	["9F27", 1],
	["9F36", 2],
	["9F26", 8],
	["9F10", -1],
] as const;

interface Went {
	readonly card: ChipCard;
	readonly tags: Map<string, Uint8Array>;
	readonly events: CardEvent[];
}
/** From reset to the first cryptogram. */
function goOnline(deckCard: DeckCard, card = cardFor(deckCard, needs), ask = "80"): Went {
	const events: CardEvent[] = [];
	card.events((event) => events.push(event));
	card.reset();
	const tags = new Map(terminal);
	const take = (more: ReadonlyMap<string, Uint8Array>): void => {
		for (const [tag, value] of more) tags.set(tag, value);
	};
	read(send(card, `00A404000E${hex(latin("1PAY.SYS.DDF01"))}`));
	const directory = read(send(card, "00B2010C00"));
	const aid = directory.get("4F") ?? new Uint8Array(0);
	take(read(send(card, `00A40400${length(aid)}${hex(aid)}`)));
	const asked = filled(tags.get("9F38") ?? new Uint8Array(0));
	const wrapped = concat(Uint8Array.of(0x83, asked.length), asked);
	take(
		read(send(card, `80A80000${length(wrapped)}${hex(wrapped)}`), [
			["82", 2],
			["94", -1],
		]),
	);
	const files = tags.get("94") ?? new Uint8Array(0);
	for (let at = 0; at < files.length; at += 4)
		for (let number = files[at + 1] ?? 0; number <= (files[at + 2] ?? 0); number += 1)
			take(read(send(card, `00B2${hex(Uint8Array.of(number, (files[at] ?? 0) | 4))}00`)));
	const list = filled(tags.get("8C") ?? new Uint8Array(0));
	take(read(send(card, `80AE${ask}00${length(list)}${hex(list)}`), cryptogram));
	return { card, tags, events };
}
function finish({ card, tags }: Went, answer: Uint8Array, ask = "40"): Map<string, Uint8Array> {
	const byCommand = ((tags.get("82")?.[0] ?? 0) & 0x04) !== 0;
	if (byCommand) send(card, `008200000A${hex(answer)}`);
	const list = filled(tags.get("8D") ?? new Uint8Array(0), {
		"8A": latin(ask === "40" ? "00" : "05"),
		"91": answer,
	});
	return read(send(card, `80AE${ask}00${length(list)}${hex(list)}`), cryptogram);
}

const whole = suite("a card and its issuer");
for (const card of deck) {
	whole(`${card.id}: ARQC good, ARPC accepted, TC`, () => {
		const went = goOnline(card);
		const issuer = issuerFor(card);
		assert.is(hex(went.tags.get("9F27") ?? new Uint8Array(0)), "80");
		assert.ok(issuer.verify(went.tags), "the issuer takes the cryptogram");
		const end = finish(went, issuer.answer(went.tags, "00"));
		assert.is(hex(end.get("9F27") ?? new Uint8Array(0)), "40");
		assert.ok(issuer.verify(new Map([...went.tags, ...end])), "the TC is good as well");
		assert.equal(
			went.events.map((event) => ("accepted" in event ? `${event.on} ${event.accepted}` : event.on)),
			["reset", "arqc", "arpc true", "tc"],
		);
	});
	whole(`${card.id}: a wrong ARPC is refused, and an approval becomes an AAC`, () => {
		const went = goOnline(card);
		const answer = issuerFor(card).answer(went.tags, "00");
		answer[0] = (answer[0] ?? 0) ^ 1;
		const end = finish(went, answer);
		assert.is(hex(end.get("9F27") ?? new Uint8Array(0)), "00");
		assert.ok(went.events.some((event) => event.on === "arpc" && !event.accepted));
	});
	whole(`${card.id}: a declined sale ends with an AAC`, () => {
		const went = goOnline(card);
		const end = finish(went, issuerFor(card).answer(went.tags, "51"), "00");
		assert.is(hex(end.get("9F27") ?? new Uint8Array(0)), "00");
	});
	whole(`${card.id}: whatever is changed, the issuer does not take the cryptogram`, () => {
		const { tags } = goOnline(card);
		for (const tag of [
			"9F02",
			"9F03",
			"9F1A",
			"95",
			"5F2A",
			"9A",
			"9C",
			"9F37",
			"82",
			"9F36",
			"9F10",
			"9F26",
		]) {
			const value = tags.get(tag)?.slice() ?? new Uint8Array(0);
			const place = tag === "9F10" ? 3 : 0;
			value[place] = (value[place] ?? 0) ^ 1;
			assert.not(issuerFor(card).verify(new Map([...tags, [tag, value]])), tag);
			assert.not(issuerFor(card).verify(new Map([...tags].filter(([each]) => each !== tag))), tag);
		}
	});
	whole(`${card.id}: number good by Luhn, track 2 and PAN agree, PIN known to the issuer alone`, async () => {
		const sum = [...card.pan].reverse().reduce((n, digit, i) => {
			const twice = Number(digit) * 2;
			return n + (i % 2 === 0 ? Number(digit) : twice > 9 ? twice - 9 : twice);
		}, 0);
		assert.is(sum % 10, 0);
		const { tags } = goOnline(card);
		const track = hex(tags.get("57") ?? new Uint8Array(0));
		assert.ok(track.startsWith(`${card.pan}D${card.expiry}${card.serviceCode}`));
		assert.ok(track.replace(/F$/, "").length <= 37);
		assert.is(hex(tags.get("5A") ?? new Uint8Array(0)).replace(/F$/, ""), card.pan);
		const issuer = issuerFor(card);
		assert.ok(issuer.pinIs(Uint8Array.from(card.pin, Number)));
		await fc.assert(
			fc.property(fc.array(fc.nat(9), { maxLength: 12 }), (digits) => {
				assert.is(issuer.pinIs(Uint8Array.from(digits)), digits.join("") === card.pin);
			}),
			{ numRuns: 50 },
		);
	});
}
whole("no issuer for a number that no card of the deck has", () => {
	assert.is(issuerOf("6217970000000000000"), undefined);
});
whole("each card counts its own transactions, across resets", () => {
	const card = cardFor(one("visa"), needs);
	const counts = [1, 2, 3].map(() => hex(goOnline(one("visa"), card).tags.get("9F36") ?? new Uint8Array(0)));
	assert.equal(counts, ["0001", "0002", "0003"]);
	assert.is(card.memory().lastOnlineAtc, 0);
});
whole("formats 1 and 2 both occur, for processing options and for cryptograms", () => {
	const format = (id: string): string[] => {
		const { tags } = goOnline(one(id));
		return [tags.has("80") ? "1" : "2"];
	};
	assert.equal([format("unionpay-debit"), format("mastercard")], [["1"], ["2"]]);
});
whole.run();

const rules = suite("a card's order and lengths");
const table: readonly (readonly [string, string, readonly string[]])[] = [
	["options before selection", "6985", ["80A80000028300"]],
	["records before options", "6985", ["00A4040008A000000333010102", "00B2010C00"]],
	["a cryptogram before options", "6985", ["00A4040008A000000333010102", "80AE80000100"]],
	["options twice", "6985", ["00A4040008A000000333010102", "80A80000028300", "80A80000028300"]],
	["options with data that were not asked for", "6700", ["00A4040008A000000333010102", "80A8000003830100"]],
	["another application", "6A82", ["00A4040007A0000000031010"]],
	["the next application of that name", "6A82", ["00A4040208A000000333010102"]],
	["a record past the end", "6A83", ["00A4040008A000000333010102", "80A80000028300", "00B2020C00"]],
	["a file that is not there", "6A82", ["00A4040008A000000333010102", "80A80000028300", "00B2011C00"]],
	["data that a card does not give", "6A88", ["00A4040008A000000333010102", "80CA9F4F00"]],
	["an instruction that it does not know", "6D00", ["00A4040008A000000333010102", "0020008000"]],
	["a class that it does not know", "6E00", ["B0A4040000"]],
	[
		"authentication of the issuer before a cryptogram",
		"6985",
		["00A4040008A000000333010102", "80A80000028300", "008200000A00000000000000003030"],
	],
	["GET RESPONSE when nothing waits", "6985", ["00C0000010"]],
];
for (const [what, status, commands] of table)
	rules(`${what}: ${status}`, () => {
		const card = cardFor(one("unionpay-credit"), needs);
		card.reset();
		assert.is(
			commands
				.map((command) => send(card, command))
				.at(-1)
				?.slice(-4),
			status,
		);
	});
rules("selection by the beginning of the name", () => {
	const card = cardFor(one("unionpay-credit"), needs);
	card.reset();
	const found = read(send(card, "00A4040005A000000333"));
	assert.is(hex(found.get("84") ?? new Uint8Array(0)), "A000000333010102");
});
rules("T=0: 61xx, part of an answer, 6Cxx", () => {
	const card = cardFor(one("unionpay-credit"), needs);
	card.reset();
	const announced = card.transmit(unhex("00A4040008A000000333010102"));
	assert.is(announced[0], 0x61);
	const size = announced[1] ?? 0;
	const first = card.transmit(Uint8Array.of(0, 0xc0, 0, 0, 4));
	assert.is(hex(first.subarray(4)), hex(Uint8Array.of(0x61, size - 4)));
	const rest = card.transmit(Uint8Array.of(0, 0xc0, 0, 0, size - 4));
	assert.is(rest.length, size - 4 + 2);
	assert.is(hex(card.transmit(unhex("80CA9F1700"))), "6C04");
	assert.is(hex(card.transmit(unhex("80CA9F1704"))), "9F1701039000");
});
rules("a second first cryptogram, a third cryptogram, a second authentication: 6985", () => {
	const deckCard = one("unionpay-debit");
	const went = goOnline(deckCard);
	const answer = issuerFor(deckCard).answer(went.tags, "00");
	finish(went, answer);
	assert.is(send(went.card, `008200000A${hex(answer)}`), "6985");
	const list = filled(went.tags.get("8D") ?? new Uint8Array(0));
	assert.is(send(went.card, `80AE4000${length(list)}${hex(list)}`), "6985");
});
rules("an approval without authentication of the issuer is none", () => {
	const went = goOnline(one("unionpay-debit"));
	const list = filled(went.tags.get("8D") ?? new Uint8Array(0), { "8A": latin("00") });
	const end = read(send(went.card, `80AE4000${length(list)}${hex(list)}`), cryptogram);
	assert.is(hex(end.get("9F27") ?? new Uint8Array(0)), "00");
});
rules("a card that is asked for a TC goes online; asked for an AAC, it declines", () => {
	const asked = (p1: string): string =>
		hex(goOnline(one("visa"), cardFor(one("visa"), needs), p1).tags.get("9F27") ?? new Uint8Array(0));
	assert.equal([asked("40"), asked("00")], ["80", "00"]);
});
rules("Mastercard: an authentic answer that does not approve gives an AAC", () => {
	const went = goOnline(one("mastercard"));
	const end = finish(went, issuerFor(one("mastercard")).answer(went.tags, "51"));
	assert.is(hex(end.get("9F27") ?? new Uint8Array(0)), "00");
	assert.ok(went.events.some((event) => event.on === "arpc" && event.accepted));
});
rules("noise never makes a card throw, and it always answers with a status", async () => {
	const card = cardFor(one("unionpay-debit"), needs);
	card.reset();
	await fc.assert(
		fc.property(
			fc.constantFrom("00A4", "00B2", "80A8", "80CA", "80AE", "0082", "00C0", "841E", "0084"),
			fc.uint8Array({ minLength: 2, maxLength: 40 }),
			(head, tail) => {
				const answer = card.transmit(concat(unhex(head), tail));
				assert.ok(answer.length >= 2 || tail.length < 2);
			},
		),
		{ numRuns: 500 },
	);
});
rules.run();

const scripts = suite("issuer scripts");
const block = unhex("841E0000");
for (const id of ["unionpay-debit", "visa", "mastercard"])
	scripts(`${id}: an application is blocked by a script with a good MAC, and by no other`, () => {
		const deckCard = one(id);
		const went = goOnline(deckCard);
		const script = objects(issuerFor(deckCard).script(went.tags, block, new Uint8Array(0)));
		assert.ok(script.ok);
		const command = script.value.get("86") ?? new Uint8Array(0);
		const wrong = command.slice();
		wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
		assert.is(send(went.card, hex(wrong)), "6988");
		assert.not(went.card.memory().applicationBlocked);
		assert.is(send(went.card, hex(command)), "9000");
		assert.ok(went.card.memory().applicationBlocked);
		went.card.reset();
		const aid = hex(went.tags.get("84") ?? new Uint8Array(0));
		const answer = went.card.transmit(unhex(`00A40400${length(unhex(aid))}${aid}`));
		assert.is(hex(answer), "6283");
		went.card.mend();
		assert.ok(issuerFor(deckCard).verify(goOnline(deckCard, went.card).tags), "mended");
	});
scripts.run();

const faults = suite("faults of a card");
const visa = one("visa");
const aid = "00A4040007A0000000031010";
faults("mute at reset", () => {
	const card = cardFor(visa, needs);
	card.behave({ do: "mute", at: 0 });
	assert.is(card.reset().length, 0);
});
faults("mute from the second command on; its repetitions and GET RESPONSE are not counted", () => {
	const card = cardFor(visa, needs);
	card.behave({ do: "mute", at: 2 });
	card.reset();
	assert.is(send(card, aid).slice(-4), "9000");
	assert.is(card.transmit(unhex("80CA9F3600")).length, 0);
});
faults("pulled at the second command: its owner hears it, nothing comes back", () => {
	const card = cardFor(visa, needs);
	let pulls = 0;
	card.pulled(() => {
		pulls += 1;
	});
	card.behave({ do: "pull", at: 2 });
	card.reset();
	assert.is(send(card, aid).slice(-4), "9000");
	assert.is(card.transmit(unhex("80CA9F3600")).length, 0);
	assert.is(pulls, 1);
});
faults("a forced status, an AAC, a cryptogram that no issuer takes, a blocked card", () => {
	const forced = cardFor(visa, needs);
	forced.behave({ do: "status", ins: 0xa8, sw: 0x6985 });
	forced.reset();
	send(forced, aid);
	assert.is(send(forced, "80A80000088306000000000000"), "6985");

	const refusing = cardFor(visa, needs);
	refusing.behave({ do: "aac" });
	assert.is(hex(goOnline(visa, refusing).tags.get("9F27") ?? new Uint8Array(0)), "00");

	const forged = cardFor(visa, needs);
	forged.behave({ do: "wrong-arqc" });
	assert.not(issuerFor(visa).verify(goOnline(visa, forged).tags));

	const blocked = cardFor(visa, needs);
	blocked.behave({ do: "block-card" });
	blocked.reset();
	assert.is(send(blocked, aid), "6A81");
});
faults.run();

const memory = suite("a card's memory in a file");
memory("the counter goes on in a new process; a damaged file counts as none", () => {
	const folder = mkdtempSync(join(tmpdir(), "cards-"));
	const path = join(folder, "cards.json");
	const atc = (): number => {
		const card = cardFor(visa, { ...needs, store: fileStore(path) });
		goOnline(visa, card);
		return card.memory().atc;
	};
	assert.equal([atc(), atc(), atc()], [1, 2, 3]);
	writeFileSync(path, '{"visa":{"atc":');
	assert.is(atc(), 1);
	rmSync(folder, { recursive: true });
});
memory("two cards with a store each on one file do not forget each other's counters", () => {
	const folder = mkdtempSync(join(tmpdir(), "cards-"));
	const path = join(folder, "cards.json");
	const [a, b] = ["visa", "mastercard"].map((id) => cardFor(one(id), { ...needs, store: fileStore(path) }));
	assert.ok(a && b);
	goOnline(one("visa"), a);
	goOnline(one("mastercard"), b);
	goOnline(one("visa"), a);
	goOnline(one("mastercard"), b);
	assert.equal(
		["visa", "mastercard"].map((id) => fileStore(path).load(id)?.atc),
		[2, 2],
	);
	rmSync(folder, { recursive: true });
});
memory.run();
