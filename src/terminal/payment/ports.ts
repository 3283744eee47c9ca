import type { FaultCode } from "../../contract/faults.ts";
import type { Masked } from "../../kit/secret.ts";

/**
 * What a payment asks of the rest of the terminal. Each port is the smallest thing it needs, so that a
 * simulation can stand in.
 */

/** Everything the acquirer must be told of a sale by chip. Lives in memory only, until the answer. */
export interface SaleRequest {
	/** F11, 1 to 999999. */
	readonly trace: number;
	/** F60.2. */
	readonly batch: number;
	/** F4, fen. */
	readonly amount: bigint;
	/** F2, digits. */
	readonly pan: string;
	/** F14, YYMM. */
	readonly expiry: string;
	/** F23, 5F34. */
	readonly cardSequence: number;
	/** F35, digits with D; never stored. */
	readonly track2: string;
	/** F22 without its third digit: "05" contact chip. */
	readonly entry: "05";
	/** F52, 8 bytes hex; absent: no PIN, and F22 ends 2. Never stored. */
	readonly pinBlock?: string;
	/** F55, TLV. */
	readonly chipData: Uint8Array;
}
/** Why a reversal is sent: F39 (unionpay-terminal.md, 8.2). */
export type ReversalReason = "98" | "A0" | "06";
/** What a reversal needs; the account comes out of its seal, the rest from the ledger. No track, no PIN. */
export interface ReversalRequest {
	readonly trace: number;
	readonly batch: number;
	readonly amount: bigint;
	readonly pan: string;
	readonly expiry: string;
	readonly cardSequence: number;
	readonly entry: "05";
	readonly pin: boolean;
	readonly reason: ReversalReason;
	/** F38, when the answer was read far enough to give it. */
	readonly authorisation?: string;
	/** F55 of a reversal: 95 9F1E 9F10 9F36 DF31 as far as known. */
	readonly chipData: Uint8Array;
}
/** What an answer said. Texts of F44 and F63 are ready to be printed. */
export interface HostAnswer {
	/** F39. */
	readonly code: string;
	/** F37, F38, F12, F13, F15 when present. */
	readonly reference?: string;
	readonly authorisation?: string;
	readonly time?: string;
	readonly date?: string;
	readonly settlementDate?: string;
	/** F44: issuer, and F63.2: remarks. */
	readonly issuer?: string;
	readonly remark?: string;
	/** F55 of the answer: 91, 71, 72. Empty when absent. */
	readonly chipData: Uint8Array;
	/** Sixth nibble of the header: what the host wants next. */
	readonly wants: number;
}
export type HostEnd =
	| { readonly end: "answered"; readonly answer: HostAnswer }
	/** Connection refused, or nothing left: no reversal is needed. */
	| { readonly end: "not-sent"; readonly code: FaultCode }
	/** A byte left and no answer can be believed. */
	| {
			readonly end: "unknown";
			readonly code: FaultCode;
			readonly reason: ReversalReason;
			readonly authorisation?: string;
	  };
/** Phases of an exchange, for the screen. */
export type HostPhase = "connecting" | "sending" | "waiting";
export interface SignedIn {
	/** F60.2 of the answer: the batch the host wants. */
	readonly batch: number;
	readonly time?: string;
	readonly date?: string;
}
export interface AcquirerPort {
	/** 0800: asks for working keys and has the vault take them. Code 99/A0/77… of F39, or the fault. */
	signIn(trace: number, batch: number, phase: (p: HostPhase) => void): Promise<SignInEnd>;
	sale(request: SaleRequest, phase: (p: HostPhase) => void): Promise<HostEnd>;
	/** 0400 with the trace of its original; MACed with the key of the day. */
	reverse(request: ReversalRequest, phase: (p: HostPhase) => void): Promise<HostEnd>;
}
export type SignInEnd =
	| { readonly end: "signed-in"; readonly what: SignedIn }
	| { readonly end: "refused"; readonly code: string }
	| { readonly end: "fault"; readonly code: FaultCode };

/**
 * The facts of one slip, as they are stored with the sale and printed again from there. No full PAN, no
 * track.
 */
export interface SlipFacts {
	readonly merchantName: string;
	readonly merchantNameEn: string;
	readonly merchantNumber: string;
	readonly terminalNumber: string;
	readonly operator: string;
	readonly issuer: string;
	readonly acquirer: string;
	readonly card: Masked;
	/** M keyed, S swipe, I insert, C contactless, N none. */
	readonly entry: "M" | "S" | "I" | "C" | "N";
	readonly kind: "sale";
	readonly scheme: string;
	readonly batch: string;
	readonly trace: string;
	readonly authorisation: string;
	readonly reference: string;
	/** 2026/11/24 09:41:02 */
	readonly at: string;
	/** fen, decimal digits */
	readonly amount: string;
	/** Hex, or empty. */
	readonly tc: string;
	readonly tvr: string;
	readonly tsi: string;
	readonly atc: string;
	readonly aid: string;
	readonly label: string;
	readonly cardSequence: string;
	/** Whether the cardholder has to sign. */
	readonly sign: boolean;
	readonly remark: string;
}
export type Copy = "merchant" | "cardholder";
