import type { Application, Outcome, Terms } from "../../src/kernel/dialogue.ts";
import { hex, unhex } from "../../src/kit/bytes.ts";
import { describe } from "../../src/spec/emv/bits.ts";
import { build } from "../../src/spec/tlv/tlv.ts";

/** The terminal, the sale and the card that the transcripts of these tests are about. */
export const row = (aid: string, scheme: Application["scheme"]): Application => ({
	aid,
	partial: true,
	scheme,
	version: "0030",
	tacDenial: "0010000000",
	tacOnline: "D84004F800",
	tacDefault: "D84000A800",
	floorLimit: 0,
	threshold: 0,
	target: 0,
	targetMost: 0,
	ddol: "9F3704",
	tdol: "",
});

const values = (of: Readonly<Record<string, string>>): Map<string, Uint8Array> =>
	new Map(Object.entries(of).map(([tag, value]) => [tag, unhex(value)]));

const terminal = {
	"9F1A": "0156",
	"5F2A": "0156",
	"5F36": "02",
	"9F33": "206800",
	"9F35": "22",
	"9F40": "6000B0F001",
	"9F1E": "3030303030303031",
};
const sale = {
	"9F02": "000000003900",
	"9F03": "000000000000",
	"9A": "261124",
	"9C": "00",
	"9F21": "094102",
	"9F41": "00000017",
};

export interface Shop {
	readonly terminal?: Readonly<Record<string, string>>;
	readonly transaction?: Readonly<Record<string, string>>;
	readonly applications?: readonly Application[];
	readonly domesticCountry?: string;
	readonly forceOnline?: boolean;
	readonly earlierWith?: (pan: string) => number;
}

export const terms = (other: Shop = {}): Terms => ({
	terminal: values({ ...terminal, ...other.terminal }),
	transaction: values({ ...sale, ...other.transaction }),
	applications: other.applications ?? [
		row("A000000333010101", "unionpay"),
		row("A000000333010102", "unionpay"),
		row("A0000000041010", "mastercard"),
	],
	domesticCountry: other.domesticCountry ?? "0156",
	forceOnline: other.forceOnline ?? false,
	earlierWith: other.earlierWith ?? (() => 0),
});

/** TLV of pairs in hex, in the order they are written. */
export const objectsOf = (of: Readonly<Record<string, string>>): string =>
	hex(build(Object.entries(of).map(([tag, value]) => [tag, unhex(value)])));
/** A template around what is already TLV. */
export const template = (tag: string, inner: string): string => hex(build([[tag, unhex(inner)]]));
export const ascii = (text: string): string => hex(Uint8Array.from(text, (c) => c.charCodeAt(0)));

export const fci = (aid: string, label: string, more: Readonly<Record<string, string>> = {}): string =>
	`${template("6F", objectsOf({ "84": aid }) + template("A5", objectsOf({ "50": ascii(label), ...more })))}9000`;

/** What this card's one record holds; 9F02 … 9F34 asked for by CDOL1, 8A and 91 besides by CDOL2. */
const record = {
	"57": "6217970000000005090D30122200000000000F",
	"5A": "6217970000000005090F",
	"5F24": "301231",
	"5F25": "200101",
	"5F28": "0156",
	"5F34": "01",
	"8C": "9F02069F1A0295055F2A029A039C019F37049F3403",
	"8D": "8A0291089F0206950595059F3704",
	"8E": "000000000000000042031E031F00",
	"9F07": "FF00",
	"9F08": "0030",
	"9F0D": "D84000A800",
	"9F0E": "0010000000",
	"9F0F": "D84004F800",
};
export const recordOf = (other: Readonly<Record<string, string | undefined>> = {}): string => {
	const held = Object.entries({ ...record, ...other }).filter(
		(e): e is [string, string] => e[1] !== undefined,
	);
	return `${template("70", objectsOf(Object.fromEntries(held)))}9000`;
};

/** Format 1: CID, ATC, cryptogram, issuer application data. */
export const cryptogram = (cid: string, ac = "1122334455667788"): string =>
	`${objectsOf({ "80": `${cid}0007${ac}07010103A0A80201` })}9000`;

export const tag = (outcome: Outcome, name: string): string =>
	hex(outcome.data.get(name) ?? new Uint8Array(0));
/** The TVR of an outcome in words. */
export const findings = (outcome: Outcome): readonly string[] =>
	describe("95", outcome.data.get("95") ?? new Uint8Array(0));
