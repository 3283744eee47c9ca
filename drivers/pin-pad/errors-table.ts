/** What a pad's one-character reasons mean, packet by packet (devices/04, the error lists). */
import type { FaultCode } from "../../src/contract/faults.ts";
import type { Dialect } from "./protocol.ts";

export type ErrorTable = Readonly<Record<string, FaultCode>>;

/** `02?e`: the load of a key. */
export const loadErrors: ErrorTable = {
	"2": "pad.key-duplicate",
	"3": "pad.memory",
	"4": "pad.memory",
	"7": "pad.key-format",
	A: "pad.key-block",
	B: "pad.key-too-strong",
	C: "pad.key-block",
	D: "pad.no-key",
	E: "pad.key-usage",
	F: "pad.key-exhausted",
};

/** `91` `1` e: the load of a DUKPT initial key. */
export const initialKeyErrors: ErrorTable = {
	"1": "pad.not-authorised",
	"2": "pad.key-format",
	"3": "pad.memory",
	"4": "pad.memory",
	A: "pad.key-block",
	B: "pad.key-usage",
	C: "pad.key-block",
	D: "pad.no-key",
	F: "pad.key-exhausted",
};

/** `71e` after 70, Z60, Z62 and Z63 under master and session keys. */
export const pinErrors: Readonly<Record<Dialect, ErrorTable>> = {
	uic: {
		"0": "pad.account",
		"1": "pad.key-format",
		"2": "pad.account",
		"3": "pad.account",
		"4": "pad.account",
		"5": "pad.key-format",
		"6": "pad.request",
		"7": "pad.too-many-pins",
		"8": "pad.request",
		"9": "pad.no-key",
		A: "pad.key-slot",
		B: "pad.memory",
		C: "pad.memory",
		E: "pad.request",
		G: "pad.memory",
	},
	verifone: {
		"1": "pad.no-key",
		"2": "pad.account",
		"3": "pad.pin-length",
		"4": "pad.pin-length",
		"5": "pad.other-mode",
		"6": "pad.key-usage",
		"7": "pad.key-usage",
	},
};

/** `71e` under DUKPT. */
export const dukptErrors: Readonly<Record<Dialect, ErrorTable>> = {
	uic: {
		"0": "pad.account",
		"2": "pad.account",
		"3": "pad.account",
		"4": "pad.account",
		"5": "pad.request",
		"6": "pad.request",
		"8": "pad.request",
		A: "pad.no-key",
		F: "pad.key-exhausted",
	},
	verifone: {
		"1": "pad.no-key",
		"2": "pad.account",
		"5": "pad.request",
		"6": "pad.key-exhausted",
	},
};

/** `Z67e`. */
export const macErrors: ErrorTable = {
	"2": "pad.mac-sequence",
	"3": "pad.key-slot",
	"4": "pad.key-slot",
	"5": "pad.request",
	"6": "pad.request",
	"7": "pad.request",
	"8": "pad.key-format",
	"9": "pad.key-usage",
	A: "pad.key-usage",
};

/** What fails in the pad's own tests (16): the digits stand one behind another. */
export const selfTestErrors: Readonly<Record<string, string>> = { "1": "ram", "2": "rom", "5": "key-check" };
