/**
 * CCID messages in Gemalto's serial frame, as a GemCore POS Pro speaks them: both ends build and read them
 * here.
 */
import { concat } from "../../src/kit/bytes.ts";
import { limits } from "../../src/kit/limits.ts";

/** Host to reader (bMessageType). */
export const ask = {
	setParameters: 0x61,
	powerOn: 0x62,
	powerOff: 0x63,
	slotStatus: 0x65,
	secure: 0x69,
	escape: 0x6b,
	getParameters: 0x6c,
	resetParameters: 0x6d,
	transfer: 0x6f,
	abort: 0x72,
	setRate: 0x73,
} as const;
export type AskName = keyof typeof ask;
/** Reader to host. */
export const answer = { data: 0x80, slot: 0x81, parameters: 0x82, escape: 0x83, rate: 0x84 } as const;

/** What the reader answers each message with. */
export const answerOf = {
	[ask.setParameters]: answer.parameters,
	[ask.powerOn]: answer.data,
	[ask.powerOff]: answer.slot,
	[ask.slotStatus]: answer.slot,
	[ask.secure]: answer.data,
	[ask.escape]: answer.escape,
	[ask.getParameters]: answer.parameters,
	[ask.resetParameters]: answer.parameters,
	[ask.transfer]: answer.data,
	[ask.abort]: answer.slot,
	[ask.setRate]: answer.rate,
} as const satisfies Record<(typeof ask)[AskName], number>;

export interface Ccid {
	/** bMessageType. */
	readonly type: number;
	readonly slot: number;
	readonly seq: number;
	/** Bytes 7 to 9: parameters of a command; bStatus, bError and a third of an answer. */
	readonly rest: readonly [number, number, number];
	readonly data: Uint8Array;
}

/** bStatus bits 0-1: the card. */
export const icc = { active: 0, inactive: 1, absent: 2 } as const;
/** bStatus bits 6-7: the command. */
export const done = { good: 0x00, failed: 0x40, time: 0x80 } as const;
/** bError of a failed command, those that this reader's users meet (devices/01). */
export const errors = {
	notSupported: 0x00,
	badLength: 0x01,
	badSlot: 0x05,
	notForThisReader: 0x0a,
	busy: 0xe0,
	hardware: 0xfb,
	mute: 0xfe,
	aborted: 0xff,
} as const;

export interface Status {
	readonly card: "active" | "inactive" | "absent";
	readonly command: "good" | "failed" | "time";
	/** bError; with "time" the multiplier of the waiting time. */
	readonly error: number;
}
export const statusOf = ({ rest: [status, error] }: Ccid): Status => ({
	card: (["active", "inactive", "absent", "absent"] as const)[status & 3] ?? "absent",
	command: (["good", "failed", "time", "failed"] as const)[status >> 6] ?? "failed",
	error,
});

const sync = 0x03;
const acknowledge = 0x06;
const refuse = 0x15;
const moved = 0x50;
const movedOut = 0x02;
const movedIn = 0x03;
/** The header of a CCID message, and most bytes behind it: 271 in all. */
const headBytes = 10;
const dataBytes = 261;

/** XOR over bytes; over a whole frame with its check byte it is 0. */
export const lrc = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum ^ byte, 0);

/** `03 06`, the message, its LRC. Throws RangeError when the data do not fit: a bug. */
export function frame(message: Ccid): Uint8Array {
	const size = message.data.length;
	if (size > dataBytes) throw new RangeError(`CCID data of ${size} bytes`);
	const body = concat(
		Uint8Array.of(sync, acknowledge, message.type),
		Uint8Array.of(size & 0xff, size >> 8, 0, 0, message.slot, message.seq, ...message.rest),
		message.data,
	);
	return concat(body, Uint8Array.of(lrc(body)));
}
/** The other end did not understand the last frame. */
export const nak: Uint8Array = Uint8Array.of(sync, refuse, sync ^ refuse);
/** The reader tells that a card came or went; no frame around it. */
export const movement = (present: boolean): Uint8Array => Uint8Array.of(moved, present ? movedIn : movedOut);

