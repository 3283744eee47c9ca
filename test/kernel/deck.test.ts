import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { exchangeT0 } from "../../drivers/card-reader/t0.ts";
import { contact } from "../../src/kernel/contact/contact.ts";
import type { Answer, Outcome } from "../../src/kernel/dialogue.ts";
import { cardProfileFrom } from "../../src/kernel/profile.ts";
import { concat } from "../../src/kit/bytes.ts";
import { seeded } from "../../src/kit/random.ts";
import { desFor } from "../../src/runtime/des.ts";
import { tlv } from "../../src/spec/tlv/tlv.ts";
import type { CardEvent } from "../../src/world/cards/application.ts";
import type { ChipCard } from "../../src/world/cards/chip-card.ts";
import { cardFor, deck, type Issuer, issuerOf } from "../../src/world/cards/deck.ts";
import { findings, tag, terms } from "./shop.ts";

/** The kernel with the shipped profile against cards with true cryptograms, and issuers that check them. */
const file = "firmware-config/profiles/applications.json";
const read = cardProfileFrom(JSON.parse(readFileSync(file, "utf8")));
assert.ok(read.ok);
const profile = read.value;

interface Story {
	readonly outcome: Outcome;
	/** Each command's step, in order. */
	readonly steps: readonly string[];
	readonly events: readonly CardEvent[];
	/** Whether the issuer believed the cryptogram; undefined: it was not asked. */
	readonly believed: boolean | undefined;
	readonly pins: readonly string[];
}
interface Play {
	readonly pin?: "entered" | "empty";
	readonly arc?: string;
	/** Spoils what the issuer says in its answer. */
	readonly forge?: boolean;
	readonly script?: boolean;
	readonly unable?: boolean;
}

/** One command over T=0; undefined when the card does not answer. */
function send(card: ChipCard, command: Uint8Array): Uint8Array | undefined {
	const dialogue = exchangeT0(command);
	let turn = dialogue.next();
	while (turn.done !== true) turn = dialogue.next(card.transmit(turn.value));
	return typeof turn.value === "string" ? undefined : turn.value;
}

type Tags = ReadonlyMap<string, Uint8Array>;
/** What the bank says to the ARQC, by the story. */
function answer(issuer: Issuer, data: Tags, { arc = "00", forge, script, unable }: Play): Answer {
	const nothing = new Uint8Array(0);
	if (unable === true) return { of: "host", end: "unable", arc: "Z3", approved: false, issuerData: nothing };
	const authentication = issuer.answer(data, arc);
	if (forge === true) authentication[0] = (authentication[0] ?? 0) ^ 1;
	const command = issuer.script(data, Uint8Array.of(0x84, 0x24, 0, 0), nothing);
	const scripts = script === true ? tlv("71", command) : nothing;
	const issuerData = concat(tlv("91", authentication), scripts);
	return { of: "host", end: "answered", arc, approved: arc === "00", issuerData };
}

function pay(card: ChipCard, issuer: Issuer, story: Play = {}): Story {
	const events: CardEvent[] = [];
	const steps: string[] = [];
	const pins: string[] = [];
	let believed: boolean | undefined;
	const off = card.events((event) => events.push(event));
	const chance = seeded(3);
	const dialogue = contact({
		...terms(),
		...profile,
		terminal: new Map([...terms().terminal, ...profile.terminal]),
	});
	card.reset();
	let turn = dialogue.next();
	while (turn.done !== true) {
		const ask = turn.value;
		let said: Answer;
		if (ask.ask === "apdu") {
			steps.push(ask.step);
			said = { of: "apdu", response: send(card, ask.command) };
		} else if (ask.ask === "random") said = { of: "random", bytes: chance.bytes(ask.bytes) };
		else if (ask.ask === "account") said = { of: "account", go: true };
		else if (ask.ask === "choose") said = { of: "choose", index: 0 };
		else if (ask.ask === "pin") {
			pins.push(ask.emptyAllowed ? "pin or empty" : "pin");
			said = { of: "pin", end: story.pin ?? "entered" };
		} else {
			believed = issuer.verify(ask.data);
			said = answer(issuer, ask.data, story);
		}
		turn = dialogue.next(said);
	}
	off();
	return { outcome: turn.value, steps, events, believed, pins };
}

const hand = (id: string): { readonly card: ChipCard; readonly issuer: Issuer } => {
	const found = deck.find((c) => c.id === id);
	assert.ok(found);
	const issuer = issuerOf(found.pan, desFor);
	assert.ok(issuer);
	return { card: cardFor(found, { desFor, random: seeded(1) }), issuer };
};
const accepted = (events: readonly CardEvent[]): readonly boolean[] =>
	events.flatMap((e) => (e.on === "arpc" ? [e.accepted] : []));
