/**
 * acquirer.json: what the acquirer's key host and register know, made by provisioning; it holds a key, mode
 * 0600.
 */
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { no, ok, type Result } from "../../kit/result.ts";
import { readJson } from "../../runtime/files.ts";

const config = v.object({
	/** 0 takes a free one. */
	port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
	/** The books, a SQLite file; relative to the folder of this configuration. */
	books: v.optional(v.string(), "books.db"),
	terminals: v.array(
		v.object({
			/** F41 and F42. */
			terminal: v.pipe(v.string(), v.length(8)),
			merchant: v.pipe(v.string(), v.length(15)),
			/** Terminal master key, 16 bytes in hex. */
			tmk: v.pipe(v.string(), v.regex(/^[0-9A-Fa-f]{32}$/)),
		}),
	),
});
export type AcquirerConfig = v.InferOutput<typeof config>;

/** A fault names the file, never what stands in it. */
export function readConfig(
	path: string,
): Result<AcquirerConfig, { readonly code: "settings.invalid"; readonly at: string }> {
	const json = readJson(path);
	if (!json.ok) return json;
	const read = v.safeParse(config, json.value);
	if (!read.success) return no({ code: "settings.invalid", at: path });
	return ok({ ...read.output, books: resolve(dirname(path), read.output.books) });
}
