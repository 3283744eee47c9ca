import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostEnd } from "../../../src/terminal/payment/ports.ts";
import { print, printEffects } from "../../../src/terminal/payment/print.ts";
import {
	type ReversalInput,
	type ReversalState,
	reversalBy,
	reversalEffects,
} from "../../../src/terminal/payment/reversal.ts";
import {
	type SaleEffect,
	type SaleInput,
	type SaleState,
	sale,
	saleEffects,
} from "../../../src/terminal/payment/sale.ts";

const answer = (code: string): HostEnd => ({
	end: "answered",
	answer: { code, chipData: new Uint8Array(0), wants: 0, authorisation: "654321" },
});
const silence: HostEnd = { end: "unknown", code: "host.silent", reason: "98" };
const refused: HostEnd = { end: "not-sent", code: "host.unreachable" };

/** A sale as it reads aloud: each input, and what was done about it. */
function transcript(inputs: readonly SaleInput[]): readonly string[] {
	let state: SaleState = { at: "new" };
	return inputs.map((input) => {
		const step = sale(state, input);
		state = step.state;
		return `${input.on} -> ${state.at}: ${step.effects.map(word).join(", ")}`;
	});
}
const word = (effect: SaleEffect): string =>
	effect.do === "tell"
		? `tell ${effect.what.news}`
		: effect.do === "arm-reversal"
			? `arm ${effect.reason}`
			: effect.do;

const selling = suite("a sale, step by step");

selling("approved and completed by the card", () => {
	assert.equal(
		transcript([
			{ on: "open" },
			{ on: "online" },
			{ on: "host", end: answer("00") },
			{ on: "card", end: "tc" },
		]),
		[
			"open -> opened: note-opened",
			"online -> sent: note-sent, tell contacting, send",
			"host -> completing: finish-card",
			"card -> approved: note-approved, tell approved",
		],
	);
});

selling("refused by the host: the card is finished, nothing is reversed", () => {
	assert.equal(
		transcript([{ on: "open" }, { on: "online" }, { on: "host", end: answer("51") }]).at(-1),
		"host -> declined: note-declined, finish-card, tell declined",
	);
});

selling("silence: armed before it is told, and the card gives AAC", () => {
	assert.equal(
		transcript([{ on: "open" }, { on: "online" }, { on: "host", end: silence }]).at(-1),
		"host -> reversing: arm 98, tell reversing, finish-card",
	);
});

selling("a partial approval, or a time-out told by the host, is undone: money may have moved", () => {
	for (const [code, reason] of [
		["10", "06"],
		["68", "98"],
	] as const)
		assert.equal(
			transcript([{ on: "open" }, { on: "online" }, { on: "host", end: answer(code) }]).at(-1),
			`host -> reversing: arm ${reason}, tell reversing, finish-card`,
		);
});

selling("the card refuses what the host approved: reversal, reason 06", () => {
	for (const end of ["aac", "gone"] as const)
		assert.equal(
			transcript([
				{ on: "open" },
				{ on: "online" },
				{ on: "host", end: answer("00") },
				{ on: "card", end },
			]).at(-1),
			"card -> reversing: arm 06, tell reversing",
		);
});

selling("a connection refused needs no reversal", () => {
	assert.equal(
		transcript([{ on: "open" }, { on: "online" }, { on: "host", end: refused }]).at(-1),
		"host -> not-sent: note-not-sent, finish-card, tell not-sent",
	);
});

selling("a restart closes what was opened and reverses what was sent", () => {
	assert.equal(
		transcript([{ on: "open" }, { on: "restart" }]).at(-1),
		"restart -> cancelled: note-cancelled",
	);
	assert.equal(
		transcript([{ on: "open" }, { on: "online" }, { on: "restart" }]).at(-1),
		"restart -> reversing: arm 06, tell reversing",
	);
});

selling("no order of events sends before it notes, tells before it notes, or sends twice", () => {
	const input: fc.Arbitrary<SaleInput> = fc.oneof(
		fc.constantFrom<SaleInput>(
			{ on: "open" },
			{ on: "online" },
			{ on: "restart" },
			{ on: "abandon", why: "cancelled" },
		),
		fc.constantFrom("tc", "aac", "gone").map((end) => ({ on: "card", end }) as const),
		fc
			.constantFrom(answer("00"), answer("51"), answer("55"), answer("96"), silence, refused)
			.map((end) => ({ on: "host", end }) as const),
	);
	fc.assert(
		fc.property(fc.array(input, { maxLength: 12 }), (inputs) => {
			let state: SaleState = { at: "new" };
			const done: SaleEffect[] = [];
			for (const one of inputs) {
				const step = sale(state, one);
				state = step.state;
				done.push(...step.effects);
			}
			const kinds = done.map(word);
			const at = (kind: string): number => kinds.indexOf(kind);
			const after = (later: string, earlier: string): void => {
				if (at(later) >= 0)
					assert.ok(at(earlier) >= 0 && at(earlier) < at(later), `${later} before ${earlier}`);
			};
			after("send", "note-sent");
			after("note-sent", "note-opened");
			after("tell approved", "note-approved");
			after("tell declined", "note-declined");
			after("tell cancelled", "note-cancelled");
			assert.ok(kinds.filter((k) => k === "send").length <= 1, "sent twice");
			const ends = kinds.filter((k) => /^(note-(approved|declined|not-sent|cancelled)|arm)/.test(k));
			assert.ok(ends.length <= 1, `two ends: ${ends.join()}`);
			if (at("send") >= 0 && state.at === "cancelled") assert.unreachable("cancelled after it was sent");
		}),
	);
});

