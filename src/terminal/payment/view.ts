import type { Clock } from "../../kit/clock.ts";
import type { Page } from "../screen/page.ts";

/** Shows pages, and counts down those that say how many seconds are left. */
export class View {
	readonly #clock: Clock;
	readonly #show: (page: Page) => void;
	#off: () => void = () => {};
	#end = 0;
	#again: () => void = () => {};

	constructor(clock: Clock, show: (page: Page) => void) {
		this.#clock = clock;
		this.#show = show;
	}

	/** A page, or what makes it anew each time it is drawn: whether the card is still in. */
	readonly show = (page: Page | (() => Page)): void => {
		this.#off();
		this.#again = () => this.#show(typeof page === "function" ? page() : page);
		this.#again();
	};

	/** Shows the page of each second from `ms` down to none, until another page is shown. */
	counting(ms: number, page: (seconds: number) => Page): void {
		this.#end = this.#clock.now() + ms;
		this.countingOn(page);
	}

	/** Another page for the same seconds: they run on. */
	countingOn(page: (seconds: number) => Page): void {
		this.#off();
		const step = (): void => {
			const left = Math.max(0, this.#end - this.#clock.now());
			this.#again = () => this.#show(page(Math.ceil(left / 1000)));
			this.#again();
			if (left > 0) this.#off = this.#clock.after(left % 1000 || 1000, step);
			else this.#off = () => {};
		};
		step();
	}

	/** Draws the same page once more: the clock or a mark in the title bar has changed. */
	readonly refresh = (): void => this.#again();

	close(): void {
		this.#off();
	}
}
