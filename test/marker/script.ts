/**
 * What is played in the marker test: the written scenarios with cards of the test's own, and one sale by
 * signature.
 */
import { type DeckCard, deck } from "../../src/world/cards/deck.ts";
import { readScenario, type Scenario, type Step } from "../../src/world/play/scenario.ts";

const scenarios = "src/world/scenarios";

/**
 * Known values that stand nowhere else, long enough that chance does not make them: PINs of eleven digits,
 * for a log's last net takes twelve and more for an account and would hide them; accounts of nineteen, so
 * that nine digits must stay hidden.
 */
export const pins = { right: "73910528641", wrong: "60482917355" } as const;

const cardOf = (like: string, marker: Pick<DeckCard, "id" | "pan" | "expiry" | "pin">): DeckCard => {
	const row = deck.find(({ id }) => id === like);
	if (row === undefined) throw new Error(`no card ${like}`);
	return { ...row, ...marker };
};
/** Good by Luhn's check digit. */
const luhn = (digits: string): string => {
	const sum = [...digits].toReversed().reduce((n, c, i) => {
		const d = Number(c) * (i % 2 === 0 ? 2 : 1);
		return n + (d > 9 ? d - 9 : d);
	}, 0);
	return digits + String((10 - (sum % 10)) % 10);
};
export const cards = {
	debit: cardOf("unionpay-debit", {
		id: "marker-debit",
		pan: luhn("621797482916350758"),
		expiry: "3107",
		pin: pins.right,
	}),
	/** Verified by signature: no PIN is asked for. */
	visa: cardOf("visa", {
		id: "marker-visa",
		pan: luhn("476134719258306472"),
		expiry: "3211",
		pin: pins.right,
	}),
} as const;
/** What stands on a track behind the separator: expiry, service code, the deck's discretionary data. */
export const tailOf = ({ expiry, serviceCode }: DeckCard): string => `${expiry}${serviceCode}00012345`;

const withMarkers = (step: Step): Step => {
	if ("insert" in step) return { insert: cards.debit.id };
	if ("pin" in step) return { pin: step.pin === "123456" ? pins.right : pins.wrong };
	return step;
};

export interface Act {
	readonly scenario: Scenario;
	/** Slips that come out of it, and money that stands after it. */
	readonly slips: number;
	readonly fen: number;
}

const written = (name: string): Act => {
	const read = readScenario(scenarios, name);
	if (!read.ok) throw new Error(read.error.at);
	const { steps, expect } = read.value;
	return {
		scenario: { ...read.value, steps: steps.map(withMarkers) },
		slips: expect.slips,
		fen: Number(expect.books.fen),
	};
};

function bySignature(): Act {
	const sale = written("chip-pin-sale");
	const asksForPin = (step: Step, next: Step | undefined, before: Step | undefined): boolean =>
		"pin" in step || (next !== undefined && "pin" in next) || (before !== undefined && "pin" in before);
	const { steps } = sale.scenario;
	return {
		...sale,
		scenario: {
			...sale.scenario,
			name: "signature",
			steps: steps
				.filter((step, n) => !asksForPin(step, steps[n + 1], steps[n - 1]))
				.map((step) => ("insert" in step ? { insert: cards.visa.id } : step)),
			expect: { ...sale.scenario.expect, verified: { mac: true, arqc: true, arpc: true } },
		},
	};
}

/** One after the other in one shop: what each expects of books and paper counts from the shop's opening. */
export function acts(): readonly Scenario[] {
	const all = [
		...["chip-pin-sale", "declined-51", "wrong-pin", "host-silent", "power-cut"].map(written),
		...[bySignature(), written("cloud-away")],
	];
	let [slips, fen, count, booked] = [0, 0, 0, 0];
	return all.map((act) => {
		const before = { slips, booked };
		slips += act.slips;
		fen += act.fen;
		count += act.fen > 0 ? 1 : 0;
		const { doubts: _doubts, codes = [], ...expect } = act.scenario.expect;
		booked += codes.length - (expect.ended === "reversed" ? 1 : 0);
		return {
			...act.scenario,
			steps: act.scenario.steps.map((step) =>
				"slips" in step
					? { ...step, slips: step.slips + before.slips }
					: "booked" in step
						? { ...step, booked: step.booked + before.booked }
						: step,
			),
			expect: { ...expect, slips, books: { count, fen: String(fen) } },
		};
	});
}
