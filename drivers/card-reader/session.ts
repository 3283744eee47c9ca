/**
 * One connection to the reader: sequence numbers, one command in flight, deadlines that the card may extend.
 */
import type { DeviceFault } from "../../src/contract/device.ts";
import type { Clock } from "../../src/kit/clock.ts";
import { no, type Result } from "../../src/kit/result.ts";
import type { Line } from "../transport/line.ts";
import { type Take, Turn } from "../transport/turn.ts";
import {
	type AskName,
	answerOf,
	ask,
	type Ccid,
	FrameReader,
	frame,
	type Heard,
	statusOf,
} from "./protocol.ts";

/** Deadlines in ms, each from the sending of the command or from the last request for time. */
export interface SessionWaits {
	/** Commands that the reader answers by itself. */
	readonly readerMs: number;
	/** Power on: the reader tries, the card may take its time. */
	readonly powerMs: number;
	/** A TPDU: waiting time of T=0 at the default rate is about one second a byte. */
	readonly cardMs: number;
	/** Between two bytes of one frame. */
	readonly byteMs: number;
}
export const usualWaits: SessionWaits = { readerMs: 2000, powerMs: 5000, cardMs: 3000, byteMs: 100 };
/** Most requests for time within one command: then it is the noise that asks. */
const mostExtensions = 60;
/** How often a command is sent again after NAK, or after silence where it may be done twice. */
const again = 2;

const waitOf: Readonly<Record<AskName, keyof SessionWaits>> = {
	setParameters: "readerMs",
	powerOn: "powerMs",
	powerOff: "readerMs",
	slotStatus: "readerMs",
	secure: "cardMs",
	escape: "readerMs",
	getParameters: "readerMs",
	resetParameters: "readerMs",
	transfer: "cardMs",
	abort: "readerMs",
	setRate: "readerMs",
};
/** What may be sent again when no answer came: nothing that reaches the card. */
const repeatable: ReadonlySet<AskName> = new Set(["slotStatus", "escape", "setParameters", "getParameters"]);

export interface Reply {
	readonly card: "active" | "inactive" | "absent";
	readonly command: "good" | "failed";
	readonly error: number;
	readonly data: Uint8Array;
}
export interface SessionNeeds {
	readonly line: Line;
	readonly clock: Clock;
	readonly waits: SessionWaits;
	/** Told with every answer and every card movement. */
	readonly onPresence: (present: boolean) => void;
	readonly onNoise: (kind: string) => void;
}

interface Counts {
	extensions: number;
	noise: number;
}

export class Session {
	readonly #needs: SessionNeeds;
	readonly #reader = new FrameReader("host");
	readonly #turn: Turn<Heard>;
	#seq = 0;
	#offQuiet: () => void = () => {};

	constructor(needs: SessionNeeds) {
		this.#needs = needs;
		this.#turn = new Turn(needs.clock, (bytes) => needs.line.write(bytes));
		needs.line.listen((event) => {
			if (event.on === "data") this.#feed(event.bytes);
			else {
				this.#offQuiet();
				this.#turn.end({ code: "device.gone", at: "line" });
			}
		});
	}

	escape(data: Uint8Array): Promise<Result<Reply, DeviceFault>> {
		return this.ask("escape", [0, 0, 0], data);
	}

	/** One command to slot 0 and its answer. A reader that says "failed" has answered: see `command`. */
	async ask(
		name: AskName,
		rest: readonly [number, number, number],
		data: Uint8Array = new Uint8Array(0),
	): Promise<Result<Reply, DeviceFault>> {
		this.#seq = (this.#seq + 1) & 0xff;
		const message: Ccid = { type: ask[name], slot: 0, seq: this.#seq, rest, data };
		const deadlineMs = this.#needs.waits[waitOf[name]];
		const counts: Counts = { extensions: 0, noise: 0 };
		const end = await this.#turn.ask<Reply>({
			at: name,
			bytes: frame(message),
			deadlineMs,
			again,
			repeatable: repeatable.has(name),
			expect: (heard) => this.#expect(message, deadlineMs, heard, counts),
		});
		// Silence after noise: an answer came and could not be read.
		return !end.ok && end.error.code === "device.silent" && counts.noise > 0
			? no({ code: "device.garbled", at: name })
			: end;
	}

	#expect(message: Ccid, deadlineMs: number, heard: Heard, counts: Counts): Take<Reply> | undefined {
		const extend = (ms: number): Take<Reply> | undefined => {
			counts.extensions += 1;
			return counts.extensions > mostExtensions ? undefined : { take: "wait", ms };
		};
		if (heard.is === "nak") return { take: "again" };
		if (heard.is === "time") return extend(deadlineMs);
		if (heard.is === "noise") counts.noise += 1;
		// Its card is gone: the rest of this command is of no use to anybody.
		if (heard.is === "movement" && !heard.present && message.type === ask.transfer)
			return { take: "fault", fault: { code: "reader.card-removed", at: "transfer" } };
		if (heard.is !== "message") return undefined;
		const { type, slot, seq, data } = heard.message;
		// A late answer to an earlier command has an earlier number.
		const wanted: number | undefined = Object.entries(answerOf).find(
			([t]) => Number(t) === message.type,
		)?.[1];
		if (seq !== message.seq || slot !== message.slot || type !== wanted) return undefined;
		const { card, command, error } = statusOf(heard.message);
		if (command === "time") return extend(deadlineMs * Math.max(1, error));
		return { take: "answer", value: { card, command, error, data } };
	}

	#feed(bytes: Uint8Array): void {
		this.#offQuiet();
		this.#heard(this.#reader.feed(bytes));
		if (this.#reader.waiting())
			this.#offQuiet = this.#needs.clock.after(this.#needs.waits.byteMs, () =>
				this.#heard(this.#reader.giveUp()),
			);
	}

	#heard(all: readonly Heard[]): void {
		for (const heard of all) {
			if (heard.is === "noise") this.#needs.onNoise(heard.kind);
			// Before the answer is taken: who waits for it may ask at once whether the card is there.
			if (heard.is === "message" && heard.message.slot === 0)
				this.#needs.onPresence(statusOf(heard.message).card !== "absent");
			if (heard.is === "movement") this.#needs.onPresence(heard.present);
			this.#turn.heard(heard);
		}
	}
}
