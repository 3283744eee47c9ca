/**
 * What a card keeps without power: counters and blocks. In the object alone, or in a file that outlives the
 * process.
 */
import { existsSync } from "node:fs";
import * as v from "valibot";
import { readJson, writeAtomic } from "../../runtime/files.ts";

const shape = v.object({
	/** 9F36; 65535 is the last, then the card answers no more. */
	atc: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff)),
	/** 9F13. */
	lastOnlineAtc: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff)),
	/** 9F17. */
	pinTries: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(15)),
	cardBlocked: v.boolean(),
	applicationBlocked: v.boolean(),
});
export type CardMemory = Readonly<v.InferOutput<typeof shape>>;
export const newMemory: CardMemory = {
	atc: 0,
	lastOnlineAtc: 0,
	pinTries: 3,
	cardBlocked: false,
	applicationBlocked: false,
};

export interface CardStore {
	load(card: string): CardMemory | undefined;
	save(card: string, memory: CardMemory): void;
}

/**
 * One JSON file for all cards, read anew each time: several stores may stand on it. What cannot be read
 * counts as none.
 */
export function fileStore(path: string): CardStore {
	const read = (): Readonly<Record<string, CardMemory>> => {
		const found = existsSync(path) ? readJson(path) : undefined;
		const known = found?.ok === true ? v.safeParse(v.record(v.string(), shape), found.value) : undefined;
		return known?.success === true ? known.output : {};
	};
	return {
		load: (card) => read()[card],
		save: (card, memory) => writeAtomic(path, JSON.stringify({ ...read(), [card]: memory }, undefined, "\t")),
	};
}
