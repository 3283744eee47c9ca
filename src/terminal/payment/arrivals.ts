import type { Key } from "../../contract/device.ts";
import type { Clock } from "../../kit/clock.ts";

/** What reaches the till from outside, in one line: keys, the card, the printer, the end. */
export type Arrival =
	| { readonly on: "key"; readonly key: Key }
	| { readonly on: "card"; readonly present: boolean }
	/** The printer has paper again, or is back. */
	| { readonly on: "paper" }
	/** The process is asked to end. */
	| { readonly on: "close" };

/** Most arrivals kept for a till that is busy; the oldest go. */
const keptMost = 32;

export class Arrivals {
	readonly #clock: Clock;
	#kept: Arrival[] = [];
	#waiting: ((arrival: Arrival) => void) | undefined;
	#closing = false;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	readonly push = (arrival: Arrival): void => {
		if (arrival.on === "close") this.#closing = true;
		const waiting = this.#waiting;
		if (waiting !== undefined) {
			this.#waiting = undefined;
			waiting(arrival);
			return;
		}
		this.#kept.push(arrival);
		if (this.#kept.length > keptMost) this.#kept.shift();
	};

	get closing(): boolean {
		return this.#closing;
	}

	/** Type-ahead is dropped before an amount, a PIN and a result (cashier.md, 1). */
	flushKeys(): void {
		this.#kept = this.#kept.filter((a) => a.on !== "key");
	}

	/** The next arrival, or undefined when `ms` pass without one. One asker at a time. */
	next(ms: number): Promise<Arrival | undefined> {
		if (this.#closing) return Promise.resolve({ on: "close" });
		const kept = this.#kept.shift();
		if (kept !== undefined) return Promise.resolve(kept);
		return new Promise((done) => {
			const off = this.#clock.after(ms, () => {
				this.#waiting = undefined;
				done(undefined);
			});
			this.#waiting = (arrival) => {
				off();
				done(arrival);
			};
		});
	}
}