const verified: Readonly<Record<string, string>> = {
	"unionpay-debit": "420300",
	"unionpay-credit": "420300",
	visa: "1E0300",
	mastercard: "420300",
};

const cards = suite("cards of the deck");
for (const { id, cvm } of deck) {
	cards(`${id}: its issuer believes the ARQC, the card believes the issuer, TC`, () => {
		const { card, issuer } = hand(id);
		const { outcome, events, believed, pins } = pay(card, issuer);
		assert.is(outcome.end, "approved");
		assert.is(believed, true);
		assert.equal(accepted(events), [true]);
		assert.is(events.at(-1)?.on, "tc");
		assert.is(pins.length, cvm === "signature" ? 0 : 1);
		if (verified[id] !== undefined) assert.is(tag(outcome, "9F34"), verified[id]);
	});
	cards(`${id}: the issuer declines, AAC`, () => {
		const { card, issuer } = hand(id);
		const { outcome, events } = pay(card, issuer, { arc: "51" });
		assert.ok(outcome.end === "declined" && outcome.online && !outcome.byCard);
		assert.is(events.at(-1)?.on, "aac");
	});
	cards(`${id}: a forged answer of the issuer is refused by the card: to be reversed`, () => {
		const { card, issuer } = hand(id);
		const { outcome, events } = pay(card, issuer, { forge: true });
		assert.ok(outcome.end === "declined" && outcome.byCard);
		assert.equal(accepted(events), [false]);
	});
	cards(`${id}: no answer, AAC`, () => {
		const { card, issuer } = hand(id);
		const { outcome, events } = pay(card, issuer, { unable: true });
		assert.ok(outcome.end === "declined" && outcome.online && !outcome.byCard);
		assert.equal(accepted(events), []);
	});
	cards(`${id}: pulled at any command, the card is gone`, () => {
		const { steps } = pay(hand(id).card, hand(id).issuer);
		steps.forEach((step, i) => {
			const { card, issuer } = hand(id);
			card.behave({ do: "pull", at: i + 1 });
			const { outcome } = pay(card, issuer);
			const sent = ["external-authenticate", "generate-ac-2"].includes(step);
			assert.equal({ ...outcome, data: 0 }, { end: "card-gone", sent, approved: sent, data: 0 }, step);
		});
	});
}
cards("an empty PIN of a domestic UnionPay card is told to its issuer in the TVR", () => {
	const { card, issuer } = hand("unionpay-credit");
	const { outcome, believed, pins } = pay(card, issuer, { pin: "empty" });
	assert.equal(pins, ["pin or empty"]);
	assert.is(believed, true);
	assert.is(outcome.end, "approved");
	assert.ok(findings(outcome).includes("PIN entry required, PIN pad present, but PIN was not entered"));
});
cards("a Mastercard without its PIN goes on to signature", () => {
	const { card, issuer } = hand("mastercard");
	const { outcome } = pay(card, issuer, { pin: "empty" });
	assert.is(tag(outcome, "9F34"), "5E0300");
});
cards("a card that wants an AAC declines without the host", () => {
	const { card, issuer } = hand("visa");
	card.behave({ do: "aac" });
	const { outcome, believed } = pay(card, issuer);
	assert.ok(outcome.end === "declined" && !outcome.online);
	assert.is(believed, undefined);
});
cards("a blocked card and a blocked application are named", () => {
	for (const [fault, why] of [
		["block-card", "card-blocked"],
		["block-application", "application-blocked"],
	] as const) {
		const { card, issuer } = hand("unionpay-debit");
		card.behave({ do: fault });
		const { outcome } = pay(card, issuer);
		assert.is(outcome.end === "not-accepted" && outcome.why, why);
	}
});
cards("a script with its issuer's MAC is done by the card, and told", () => {
	const { card, issuer } = hand("unionpay-debit");
	const { outcome, events, steps } = pay(card, issuer, { script: true });
	assert.is(outcome.end, "approved");
	assert.ok(steps.indexOf("script") < steps.indexOf("generate-ac-2"));
	assert.equal(
		events.flatMap((e) => (e.on === "script" ? [e.done] : [])),
		[true],
	);
	assert.is(tag(outcome, "DF31"), "2000000000");
});
cards("a second sale has another counter and another cryptogram", () => {
	const { card, issuer } = hand("unionpay-debit");
	const [first, second] = [pay(card, issuer).outcome, pay(card, issuer).outcome];
	assert.is.not(tag(first, "9F36"), tag(second, "9F36"));
	assert.is.not(tag(first, "9F26"), tag(second, "9F26"));
});
cards.run();