selling("every effect in the list is made by some order of events", () => {
	const runs: SaleInput[][] = [
		[{ on: "open" }, { on: "online" }, { on: "host", end: answer("00") }, { on: "card", end: "tc" }],
		[{ on: "open" }, { on: "online" }, { on: "host", end: answer("51") }],
		[{ on: "open" }, { on: "online" }, { on: "host", end: silence }],
		[{ on: "open" }, { on: "online" }, { on: "host", end: refused }],
		[{ on: "open" }, { on: "abandon", why: "no-card" }],
	];
	const made = new Set<string>();
	for (const inputs of runs) {
		let state: SaleState = { at: "new" };
		for (const one of inputs) {
			const step = sale(state, one);
			state = step.state;
			for (const effect of step.effects) made.add(effect.do);
		}
	}
	assert.equal([...made].sort(), [...saleEffects].sort());
});
selling.run();

const reversing = suite("a reversal, step by step");
const machine = reversalBy({ endsReversal: ["00", "12", "25"], tries: 3 });
const play = (inputs: readonly ReversalInput[]): { state: ReversalState; done: string[] } => {
	let state: ReversalState = { at: "armed", attempts: 0 };
	const done: string[] = [];
	for (const one of inputs) {
		const step = machine(state, one);
		state = step.state;
		done.push(...step.effects.map((e) => (e.do === "tell-reversal" ? `tell ${e.news.news}` : e.do)));
	}
	return { state, done };
};

reversing("answered 00, 12 or 25: only now it is told as not charged", () => {
	for (const code of ["00", "12", "25"])
		assert.equal(play([{ on: "go" }, { on: "host", end: answer(code) }]).done, [
			...["tell asking", "send-reversal", "note-reversed", "tell reversed"],
		]);
});

reversing("any other answer, or none, leaves it open; after three tries this go is over", () => {
	const { state, done } = play([
		...[{ on: "go" } as const, { on: "host", end: silence } as const],
		...[{ on: "host", end: answer("96") } as const, { on: "host", end: refused } as const],
	]);
	assert.is(state.at, "unresolved");
	assert.is(done.filter((d) => d === "send-reversal").length, 3);
	assert.equal(done.slice(-2), ["note-unresolved", "tell unresolved"]);
	assert.not.ok(done.includes("tell reversed"));
});

reversing("an unresolved one is asked again at the next go", () => {
	const { state } = play([
		...([{ on: "go" }, ...[1, 2, 3].map(() => ({ on: "host", end: silence }))] as ReversalInput[]),
		...([{ on: "go" }, { on: "host", end: answer("00") }] as ReversalInput[]),
	]);
	assert.is(state.at, "reversed");
});

reversing("its list of effects is whole", () => {
	const all = new Set<string>();
	for (const end of [answer("00"), silence])
		for (const d of play([{ on: "go" }, ...[1, 2, 3].map(() => ({ on: "host", end }) as const)]).done)
			all.add(d.startsWith("tell") ? "tell-reversal" : d);
	assert.equal([...all].sort(), [...reversalEffects].sort());
});
reversing.run();

const printing = suite("a slip, step by step");
printing("is noted as begun before the first byte, and comes as a reprint after a stop", () => {
	const first = print({ at: "waiting" }, { on: "go" });
	assert.equal(first.effects, [{ do: "note-printing" }, { do: "print", reprint: false }]);
	const held = print(first.state, { on: "failed", code: "printer.paper-out" });
	assert.equal(held, { state: { at: "held", code: "printer.paper-out" }, effects: [] });
	assert.equal(print(held.state, { on: "go" }).effects.at(-1), { do: "print", reprint: true });
	const out = print({ at: "begun" }, { on: "printed", end: "printed" });
	assert.equal(out.effects, [{ do: "note-printed", end: "printed" }]);
	assert.equal(print(out.state, { on: "go" }).effects, []);
	assert.equal(
		[...new Set([...first.effects, ...out.effects].map((e) => e.do))].sort(),
		[...printEffects].sort(),
	);
});
printing.run();
