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

/** One JSON file for all cards. A file that cannot be read counts as none. */
export function fileStore(path: string): CardStore {
	const all = new Map<string, CardMemory>();
	const read = existsSync(path) ? readJson(path) : undefined;
	const known = read?.ok === true ? v.safeParse(v.record(v.string(), shape), read.value) : undefined;
	if (known?.success === true)
		for (const [card, memory] of Object.entries(known.output)) all.set(card, memory);
	return {
		load: (card) => all.get(card),
		save: (card, memory) => {
			all.set(card, memory);
			writeAtomic(path, JSON.stringify(Object.fromEntries(all), undefined, "\t"));
		},
	};
}
