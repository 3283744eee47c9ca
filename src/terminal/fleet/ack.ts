/** Reads what the platform says. What has not its shape is no answer. */
import * as v from "valibot";
import type { Bodies } from "../../contract/fleet.ts";
import { no, ok, type Result } from "../../kit/result.ts";

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const shape = v.object({
	through: seq,
	reject: v.optional(
		v.pipe(
			v.array(v.object({ seq, code: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/)) })),
			v.maxLength(100),
		),
		[],
	),
});

/** The body of down/ack, JSON in UTF-8. The fault says at which field. */
export function readAck(bytes: Uint8Array): Result<Bodies["down/ack"], { readonly at: string }> {
	let json: unknown;
	try {
		json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch {
		return no({ at: "json" });
	}
	const read = v.safeParse(shape, json, { abortEarly: true });
	if (read.success) return ok(read.output);
	return no({ at: read.issues[0].path?.map(({ key }) => String(key)).join(".") ?? "body" });
}
