/**
 * What may be done in the shop and what is seen of it: the front that the bench page and the written plays
 * share.
 */
import type { Key, Lamp, Listen } from "../../contract/device.ts";
import type { FaultId } from "./faults-table.ts";
import type { Words } from "./words.ts";

/** One line that a program logged, as it came out of the process. */
export interface Logged {
	/** 2026-11-24T09:41:02 */
	readonly at: string;
	readonly program: string;
	readonly level: string;
	readonly event: string;
	readonly fields: Readonly<Record<string, unknown>>;
}

/** A card on the tray. The PIN is a test card's, printed on it as on every test deck. */
export interface TrayCard {
	readonly id: string;
	readonly name: Words;
	readonly scheme: string;
	/** First six, last four. */
	readonly masked: string;
	readonly pin: string;
	readonly cvm: "pin" | "signature" | "pin-or-signature";
	readonly note: Words;
	/** Fen. */
	readonly balance: string;
	/** CSS colour. */
	readonly colour: string;
}

/** One line of a slip as it stands on the paper. */
export type PaperLine =
	| { readonly kind: "text"; readonly text: string; readonly bold?: boolean; readonly large?: boolean }
	| { readonly kind: "rule" }
	/** One bit a dot, rows of whole bytes, base64. */
	| { readonly kind: "raster"; readonly width: number; readonly height: number; readonly bits: string };
export interface Slip {
	/** Unique within this run of the shop. */
	readonly id: string;
	readonly lines: readonly PaperLine[];
}

export interface BookRow {
	readonly trace: string;
	readonly amount: string;
	readonly state: string;
}
/** The money that stands in one book: approved, or booked, and not reversed. Fen as decimal digits. */
export interface Book {
	/** False: whoever keeps this book could not be asked; it shows nothing then. */
	readonly reached: boolean;
	readonly count: number;
	readonly net: string;
	readonly rows: readonly BookRow[];
}
export interface Books {
	readonly terminal: Book;
	readonly acquirer: Book;
	readonly cloud: Book;
	/** `wait`: they differ, but a reversal or an upload is still under way. */
	readonly verdict: "agree" | "wait" | "differ";
	/** Largest less smallest, fen. */
	readonly difference: string;
	/** Reversals without an answer. */
	readonly unresolved: number;
	/** Rows that the cloud has not yet applied. */
	readonly waiting: number;
}

export type WayStepId = "select" | "read" | "auth" | "pin" | "arqc" | "host" | "end";
export interface WayStep {
	readonly id: WayStepId;
	readonly state: "todo" | "now" | "done" | "bad";
	/** Stands instead of the step's own name: TC, AAC. */
	readonly label?: string;
	readonly ms?: number;
	/** Name and reading, in the books' words. */
	readonly facts: readonly (readonly [string, string])[];
}

/** A message between terminal, acquirer and cloud with its sensitive fields masked. */
export interface ShownMessage {
	/** 09:41:02 */
	readonly at: string;
	readonly way: "sent" | "heard";
	readonly kind: "iso8583" | "up" | "applied";
	readonly mti?: string;
	readonly trace?: string;
	readonly code?: string;
	/** Fen. */
	readonly amount?: string;
	readonly reference?: string;
	/** Why it is not believed: a fault's code. */
	readonly why?: string;
	readonly fault?: boolean;
	/** Numbers of outbox rows: "7", "7–9". */
	readonly rows?: string;
	readonly facts: readonly (readonly [string, string])[];
}

export interface FloorState {
	readonly lamps: Readonly<Record<Lamp, boolean>>;
	/** The card in the reader. */
	readonly inserted: string | undefined;
	readonly faults: readonly FaultId[];
	readonly links: Readonly<Record<"terminal" | "acquirer" | "cloud" | "vault", boolean>>;
	/** Name of the page on the screen, and its text. */
	readonly page: string;
	readonly text: string;
}

export type FloorEvent =
	| { readonly on: "state" }
	| { readonly on: "frame" }
	| { readonly on: "way" }
	| { readonly on: "books"; readonly books: Books }
	| { readonly on: "message"; readonly message: ShownMessage }
	| { readonly on: "slip"; readonly slip: Slip }
	| { readonly on: "buzz"; readonly sounding: boolean }
	| { readonly on: "logged"; readonly line: Logged };

export interface Floor {
	readonly listen: Listen<FloorEvent>;
	readonly tray: () => readonly TrayCard[];
	readonly state: () => FloorState;
	/** 320 × 240 RGBA of the panel; undefined before the first picture. */
	readonly frame: () => Uint8ClampedArray | undefined;
	readonly way: () => readonly WayStep[];
	readonly messages: () => readonly ShownMessage[];
	readonly paper: () => readonly Slip[];
	/** As last looked up. */
	readonly lastBooks: () => Books | undefined;
	/** Address of the cloud's own page. */
	readonly portal: () => string;
	/** False when nobody reads the keys at this moment. */
	press(key: Key): boolean;
	insert(card: string): void;
	remove(): void;
	setFault(fault: FaultId, on: boolean): Promise<void>;
	/** Looks the three books up now. */
	books(): Promise<Books>;
}
