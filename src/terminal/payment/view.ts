import type { Clock } from "../../kit/clock.ts";
import type { Page } from "../screen/page.ts";

/** Shows pages, and counts down those that say how many seconds are left. */
export class View {
	readonly #clock: Clock;
	readonly #show: (page: Page) => void;
	#off: () => void = () => {};
	#again: () => void = () => {};

	constructor(clock: Clock, show: (page: Page) => void) {
		this.#clock = clock;
		this.#show = show;
	}

	readonly show = (page: Page): void => {
		this.#off();
		this.#again = () => this.#show(page);
		this.#again();
	};

	/** Shows the page of each second from `ms` down to none, until another page is shown. */
	counting(ms: number, page: (seconds: number) => Page): void {
		this.#off();
		const end = this.#clock.now() + ms;
		const step = (): void => {
			const left = Math.max(0, end - this.#clock.now());
			this.#again = () => this.#show(page(Math.ceil(left / 1000)));
			this.#again();
			if (left > 0) this.#off = this.#clock.after(left % 1000 || 1000, step);
		};
		step();
	}

	/** Draws the same page once more: the clock or a mark in the title bar has changed. */
	readonly refresh = (): void => this.#again();

	close(): void {
		this.#off();
	}
}
