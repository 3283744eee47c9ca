/**
 * Cryptogram versions by scheme and number: which keys, which data, which answer, and how scripts are made.
 * Sources: Visa VIS (10, 18, 22), Mastercard M/Chip 4 (16, 17, 20, 21), Interac (133) as in vectors emv-*;
 * UnionPay 01 and 17 by JR/T 0025.5 and 0025.12, for which there is no public vector.
 */
import { concat } from "../../kit/bytes.ts";
import type { DesFor } from "./cipher.ts";
import { type CryptogramVersion, commonSessionKey, cryptogramVersions, mastercardSeed } from "./issuer.ts";

export interface IssuerRules extends CryptogramVersion {
	/** How the card's keys come from the issuer's. */
	readonly masterKey: "A" | "B";
	readonly arpc: 1 | 2;
	/** What a script MAC is over: the command alone, or with ATC and cryptogram behind its header. */
	readonly scriptOver: "command" | "transaction";
	readonly encipherment: "visa" | "mastercard" | "emv";
	/** The block in which a new PIN travels: Visa's own, or ISO 9564-1 format 2. */
	readonly pinBlock: "vis" | "format-2";
}

const byCounter = (desFor: DesFor, key: Uint8Array, { atc }: { readonly atc: Uint8Array }): Uint8Array =>
	commonSessionKey(desFor, key, concat(atc, new Uint8Array(6)));
const byCryptogram: CryptogramVersion["script"] = (desFor, key, { arqc }) =>
	commonSessionKey(desFor, key, arqc);
const whole = (issuerData: Uint8Array): Uint8Array => issuerData;
/** M/Chip with counters: CVR, and the eight bytes of counters behind the two of the DAC. */
const withCounters = (issuerData: Uint8Array): Uint8Array =>
	concat(issuerData.slice(2, 8), issuerData.slice(10, 18));

const visa = {
	masterKey: "A",
	arpc: 1,
	scriptOver: "transaction",
	encipherment: "visa",
	pinBlock: "vis",
} as const;
const mastercard = { ...visa, encipherment: "mastercard", pinBlock: "format-2" } as const;

const mastercard16: IssuerRules = { ...cryptogramVersions.mastercard, ...mastercard };
const mastercard20: IssuerRules = {
	...mastercard16,
	number: 0x14,
	session: byCounter,
	answerUnder: "session",
};
const visa18: IssuerRules = {
	...cryptogramVersions.visa,
	...visa,
	masterKey: "B",
	arpc: 2,
	number: 0x12,
	verified: whole,
	padding: "80",
	session: byCounter,
	answerUnder: "session",
};
const unionpay01: IssuerRules = { ...cryptogramVersions.unionpay, ...visa };

/** By scheme and version in decimal. */
export const issuerRules = {
	"visa-10": { ...cryptogramVersions.visa, ...visa },
	"visa-18": visa18,
	"visa-22": { ...visa18, at: 1, number: 0x22, script: byCryptogram },
	"mastercard-16": mastercard16,
	"mastercard-17": { ...mastercard16, number: 0x11, verified: withCounters },
	"mastercard-20": mastercard20,
	"mastercard-21": { ...mastercard20, number: 0x15, verified: withCounters },
	"unionpay-1": unionpay01,
	/** Quick contactless: amount, unpredictable number, counter and the second byte of the CVR. */
	"unionpay-17": {
		...unionpay01,
		number: 0x11,
		tags: ["9F02", "9F37", "9F36"],
		verified: (issuerData) => issuerData.slice(4, 5),
	},
	"interac-133": {
		...mastercard,
		at: 2,
		number: 0x85,
		verified: whole,
		padding: "80",
		session: (desFor, key, { atc, unpredictable }) =>
			commonSessionKey(desFor, key, mastercardSeed(atc, unpredictable)),
		answerUnder: "session",
		script: byCryptogram,
		scriptOver: "command",
	},
} as const satisfies Record<string, IssuerRules>;
export type IssuerRulesName = keyof typeof issuerRules;
