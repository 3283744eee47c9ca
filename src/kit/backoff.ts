import type { Random } from "./random.ts";

/**
 * Full jitter: a random wait from 1 ms up to `least`·2ⁿ, never over `most` (fleet/sync.md, Reconnect).
 * `failures` from 0.
 */
export const backoff = (random: Random, failures: number, least: number, most: number): number =>
	1 + random.below(Math.min(most, least * 2 ** Math.min(failures, 20)));
