/** Checks what terminals say at the border: shape, bounds, and that no card number comes unmasked. */
import * as v from "valibot";
import type { FleetEvent } from "../contract/fleet.ts";
import { scrub } from "../kit/log.ts";

const digits = (least: number, most: number): v.GenericSchema<unknown, string> =>
	v.pipe(v.string(), v.regex(new RegExp(`^\\d{${least},${most}}$`)));
const text = (most: number): v.GenericSchema<unknown, string> =>
	v.pipe(v.string(), v.regex(new RegExp(`^[^\\p{Cc}<>]{0,${most}}$`, "u")));
const at = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/));
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const sale = v.object({
	type: v.literal("sale"),
	state: v.picklist(["approved", "declined", "reversed", "unresolved"]),
	intent: v.pipe(v.string(), v.regex(/^[0-9A-Za-z-]{1,40}$/)),
	amount: v.pipe(v.string(), v.regex(/^[1-9]\d{0,11}$/)),
	trace: digits(6, 6),
	batch: digits(6, 6),
	/** First six, last four: a run of digits longer than six is refused. */
	card: v.pipe(
		text(24),
		v.check((card) => !/\d{7}/.test(card)),
	),
	scheme: text(24),
	responseCode: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9A-Z]{2}$/))),
	reference: v.exactOptional(text(12)),
	authorisation: v.exactOptional(text(6)),
	at,
	operator: digits(2, 2),
});
const signIn = v.object({ type: v.literal("sign-in"), batch: digits(6, 6), at });
const event: v.GenericSchema<unknown, FleetEvent> = v.variant("type", [sale, signIn]);

const rowShape = v.object({ seq: count, id: v.pipe(v.string(), v.regex(/^[0-9A-Za-z-]{1,40}$/)), event });
const rowsShape = v.object({ rows: v.pipe(v.array(v.unknown()), v.maxLength(200)) });
const numbered = v.object({ seq: count });
const named = v.object({ id: v.pipe(v.string(), v.maxLength(40)) });

export const birthBody = v.object({
	session: count,
	version: text(40),
	head: whole,
	tail: v.exactOptional(count),
});
export const deathBody = v.object({ session: count });
export type Birth = v.InferOutput<typeof birthBody>;

/**
 * A row that may be applied, or one that may not: `seq` says which, and it is kept as it came, digits
 * scrubbed.
 */
export type CheckedRow =
	| { readonly good: true; readonly seq: number; readonly id: string; readonly event: FleetEvent }
	| { readonly good: false; readonly seq: number; readonly id: string; readonly raw: string };

/**
 * Rows that can be told apart by a number; the others are counted as lost. Undefined when it is no
 * list of rows at all.
 */
export function rowsOf(
	json: unknown,
): { readonly rows: readonly CheckedRow[]; readonly lost: number } | undefined {
	const list = v.safeParse(rowsShape, json);
	if (!list.success) return undefined;
	const rows = list.output.rows.flatMap((row): CheckedRow[] => {
		const good = v.safeParse(rowShape, row);
		if (good.success) return [{ good: true, ...good.output }];
		const seq = v.safeParse(numbered, row);
		if (!seq.success) return [];
		const id = v.safeParse(named, row);
		const raw = scrub(JSON.stringify(row)).slice(0, rawMost);
		return [{ good: false, seq: seq.output.seq, id: id.success ? id.output.id : "", raw }];
	});
	return { rows, lost: list.output.rows.length - rows.length };
}
/** Characters kept of a row that could not be read. */
const rawMost = 1000;