/** What came over the line. */
export type Heard =
	| { readonly is: "message"; readonly message: Ccid }
	| { readonly is: "nak" }
	| { readonly is: "movement"; readonly present: boolean }
	/** One byte 80 to FF before an answer: the card needs time (T=0). */
	| { readonly is: "time" }
	/** A byte was given up. `wrong-lrc`: what looked like a whole frame was none. */
	| { readonly is: "noise"; readonly kind: "wrong-lrc" | "no-frame" | "cut" };

/** Which end listens: a reader hears commands, a host hears answers and the bytes around them. */
export type End = "host" | "reader";
const types: Readonly<Record<End, ReadonlySet<number>>> = {
	host: new Set(Object.values(answer)),
	reader: new Set(Object.values(ask)),
};

/**
 * Feed it what the line gave; it gives what was said. The same comes out wherever the line is cut. A frame
 * with a wrong LRC or length costs one byte, so that the good frame behind it is found. Holds at most
 * `limits.serialHeldBytes`.
 */
export class FrameReader {
	readonly #end: End;
	#held: Uint8Array = new Uint8Array(0);

	constructor(end: End) {
		this.#end = end;
	}

	/** Whether a frame has begun and is not whole. */
	waiting(): boolean {
		return this.#held.length > 0;
	}

	feed(chunk: Uint8Array): readonly Heard[] {
		const whole = concat(this.#held, chunk);
		this.#held = whole.subarray(Math.max(0, whole.length - limits.serialHeldBytes));
		return this.#take();
	}

	/**
	 * The line has been quiet too long for the rest to come: what is held is no frame; what stands behind its
	 * first byte may be.
	 */
	giveUp(): readonly Heard[] {
		const heard: Heard[] = [];
		while (this.#held.length > 0) {
			heard.push({ is: "noise", kind: "cut" });
			this.#held = this.#held.subarray(1);
			heard.push(...this.#take());
		}
		return heard;
	}

	#take(): Heard[] {
		const heard: Heard[] = [];
		while (this.#held.length > 0) {
			const next = this.#next(this.#held);
			if (next === undefined) break;
			this.#held = this.#held.slice(next.bytes);
			heard.push(next.heard);
		}
		return heard;
	}

	/** The first thing in `held` and how many bytes it is; undefined when more must come. */
	#next(held: Uint8Array): { readonly heard: Heard; readonly bytes: number } | undefined {
		const [first = 0, second] = held;
		const noise = { heard: { is: "noise", kind: "no-frame" }, bytes: 1 } as const;
		if (first === sync) {
			if (second === undefined) return undefined;
			if (second === acknowledge) return this.#frame(held);
			if (second !== refuse) return noise;
			if (held.length < 3) return undefined;
			return held[2] === (sync ^ refuse) ? { heard: { is: "nak" }, bytes: 3 } : noise;
		}
		if (this.#end === "reader") return noise;
		if (first === moved) {
			if (second === undefined) return undefined;
			if (second !== movedIn && second !== movedOut) return noise;
			return { heard: { is: "movement", present: second === movedIn }, bytes: 2 };
		}
		return first >= 0x80 ? { heard: { is: "time" }, bytes: 1 } : noise;
	}

	#frame(held: Uint8Array): { readonly heard: Heard; readonly bytes: number } | undefined {
		const noise = { heard: { is: "noise", kind: "no-frame" }, bytes: 1 } as const;
		const [, , type, low = 0, high = 0, third = 0, fourth = 0] = held;
		if (type === undefined) return undefined;
		if (!types[this.#end].has(type)) return noise;
		if (held.length < 7) return undefined;
		const size = low | (high << 8);
		if (size > dataBytes || third !== 0 || fourth !== 0) return noise;
		const bytes = 2 + headBytes + size + 1;
		if (held.length < bytes) return undefined;
		const whole = held.subarray(0, bytes);
		if (lrc(whole) !== 0) return { heard: { is: "noise", kind: "wrong-lrc" }, bytes: 1 };
		const [slot = 0, seq = 0, a = 0, b = 0, c = 0] = whole.subarray(7, 12);
		const message = { type, slot, seq, rest: [a, b, c], data: whole.slice(12, -1) } as const;
		return { heard: { is: "message", message }, bytes };
	}
}
