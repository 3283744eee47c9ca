/** One connection to a printer: what it can do, where it stands, and one job at a time. */
import type { DeviceFault, PrintEnd, PrintJob } from "../../src/contract/device.ts";
import { concat } from "../../src/kit/bytes.ts";
import type { Clock } from "../../src/kit/clock.ts";
import { no, ok, type Result } from "../../src/kit/result.ts";
import type { Line } from "../transport/line.ts";
import { Turn } from "../transport/turn.ts";
import { commands, processId, slices } from "./protocol.ts";
import {
	automaticCondition,
	type Condition,
	realTimeCondition,
	type StatusFrame,
	StatusReader,
	stopped,
} from "./status.ts";

export interface PrinterWaits {
	/** For an answer of the printer's electronics, ms. */
	readonly answerMs: number;
	/** For the answer to a question behind a slice: the slice has to be taken first, ms. */
	readonly sliceMs: number;
	/** Between two looks at a printer that has not confirmed a job yet, ms. */
	readonly lookMs: number;
	/** From the last byte of a job to its confirmation, ms. */
	readonly confirmMs: number;
	/** Between two looks at an idle printer, ms. */
	readonly probeMs: number;
}
export const usualWaits: PrinterWaits = {
	answerMs: 500,
	sliceMs: 8000,
	lookMs: 1000,
	confirmMs: 20_000,
	probeMs: 5000,
};

/** How this printer tells that a job is out; a clone often has the second or none. */
export type Confirmation = "process-id" | "paper-when-processed" | "none";

export interface SessionNeeds {
	readonly line: Line;
	readonly clock: Clock;
	readonly waits: PrinterWaits;
	/** Told whenever the printer said where it stands. */
	readonly stands: (condition: Condition) => void;
}

/** Where a job ends of which no byte went out. */
export const nothingSent = "before";
const nothing = new Uint8Array(0);
const probeId = "GT??";
type End<T = undefined> = Result<T, DeviceFault>;

export class Session {
	readonly #needs: SessionNeeds;
	readonly #turn: Turn<StatusFrame>;
	readonly #reader = new StatusReader();
	#confirmation: Confirmation | undefined;
	/** Something may still be in the printer's buffers. */
	#dirty = true;
	#printing = false;
	/** Heard since the last clearing, also between questions. */
	readonly #echoes = new Set<string>();
	#processed: number | undefined;

