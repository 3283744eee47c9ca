/** Vectors of the schemes' public keys: each with its checksum, or with one that must be refused. */
import { hex, unbig, unhex } from "../../src/kit/bytes.ts";
import { hashes } from "../../src/runtime/hash.ts";
import { schemeKeyChecksum } from "../../src/spec/emv/oda.ts";
import type { RunVector } from "./runner.ts";

export const run: RunVector = ({ input, expected }) => {
	const { rid, index, modulus, exponent, checksum_sha1: told } = input;
	if ([rid, index, modulus, exponent].some((part) => typeof part !== "string"))
		return [{ key: "input", expected: "rid, index, modulus, exponent", got: Object.keys(input).join(", ") }];
	const key = { modulus: unhex(String(modulus)), exponent: unhex(String(exponent)) };
	const sum = hex(schemeKeyChecksum(hashes.sha1, String(rid), unbig(unhex(String(index))), key));
	const refused = told !== undefined && told !== sum;
	return Object.entries(expected).flatMap(([name, wanted]) => {
		const says: Readonly<Record<string, string>> = {
			checksum_sha1: sum,
			error: refused ? String(wanted) : "taken",
		};
		const got = says[name] ?? "a key this runner knows not";
		return got === wanted ? [] : [{ key: name, expected: String(wanted), got }];
	});
};
