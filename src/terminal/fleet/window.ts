/** How far the cloud has acknowledged and how far we have sent: a pure window over the outbox (fleet/sync.md, 4). */

/** Batches that may be under way: below the twenty that a broker takes unacknowledged. */
const batches = 16;

export interface Window {
	/** The cloud's mark: all rows up to here are applied there. */
	readonly through: number;
	/** Rows up to here are under way or applied. */
	readonly sent: number;
	/** Last seq of each batch under way, in order. */
	readonly flights: readonly number[];
}

/** Nothing is under way and the next row to send is the one after the cloud's mark. */
export const resumeAt = (through: number): Window => ({ through, sent: through, flights: [] });

export const hasRoom = (window: Window): boolean => window.flights.length < batches;

/** A batch that ends with `last` has been sent. */
export const launched = (window: Window, last: number): Window => ({
	...window,
	sent: last,
	flights: [...window.flights, last],
});

/** The cloud's mark has moved to `through`; a mark that is behind, as from an answer that came late, changes nothing. */
export const landed = (window: Window, through: number): Window =>
	through <= window.through
		? window
		: {
				through,
				sent: Math.max(window.sent, through),
				flights: window.flights.filter((last) => last > through),
			};
