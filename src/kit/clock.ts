/** Milliseconds on a clock that never jumps. Not a date. */
export interface Clock {
	readonly now: () => number;
	/** Calls back once, not before `ms` have passed. The returned function calls it off. */
	readonly after: (ms: number, then: () => void) => () => void;
}

export const sleep = (clock: Clock, ms: number): Promise<void> =>
	new Promise((done) => {
		clock.after(ms, done);
	});

/** What `promise` gives, or `late` when it has given nothing within `ms`. */
export const within = <T, L>(clock: Clock, ms: number, promise: Promise<T>, late: L): Promise<T | L> =>
	new Promise((done, fail) => {
		const off = clock.after(ms, () => done(late));
		promise.then(
			(value) => {
				off();
				done(value);
			},
			(error: unknown) => {
				off();
				fail(error);
			},
		);
	});

/** A clock for tests and the simulation: time passes only when told to. */
export class HandClock implements Clock {
	#now = 0;
	#due: { readonly at: number; readonly then: () => void }[] = [];
	readonly now = (): number => this.#now;
	readonly after = (ms: number, then: () => void): (() => void) => {
		const entry = { at: this.#now + ms, then };
		this.#due.push(entry);
		return () => {
			this.#due = this.#due.filter((x) => x !== entry);
		};
	};
	/** Lets `ms` pass; what falls due runs in its order. */
	pass(ms: number): void {
		const until = this.#now + ms;
		for (;;) {
			const next = this.#due.filter((x) => x.at <= until).sort((a, b) => a.at - b.at)[0];
			if (next === undefined) break;
			this.#due = this.#due.filter((x) => x !== next);
			this.#now = next.at;
			next.then();
		}
		this.#now = until;
	}
	/** Milliseconds until the next thing falls due; undefined when nothing waits. */
	next(): number | undefined {
		const first = this.#due.reduce<number | undefined>(
			(least, x) => (least === undefined || x.at < least ? x.at : least),
			undefined,
		);
		return first === undefined ? undefined : first - this.#now;
	}
}
