/** The packets of a Visa-style PIN pad: both ends frame and read them here (devices/04, Link layer). */
import { concat, unlatin } from "../../src/kit/bytes.ts";

/** PP791 and its kin, or Verifone's pads: they differ in some packets and in the meaning of error codes. */
export type Dialect = "uic" | "verifone";

export const control = {
	stx: 0x02,
	etx: 0x03,
	eot: 0x04,
	ack: 0x06,
	so: 0x0e,
	si: 0x0f,
	nak: 0x15,
} as const;
/** Separators inside a packet. */
export const SUB = "\x1a";
export const FS = "\x1c";
export const RS = "\x1e";

/** Keys, settings and tests are administration (SI…SO); PIN, MAC and prompts are transactions (STX…ETX). */
export type FrameKind = "administration" | "transaction";
const marks: Readonly<Record<FrameKind, { readonly from: number; readonly to: number }>> = {
	administration: { from: control.si, to: control.so },
	transaction: { from: control.stx, to: control.etx },
};
export interface PadFrame {
	readonly kind: FrameKind;
	/** Id and data, without marks and LRC. */
	readonly data: Uint8Array;
}

/** Most bytes between the marks: the longest packet of the book, a MAC part, has under 280. */
export const dataBytes = 512;
/** Repeats of one frame, after which EOT ends the exchange. */
export const mostTries = 3;

const xorOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum ^ byte, 0);

/** Marks and LRC around id and data: XOR of everything behind the first mark. RangeError when too long. */
export function frame({ kind, data }: PadFrame): Uint8Array {
	if (data.length > dataBytes) throw new RangeError(`a packet of ${data.length} bytes`);
	const { from, to } = marks[kind];
	return concat(Uint8Array.of(from), data, Uint8Array.of(to, xorOf(data) ^ to));
}

/** What came over the line. */
export type Heard =
	| { readonly is: "frame"; readonly frame: PadFrame }
	| { readonly is: "ack" }
	| { readonly is: "nak" }
	| { readonly is: "eot" }
	/** `spoilt`: a frame was there and cannot be used, so the other end is asked for it again. */
	| { readonly is: "spoilt"; readonly why: "lrc" | "cut" | "too-long" }
	/** One byte outside a frame that means nothing. */
	| { readonly is: "noise" };

const signs: ReadonlyMap<number, Heard> = new Map<number, Heard>([
	[control.ack, { is: "ack" }],
	[control.nak, { is: "nak" }],
	[control.eot, { is: "eot" }],
]);

/**
 * Feed it what the line gave; it gives what was said, the same wherever the line is cut. A frame that begins
 * inside another one ends that one: its own end was lost. Holds at most `dataBytes`.
 */
export class FrameReader {
	#kind: FrameKind | undefined;
	#data: number[] = [];
	#ended = false;

	/** Whether a frame has begun and is not whole. */
	waiting(): boolean {
		return this.#kind !== undefined;
	}

	feed(chunk: Uint8Array): readonly Heard[] {
		return [...chunk].flatMap((byte) => this.#byte(byte));
	}

	/** The line has been quiet too long for the rest to come. */
	giveUp(): readonly Heard[] {
		if (this.#kind === undefined) return [];
		this.#reset();
		return [{ is: "spoilt", why: "cut" }];
	}

	#byte(byte: number): readonly Heard[] {
		const kind = this.#kind;
		if (kind === undefined) {
			if (this.#begin(byte)) return [];
			return [signs.get(byte) ?? { is: "noise" }];
		}
		if (this.#ended) {
			const data = Uint8Array.from(this.#data);
			this.#reset();
			if (byte !== (xorOf(data) ^ marks[kind].to)) return [{ is: "spoilt", why: "lrc" }];
			return [{ is: "frame", frame: { kind, data } }];
		}
		if (byte === marks[kind].to) this.#ended = true;
		else if (this.#data.length > 0 && this.#begin(byte)) return [{ is: "noise" }];
		else this.#data.push(byte);
		if (this.#data.length <= dataBytes) return [];
		this.#reset();
		return [{ is: "spoilt", why: "too-long" }];
	}

	#begin(byte: number): boolean {
		const kind = byte === control.si ? "administration" : byte === control.stx ? "transaction" : undefined;
		if (kind === undefined) return false;
		this.#reset();
		this.#kind = kind;
		return true;
	}

	#reset(): void {
		this.#kind = undefined;
		this.#data.fill(0);
		this.#data = [];
		this.#ended = false;
	}
}

/** Ids of packets, by kind; the longer one first where one begins another. */
const ids: Readonly<Record<FrameKind, readonly string[]>> = {
	administration: ["M04", "01", "02", "04", "05", "06", "08", "09", "11", "16", "19", "25"],
	transaction: [
		...["Z60", "Z62", "Z63", "Z66", "Z67", "Z2", "Z3"],
		...["70", "71", "72", "73", "76", "90", "91", "94", "95", "96", "98"],
	],
};
/** The packet's id and the text behind it; undefined when no book knows the id. */
export function packet({ kind, data }: PadFrame): { readonly id: string; readonly rest: string } | undefined {
	const text = unlatin(data);
	const id = ids[kind].find((each) => text.startsWith(each));
	return id === undefined ? undefined : { id, rest: text.slice(id.length) };
}
