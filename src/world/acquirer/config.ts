/**
 * acquirer.json: what the acquirer's key host and register know, made by provisioning; it holds a key, mode
 * 0600.
 */
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { no, ok, type Result } from "../../kit/result.ts";
import { readJson } from "../../runtime/files.ts";
import { issuerIds } from "../cards/deck.ts";
import { type ProductId, products } from "../cards/product-table.ts";

const digits = v.pipe(v.string(), v.regex(/^\d+$/));
/**
 * A card that a shop's own banks have issued beside the deck; its PIN stands here as it does at an issuer.
 */
const card = v.object({
	product: v.picklist(Object.keys(products) as readonly ProductId[]),
	issuerKeys: v.picklist(issuerIds),
	pan: v.pipe(digits, v.minLength(12), v.maxLength(19)),
	expiry: v.pipe(digits, v.length(4)),
	psn: v.pipe(digits, v.length(2)),
	pin: v.pipe(digits, v.minLength(4), v.maxLength(12)),
	cvm: v.picklist(["pin", "signature", "pin-or-signature"]),
	balanceFen: v.pipe(
		digits,
		v.transform((text) => BigInt(text)),
	),
});

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
	cards: v.optional(v.array(card), []),
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
