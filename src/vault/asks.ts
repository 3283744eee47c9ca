/** The shape of every request: what does not fit is refused with the place, never with the value. */
import * as v from "valibot";
import {
	blockSlots,
	ceremonySlots,
	type Operation,
	type Operations,
	slotNames,
	type VaultFault,
	workingSlots,
} from "../contract/vault.ts";
import { no, ok, type Result } from "../kit/result.ts";

const bytes = (least: number, most: number): v.GenericSchema<unknown, string> =>
	v.pipe(v.string(), v.minLength(2 * least), v.maxLength(2 * most), v.regex(/^(?:[0-9A-F]{2})*$/));
const whole = (least: number, most: number): v.GenericSchema<unknown, number> =>
	v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const pan = v.pipe(v.string(), v.regex(/^\d{12,19}$/));
const context = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const slot = v.exactOptional(v.picklist(slotNames));
const nothing = v.strictObject({});

const asks: { readonly [Op in Operation]: v.GenericSchema<unknown, Operations[Op]["ask"]> } = {
	status: nothing,
	"import-working-keys": v.strictObject({
		keys: v.pipe(
			v.array(
				v.strictObject({
					slot: v.picklist(workingSlots),
					cryptogram: v.union([bytes(8, 8), bytes(16, 16)]),
					kcv: bytes(4, 4),
				}),
			),
			v.minLength(1),
			v.maxLength(workingSlots.length),
			v.check((keys) => new Set(keys.map((k) => k.slot)).size === keys.length),
		),
	}),
	"drop-working-keys": nothing,
	/** An ISO 8583 frame is 4096 bytes at the most. */
	mac: v.strictObject({ data: bytes(1, 4096), slot }),
	"verify-mac": v.strictObject({ data: bytes(1, 4096), mac: bytes(8, 16), slot }),
	"enter-pin": v.pipe(
		v.strictObject({
			pan,
			slot,
			least: whole(4, 12),
			most: whole(4, 12),
			emptyAllowed: v.boolean(),
			firstMs: whole(1000, 120_000),
			betweenMs: whole(1000, 60_000),
		}),
		v.check(({ least, most }) => least <= most),
	),
	"cancel-pin": nothing,
	"seal-account": v.strictObject({
		account: v.strictObject({ pan, expiry: v.pipe(v.string(), v.regex(/^(?:\d{4})?$/)) }),
		context,
	}),
	"key-report": nothing,
	"enter-components": v.strictObject({
		slot: v.picklist(ceremonySlots),
		algorithm: v.picklist(["T", "A"]),
		bytes: v.picklist([16, 24, 32]),
		custodians: v.picklist([2, 3]),
		kcv: bytes(3, 3),
	}),
	"load-block": v.strictObject({
		slot: v.picklist(blockSlots),
		block: v.pipe(v.string(), v.regex(/^[ -~]{16,4096}$/)),
	}),
	zeroise: nothing,
	"open-account": v.strictObject({ sealed: bytes(29, 512), context }),
};

/** The request's body as its operation wants it. Fields too many are refused too. */
export function readAsk<Op extends Operation>(
	op: Op,
	ask: unknown,
): Result<Operations[Op]["ask"], VaultFault> {
	const read = v.safeParse(asks[op], ask, { abortEarly: true });
	if (read.success) return ok(read.output);
	const path = read.issues[0].path?.map(({ key }) => String(key)) ?? [];
	return no({ code: "vault.bad-request", at: [op, ...path].join(".").slice(0, 80) });
}

const frame = v.object({ id: whole(0, Number.MAX_SAFE_INTEGER), op: v.string(), ask: v.unknown() });
/** Number, operation and body of any request; undefined when there is not even a number to answer to. */
export function readRequest(message: unknown): v.InferOutput<typeof frame> | undefined {
	const read = v.safeParse(frame, message);
	return read.success ? read.output : undefined;
}

const hello = v.strictObject({ hello: v.picklist(["terminal", "technician"]) });
/** Who speaks, from the first frame. */
export function readHello(message: unknown): "terminal" | "technician" | undefined {
	const read = v.safeParse(hello, message);
	return read.success ? read.output.hello : undefined;
}
