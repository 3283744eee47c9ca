/**
 * The hand at the counter: presses, waits for what the terminal logs, and keeps the moment at which each line
 * was heard.
 */

import type { Key } from "../../src/contract/device.ts";
import type { FloorEvent, Logged } from "../../src/world/shop/floor.ts";
import { textOf } from "../../src/world/shop/logged.ts";
import type { Shop } from "../../src/world/shop.ts";

/** Milliseconds of this process's own clock. */
export interface Heard {
	readonly at: number;
	readonly line: Logged;
}
type Is = (line: Logged) => boolean;

const longestMs = 20_000;
export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export const page =
	(...names: readonly string[]): Is =>
	(line) =>
		line.event === "page" && names.includes(textOf(line, "page"));
export const event =
	(name: string, mti?: string): Is =>
	(line) =>
		line.event === name && (mti === undefined || textOf(line, "mti") === mti);

export class Counter {
	readonly #shop: Shop;
	readonly #waiting = new Set<(heard: Heard) => void>();
	readonly #pids = new Map<string, number>();
	#last: Heard | undefined;

	constructor(shop: Shop) {
		this.#shop = shop;
		shop.listen((told: FloorEvent) => {
			if (told.on === "logged") this.#hear({ at: performance.now(), line: told.line });
		});
	}

	#hear(heard: Heard): void {
		const { line } = heard;
		if (line.event === "program-started") this.#pids.set(textOf(line, "name"), Number(textOf(line, "pid")));
		if (line.event === "page") this.#last = heard;
		for (const wait of this.#waiting) wait(heard);
	}

	/** Of a program that boot has started. */
	pid(program: "terminal" | "vault"): number {
		const pid = this.#pids.get(program);
		if (pid === undefined) throw new Error(`${program} has not been started`);
		return pid;
	}

	/** The page that was shown last. */
	get shown(): string {
		return this.#last === undefined ? this.#shop.state().page : textOf(this.#last.line, "page");
	}

	/** The first line from now on of which `is` holds. */
	heard(is: Is, what: string): Promise<Heard> {
		const found = new Promise<Heard>((done, fail) => {
			const hear = (heard: Heard): void => {
				if (!is(heard.line)) return;
				end();
				done(heard);
			};
			const timer = setTimeout(() => {
				end();
				fail(new Error(`no ${what} within ${longestMs} ms; the screen says ${this.#shop.state().text}`));
			}, longestMs);
			const end = (): void => {
				clearTimeout(timer);
				this.#waiting.delete(hear);
			};
			this.#waiting.add(hear);
		});
		// Whoever waits for several is told by the first that fails.
		found.catch(() => {});
		return found;
	}

	/** Does a deed and gives the line that answers it, with the milliseconds between. */
	async after(deed: () => void, is: Is, what: string): Promise<Heard & { readonly ms: number }> {
		const answer = this.heard(is, what);
		const from = performance.now();
		deed();
		const heard = await answer;
		return { ...heard, ms: heard.at - from };
	}

	press(key: Key): void {
		if (!this.#shop.press(key)) throw new Error(`nobody reads the keys; the screen says ${this.shown}`);
	}

	/** A key and the page that answers it. */
	key(key: Key, ...pages: readonly string[]): Promise<Heard & { readonly ms: number }> {
		return this.after(() => this.press(key), page(...pages), `page ${pages.join(" or ")} after ${key}`);
	}

	/**
	 * From the idle page to the page that asks for a card; gives the milliseconds in which the keys were
	 * answered.
	 */
	async amount(digits: string): Promise<number> {
		let ms = (await this.key("1", "amount")).ms;
		for (const digit of digits) ms += (await this.key(digit as Key, "amount")).ms;
		return ms + (await this.key("confirm", "insert-card", "sign-in")).ms;
	}

	/** One sale with a card that asks for no PIN, up to the idle page again. */
	async quickSale(card: string, digits: string): Promise<"approved" | "declined"> {
		await this.amount(digits);
		const end = await this.after(
			() => this.#shop.insert(card),
			page("approved", "declined", "not-charged"),
			"result",
		);
		const result = textOf(end.line, "page");
		const idle = this.heard(page("idle"), "idle page");
		this.#shop.remove();
		// Keys pressed while the terminal is not yet listening are thrown away: so again, until the page is
		// another.
		const again = setInterval(() => {
			if (this.shown === result) this.#shop.press("confirm");
		}, 120);
		try {
			await idle;
		} finally {
			clearInterval(again);
		}
		if (result !== "approved" && result !== "declined") throw new Error(`a sale ended ${result}`);
		return result;
	}
}
