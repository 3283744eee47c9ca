/** How fast PIN blocks may be made: the defence against trying PINs out (fleet/security.md, 7). */
import type { Clock } from "../kit/clock.ts";

/** Blocks at once, and ms until one more may be made. */
export interface PinRateTerms {
	readonly burst: number;
	readonly refillMs: number;
}
/** On average one PIN block in 30 s (security.md, 7). */
export const usualPinRate: PinRateTerms = { burst: 10, refillMs: 30_000 };

/** Where the count survives a restart. */
export interface PinRateNotes {
	pinTokens(): number | undefined;
	notePinTokens(tokens: number): void;
}

/**
 * A bucket of tokens. It fills only with time that this process has seen pass on a clock that never jumps:
 * a restart or a changed date gives nothing.
 */
export class PinRate {
	readonly #terms: PinRateTerms;
	readonly #clock: Clock;
	readonly #notes: PinRateNotes;
	#tokens: number;
	#seen: number;

	constructor(terms: PinRateTerms, clock: Clock, notes: PinRateNotes) {
		this.#terms = terms;
		this.#clock = clock;
		this.#notes = notes;
		this.#tokens = Math.min(notes.pinTokens() ?? terms.burst, terms.burst);
		this.#seen = clock.now();
	}

	/** Whether a block may be made now. */
	free(): boolean {
		return this.#filled() >= 1;
	}

	/** Takes a token, durably, before the block is made. False: none is left. */
	take(): boolean {
		if (this.#filled() < 1) return false;
		this.#tokens -= 1;
		this.#notes.notePinTokens(this.#tokens);
		return true;
	}

	/** Notes what has been filled up, so that a daily restart does not starve it. */
	note(): void {
		this.#notes.notePinTokens(this.#filled());
	}

	#filled(): number {
		const now = this.#clock.now();
		const gained = Math.max(0, now - this.#seen) / this.#terms.refillMs;
		this.#seen = Math.max(now, this.#seen);
		this.#tokens = Math.min(this.#terms.burst, this.#tokens + gained);
		return this.#tokens;
	}
}
