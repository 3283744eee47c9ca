import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contact } from "../../../src/kernel/contact/contact.ts";
import type { Answer, Ask, Outcome } from "../../../src/kernel/dialogue.ts";
import { cardProfileFrom } from "../../../src/kernel/profile.ts";
import { concat } from "../../../src/kit/bytes.ts";
import { seeded } from "../../../src/kit/random.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { requestFrom } from "../../../src/terminal/payment/chip-data.ts";
import { termsOf } from "../../../src/terminal/terms.ts";
import type { ChipCard } from "../../../src/world/cards/chip-card.ts";
import { cardFor, type DeckCard, deck, issuerOf } from "../../../src/world/cards/deck.ts";
import { atCounter, type Counter, calendar, settingsFor } from "./bank.ts";

const read = cardProfileFrom(JSON.parse(readFileSync("firmware-config/profiles/applications.json", "utf8")));
if (!read.ok) throw new Error("the profile is none");
const profile = read.value;

/** A reader without a wire: one APDU as T=0 commands, the way the driver does it. */
function exchange(card: ChipCard, apdu: Uint8Array): Uint8Array {
	const takesData = apdu.length > 5;
	const tpdu = takesData
		? apdu.subarray(0, 5 + (apdu[4] ?? 0))
		: concat(apdu, new Uint8Array(5 - apdu.length));
	const first = card.transmit(tpdu);
	const [sw1 = 0, sw2 = 0] = first.subarray(-2);
	if (sw1 === 0x61) return card.transmit(Uint8Array.of(0, 0xc0, 0, 0, sw2));
	if (sw1 === 0x6c) return card.transmit(concat(tpdu.subarray(0, 4), Uint8Array.of(sw2)));
	return first;
}

/** One sale with the kernel between card and desk; gives how the kernel ends and what the host said. */
async function buy(
	{ desk, keys }: Counter,
	card: ChipCard,
	{ trace, amount, pin }: { readonly trace: number; readonly amount: bigint; readonly pin: string },
): Promise<{ readonly outcome: Outcome; readonly said: string }> {
	const random = seeded(trace);
	card.reset();
	const dialogue = contact(termsOf(settingsFor(1), profile, calendar.now(), amount, trace));
	let block: string | undefined;
	let said = "";
	const answers: { readonly [A in Ask["ask"]]: (ask: Extract<Ask, { ask: A }>) => Promise<Answer> } = {
		apdu: async ({ command }) => ({ of: "apdu", response: exchange(card, command) }),
		choose: async () => ({ of: "choose", index: 0 }),
		random: async ({ bytes }) => ({ of: "random", bytes: random.bytes(bytes) }),
		account: async () => ({ of: "account", go: true }),
		pin: async ({ pan }) => {
			block = keys.pinBlock(pin, pan);
			return { of: "pin", end: "entered" };
		},
		host: async ({ data }) => {
			const request = requestFrom(data, profile.applications, block);
			assert.ok(request !== undefined);
			const end = await desk.sale({ ...request, trace, batch: 1, amount }, () => {});
			assert.ok(end.end === "answered", JSON.stringify(end));
			said = end.answer.code;
			const approved = said === "00";
			return { of: "host", end: "answered", arc: said, approved, issuerData: end.answer.chipData };
		},
	};
	const answer = (ask: Ask): Promise<Answer> => (answers[ask.ask] as (ask: Ask) => Promise<Answer>)(ask);
	let step = dialogue.next();
	while (step.done !== true) step = dialogue.next(await answer(step.value));
	return { outcome: step.value, said };
}

const chain = suite("card, kernel, desk, acquirer, issuer");

const withCard = (
	facts: DeckCard,
	act: (counter: Counter, card: ChipCard, heard: string[]) => Promise<void>,
) =>
	atCounter(
		async (counter) => {
			const card = cardFor(facts, { desFor, random: seeded(3) });
			const heard: string[] = [];
			card.events((e) => heard.push(e.on === "arpc" ? `arpc ${e.accepted ? "accepted" : "refused"}` : e.on));
			await counter.signIn();
			await act(counter, card, heard);
		},
		{ issuers: (pan) => issuerOf(pan) },
	);

for (const facts of deck)
	chain(`${facts.id}: the issuer proves the card's ARQC, the card proves the issuer's answer`, () =>
		withCard(facts, async (counter, card, heard) => {
			const { outcome, said } = await buy(counter, card, { trace: 2, amount: 12_850n, pin: facts.pin });
			assert.is(said, "00");
			assert.is(outcome.end, "approved");
			assert.equal(heard, ["reset", "arqc", "arpc accepted", "tc"]);
			const { transactions, net } = await counter.acquirer.books();
			assert.is(transactions[0]?.verified.arqc, true);
			assert.is(transactions[0]?.verified.pin, facts.cvm === "signature" ? undefined : true);
			assert.is(net, "12850");
		}),
	);

chain("a wrong PIN: 55, the card answers AAC; a new sale of the same card is approved", () => {
	const facts = deck[0];
	assert.ok(facts !== undefined);
	return withCard(facts, async (counter, card) => {
		const wrong = await buy(counter, card, { trace: 2, amount: 100n, pin: "000000" });
		assert.equal([wrong.said, wrong.outcome.end], ["55", "declined"]);
		const right = await buy(counter, card, { trace: 3, amount: 100n, pin: facts.pin });
		assert.equal([right.said, right.outcome.end], ["00", "approved"]);
		assert.is((await counter.acquirer.books()).net, "100");
	});
});
chain.run();
