/**
 * The terminal's requests field by field, and what an answer must be to be believed (unionpay-terminal.md, 3
 * to 7 and 12).
 */

import type { Dialect, Settings } from "../../contract/settings.ts";
import { unhex } from "../../kit/bytes.ts";
import type { ReadText } from "../../spec/iso8583/describe.ts";
import type { Message, Value } from "../../spec/iso8583/field.ts";
import { wantsOf } from "../../spec/iso8583/frame.ts";
import { readRemarks, writeReserved, writeSequence } from "../../spec/iso8583/unionpay.ts";
import { toField } from "../../spec/money/money.ts";
import type { HostAnswer, ReversalRequest, SaleRequest } from "../payment/ports.ts";
import { institutions } from "./institutions-table.ts";

type Fields = Iterable<readonly [number, Value | undefined]>;

const message = (mti: string, fields: Fields): Message => ({
	mti,
	fields: new Map([...fields].filter((pair): pair is [number, Value] => pair[1] !== undefined)),
});
const digits = (n: number, size: number): string => String(n).padStart(size, "0");
/** 60.4: this terminal reads contacts; 60.5: nothing to tell of an earlier card. */
const contact = { network: "000", capability: "5", condition: "0" } as const;
/** An amount beyond twelve digits packs to a fault: it never leaves. */
const amountOf = (fen: bigint): string => {
	const field = toField(fen);
	return field.ok ? field.value : String(fen);
};
const expiryOf = (expiry: string): string | undefined => (/^\d{4}$/.test(expiry) ? expiry : undefined);

/** 0800 sign-in: 11 41 42 60 62c 63, no MAC (section 3). F62 carries the serial number. */
export const signInRequest = (settings: Settings, trace: number, batch: number): Message =>
	message("0800", [
		[11, digits(trace, 6)],
		[41, settings.terminalNumber],
		[42, settings.merchant.number],
		[60, writeReserved({ type: "00", batch, network: settings.acquirer.dialect.signInCode })],
		[62, settings.serial === "" ? undefined : writeSequence(settings.serial)],
		[63, settings.operator.padEnd(3)],
	]);

/** F53: PIN with PAN; 6 tells double-length keys (section 2). */
const securityControl = (dialect: Dialect): string =>
	`2${dialect.signInCode === "001" ? "0" : "6"}`.padEnd(16, "0");

/** 0200 sale by chip: 2 3 4 11 14 22 23 25 26c 35 41 42 49 52c 53c 55 60; F64 is added when it is sealed. */
export function saleRequest(settings: Settings, sale: SaleRequest): Message {
	const pin = sale.pinBlock !== undefined;
	return message("0200", [
		[2, sale.pan],
		[3, "000000"],
		[4, amountOf(sale.amount)],
		[11, digits(sale.trace, 6)],
		[14, expiryOf(sale.expiry)],
		[22, sale.entry + (pin ? "1" : "2")],
		[23, digits(sale.cardSequence, 3)],
		[25, "00"],
		[26, pin ? "12" : undefined],
		[35, sale.track2 === "" ? undefined : sale.track2],
		[41, settings.terminalNumber],
		[42, settings.merchant.number],
		[49, settings.currency.slice(-3)],
		[52, sale.pinBlock === undefined ? undefined : unhex(sale.pinBlock)],
		[53, pin ? securityControl(settings.acquirer.dialect) : undefined],
		[55, sale.chipData.length > 0 ? sale.chipData : undefined],
		[60, writeReserved({ type: "22", batch: sale.batch, ...contact })],
	]);
}

/**
 * 0400 of a sale, with the trace of its original: 2 3 4 11 14 22 23 25 38c 39 41 42 49 55c 60; no 26 35 52
 * 53.
 */
