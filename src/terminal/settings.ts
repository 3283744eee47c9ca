import * as v from "valibot";
import type { FaultCode } from "../contract/faults.ts";
import { languages, type Settings } from "../contract/settings.ts";
import { no, ok, type Result } from "../kit/result.ts";

/** Checks what provisioning wrote; a fault names the field, never its value. */
const text = (shape: RegExp): v.GenericSchema<unknown, string> => v.pipe(v.string(), v.regex(shape));
const word = text(/^.{1,60}$/u);
const ms = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(600_000));
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const codes = v.pipe(v.array(text(/^[0-9A-Z]{2}$/)), v.readonly());

/** The vault takes no others (src/vault/asks.ts): with them every PIN would be refused. */
const pinWaits = {
	pinFirstMs: v.pipe(v.number(), v.integer(), v.minValue(1000), v.maxValue(120_000)),
	pinBetweenMs: v.pipe(v.number(), v.integer(), v.minValue(1000), v.maxValue(60_000)),
};

const dialect = v.strictObject({
	name: word,
	tpdu: text(/^[0-9A-F]{10}$/),
	header: text(/^([0-9A-F]{12})?$/),
	signInCode: v.picklist(["001", "003", "004"]),
	compareMerchant: v.boolean(),
	macless: codes,
	afterReversalTries: v.picklist(["block", "release"]),
	endsReversal: codes,
});
const shape: v.GenericSchema<unknown, Settings> = v.strictObject({
	tenant: text(/^[a-z0-9-]{1,32}$/),
	terminal: text(/^[A-Za-z0-9-]{1,32}$/),
	serial: text(/^[A-Za-z0-9-]{1,32}$/),
	language: v.picklist(languages),
	merchant: v.strictObject({ name: word, nameEn: word, number: text(/^\d{15}$/) }),
	terminalNumber: text(/^[0-9A-Za-z]{8}$/),
	operator: text(/^\d{2}$/),
	country: text(/^\d{3}$/),
	currency: text(/^\d{3}$/),
	acquirer: v.strictObject({
		...{ host: word, port, name: word, connectMs: ms, answerMs: ms, reversalPauseMs: ms },
		dialect,
	}),
	cloud: v.strictObject({ host: word, port, retryMs: v.strictObject({ least: ms, most: ms }) }),
	waits: v.strictObject({ keyMs: ms, cardMs: ms, ...pinWaits, resultMs: ms }),
	profile: word,
});

export function settingsFrom(
	json: unknown,
): Result<Settings, { readonly code: FaultCode; readonly at: string }> {
	const read = v.safeParse(shape, json, { abortEarly: true });
	if (read.success) return ok(read.output);
	const at = read.issues[0].path?.map(({ key }) => String(key)).join(".") ?? "";
	return no({ code: "settings.invalid", at });
}
