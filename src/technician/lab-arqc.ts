/** Laboratory: a card's cryptogram and its issuer's answer, from the issuer's master key. */
import { hex } from "../kit/bytes.ts";
import { desFor } from "../runtime/des.ts";
import {
	applicationCryptogram,
	arpcMethod1,
	arpcMethod2,
	type CryptogramVersion,
	cardMasterKey,
	cryptogramVersions,
} from "../spec/keys/issuer.ts";
import { objects } from "../spec/tlv/tlv.ts";
import { type Command, DeedFault } from "./command.ts";

const versions: Readonly<Record<string, CryptogramVersion>> = cryptogramVersions;

export const arqc: Command = {
	usage:
		`--scheme ${Object.keys(versions).join("|")} --issuer-key HEX --pan DIGITS [--sequence DD] --tags TLV` +
		" [--arc HEX | --csu HEX]",
	says: "card key, session key and ARQC over the tags (9F02 9F03 9F1A 95 5F2A 9A 9C 9F37 82 9F36 9F10), then the ARPC",
	options: ["scheme", "issuer-key", "pan", "sequence", "tags", "arc", "csu"],
	run: (given) => {
		const version = given.one("scheme", versions);
		const sequence = given.maybe("sequence") === undefined ? "" : given.digits("sequence");
		const cardKey = cardMasterKey(desFor, given.bytes("issuer-key", 16), given.digits("pan"), sequence);
		const tags = objects(given.bytes("tags"), "strict");
		if (!tags.ok) throw new DeedFault(`--tags: ${tags.error.kind} at byte ${tags.error.offset}`);
		const made = applicationCryptogram(desFor, version, cardKey, tags.value);
		if ("missing" in made) throw new DeedFault(`--tags: ${made.missing} is missing`);
		const atc = tags.value.get("9F36") ?? new Uint8Array(2);
		const unpredictable = tags.value.get("9F37") ?? new Uint8Array(4);
		const sessionKey = version.session(desFor, cardKey, { atc, unpredictable });
		const answerKey = version.answerUnder === "master" ? cardKey : sessionKey;
		const lines = [
			`card key: ${hex(cardKey)}`,
			`session key: ${hex(sessionKey)}`,
			`arqc: ${hex(made.cryptogram)}`,
		];
		if (given.maybe("arc") !== undefined)
			lines.push(`arpc: ${hex(arpcMethod1(desFor, answerKey, made.cryptogram, given.bytes("arc", 2)))}`);
		if (given.maybe("csu") !== undefined) {
			const over = { arqc: made.cryptogram, statusUpdate: given.bytes("csu", 4) };
			lines.push(`arpc: ${hex(arpcMethod2(desFor, sessionKey, over))}`);
		}
		return lines;
	},
};
