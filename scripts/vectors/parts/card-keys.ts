/** The card key behind a session key that a vector gives alone: it is another published vector's. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { cardMasterKey, commonSessionKey } from "../../../src/spec/keys/issuer.ts";
import type { Vector } from "../runner.ts";
import { has, text } from "./named.ts";

const file = join(import.meta.dirname, "../../../test/vectors/emv-host.json");

/** The key of the published card that has this EMV common session key; RangeError where there is none. */
export function publishedCardKey(sessionKey: Uint8Array): Uint8Array {
	const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(readFileSync(file, "utf8"));
	for (const { input } of vectors) {
		if (!["imk", "pan", "psn", "r"].every((key) => has(input, key))) continue;
		const [imk, pan, psn, r] = [text(input, "imk"), text(input, "pan"), text(input, "psn"), text(input, "r")];
		const master = cardMasterKey(desFor, unhex(imk), pan, psn);
		if (hex(commonSessionKey(desFor, master, unhex(r))) === hex(sessionKey)) return master;
	}
	throw new RangeError("no published card has this session key");
}
