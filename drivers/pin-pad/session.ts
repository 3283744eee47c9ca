/** One connection to a pad: acknowledgements, repeats, and one packet with its answer at a time. */
import type { DeviceFault } from "../../src/contract/device.ts";
import { equal, latin, unlatin } from "../../src/kit/bytes.ts";
import { type Clock, sleep } from "../../src/kit/clock.ts";
import { no, ok, type Result } from "../../src/kit/result.ts";
import type { Line } from "../transport/line.ts";
import { type Take, Turn } from "../transport/turn.ts";
import { control, type FrameKind, FrameReader, frame, type Heard, mostTries } from "./protocol.ts";

export interface SessionWaits {
	/** From a packet to its ACK, ms. */
	readonly ackMs: number;
	/** From the ACK to the answer of a pad that asks nobody, ms. */
	readonly answerMs: number;
	/** Between two bytes of one frame, ms. */
	readonly byteMs: number;
	/** Beyond the pad's own time-out for a PIN, ms. */
	readonly graceMs: number;
	/** Nothing said for so long ends a resynchronisation, ms. */
	readonly quietMs: number;
}
export const usualWaits: SessionWaits = {
	ackMs: 2000,
	answerMs: 3000,
	byteMs: 500,
	graceMs: 5000,
	quietMs: 50,
};

/** What a frame is to the exchange under way; undefined: it belongs to another one. */
type Taken<T> = Result<T, DeviceFault> | undefined;
export interface Exchange<T> {
	/** In the protocol's words: where a fault says it happened. */
	readonly at: string;
	readonly kind: FrameKind;
	readonly data: Uint8Array;
	/** May be sent twice without harm. */
	readonly repeatable?: boolean;
	/** From the ACK to the answer, ms; `answerMs` unless told. */
	readonly waitMs?: number;
	readonly answer?: (text: string) => Taken<T>;
	/** What the pad's ACK, or its EOT, means by itself. */
	readonly onAck?: Result<T, DeviceFault>;
	readonly onEot?: Result<T, DeviceFault>;
	/** The pad echoes the packet and stores when the echo is acknowledged: then EOT means done. */
	readonly echoed?: Result<T, DeviceFault>;
}
/** Where an exchange stands. */
interface Progress {
	acked: boolean;
	committed: boolean;
	naks: number;
	spoilt: number;
	cancelled: boolean;
}
const begun = (): Progress => ({ acked: false, committed: false, naks: 0, spoilt: 0, cancelled: false });

const cancelPacket = frame({ kind: "transaction", data: latin("72") });
/** Faults after which pad and host may stand at different places. */
const unsure: ReadonlySet<string> = new Set(["device.silent", "device.garbled"]);

export class Session {
	readonly #line: Line;
	readonly #clock: Clock;
	readonly #waits: SessionWaits;
	readonly #reader = new FrameReader();
	readonly #turn: Turn<Heard>;
	#progress = begun();
	#unsure = true;
	#offQuiet: () => void = () => {};
	#offCancel: () => void = () => {};

