/** Data objects of a session as the numbers and dates they mean. */
import { hex } from "../../kit/bytes.ts";
import type { Session } from "./session.ts";

/** 9F02 in minor units. */
export const amountOf = (session: Session): number => Number(hex(session.get("9F02") ?? new Uint8Array(0)));

/** Digits of an account number: 8 to 19, F behind (5A). Undefined for anything else. */
export function panOf(value: Uint8Array | undefined): string | undefined {
	const digits = /^(\d{8,19})F*$/.exec(hex(value ?? new Uint8Array(0)));
	return digits?.[1];
}

/** YYMMDD as a number that can be compared; years 50 to 99 are of the last century (Book 4, 6.7.3). */
export function dateOf(value: Uint8Array | undefined): number {
	const digits = Number(hex(value ?? new Uint8Array(0)));
	return digits >= 500_000 ? 19_000_000 + digits : 20_000_000 + digits;
}

/** 9C: the first two digits of the processing code (ISO 8583). */
const cashAdvance = new Set([0x01, 0x17]);
const cashback = 0x09;

export type Kind = "cash" | "cashback" | "purchase";
export function kindOf(session: Session): Kind {
	const type = session.get("9C")?.[0] ?? 0;
	if (cashAdvance.has(type)) return "cash";
	return type === cashback ? "cashback" : "purchase";
}

/** Terminal types x4, x5, x6 stand alone (Book 4, A1). */
export const isUnattended = (session: Session): boolean => ((session.get("9F35")?.[0] ?? 0) & 15) >= 4;
