/**
 * The issuer's side of a test card: it checks the card's cryptogram and PIN, and answers so that the card can
 * check it.
 */
import { concat, equal, latin, unhex } from "../../kit/bytes.ts";
import type { DesFor } from "../../spec/keys/cipher.ts";
import { applicationCryptogram, arpcMethod1, cryptogramVersions, retailMac } from "../../spec/keys/issuer.ts";
import { tlv } from "../../spec/tlv/tlv.ts";
import type { Product } from "./product-table.ts";

type Tags = ReadonlyMap<string, Uint8Array>;
export interface Answers {
	/**
	 * Whether 9F26 is this card's cryptogram over the other tags. `tags` as in field 55; false when one is
	 * missing.
	 */
	verify(tags: Tags): boolean;
	/**
	 * The value of tag 91: ARPC by method 1, then the two bytes it speaks of: the ARC as ASCII, for Mastercard
	 * the ARPC response code (0010 approved, 0000 not). `arc` is F39.
	 */
	answer(tags: Tags, arc: string): Uint8Array;
	/** One issuer script command for tag 71 or 72: an 86 object with its MAC. `header` is CLA INS P1 P2. */
	script(tags: Tags, header: Uint8Array, data: Uint8Array): Uint8Array;
	/** Digits as bytes 0 to 9. */
	pinIs(digits: Uint8Array): boolean;
}

/**
 * What the answer speaks of when the issuer approves, and when not (M/Chip 4, ARPC response code byte 2 b5).
 */
const responseCode = { approved: "0010", declined: "0000" } as const;

export function issuerFor(
	product: Product,
	keys: { readonly ac: Uint8Array; readonly smi: Uint8Array },
	{ desFor, pin }: { readonly desFor: DesFor; readonly pin: string },
): Answers {
	const version = cryptogramVersions[product.scheme];
	const value = (tags: Tags, tag: string, size: number): Uint8Array => tags.get(tag) ?? new Uint8Array(size);
	return {
		verify: (tags) => {
			const issuerData = value(tags, "9F10", 0);
			if (issuerData[version.at] !== version.number) return false;
			const made = applicationCryptogram(desFor, version, keys.ac, tags);
			return "cryptogram" in made && equal(made.cryptogram, value(tags, "9F26", 0));
		},
		answer: (tags, arc) => {
			const session = {
				atc: value(tags, "9F36", 2),
				unpredictable: value(tags, "9F37", 4),
			};
			const key = version.answerUnder === "master" ? keys.ac : version.session(desFor, keys.ac, session);
			const code =
				product.authenticatesIssuer === "cdol2"
					? unhex(arc === "00" ? responseCode.approved : responseCode.declined)
					: latin(arc.padEnd(2, " ").slice(0, 2));
			return concat(arpcMethod1(desFor, key, value(tags, "9F26", 8), code), code);
		},
		script: (tags, header, data) => {
			const atc = value(tags, "9F36", 2);
			const arqc = value(tags, "9F26", 8);
			const key = version.script(desFor, keys.smi, { atc, arqc });
			const length = Uint8Array.of(data.length + product.scriptMac);
			const mac = retailMac(desFor, key, concat(header, length, atc, arqc, data), "80");
			return tlv("86", concat(header, length, data, mac.subarray(0, product.scriptMac)));
		},
		pinIs: (digits) =>
			equal(
				digits,
				latin(pin).map((digit) => digit - 0x30),
			),
	};
}
