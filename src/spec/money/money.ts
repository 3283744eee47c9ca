/**
 * Amounts are fen as whole numbers; this page is the only place where they become digits of a field or text.
 */
import { no, ok, type Result } from "../../kit/result.ts";

export interface MoneyFault {
	readonly kind: "negative" | "too-many-digits" | "not-an-amount";
	/** Position of the character at fault, or the number of digits that would have been needed. */
	readonly at: number;
}

/** Digits of ISO 8583 field 4. */
const fieldDigits = 12;

/** Fen as the twelve digits of field 4 (unionpay-terminal.md, 2). Refuses what is negative or longer. */
export function toField(fen: bigint): Result<string, MoneyFault> {
	if (fen < 0n) return no({ kind: "negative", at: 0 });
	const digits = String(fen);
	return digits.length > fieldDigits
		? no({ kind: "too-many-digits", at: digits.length })
		: ok(digits.padStart(fieldDigits, "0"));
}

/** Field 4 back to fen: exactly twelve digits, nothing else. */
export function fromField(digits: string): Result<bigint, MoneyFault> {
	const bad = digits.search(/[^0-9]/);
	if (bad >= 0) return no({ kind: "not-an-amount", at: bad });
	return digits.length === fieldDigits
		? ok(BigInt(digits))
		: no({ kind: "not-an-amount", at: digits.length });
}

const sign = (fen: bigint): string => (fen < 0n ? "-" : "");
const split = (fen: bigint): readonly [yuan: string, cents: string] => {
	const digits = String(fen < 0n ? -fen : fen).padStart(3, "0");
	return [digits.slice(0, -2), digits.slice(-2)];
};

/** 1234n → "12.34", without grouping: for messages between programs and for files. */
export function decimal(fen: bigint): string {
	const [yuan, cents] = split(fen);
	return `${sign(fen)}${yuan}.${cents}`;
}

/** 123456n → "1,234.56": for people. */
export function grouped(fen: bigint): string {
	const [yuan, cents] = split(fen);
	return `${sign(fen)}${yuan.replaceAll(/\B(?=(\d{3})+$)/g, ",")}.${cents}`;
}

/**
 * Reads "12.34" and "1,234.56", always with two places; commas stand either at every third digit or nowhere.
 * A fault names the first character that cannot belong to an amount.
 */
export function fromDecimal(text: string): Result<bigint, MoneyFault> {
	const shape = /^(-?)(\d+|\d{1,3}(?:,\d{3})+)\.(\d{2})$/.exec(text);
	if (shape === null) {
		const bad = text.search(/[^0-9.,-]/);
		return no({ kind: "not-an-amount", at: bad >= 0 ? bad : text.length });
	}
	const fen = BigInt(`${(shape[2] ?? "").replaceAll(",", "")}${shape[3] ?? ""}`);
	return ok(shape[1] === "-" ? -fen : fen);
}
