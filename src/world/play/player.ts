/** Plays a scenario through keypad and card slot, and writes down what was keyed, shown, said and booked. */

import type { Key } from "../../contract/device.ts";
import { type Clock, sleep } from "../../kit/clock.ts";
import type { FaultId } from "../shop/faults-table.ts";
import type { Books, ShownMessage } from "../shop/floor.ts";
import { textOf } from "../shop/logged.ts";
import { slipText } from "../shop/paper-roll.ts";
import type { Shop } from "../shop.ts";
import { type Ending, endings, type Scenario, type Step, told } from "./scenario.ts";

/** Longest wait for what a step wants, between two presses, and for the books to agree at the end. */
const waits = {
	usualMs: 15_000,
	pressMs: 30,
	lookMs: 20,
	againMs: 1500,
	handsMs: 150,
	booksMs: 15_000,
} as const;

interface Seen {
	readonly page: string;
	readonly text: string;
}
export interface Played {
	readonly scenario: string;
	readonly ended: Ending | "stopped";
	readonly expected: Ending;
	/** Why it is not as expected; empty when all is well. */
	readonly wrong: readonly string[];
	readonly keyed: readonly string[];
	readonly messages: readonly {
		readonly mti: string;
		readonly stan: string;
		readonly way: "sent" | "heard";
		/** By field number, as shown: masked. */
		readonly fields: Readonly<Record<string, string>>;
	}[];
	readonly slips: { readonly merchant: string; readonly cardholder: string };
	readonly books: Books;
	readonly unresolved: readonly string[];
	readonly screens: readonly string[];
	readonly stepsMs: Readonly<Record<string, number>>;
	readonly verified: Readonly<Record<string, boolean>>;
	readonly codes: readonly string[];
	/** Why answers were not believed, in order. */
	readonly doubts: readonly string[];
}

export class Player {
	readonly #shop: Shop;
	readonly #scenario: Scenario;
	readonly #clock: Clock;
	readonly #seen: Seen[] = [];
	readonly #keyed: string[] = [];
	readonly #stepsMs: Record<string, number> = {};
	readonly #card = { arpc: undefined as boolean | undefined };
	#from = 0;
	#frames = 0;

	constructor(shop: Shop, scenario: Scenario, clock: Clock) {
		this.#shop = shop;
		this.#scenario = scenario;
		this.#clock = clock;
	}