	constructor(line: Line, clock: Clock, waits: SessionWaits) {
		this.#line = line;
		this.#clock = clock;
		this.#waits = waits;
		this.#turn = new Turn(clock, (bytes) => {
			this.#progress.acked = false;
			line.write(bytes);
		});
		line.listen((event) => {
			if (event.on === "data") this.#feed(event.bytes);
			else this.#end();
		});
	}

	/** Callers wait for each other: there is one exchange at a time. The frame's bytes are wiped at its end. */
	async exchange<T>(wanted: Exchange<T>): Promise<Result<T, DeviceFault>> {
		if (this.#unsure) {
			const agreed = await this.agree();
			if (!agreed.ok) return no({ ...agreed.error, at: wanted.at });
		}
		const end = await this.#run(wanted);
		if (this.#progress.cancelled || (!end.ok && unsure.has(end.error.code))) this.#unsure = true;
		return end;
	}

	/**
	 * Breaks off the exchange under way by 72; it ends as the pad's EOT would end it, also when its answer was
	 * on the way. A pad that says nothing to it ends the exchange as `device.silent`.
	 */
	cancel(): void {
		if (this.#turn.idle() || this.#progress.cancelled) return;
		this.#progress.cancelled = true;
		this.#sendCancel(mostTries);
	}

	/** 72 until the pad agrees that nothing is under way; what it still said of before is over then. */
	async agree(): Promise<Result<undefined, DeviceFault>> {
		const idle = ok(undefined);
		if (!this.#unsure) return idle;
		const agreed = await this.#run<undefined>({
			at: "72",
			kind: "transaction",
			data: latin("72"),
			repeatable: true,
			onAck: idle,
			onEot: idle,
		});
		if (!agreed.ok) return agreed;
		await sleep(this.#clock, this.#waits.quietMs);
		this.#unsure = false;
		return agreed;
	}

	async #run<T>(wanted: Exchange<T>): Promise<Result<T, DeviceFault>> {
		const progress = begun();
		this.#progress = progress;
		const bytes = frame(wanted);
		const end = await this.#turn.ask<T>({
			at: wanted.at,
			bytes,
			deadlineMs: this.#waits.ackMs,
			again: mostTries - 1,
			repeatable: wanted.repeatable ?? false,
			expect: (heard) => this.#expect(wanted, progress, heard),
		});
		this.#offCancel();
		bytes.fill(0);
		// Silence after spoilt frames: an answer came and could not be read.
		if (!end.ok && end.error.code === "device.silent" && progress.spoilt > 0)
			return no({ code: "device.garbled", at: wanted.at });
		return end;
	}

	#expect<T>(wanted: Exchange<T>, progress: Progress, heard: Heard): Take<T> | undefined {
		switch (heard.is) {
			case "ack":
				return this.#acknowledged(wanted, progress);
			case "nak":
				return this.#refused(wanted, progress);
			case "eot":
				return this.#over(wanted, progress);
			case "frame":
				if (!progress.acked || heard.frame.kind !== wanted.kind) return undefined;
				return this.#answered(wanted, progress, heard.frame.data);
			case "spoilt":
				return progress.acked ? this.#spoilt(wanted, progress) : undefined;
			default:
				return undefined;
		}
	}

	#acknowledged<T>(wanted: Exchange<T>, progress: Progress): Take<T> | undefined {
		// The pad heard 72 when nothing was under way any more.
		if (progress.acked && progress.cancelled && wanted.onEot !== undefined) return settle(wanted.onEot);
		if (progress.acked) return undefined;
		progress.acked = true;
		if (wanted.onAck !== undefined) return settle(wanted.onAck);
		return { take: "wait", ms: wanted.waitMs ?? this.#waits.answerMs };
	}

	#refused<T>(wanted: Exchange<T>, progress: Progress): Take<T> | undefined {
		if (progress.acked) return undefined;
		progress.naks += 1;
		if (progress.naks < mostTries) return { take: "again" };
		this.#say(control.eot);
		return { take: "fault", fault: { code: "device.garbled", at: wanted.at } };
	}

	#over<T>(wanted: Exchange<T>, progress: Progress): Take<T> | undefined {
		if (progress.committed && wanted.echoed !== undefined) return settle(wanted.echoed);
		// Before the ACK it ends something of before; only 72 is answered by EOT alone.
		const alone = wanted.onAck !== undefined && wanted.onEot !== undefined;
		if (!progress.acked && !alone) return undefined;
		return settle(wanted.onEot ?? no({ code: "device.refused", at: wanted.at }));
	}

	#answered<T>(wanted: Exchange<T>, progress: Progress, data: Uint8Array): Take<T> | undefined {
		if (wanted.echoed !== undefined && equal(data, wanted.data)) {
			progress.committed = true;
			this.#say(control.ack);
			return { take: "wait", ms: this.#waits.answerMs };
		}
		const taken = wanted.answer?.(unlatin(data));
		if (taken === undefined && wanted.echoed !== undefined) {
			// Another key than the one sent stands in the pad: it must not be stored.
			this.#say(control.eot);
			return { take: "fault", fault: { code: "device.garbled", at: wanted.at } };
		}
		if (taken === undefined) return undefined;
		this.#say(control.ack);
		// Its PIN came before the 72 was heard: nobody wants it now, and the pad's word to 72 is still to come.
		if (progress.cancelled && taken.ok) return { take: "wait", ms: this.#waits.ackMs * mostTries };
		return settle(taken);
	}

	#spoilt<T>(wanted: Exchange<T>, progress: Progress): Take<T> {
		progress.spoilt += 1;
		if (progress.spoilt < mostTries) {
			this.#say(control.nak);
			return { take: "wait", ms: wanted.waitMs ?? this.#waits.answerMs };
		}
		this.#say(control.eot);
		return { take: "fault", fault: { code: "device.garbled", at: wanted.at } };
	}

	#sendCancel(left: number): void {
		this.#offCancel();
		if (left === 0) {
			this.#turn.interrupt({ code: "device.silent", at: "72" });
			return;
		}
		this.#line.write(cancelPacket);
		this.#offCancel = this.#clock.after(this.#waits.ackMs, () => this.#sendCancel(left - 1));
	}

	#say(sign: number): void {
		this.#line.write(Uint8Array.of(sign));
	}

	#feed(bytes: Uint8Array): void {
		this.#offQuiet();
		this.#heard(this.#reader.feed(bytes));
		if (this.#reader.waiting())
			this.#offQuiet = this.#clock.after(this.#waits.byteMs, () => this.#heard(this.#reader.giveUp()));
	}

	#heard(all: readonly Heard[]): void {
		for (const heard of all) {
			const taken = this.#turn.heard(heard);
			// Nobody waits for it: the pad need not send it again.
			if (!taken && heard.is === "frame") this.#say(control.ack);
		}
	}

	#end(): void {
		this.#offQuiet();
		this.#offCancel();
		this.#turn.end({ code: "device.gone", at: "line" });
	}
}

const settle = <T>(end: Result<T, DeviceFault>): Take<T> =>
	end.ok ? { take: "answer", value: end.value } : { take: "fault", fault: end.error };
