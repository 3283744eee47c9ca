import type { Part } from "../kit/part.ts";
import type { Result } from "../kit/result.ts";
import type { FaultCode } from "./faults.ts";

/** What the programs ask of devices. A port is the smallest thing its asker needs; drivers implement it. */
export type Listen<Event> = (to: (event: Event) => void) => () => void;
/** A fault that says where, never what. */
export interface DeviceFault {
	readonly code: FaultCode;
	/** The step or command at which it happened, in the protocol's words. */
	readonly at: string;
}
/** Every device link tells when it is there and when it is gone; it reconnects by itself with back-off. */
export type LinkEvent = { readonly on: "ready" } | { readonly on: "gone"; readonly fault: DeviceFault };

export const keys = [
	...["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
	...["confirm", "cancel", "clear", "function", "star", "hash"],
] as const;
export type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
export type Key = Digit | "confirm" | "cancel" | "clear" | "function" | "star" | "hash";
export interface Keypad extends Part {
	/** Presses only, in order. Nothing is kept for a listener that comes later. */
	readonly listen: Listen<Key>;
	readonly links: Listen<LinkEvent>;
}

export type ReaderEvent = { readonly on: "inserted" } | { readonly on: "removed" } | LinkEvent;
export interface CardReader extends Part {
	readonly listen: Listen<ReaderEvent>;
	/** As last heard from the reader. */
	readonly present: () => boolean;
	/** Powers the card (cold reset). Gives the ATR. */
	powerOn(): Promise<Result<Uint8Array, DeviceFault>>;
	/** One command APDU to one response APDU, SW1 SW2 last. GET RESPONSE and 6Cxx of T=0 are done below. */
	exchange(command: Uint8Array): Promise<Result<Uint8Array, DeviceFault>>;
	powerOff(): Promise<Result<undefined, DeviceFault>>;
}

/** A line of paper, 384 dots wide: the printer's driver makes bytes of it. */
export type PrintLine =
	| {
			readonly kind: "text";
			readonly text: string;
			readonly align?: "left" | "centre" | "right";
			readonly bold?: boolean;
			/** Double width and height. */
			readonly large?: boolean;
	  }
	/** Two texts on one line, pushed apart to both margins. */
	| {
			readonly kind: "pair";
			readonly left: string;
			readonly right: string;
			readonly bold?: boolean;
			readonly large?: boolean;
	  }
	| { readonly kind: "rule" }
	| { readonly kind: "feed"; readonly lines: number }
	/** One bit a dot, most significant first, rows of whole bytes; 1 is black. */
	| { readonly kind: "raster"; readonly width: number; readonly height: number; readonly bits: Uint8Array }
	| { readonly kind: "cut" };
export interface PrintJob {
	/** Four printable ASCII characters that the printer echoes when the job has come out (GS ( H). */
	readonly id: string;
	readonly lines: readonly PrintLine[];
}
/**
 * The three ends of a job are kept apart: a job sent to a printer that cannot confirm is not called printed.
 */
export type PrintEnd = "printed" | "sent-unconfirmed";
export type Paper = "ok" | "low" | "out";
export interface PrinterStatus {
	readonly paper: Paper;
	readonly coverOpen: boolean;
	readonly online: boolean;
}
export type PrinterEvent = LinkEvent | { readonly on: "status"; readonly status: PrinterStatus };
export interface Printer extends Part {
	readonly listen: Listen<PrinterEvent>;
	/** Undefined until the printer has answered once. */
	readonly status: () => PrinterStatus | undefined;
	/**
	 * Prints a whole job. A fault (`printer.paper-out`, `printer.cover-open`, `printer.gone`, …) means
	 * that nobody knows how much came out: the asker prints it again as a reprint. What the printer still
	 * holds is cleared first.
	 */
	print(job: PrintJob): Promise<Result<PrintEnd, DeviceFault>>;
}

/** A key's place in a PIN pad: 0 to 9 master keys, B to E MAC keys, F the key-loading key, G data. */
export type PadMacSlot = "B" | "C" | "D" | "E";
export type PadSlot = Digit | PadMacSlot | "F" | "G";
/** Lines of the pad's own table: nothing else may stand on its screen while a PIN is asked for. */
export type PadPrompt = "enter" | "wrong" | "last-try" | "wait";
export interface PadPinAsk {
	/** The PAN, 12 to 19 digits: the pad binds it into the block. */
	readonly account: string;
	readonly under:
		| {
				readonly keys: "master-session";
				readonly slot: Digit;
				/** 8 or 16 bytes, enciphered under the slot's master key. */
				readonly workingKey: Uint8Array;
		  }
		| { readonly keys: "dukpt" };
	/** Shown with the pad's "enter PIN"; in fen, at most 9,999,999. */
	readonly amount?: number;
	/** Without an amount: at most two lines. */
	readonly prompts?: readonly PadPrompt[];
	/** Without an amount. 4 to 12 digits and no bypass unless told. */
	readonly digits?: { readonly least: number; readonly most: number; readonly bypass: boolean };
	/** Until the pad gives up by itself: 30 to 270 in steps of 30; 270 unless told. */
	readonly seconds?: number;
}
export type PadPinEnd =
	| {
			readonly end: "entered";
			/** ISO 9564-1 format 0, enciphered, 8 bytes. */
			readonly block: Uint8Array;
			/** DUKPT: 10 bytes. */
			readonly serialNumber?: Uint8Array;
	  }
	| { readonly end: "bypassed" }
	/** By the cardholder, by the pad's time-out (it does not tell which), or by `cancel`. */
	| { readonly end: "cancelled" };
export interface PadMacAsk {
	readonly slot: PadMacSlot;
	/** Enciphered under the slot's key; without it the slot's key itself makes the MAC. */
	readonly workingKey?: Uint8Array;
	/** 1 to 11,200 bytes. */
	readonly message: Uint8Array;
}
/** A pad with keys of its own: PIN digits never leave it. */
export interface PinPad extends Part {
	readonly links: Listen<LinkEvent>;
	/** Undefined until the pad was greeted. */
	readonly serial: () => string | undefined;
	/** A TR-31 block under the pad's key-loading key. Resolves when the pad says that it is stored. */
	loadKey(slot: PadSlot, block: string): Promise<Result<undefined, DeviceFault>>;
	/** Whether the slot holds a key. */
	loaded(slot: PadSlot): Promise<Result<boolean, DeviceFault>>;
	/** Three bytes: a block of zeros enciphered under a MAC slot's key. */
	checkValue(slot: PadMacSlot): Promise<Result<Uint8Array, DeviceFault>>;
	/** One entry at a time; the others wait for it. */
	enterPin(ask: PadPinAsk): Promise<Result<PadPinEnd, DeviceFault>>;
	/** Ends every entry under way or waiting as cancelled; resolves when all of them have ended. */
	cancel(): Promise<void>;
	/** 8 bytes: ISO 9797-1 algorithm 3, padding 1. */
	mac(ask: PadMacAsk): Promise<Result<Uint8Array, DeviceFault>>;
	/** `pad.self-test` when one of the pad's own tests fails. */
	selfTest(): Promise<Result<undefined, DeviceFault>>;
}

export interface Rect {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}
export interface Display extends Part {
	readonly width: number;
	readonly height: number;
	/** Writes the named rectangles of a whole RGB565 frame (`width * height` pixels) to the panel. */
	show(frame: Uint16Array, dirty: readonly Rect[]): void;
}

export const lamps = ["ready", "working", "good", "bad"] as const;
export type Lamp = (typeof lamps)[number];
/**
 * cashier.md, 4: key click; good 3 × 60 ms; wrong key 200 ms; refused 3 × 1000 ms; card left in, repeating.
 */
export type Sound = "click" | "good" | "wrong-key" | "refused" | "card-left";
export interface Lights extends Part {
	lamp(which: Lamp, lit: boolean): void;
	/** Plays a sound; a new one ends the one before. */
	sound(which: Sound): void;
}

export interface Tamper extends Part {
	/** Read at open before anything else; unreadable counts as tampered. */
	readonly tampered: () => boolean;
	readonly listen: Listen<{ readonly on: "tampered" }>;
}

/** All that a terminal is given of its board. */
export interface Devices {
	readonly keypad: Keypad;
	readonly reader: CardReader;
	readonly printer: Printer;
	readonly display: Display;
	readonly lights: Lights;
	readonly tamper: Tamper;
}
