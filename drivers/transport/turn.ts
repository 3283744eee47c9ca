/** One command in flight on a device's line: the others wait their turn, and each has its own deadline. */
import type { DeviceFault } from "../../src/contract/device.ts";
import type { Clock } from "../../src/kit/clock.ts";
import { no, ok, type Result } from "../../src/kit/result.ts";

/** What a frame is to the command under way. */
export type Take<Answer> =
	| { readonly take: "answer"; readonly value: Answer }
	| { readonly take: "fault"; readonly fault: DeviceFault }
	/** The device asks for time: the deadline begins anew, `ms` from now. */
	| { readonly take: "wait"; readonly ms: number }
	/** The device did not understand: the bytes are sent again, at most `again` times. */
	| { readonly take: "again" };

export interface Command<Frame, Answer> {
	/** The command in the protocol's words: where a fault says it happened. */
	readonly at: string;
	readonly bytes: Uint8Array;
	/** From the sending of its bytes. */
	readonly deadlineMs: number;
	/** How often the bytes may be sent again after a NAK; 0 unless told. */
	readonly again?: number;
	/** Also after a deadline: only for what may be done twice. */
	readonly repeatable?: boolean;
	/** Undefined: the frame is no answer to this command. */
	readonly expect: (frame: Frame) => Take<Answer> | undefined;
}

/** Most commands that may wait; one more is refused as busy. */
const mostWaiting = 16;

interface Waiting<Frame> {
	readonly at: string;
	readonly start: () => void;
	readonly hear: (frame: Frame) => boolean;
	readonly fail: (fault: DeviceFault) => void;
}

/** Belongs to one connection: when the line ends, `end` fails what waits, and a new line gets a new Turn. */
export class Turn<Frame> {
	readonly #clock: Clock;
	readonly #write: (bytes: Uint8Array) => void;
	#queue: Waiting<Frame>[] = [];
	#ended: DeviceFault | undefined;

	constructor(clock: Clock, write: (bytes: Uint8Array) => void) {
		this.#clock = clock;
		this.#write = write;
	}

	/** Whether no command is under way or waits. */
	idle(): boolean {
		return this.#queue.length === 0;
	}

	/**
	 * Sends the bytes when their turn comes. `device.silent` after the deadline, `device.busy` when too many
	 * wait.
	 */
	ask<Answer>(command: Command<Frame, Answer>): Promise<Result<Answer, DeviceFault>> {
		if (this.#ended !== undefined) return Promise.resolve(no({ ...this.#ended, at: command.at }));
		if (this.#queue.length > mostWaiting) return Promise.resolve(no({ code: "device.busy", at: command.at }));
		return new Promise((done) => {
			const waiting = this.#waiting(command, (end) => {
				this.#queue = this.#queue.filter((other) => other !== waiting);
				done(end);
				this.#queue[0]?.start();
			});
			this.#queue.push(waiting);
			if (this.#queue[0] === waiting) waiting.start();
		});
	}

	/** Hands a frame to the command under way. False: nobody waited for it (unasked, or too late). */
	heard(frame: Frame): boolean {
		return this.#queue[0]?.hear(frame) ?? false;
	}

	/** Fails the command under way alone: the others go on. */
	interrupt(fault: DeviceFault): void {
		this.#queue[0]?.fail(fault);
	}

	/** Ends for good: every command fails with `code`, at its own place, and so does each that comes later. */
	end(fault: DeviceFault): void {
		this.#ended ??= fault;
		const waiting = this.#queue;
		this.#queue = [];
		for (const each of waiting) each.fail({ code: fault.code, at: each.at });
	}

	#waiting<Answer>(
		command: Command<Frame, Answer>,
		settle: (end: Result<Answer, DeviceFault>) => void,
	): Waiting<Frame> {
		let off = (): void => {};
		let started = false;
		let left = command.again ?? 0;
		const finish = (end: Result<Answer, DeviceFault>): void => {
			off();
			settle(end);
		};
		const send = (): void => {
			started = true;
			wait(command.deadlineMs);
			this.#write(command.bytes);
		};
		const sendAgain = (otherwise: DeviceFault): void => {
			if (left === 0) finish(no(otherwise));
			else {
				left -= 1;
				send();
			}
		};
		const wait = (ms: number): void => {
			off();
			off = this.#clock.after(ms, () => {
				const fault: DeviceFault = { code: "device.silent", at: command.at };
				if (command.repeatable === true) sendAgain(fault);
				else finish(no(fault));
			});
		};
		const hear = (frame: Frame): boolean => {
			const taken = started ? command.expect(frame) : undefined;
			if (taken === undefined) return false;
			if (taken.take === "wait") wait(taken.ms);
			else if (taken.take === "again") sendAgain({ code: "device.refused", at: command.at });
			else finish(taken.take === "answer" ? ok(taken.value) : no(taken.fault));
			return true;
		};
		return { at: command.at, start: send, hear, fail: (fault) => finish(no(fault)) };
	}
}
