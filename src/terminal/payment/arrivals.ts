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
	readonly #enders = new Set<() => void>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	readonly push = (arrival: Arrival): void => {
		if (arrival.on === "close") {
			this.#closing = true;
			for (const end of [...this.#enders]) end();
		}
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

	/**
	 * Calls back when the process is asked to end, at once when it was: for waits that are not for an
	 * arrival.
	 */
	ending(then: () => void): () => void {
		if (this.#closing) then();
		this.#enders.add(then);
		return () => this.#enders.delete(then);
	}

	/** What `promise` gives, or `ended` as soon as the process is asked to end. */
	orEnd<T, E>(promise: Promise<T>, ended: E): Promise<T | E> {
		return new Promise((done, fail) => {
			const off = this.ending(() => done(ended));
			promise.then(done, fail).finally(off);
		});
	}

	/** Type-ahead is dropped before an amount, a PIN and a result (cashier.md, 1). */
	flushKeys(): void {
		this.#kept = this.#kept.filter((a) => a.on !== "key");
	}

	/** The next arrival, or undefined when `ms` pass without one. One asker at a time: a second one is a bug. */
	next(ms: number): Promise<Arrival | undefined> {
		if (this.#waiting !== undefined) return Promise.reject(new Error("two wait for the next arrival"));
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
