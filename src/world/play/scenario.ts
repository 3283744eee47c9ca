/** A written scenario: data that reads aloud, checked before it is played. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { keys } from "../../contract/device.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import { readJson } from "../../runtime/files.ts";
import { misbehaviour } from "../acquirer/door.ts";
import { faultIds } from "../shop/faults-table.ts";

const digits = v.pipe(v.string(), v.regex(/^\d+$/));
/** At most so long is waited for what a step wants; without it `usualMs`. */
const withinMs = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(60_000)));

const step = v.union([
	v.strictObject({ press: v.picklist(keys as readonly string[]) }),
	/** Several digits, one press each. */
	v.strictObject({ type: digits }),
	/** Digits of a PIN: pressed on the keypad, shown as stars ever after. */
	v.strictObject({ pin: digits }),
	v.strictObject({ insert: v.string() }),
	v.strictObject({ remove: v.literal("card") }),
	/** Waits until the screen says so. */
	v.strictObject({ see: v.string(), withinMs }),
	/** Waits until so many slips have come out whole. */
	v.strictObject({ slips: v.pipe(v.number(), v.integer(), v.minValue(1)), withinMs }),
	/** Waits until the acquirer has so many transactions in its books: what was sent has arrived. */
	v.strictObject({ booked: v.pipe(v.number(), v.integer(), v.minValue(1)), withinMs }),
	v.strictObject({ fault: v.picklist(faultIds) }),
	v.strictObject({ mend: v.picklist(faultIds) }),
	/** One more rule for the acquirer. */
	v.strictObject({ host: misbehaviour }),
	/** Waits until the three books agree. */
	v.strictObject({ books: v.literal("agree"), withinMs }),
]);
export type Step = v.InferOutput<typeof step>;

export const endings = ["approved", "declined", "reversed", "unresolved", "not-charged"] as const;
export type Ending = (typeof endings)[number];

const shape = v.strictObject({
	title: v.strictObject({ zh: v.string(), en: v.string() }),
	/** What it shows, in a sentence each. */
	story: v.strictObject({ zh: v.string(), en: v.string() }),
	faults: v.array(v.picklist(faultIds)),
	steps: v.pipe(v.array(step), v.minLength(1)),
	expect: v.strictObject({
		ended: v.picklist(endings),
		/** The money that stands afterwards, in each of the three books: how many sales, and fen. */
		books: v.strictObject({ count: v.pipe(v.number(), v.integer(), v.minValue(0)), fen: digits }),
		/** What the acquirer proved of the last sale that it heard. */
		verified: v.optional(
			v.strictObject({
				mac: v.optional(v.boolean()),
				pin: v.optional(v.boolean()),
				arqc: v.optional(v.boolean()),
				/** And what the card proved of the issuer's answer. */
				arpc: v.optional(v.boolean()),
			}),
		),
		slips: v.pipe(v.number(), v.integer(), v.minValue(0)),
		/** Reversals without an answer at the end. */
		unresolved: v.pipe(v.number(), v.integer(), v.minValue(0)),
		/** Why answers were not believed, in order: silent, cut, late, wrong-mac (shop/messages.ts). */
		doubts: v.optional(v.array(v.string())),
		/** Response codes of the host's answers to 0200 and 0400, in order: as its own books have them. */
		codes: v.optional(v.array(v.string())),
	}),
});
export type Scenario = v.InferOutput<typeof shape> & { readonly name: string };

export interface ScenarioFault {
	readonly at: string;
}

/** Names of the scenarios in a folder, without their extension, in order. */
export const scenarioNames = (folder: string): readonly string[] =>
	readdirSync(folder)
		.filter((file) => file.endsWith(".json"))
		.map((file) => file.slice(0, -5))
		.sort();

/** Reads one scenario; a fault names the field that is wrong. */
export function readScenario(folder: string, name: string): Result<Scenario, ScenarioFault> {
	const file = readJson(join(folder, `${name}.json`));
	if (!file.ok) return no({ at: `${name}.json` });
	const read = v.safeParse(shape, file.value, { abortEarly: true });
	if (read.success) return ok({ name, ...read.output });
	const field = read.issues[0].path?.map(({ key }) => String(key)).join(".") ?? "";
	return no({ at: `${name}.json: ${field}` });
}

/** A step as it is told: what was done or waited for, never a PIN. */
export function told(one: Step): string {
	if ("pin" in one) return `pin ${"*".repeat(one.pin.length)}`;
	if ("host" in one) return `host ${one.host.on} ${one.host.do}`;
	const [word, value] = Object.entries(one)[0] ?? [];
	return `${word} ${value}`;
}
