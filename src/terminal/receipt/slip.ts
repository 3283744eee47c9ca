/** A sale's slip as lines of paper, each copy from the same stored facts (unionpay-terminal.md, 11). */
import type { PrintLine } from "../../contract/device.ts";
import type { Language } from "../../contract/settings.ts";
import { decimal, grouped } from "../../spec/money/money.ts";
import type { Copy, SlipFacts } from "../payment/ports.ts";
import { padStart, paperColumns, width, wrap } from "./columns.ts";
import { logo } from "./logo.ts";
import { copies, heading, kinds, label, sentences, type Word, words } from "./slip-words-table.ts";

export interface SlipOptions {
	/** Printed again: it says so above and below. */
	readonly reprint: boolean;
	readonly language: Language;
	/** Not approved software, or a test system: it says so and is no valid slip. */
	readonly test: boolean;
}
type Style = Pick<Extract<PrintLine, { readonly kind: "text" }>, "align" | "bold" | "large">;

const large = paperColumns / 2;
/** Room to write a name, in lines. */
const signatureLines = 3;

const paragraph = (text: string, style: Style = {}): readonly PrintLine[] =>
	wrap(text, style.large ? large : paperColumns).map((line) => ({ kind: "text", text: line, ...style }));

/** "商户名称(MERCHANT NAME):", the English below when both do not fit. */
function caption(name: Word, language: Language): readonly PrintLine[] {
	const text = `${label(name, language)}:`;
	if (language === "en" || width(text) <= paperColumns) return paragraph(text);
	return [...paragraph(name[language]), ...paragraph(`(${name.en}):`)];
}

/**
 * Name and value on one line when they fit, else the value below: at the right when it is one line, else
 * wrapped.
 */
function field(name: Word, value: string, language: Language): readonly PrintLine[] {
	if (value === "") return [];
	const left = `${label(name, language)}:`;
	if (width(left) + 1 + width(value) <= paperColumns) return [{ kind: "pair", left, right: value }];
	const lines = wrap(value, paperColumns);
	return [
		...caption(name, language),
		...lines.map(
			(line): PrintLine => ({
				kind: "text",
				text: lines.length === 1 ? padStart(line, paperColumns) : line,
			}),
		),
	];
}

/** The chip's own data for a dispute, in hex; what the card did not give is left out. */
function chip(facts: SlipFacts): readonly PrintLine[] {
	const rows: readonly (readonly (readonly [name: string, value: string])[])[] = [
		[["TC", facts.tc]],
		[
			["TVR", facts.tvr],
			["TSI", facts.tsi],
		],
		[
			["ATC", facts.atc],
			["PAN SN", facts.cardSequence],
		],
		[["AID", facts.aid]],
		[["APPLAB", facts.label]],
	];
	const texts = rows.map((row) =>
		row
			.filter(([, value]) => value !== "")
			.map(([name, value]) => `${name}:${value}`)
			.join("  "),
	);
	return texts.filter((text) => text !== "").flatMap((text) => paragraph(text));
}

/** With commas while the double width has room for them. */
function money(fen: bigint): string {
	const text = `RMB:${grouped(fen)}`;
	return width(text) <= large ? text : `RMB:${decimal(fen)}`;
}

const sentence = (of: Word, language: Language, style: Style = {}): readonly PrintLine[] =>
	paragraph(of[language], style);

/** Only the merchant's copy is signed; where nothing is to be signed, it says so. */
function signing(facts: SlipFacts, copy: Copy, language: Language): readonly PrintLine[] {
	if (copy === "cardholder") return [];
	const consent = sentence(sentences.consent, language);
	if (!facts.sign) return [...paragraph(label(words.noSignature, language)), ...consent];
	return [
		...caption(words.signature, language),
		{ kind: "feed", lines: signatureLines },
		{ kind: "text", text: "_".repeat(paperColumns) },
		...consent,
	];
}

/** What this piece of paper is not. Said at the end, where it is torn off, and a reprint also at the top. */
function marks(options: SlipOptions): readonly PrintLine[] {
	const { reprint, test, language } = options;
	const centre: Style = { align: "centre", bold: true };
	return [
		...(reprint ? sentence(sentences.reprint, language, centre) : []),
		...(test ? sentence(sentences.test, language, centre) : []),
		...(test ? sentence(sentences.notApproved, language, { align: "centre" }) : []),
	];
}

function head(copy: Copy, options: SlipOptions): readonly PrintLine[] {
	const { language, reprint } = options;
	const centre: Style = { align: "centre", bold: true };
	const title = language === "en" ? [words.title.en] : [words.title[language], words.title.en];
	return [
		logo(),
		...title.map((text): PrintLine => ({ kind: "text", text, ...centre })),
		...(reprint ? sentence(sentences.reprint, language, centre) : []),
		...paragraph(heading(copies[copy], language)),
		{ kind: "rule" },
	];
}

/**
 * The lines of one copy. `facts.card` is masked by its type: a slip never carries a whole number (PCI DSS
 * 3.4). Long
 * names wrap and are never cut.
 */
export function slip(facts: SlipFacts, copy: Copy, options: SlipOptions): readonly PrintLine[] {
	const { language } = options;
	const row = (name: Word, value: string): readonly PrintLine[] => field(name, value, language);
	const name = language === "en" ? facts.merchantNameEn || facts.merchantName : facts.merchantName;
	const second = language === "en" || facts.merchantNameEn === name ? "" : facts.merchantNameEn;
	return [
		...head(copy, options),
		...caption(words.merchantName, language),
		...paragraph(name, { bold: true }),
		...(second === "" ? [] : paragraph(second)),
		...row(words.merchantNumber, facts.merchantNumber),
		...row(words.terminalNumber, facts.terminalNumber),
		...row(words.operator, facts.operator),
		...row(words.issuer, facts.issuer),
		...row(words.acquirer, facts.acquirer),
		...row(words.scheme, facts.scheme.toUpperCase()),
		...row(words.card, `${facts.card} ${facts.entry}`),
		...caption(words.kind, language),
		...paragraph(label(kinds[facts.kind], language), { bold: true, large: true }),
		...row(words.batch, facts.batch),
		...row(words.trace, facts.trace),
		...row(words.authorisation, facts.authorisation),
		...row(words.reference, facts.reference),
		...row(words.at, facts.at),
		...caption(words.amount, language),
		...paragraph(money(BigInt(facts.amount)), { bold: true, large: true }),
		...row(words.remark, facts.remark),
		{ kind: "rule" },
		...chip(facts),
		{ kind: "rule" },
		...signing(facts, copy, language),
		...marks(options),
		{ kind: "feed", lines: 2 },
		{ kind: "cut" },
	];
}
