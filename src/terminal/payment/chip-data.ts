import type { Application, DataObjects } from "../../kernel/dialogue.ts";
import { hex, latin, unlatin } from "../../kit/bytes.ts";
import { maskPan } from "../../kit/secret.ts";
import { build } from "../../spec/tlv/tlv.ts";
import type { SlipFacts } from "./ports.ts";
import type { CardRequest } from "./sale-run.ts";

/**
 * Between the kernel's data objects and the acquirer's fields (unionpay-terminal.md, 7; EMV 4.4 Book 3, Annex
 * A).
 */

const onlineTags = [
	...["9F26", "9F27", "9F10", "9F37", "9F36", "95", "9A", "9C", "9F02", "5F2A", "82", "9F1A"],
	...["9F03", "9F33", "9F34", "9F35", "9F1E", "84", "9F09", "9F41", "9F63", "9F74"],
] as const;
const reversalTags = ["95", "9F1E", "9F10", "9F36", "DF31"] as const;

const pick = (data: DataObjects, tags: readonly string[]): Uint8Array =>
	build(
		tags.flatMap((tag) => {
			const value = data.get(tag);
			return value === undefined ? [] : [[tag, value] as const];
		}),
	);
const text = (data: DataObjects, tag: string): string => hex(data.get(tag) ?? new Uint8Array(0));
const digits = (data: DataObjects, tag: string): string => text(data, tag).replace(/F+$/, "");

export const schemeOf = (
	data: DataObjects,
	applications: readonly Application[],
): Application["scheme"] | "" => {
	const aid = text(data, "84");
	return applications.find((a) => aid.startsWith(a.aid))?.scheme ?? "";
};
export const panOf = (data: DataObjects): string =>
	digits(data, "5A") || digits(data, "57").split("D")[0] || "";
export const labelOf = (data: DataObjects): string =>
	unlatin(data.get("9F12") ?? data.get("50") ?? latin("")).trim();

/** The request's fields out of the data of an ARQC; undefined when the card lacks what a message needs. */
export function requestFrom(
	data: DataObjects,
	applications: readonly Application[],
	pinBlock: string | undefined,
): CardRequest | undefined {
	const pan = panOf(data);
	const track2 = digits(data, "57");
	if (!/^\d{12,19}$/.test(pan) || !/^\d{12,19}D\d+$/.test(track2)) return undefined;
	return {
		pan,
		track2,
		expiry: text(data, "5F24").slice(0, 4),
		cardSequence: Number(text(data, "5F34") || "0"),
		entry: "05",
		...(pinBlock === undefined ? {} : { pinBlock }),
		chipData: pick(data, onlineTags),
		reversalData: pick(data, reversalTags),
		card: maskPan(pan),
		scheme: schemeOf(data, applications),
	};
}

/** The chip's part of a slip (unionpay-terminal.md, 11): from the data at the end of the dialogue. */
export const slipPart = (
	data: DataObjects,
): Pick<SlipFacts, "tc" | "tvr" | "tsi" | "atc" | "aid" | "label" | "cardSequence" | "sign"> => ({
	tc: text(data, "9F26"),
	tvr: text(data, "95"),
	tsi: text(data, "9B"),
	atc: text(data, "9F36"),
	aid: text(data, "84"),
	label: labelOf(data),
	cardSequence: text(data, "5F34").padStart(3, "0"),
	sign: wantsSignature(data),
});

/** CVM results, 9F34 byte 1: signature (1E), or PIN and signature (03, 05) (EMV 4.4 Book 4, Annex A4). */
function wantsSignature(data: DataObjects): boolean {
	const method = (data.get("9F34")?.[0] ?? 0) & 0x3f;
	return method === 0x1e || method === 0x03 || method === 0x05;
}