	/** The shop is open. Never rejects: what went another way stands in `wrong`. */
	async play(): Promise<Played> {
		const { faults, steps } = this.#scenario;
		const now = this.#shop.state();
		this.#seen.push({ page: now.page, text: now.text });
		const off = this.#shop.listen((event) => {
			if (event.on === "frame") this.#frames += 1;
			if (event.on !== "logged") return;
			const { line } = event;
			if (line.event === "page") this.#seen.push({ page: textOf(line, "page"), text: textOf(line, "text") });
			const { good } = line.fields;
			if (line.event === "card-arpc") this.#card.arpc = good === true;
		});
		let stopped: string | undefined;
		try {
			for (const fault of faults) await this.#shop.setFault(fault, true);
			for (const [n, step] of steps.entries()) {
				const began = this.#clock.now();
				const wrong = await this.#do(step);
				const label = `${String(n + 1).padStart(2, "0")} ${told(step)}`;
				this.#stepsMs[label] = Math.round(this.#clock.now() - began);
				if (wrong === undefined) continue;
				stopped = `step ${label}: ${wrong}`;
				break;
			}
			return await this.#report(stopped);
		} finally {
			off();
		}
	}

	/** Undefined when the step was done; else why not. */
	async #do(step: Step): Promise<string | undefined> {
		const shop = this.#shop;
		if ("press" in step) return this.#press(step.press as Key, step.press);
		if ("type" in step) return this.#each(step.type, (digit) => this.#press(digit, digit));
		if ("pin" in step) return this.#pin(step.pin);
		if ("see" in step) return this.#see(step.see, step.withinMs);
		if ("slips" in step)
			return this.#until(
				() => shop.wholeSlips().length >= step.slips,
				step.withinMs,
				() => {
					return `${shop.wholeSlips().length} slips came out`;
				},
			);
		if ("books" in step) return this.#untilAgreed(step.withinMs ?? waits.booksMs);
		if ("booked" in step) return this.#untilBooked(step.booked, step.withinMs ?? waits.usualMs);
		if ("insert" in step) shop.insert(step.insert);
		else if ("remove" in step) shop.remove();
		else if ("fault" in step) await shop.setFault(step.fault as FaultId, true);
		else if ("mend" in step) await shop.setFault(step.mend as FaultId, false);
		else await shop.hostRule(step.host);
		return undefined;
	}

	async #each(
		digits: string,
		press: (digit: Key) => Promise<string | undefined>,
	): Promise<string | undefined> {
		for (const digit of digits) {
			const wrong = await press(digit as Key);
			if (wrong !== undefined) return wrong;
		}
		return undefined;
	}

	async #press(key: Key, shown: string): Promise<string | undefined> {
		const wrong = await this.#until(
			() => this.#shop.press(key),
			waits.againMs * 2,
			() => "nobody reads the keys",
		);
		if (wrong !== undefined) return wrong;
		this.#keyed.push(shown);
		await sleep(this.#clock, waits.pressMs);
		return undefined;
	}

	/**
	 * The keys change hands as the PIN page comes up, and what is pressed in between is lost, as on the real
	 * device: so a digit counts when the panel has changed by its star.
	 */
	async #pin(digits: string): Promise<string | undefined> {
		await sleep(this.#clock, waits.handsMs);
		return this.#each(digits, async (digit) => {
			for (let tries = 0; tries < 3; tries += 1) {
				const before = this.#frames;
				const wrong = await this.#press(digit, "*");
				if (wrong !== undefined) return wrong;
				const starred = (): boolean => this.#frames > before;
				if ((await this.#until(starred, waits.againMs, () => "lost")) === undefined) return undefined;
				this.#keyed.pop();
			}
			return "the digit was not taken";
		});
	}

	#see(text: string, ms: number = waits.usualMs): Promise<string | undefined> {
		return this.#until(
			() => {
				const at = this.#seen.findIndex((seen, n) => n >= this.#from && seen.text.includes(text));
				if (at >= 0) this.#from = at;
				return at >= 0;
			},
			ms,
			() => `the screen says: ${this.#seen.at(-1)?.text ?? "nothing"}`,
		);
	}

	async #until(is: () => boolean, ms: number | undefined, why: () => string): Promise<string | undefined> {
		const end = this.#clock.now() + (ms ?? waits.usualMs);
		while (!is()) {
			if (this.#clock.now() > end) return why();
			await sleep(this.#clock, waits.lookMs);
		}
		return undefined;
	}

	async #untilAgreed(ms: number): Promise<string | undefined> {
		const end = this.#clock.now() + ms;
		for (;;) {
			const books = await this.#shop.books();
			if (books.verdict === "agree") return undefined;
			if (this.#clock.now() > end) return `the books: ${books.verdict}, by ${books.difference} fen`;
			await sleep(this.#clock, 10 * waits.lookMs);
		}
	}

	async #untilBooked(count: number, ms: number): Promise<string | undefined> {
		const end = this.#clock.now() + ms;
		for (;;) {
			const { transactions } = await this.#shop.hostBooks();
			if (transactions.length >= count) return undefined;
			if (this.#clock.now() > end) return `the acquirer has ${transactions.length} transactions`;
			await sleep(this.#clock, waits.lookMs);
		}
	}

	async #report(stopped: string | undefined): Promise<Played> {
		const { name, expect } = this.#scenario;
		const disagreed = stopped === undefined ? await this.#untilAgreed(waits.booksMs) : undefined;
		const books = await this.#shop.books();
		const host = await this.#shop.hostBooks();
		const ended = stopped === undefined ? this.#ended() : "stopped";
		const last = host.transactions.at(-1);
		const [merchant, cardholder] = this.#shop.wholeSlips().map(slipText);
		const report: Played = {
			scenario: name,
			ended,
			expected: expect.ended,
			wrong: [],
			keyed: this.#keyed,
			messages: this.#shop.messages().flatMap(plain),
			slips: { merchant: merchant ?? "", cardholder: cardholder ?? "" },
			books,
			unresolved: books.terminal.rows.filter((row) => row.state === "reversing").map((row) => row.trace),
			screens: this.#seen.map((seen) => seen.text).filter((text, i, all) => text !== all[i - 1]),
			stepsMs: this.#stepsMs,
			verified: {
				...last?.verified,
				...(this.#card.arpc === undefined ? {} : { arpc: this.#card.arpc }),
			},
			doubts: this.#shop.messages().flatMap(({ why }) => (why === undefined ? [] : [why])),
			codes: [...host.transactions, ...host.reversals].map((row) => row.code),
		};
		return {
			...report,
			wrong: [stopped, disagreed, ...this.#judge(report)].filter((each) => each !== undefined),
		};
	}

	/** What the cashier was told last about the money. */
	#ended(): Ending | "stopped" {
		const told = this.#seen.findLast((seen) => (endings as readonly string[]).includes(seen.page));
		return (told?.page as Ending | undefined) ?? "stopped";
	}

	#judge(report: Played): readonly string[] {
		const { expect } = this.#scenario;
		const wrong: string[] = [];
		const same = (what: string, is: unknown, wanted: unknown): void => {
			if (String(is) !== String(wanted)) wrong.push(`${what}: ${String(is)}, expected ${String(wanted)}`);
		};
		same("ended", report.ended, expect.ended);
		for (const book of ["terminal", "acquirer", "cloud"] as const) {
			same(`${book}, sales`, report.books[book].count, expect.books.count);
			same(`${book}, fen`, report.books[book].net, expect.books.fen);
		}
		for (const [what, wanted] of Object.entries(expect.verified ?? {}))
			same(`acquirer, ${what} verified`, report.verified[what], wanted);
		same("slips", this.#shop.wholeSlips().length, expect.slips);
		same("unresolved", report.books.unresolved, expect.unresolved);
		if (expect.doubts !== undefined) same("answers not believed", report.doubts, expect.doubts);
		if (expect.codes !== undefined) same("codes at the host", report.codes, expect.codes);
		return wrong;
	}
}

const plain = (message: ShownMessage): Played["messages"] =>
	message.kind !== "iso8583" || message.facts.length === 0
		? []
		: [
				{
					mti: message.mti ?? "",
					stan: message.trace ?? "",
					way: message.way,
					fields: Object.fromEntries(
						message.facts.flatMap(([name, shown]) => {
							const number = /^F0*(\d+) /.exec(name)?.[1];
							return number === undefined ? [] : [[number, shown]];
						}),
					),
				},
			];