	constructor(needs: SessionNeeds) {
		this.#needs = needs;
		this.#turn = new Turn(needs.clock, (bytes) => needs.line.write(bytes));
		needs.line.listen((event) => {
			if (event.on === "closed") this.#turn.end({ code: "device.gone", at: "line" });
			else for (const frame of this.#reader.feed(event.bytes)) this.#heard(frame);
		});
	}

	/** Undefined until it was found out: a printer without paper does not get as far as the questions. */
	confirmation(): Confirmation | undefined {
		return this.#confirmation;
	}

	/** Asks where the printer stands: DLE EOT 1 to 4. `device.silent` when it does not answer. */
	async look(deadlineMs = this.#needs.waits.answerMs): Promise<End<Condition>> {
		const answers: number[] = [];
		const questions = [
			commands.printerStatus,
			commands.offlineCause,
			commands.errorCause,
			commands.paperStatus,
		];
		for (const [n, bytes] of questions.entries()) {
			const answer = await this.#realTime(bytes, `DLE EOT ${n + 1}`, n === 0 ? deadlineMs : undefined);
			if (!answer.ok) return answer;
			answers.push(answer.value);
		}
		const condition = realTimeCondition(answers);
		this.#needs.stands(condition);
		return ok(condition);
	}

	/**
	 * Empties the printer of what an earlier job or an interrupted program left, and finds out what it can do.
	 */
	async ready(): Promise<End<Condition>> {
		let stands = await this.look();
		if (stands.ok && stands.value.error) {
			// An error that was mended by hand stays until it is acknowledged.
			this.#needs.line.write(commands.recoverAndClear);
			stands = await this.look();
		}
		if (!stands.ok) return stands;
		if (this.#dirty) await this.clear();
		if (stopped(stands.value) === undefined && this.#confirmation === undefined) await this.#discover();
		return stands;
	}

	/**
	 * Drops what is buffered, at once, also when the printer is stopped. What it cannot drop, ESC @ cuts short.
	 */
	async clear(): Promise<void> {
		const cleared = await this.#await("DLE DC4 8", commands.clear, (frame) => frame.is === "cleared");
		if (!cleared) {
			this.#needs.line.write(commands.recoverAndClear);
			this.#needs.line.write(commands.swallow);
		}
		this.#needs.line.write(concat(commands.initialise, commands.automaticStatus));
		this.#echoes.clear();
		this.#processed = undefined;
		this.#dirty = false;
	}

	/** Prints a whole job. After a fault the printer is emptied, so that the rest does not come out later. */
	async print(job: PrintJob): Promise<End<PrintEnd>> {
		const echo = processId(job.id);
		const stands = await this.ready();
		if (!stands.ok) return no({ code: stands.error.code, at: nothingSent });
		const before = stopped(stands.value);
		if (before !== undefined) return no({ code: before, at: nothingSent });
		this.#printing = true;
		this.#dirty = true;
		const end = await this.#send(job, echo);
		this.#printing = false;
		if (end.ok) this.#dirty = false;
		else if (end.error.code !== "device.gone") await this.clear();
		return end;
	}

	async #send(job: PrintJob, echo: Uint8Array): Promise<End<PrintEnd>> {
		const whole = slices(job.lines);
		for (const [n, slice] of whole.entries()) {
			this.#needs.line.write(slice);
			const at = `slice ${n + 1} of ${whole.length}`;
			const stands = await this.#realTime(commands.printerStatus, at, this.#needs.waits.sliceMs);
			if (!stands.ok) return stands;
			const fault = (stands.value & 0x08) === 0 ? undefined : await this.#cause(at);
			if (fault !== undefined) return no(fault);
		}
		return this.#confirm(job, echo);
	}

	async #confirm(job: PrintJob, echo: Uint8Array): Promise<End<PrintEnd>> {
		const confirmation = this.#confirmation ?? "none";
		this.#echoes.delete(job.id);
		this.#processed = undefined;
		if (confirmation === "process-id") this.#needs.line.write(echo);
		if (confirmation === "paper-when-processed") this.#needs.line.write(commands.paperWhenProcessed);
		const { clock, waits } = this.#needs;
		const until = clock.now() + waits.confirmMs;
		if (confirmation === "none") return this.#unconfirmed();
		const out = (): boolean => this.#out(confirmation, job.id);
		while (clock.now() < until) {
			// It may have come between two looks, when nobody waited for it.
			if (out() || (await this.#await("confirm", nothing, out, waits.lookMs))) return this.#confirmed();
			const fault = await this.#cause("confirm");
			if (fault !== undefined) return no(fault);
		}
		return no({ code: "device.silent", at: "confirm" });
	}

	/** GS r also tells of paper that ended under the last line: then nobody knows what of it can be read. */
	#confirmed(): End<PrintEnd> {
		const ended = ((this.#processed ?? 0) & 0x0c) !== 0;
		return ended ? no({ code: "printer.paper-out", at: "confirm" }) : ok("printed");
	}

	/** Nothing tells that the job is out: that it was taken and the printer is well is all that can be said. */
	async #unconfirmed(): Promise<End<PrintEnd>> {
		const fault = await this.#cause("confirm");
		return fault === undefined ? ok("sent-unconfirmed") : no(fault);
	}

	#out(confirmation: Confirmation, id: string): boolean {
		return confirmation === "process-id" ? this.#echoes.has(id) : this.#processed !== undefined;
	}

	/** Why the printer does not go on; undefined when it does. */
	async #cause(at: string): Promise<DeviceFault | undefined> {
		const stands = await this.look(this.#needs.waits.sliceMs);
		if (!stands.ok) return { code: stands.error.code, at };
		const code = stopped(stands.value);
		return code === undefined ? undefined : { code, at };
	}

	/** GS I answers only where GS ( H is likely to be known: a clone would print an unknown command's digits. */
	async #discover(): Promise<void> {
		const informs = await this.#await("GS I 66", commands.maker, (frame) => frame.is === "text");
		if (informs && (await this.#await("GS ( H", processId(probeId), () => this.#echoes.has(probeId))))
			this.#confirmation = "process-id";
		else if (await this.#await("GS r 1", commands.paperWhenProcessed, (frame) => frame.is === "paper"))
			this.#confirmation = "paper-when-processed";
		else this.#confirmation = "none";
	}

	#realTime(bytes: Uint8Array, at: string, deadlineMs?: number): Promise<End<number>> {
		return this.#turn.ask<number>({
			at,
			bytes,
			deadlineMs: deadlineMs ?? this.#needs.waits.answerMs,
			expect: (frame) => (frame.is === "real-time" ? { take: "answer", value: frame.byte } : undefined),
		});
	}

	/** Whether what is waited for came in time. */
	async #await(
		at: string,
		bytes: Uint8Array,
		expected: (frame: StatusFrame) => boolean,
		deadlineMs = this.#needs.waits.answerMs,
	): Promise<boolean> {
		const end = await this.#turn.ask<undefined>({
			at,
			bytes,
			deadlineMs,
			expect: (frame) => (expected(frame) ? { take: "answer", value: undefined } : undefined),
		});
		return end.ok;
	}

	#heard(frame: StatusFrame): void {
		if (frame.is === "process") this.#echoes.add(frame.id);
		if (frame.is === "paper") this.#processed = frame.byte;
		this.#turn.heard(frame);
		if (frame.is !== "automatic") return;
		const condition = automaticCondition(frame.bytes);
		this.#needs.stands(condition);
		const code = stopped(condition);
		// A slice may hang in a full buffer for ever: what the printer says by itself ends the waiting.
		if (code !== undefined && this.#printing) this.#turn.interrupt({ code, at: "ASB" });
	}
}
