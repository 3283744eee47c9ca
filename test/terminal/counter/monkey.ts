/**
 * A monkey at the counter: keys, cards and faults by a seed; now and then it does what the page asks for,
 * so that it gets everywhere. Afterwards the world is made well, and the books are looked at.
 */
import { keys } from "../../../src/contract/device.ts";
import { sleep } from "../../../src/kit/clock.ts";
import { type Random, seeded } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import type { Misbehaviour } from "../../../src/world/acquirer/door.ts";
import type { CardFault } from "../../../src/world/cards/chip-card.ts";
import { deck } from "../../../src/world/cards/deck.ts";
import type { Surroundings } from "../../world/shop/surroundings.ts";
import { type Counter, card } from "./world.ts";

const short = {
	waits: { keyMs: 300, cardMs: 500, pinFirstMs: 1000, pinBetweenMs: 1000, resultMs: 200 },
	acquirer: { reversalPauseMs: 300 },
} as const;
const acts = ["silent", "cut-before-answer", "cut-mid-answer", "wrong-mac", "garbage", "wrong-stan"] as const;
const deeds = ["sale", "reversal", "sign-in"] as const;

export class Monkey {
	readonly #street: Surroundings;
	readonly #at: Counter;
	readonly #random: Random;
	/** What it did, to read when a seed fails. */
	readonly did: string[] = [];

	constructor(street: Surroundings, at: Counter, seed: number) {
		this.#street = street;
		this.#at = at;
		this.#random = seeded(seed);
	}

	async play(steps: number): Promise<void> {
		await this.#at.start(short);
		for (let n = 0; n < steps; n += 1) {
			const deed = this.#random.below(100);
			const what = deed < 55 ? this.#sensible() : deed < 75 ? this.#key() : await this.#mischief();
			this.did.push(`${this.#at.now.page}: ${what}`);
			await sleep(systemClock, 5 + this.#random.below(40));
		}
	}

	/** The host answers, paper is in, the card is out: whatever is open comes to its end. */
	async heal(): Promise<void> {
		const at = this.#at;
		await this.#street.reach(true);
		await this.#street.place.vaultThere(true);
		await this.#street.acquirer.clear();
		const { printer, reader } = at.place.wires;
		printer.setPaper("ok");
		printer.setCover(false);
		reader.remove();
		const until = systemClock.now() + 20_000;
		while (systemClock.now() < until) {
			const open = at.rows().some(({ state, told }) => state === "reversing" || told === 0);
			if (at.now.page === "idle" && !open && at.unprinted() === 0) return;
			if (at.now.page !== "idle") at.place.wires.keypad.press("confirm");
			await sleep(systemClock, 60);
			if (at.now.page === "amount") at.place.wires.keypad.press("cancel");
			await sleep(systemClock, 60);
		}
		const left = at.rows().filter(({ state, told }) => state === "reversing" || told === 0);
		const open = left.map(({ trace, state, told }) => `${trace} ${state} ${told}`).join(", ");
		throw new Error(`not well again: ${at.now.text}; ${open}; ${at.unprinted()} slips`);
	}

	/** What differs between the terminal's books and the acquirer's; nothing when all is well. */
	async audit(): Promise<readonly string[]> {
		const { transactions } = await this.#street.acquirer.books();
		const wrong: string[] = [];
		for (const { trace, state, amount, told } of this.#at.rows()) {
			const stan = String(trace).padStart(6, "0");
			const booked = transactions.filter((t) => trace > 0 && t.stan === stan && t.state === "booked");
			const charged = booked.reduce((sum, t) => sum + Number(t.amount), 0);
			const row = `${stan} ${state} ${amount}`;
			if (charged !== (state === "approved" ? amount : 0)) wrong.push(`${row}: ${charged} at the host`);
			if (["opened", "sent", "reversing"].includes(state)) wrong.push(`${row}: still open`);
			if (told !== 1) wrong.push(`${row}: nobody was told`);
		}
		const known = new Set(this.#at.rows().map(({ trace }) => String(trace).padStart(6, "0")));
		for (const t of transactions) if (!known.has(t.stan)) wrong.push(`${t.stan} at the host alone`);
		if (this.#at.fatal.length > 0) wrong.push(`fatal: ${this.#at.fatal.join(" ")}`);
		return wrong;
	}

	#pick<T>(from: readonly T[]): T {
		const found = from[this.#random.below(from.length)];
		if (found === undefined) throw new Error("nothing to pick from");
		return found;
	}

	/** What a cashier would do at this page. */
	#sensible(): string {
		const { keypad, reader } = this.#at.place.wires;
		switch (this.#at.now.page) {
			case "idle":
				return this.#types("1");
			case "amount":
				return this.#types(`${1 + this.#random.below(9)}${this.#random.below(10)}`, true);
			case "insert-card":
				return this.#inserts();
			case "pin":
				return this.#types(this.#random.below(5) === 0 ? "654321" : "123456", true);
			case "take-card":
				reader.remove();
				return "takes the card";
			default:
				keypad.press("confirm");
				return "confirm";
		}
	}

	#types(digits: string, confirm = false): string {
		this.#at.place.wires.keypad.type(digits);
		if (confirm) this.#at.place.wires.keypad.press("confirm");
		return digits;
	}

	#key(): string {
		const key = this.#pick(keys);
		this.#at.place.wires.keypad.press(key);
		return key;
	}

	#inserts(): string {
		const { id } = this.#pick(deck);
		card(id).mend();
		this.#at.insert(id);
		return `inserts ${id}`;
	}

	async #mischief(): Promise<string> {
		const { printer, reader } = this.#at.place.wires;
		switch (this.#random.below(9)) {
			case 0:
				reader.remove();
				return "pulls the card";
			case 1:
				return this.#inserts();
			case 2:
			case 3: {
				const rule: Misbehaviour = { on: this.#pick(deeds), do: this.#pick(acts), times: 1 };
				await this.#street.acquirer.behave(rule);
				return `${rule.on} ${rule.do}`;
			}
			case 4: {
				const ms = 50 + this.#random.below(500);
				await this.#street.acquirer.behave({ on: this.#pick(deeds), do: "late", ms, times: 1 });
				return `late by ${ms}`;
			}
			case 5: {
				const { id } = this.#pick(deck);
				const fault: CardFault = this.#random.below(2)
					? { do: "aac" }
					: { do: "pull", at: 1 + this.#random.below(12) };
				card(id).behave(fault);
				return `${id} ${fault.do}`;
			}
			case 6:
				printer.setPaper(this.#random.below(3) === 0 ? "out" : "ok");
				return "paper";
			case 7:
				printer.setCover(this.#random.below(3) === 0);
				return "cover";
			default:
				return this.#rarely();
		}
	}

	async #rarely(): Promise<string> {
		if (this.#random.below(3) === 0) {
			await this.#at.stop();
			await this.#at.start(short);
			return "restarts";
		}
		if (this.#random.below(2) === 0) {
			await this.#street.place.vaultThere(false);
			await sleep(systemClock, this.#random.below(200));
			await this.#street.place.vaultThere(true);
			return "the vault restarts";
		}
		// It forgets its rules and its lines, and keeps its books.
		await this.#street.reach(false);
		await sleep(systemClock, this.#random.below(200));
		await this.#street.reach(true);
		return "the acquirer restarts";
	}
}