export const reversalRequest = (settings: Settings, reversal: ReversalRequest): Message =>
	message("0400", [
		[2, reversal.pan],
		[3, "000000"],
		[4, amountOf(reversal.amount)],
		[11, digits(reversal.trace, 6)],
		[14, expiryOf(reversal.expiry)],
		[22, reversal.entry + (reversal.pin ? "1" : "2")],
		[23, digits(reversal.cardSequence, 3)],
		[25, "00"],
		[38, reversal.authorisation],
		[39, reversal.reason],
		[41, settings.terminalNumber],
		[42, settings.merchant.number],
		[49, settings.currency.slice(-3)],
		[55, reversal.chipData.length > 0 ? reversal.chipData : undefined],
		[60, writeReserved({ type: "22", batch: reversal.batch, ...contact })],
	]);

export const textOf = (message: Message, field: number): string | undefined => {
	const value = message.fields.get(field);
	return typeof value === "string" ? value : undefined;
};
export const bytesOf = (message: Message, field: number): Uint8Array | undefined => {
	const value = message.fields.get(field);
	return value instanceof Uint8Array ? value : undefined;
};

/**
 * Whether this is the answer to that request at all: MTI + 10 and the same trace. If not, it is a late one.
 */
export const belongs = (request: Message, answer: Message): boolean =>
	Number(answer.mti) === Number(request.mti) + 10 && textOf(answer, 11) === textOf(request, 11);

/** Class A of section 10. */
const approvals = new Set(["00", "10", "11", "16", "A2", "A4", "A5", "A6"]);
const partialApproval = "10";

/**
 * The first field in which an answer speaks of something else than its request (section 5, "Answer check"):
 * 3, 4, 41 must be there and equal in an approval, and equal where present in a refusal; 4 not in a partial
 * approval. 42 is compared in approvals. A missing F39 is told as 39. Undefined: the answer fits.
 */
export function mismatch(request: Message, answer: Message): number | undefined {
	const code = textOf(answer, 39);
	if (code === undefined) return 39;
	const approved = approvals.has(code);
	const compared = [3, 4, 41, ...(approved ? [42] : [])].filter(
		(field) => request.fields.has(field) && !(field === 4 && code === partialApproval),
	);
	// Sign-in answers are no approvals of money: what they leave out is not asked for.
	const must = approved && request.mti !== "0800";
	return compared.find((field) => {
		const heard = textOf(answer, field);
		return heard === undefined ? must : heard.trimEnd() !== textOf(request, field)?.trimEnd();
	});
}

/**
 * F64 that is there is always checked; without it only the refusals that the dialect names are believed
 * (section 12).
 */
export const macRule = (dialect: Dialect, answer: Message): "verify" | "accept" | "missing" =>
	answer.fields.has(64)
		? "verify"
		: dialect.macless.includes(textOf(answer, 39) ?? "") && textOf(answer, 39) !== "00"
			? "accept"
			: "missing";

/**
 * F44: eleven characters of the issuer, of which the first four name the bank; its own text where no bank is
 * known.
 */
function issuerOf(f44: string): string | undefined {
	const code = f44.slice(0, 11).trim();
	return code === "" ? undefined : (institutions[code.slice(0, 4)] ?? code);
}

/** An answer that is believed, as the payment wants it. */
export function hostAnswer(answer: Message, header: Uint8Array, readText: ReadText): HostAnswer {
	const text = (field: number): string | undefined => textOf(answer, field)?.trim() || undefined;
	const words = (field: number): Uint8Array => bytesOf(answer, field) ?? new Uint8Array(0);
	const remark = readText(readRemarks(words(63)).remark).trim();
	return {
		code: textOf(answer, 39) ?? "",
		chipData: words(55),
		wants: wantsOf(header),
		...present("reference", text(37)),
		...present("authorisation", text(38)),
		...present("time", text(12)),
		...present("date", text(13)),
		...present("settlementDate", text(15)),
		...present("issuer", issuerOf(readText(words(44)))),
		...present("remark", remark === "" ? undefined : remark),
	};
}

const present = <Name extends string>(name: Name, value: string | undefined) =>
	(value === undefined ? {} : { [name]: value }) as Partial<Record<Name, string>>;
