/**
 * How far the cloud has acknowledged and how far we have sent: a pure window over the outbox
 * (fleet/sync.md, 4).
 */
import type { OutboxRow } from "../../contract/fleet.ts";
import { limits } from "../../kit/limits.ts";

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

export const hasRoom = (window: Window): boolean => window.flights.length < limits.outboxWindow;

/** A batch that ends with `last` has been sent. */
export const launched = (window: Window, last: number): Window => ({
	...window,
	sent: last,
	flights: [...window.flights, last],
});

/**
 * The cloud's mark has moved to `through`. A mark that is behind, as from an answer that came late, changes
 * nothing; one beyond what was sent is believed only as far as that.
 */
export function landed(window: Window, through: number): Window {
	const mark = Math.max(window.through, Math.min(through, window.sent));
	return { ...window, through: mark, flights: window.flights.filter((last) => last > mark) };
}

/** Left free for what stands around the rows. */
const frameBytes = 512;

/** As many of the rows as one message may carry; at least one. */
export function fitting(rows: readonly OutboxRow[]): readonly OutboxRow[] {
	let bytes = frameBytes;
	const past = rows.findIndex((row, i) => {
		bytes += new TextEncoder().encode(JSON.stringify(row)).length + 1;
		return i > 0 && bytes > limits.fleetMessageBytes;
	});
	return past < 0 ? rows : rows.slice(0, past);
}
