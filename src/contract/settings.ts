import type { Key } from "./device.ts";

/**
 * What a terminal is told about itself (settings.json, made by provisioning) and about its board
 * (board.json).
 */
export const languages = ["zh-CN", "zh-TW", "en"] as const;
export type Language = (typeof languages)[number];

/** Choices in which acquirers disagree (unionpay-terminal.md, 12): data of a profile, never an `if`. */
export interface Dialect {
	readonly name: string;
	/** 5 bytes, hex. */
	readonly tpdu: string;
	/** 6 bytes, hex, or empty where the acquirer has none. */
	readonly header: string;
	/** 60.3 of sign-in: 003 double-length keys, 004 with a track key. */
	readonly signInCode: "001" | "003" | "004";
	/** Whether F42 of an approval must equal ours. */
	readonly compareMerchant: boolean;
	/** Answers that may come without F64 although F39 is not 00. */
	readonly macless: readonly string[];
	/** What a reversal that stays unanswered does to further sales. */
	readonly afterReversalTries: "block" | "release";
	/** F39 values that end a reversal. */
	readonly endsReversal: readonly string[];
}
export interface Settings {
	readonly tenant: string;
	readonly terminal: string;
	readonly serial: string;
	readonly language: Language;
	readonly merchant: { readonly name: string; readonly nameEn: string; readonly number: string };
	/** F41, 8 characters. */
	readonly terminalNumber: string;
	readonly operator: string;
	/** Terminal country and currency, ISO 3166/4217 numeric. */
	readonly country: string;
	readonly currency: string;
	readonly acquirer: {
		readonly host: string;
		readonly port: number;
		readonly name: string;
		readonly connectMs: number;
		/** 60 s default, 20–90 s at a real acquirer (unionpay-terminal.md, 8.6); scenarios set 2–5 s. */
		readonly answerMs: number;
		/** Between tries of a pending reversal in the background. */
		readonly reversalPauseMs: number;
		readonly dialect: Dialect;
	};
	readonly cloud: {
		readonly host: string;
		readonly port: number;
		readonly retryMs: { readonly least: number; readonly most: number };
	};
	readonly waits: {
		readonly keyMs: number;
		readonly cardMs: number;
		readonly pinFirstMs: number;
		readonly pinBetweenMs: number;
		readonly resultMs: number;
	};
	/** Folder of firmware-config/profiles: AIDs, terminal data, action codes. */
	readonly profile: string;
}

/**
 * Addresses of wires: `/dev/ttyS1` a serial line; `hid:VID:PID`, or `unix:PATH` the same reports on a socket;
 * `gpio:`, or `unix:PATH`; `/dev/fb0` or a file.
 */
export interface Board {
	readonly name: string;
	readonly keypad: { readonly path: string; readonly map: Readonly<Record<string, Key>> };
	readonly pinKeys: "shared" | "own";
	readonly pinKeysPath?: string;
	readonly cardReader: { readonly path: string; readonly model: "GemCorePOSPro" };
	readonly printer: { readonly path: string; readonly baud: number };
	readonly display: { readonly path: string; readonly width: number; readonly height: number };
	/** Lines as chip-label:offset, never as a bare number (devices/08-gpio.md). */
	readonly gpio: {
		readonly path: string;
		readonly lamps: Readonly<Record<"ready" | "working" | "good" | "bad", string>>;
		readonly buzzer: string;
		readonly tamper: string;
	};
}
