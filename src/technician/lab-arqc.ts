/** Laboratory: a card's cryptogram and its issuer's answer, from the issuer's master key. */
import { hex } from "../kit/bytes.ts";
import { desFor } from "../runtime/des.ts";
import { hashes } from "../runtime/hash.ts";
import { applicationCryptogram, arpcMethod1, arpcMethod2, cardMasterKey } from "../spec/keys/issuer.ts";
import { cardMasterKeyB } from "../spec/keys/issuer-master.ts";
import { type IssuerRules, issuerRules } from "../spec/keys/issuer-rules-table.ts";
import { objects } from "../spec/tlv/tlv.ts";
import { type Command, DeedFault, type Given } from "./command.ts";

const versions: Readonly<Record<string, IssuerRules>> = issuerRules;
const ciphers = { desFor, sha1: hashes.sha1 };

function cardKey(given: Given, { masterKey }: IssuerRules): Uint8Array {
	const sequence = given.maybe("sequence") === undefined ? "" : given.digits("sequence");
	const issuerKey = given.bytes("issuer-key", 16);
	const pan = given.digits("pan");
	return masterKey === "A"
		? cardMasterKey(desFor, issuerKey, pan, sequence)
		: cardMasterKeyB(ciphers, issuerKey, pan, sequence);
}

/** Method 1 over a response code, method 2 over a card status update; none when neither is given. */
function answers(given: Given, key: Uint8Array, arqc: Uint8Array): readonly string[] {
	const lines: string[] = [];
	if (given.maybe("arc") !== undefined)
		lines.push(`arpc method 1: ${hex(arpcMethod1(desFor, key, arqc, given.bytes("arc", 2)))}`);
	if (given.maybe("csu") !== undefined) {
		const over = { arqc, statusUpdate: given.bytes("csu", 4) };
		lines.push(`arpc method 2: ${hex(arpcMethod2(desFor, key, over))}`);
	}
	return lines;
}

export const arqc: Command = {
	usage:
		`--rules ${Object.keys(versions).join("|")} --issuer-key HEX --pan DIGITS [--sequence DD] --tags TLV` +
		" [--arc HEX] [--csu HEX]",
	says: "card key, session key and ARQC over the tags (9F02 … 9F36 and 9F10), then the ARPC by method 1 or 2",
	options: ["rules", "issuer-key", "pan", "sequence", "tags", "arc", "csu"],
	run: (given) => {
		const rules = given.one("rules", versions);
		const card = cardKey(given, rules);
		const tags = objects(given.bytes("tags"), "strict");
		if (!tags.ok) throw new DeedFault(`--tags: ${tags.error.kind} at byte ${tags.error.offset}`);
		const made = applicationCryptogram(desFor, rules, card, tags.value);
		if ("missing" in made) throw new DeedFault(`--tags: ${made.missing} is missing`);
		const atc = tags.value.get("9F36") ?? new Uint8Array(2);
		const unpredictable = tags.value.get("9F37") ?? new Uint8Array(4);
		const session = rules.session(desFor, card, { atc, unpredictable });
		return [
			`card key: ${hex(card)}`,
			`session key: ${hex(session)}`,
			`arqc: ${hex(made.cryptogram)}`,
			...answers(given, rules.answerUnder === "master" ? card : session, made.cryptogram),
		];
	},
};
