/** An ESC/POS receipt printer: jobs in order, each with a true end, and its state told as it changes. */
import type {
	DeviceFault,
	PrintEnd,
	Printer,
	PrinterEvent,
	PrinterStatus,
	PrintJob,
} from "../../src/contract/device.ts";
import type { Clock } from "../../src/kit/clock.ts";
import { limits } from "../../src/kit/limits.ts";
import type { Log } from "../../src/kit/log.ts";
import type { Random } from "../../src/kit/random.ts";
import { no, ok, type Result } from "../../src/kit/result.ts";
import { Audience } from "../transport/audience.ts";
import { DeviceLink } from "../transport/device-link.ts";
import type { Line } from "../transport/line.ts";
import { type Confirmation, nothingSent, type PrinterWaits, Session, usualWaits } from "./session.ts";
import type { Condition } from "./status.ts";

export interface PrinterNeeds {
	/** A new line each time (`transport/serial.ts`). */
	readonly openLine: () => Promise<Line>;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
	readonly waits?: PrinterWaits;
}

export class EscPosPrinter implements Printer {
	readonly name = "printer";
	readonly #needs: PrinterNeeds;
	readonly #waits: PrinterWaits;
	readonly #audience = new Audience<PrinterEvent>();
	readonly listen = this.#audience.listen;
	readonly #link: DeviceLink;
	#session: Session | undefined;
	#status: PrinterStatus | undefined;
	#jobs: Promise<unknown> = Promise.resolve();
	#waiting = 0;
	/** The last job stopped with some of it on the paper, perhaps: the next one begins on a piece of its own. */
	#torn = false;
	#offProbe: () => void = () => {};

	constructor(needs: PrinterNeeds) {
		this.#needs = needs;
		this.#waits = needs.waits ?? usualWaits;
		const { openLine, clock, random, log } = needs;
		this.#link = new DeviceLink({
			name: this.name,
			openLine,
			handshake: (line) => this.#greet(line),
			clock,
			random,
			log,
		});
		this.#link.links((event) => {
			if (event.on === "gone") this.#offProbe();
			else this.#probeLater();
			this.#audience.tell(event);
		});
	}

	readonly status = (): PrinterStatus | undefined => this.#status;

	/** How the printer on the line confirms a job; undefined before it could be asked. */
	confirmation(): Confirmation | undefined {
		return this.#session?.confirmation();
	}

	open(): Promise<void> {
		return this.#link.open();
	}

	async close(): Promise<void> {
		this.#offProbe();
		this.#session = undefined;
		await this.#link.close();
		await this.#jobs;
	}

	/**
	 * Jobs wait for each other. A fault at "before" means that no byte of the job was sent. `job.id` is 4
	 * printable ASCII characters, else RangeError: a bug.
	 */
	async print(job: PrintJob): Promise<Result<PrintEnd, DeviceFault>> {
		if (job.lines.length > limits.slipLines) return no({ code: "printer.job-too-long", at: "print" });
		const end = await this.#inTurn(async (): Promise<Result<PrintEnd, DeviceFault>> => {
			if (this.#link.line() === undefined || this.#session === undefined)
				return no({ code: "device.gone", at: nothingSent });
			const lines = this.#torn ? [{ kind: "cut" } as const, ...job.lines] : job.lines;
			const printed = await this.#session.print({ ...job, lines });
			this.#torn = printed.ok ? false : this.#torn || printed.error.at !== nothingSent;
			if (!printed.ok && printed.error.code === "device.silent") this.#link.lost(printed.error);
			return printed;
		});
		const { log } = this.#needs;
		if (end.ok) log("note", "printed", { end: end.value, lines: job.lines.length });
		else log("fault", "not-printed", { code: end.error.code, at: end.error.at });
		return end;
	}

	/** One owner of the line at a time: a job or a look, never mixed. */
	async #inTurn<T>(work: () => Promise<T>): Promise<T> {
		this.#waiting += 1;
		const mine = this.#jobs.then(work);
		this.#jobs = mine.catch(() => undefined);
		try {
			return await mine;
		} finally {
			this.#waiting -= 1;
		}
	}

	async #greet(line: Line): Promise<Result<string, DeviceFault>> {
		const session = new Session({
			line,
			clock: this.#needs.clock,
			waits: this.#waits,
			stands: (condition) => this.#stands(condition),
		});
		this.#session = session;
		const ready = await session.ready();
		// Another printer of the shop may be plugged in: nothing hangs on which one prints.
		return ready.ok ? ok("escpos") : ready;
	}

	#stands({ paper, coverOpen, online }: Condition): void {
		const before = this.#status;
		this.#status = { paper, coverOpen, online };
		if (before?.paper === paper && before.coverOpen === coverOpen && before.online === online) return;
		this.#audience.tell({ on: "status", status: this.#status });
	}

	#probeLater(): void {
		this.#offProbe();
		this.#offProbe = this.#needs.clock.after(this.#waits.probeMs, () => {
			const { log } = this.#needs;
			this.#probe().catch(() => log("bug", "printer-probe-failed"));
		});
	}

	/** Finds a printer that was switched off, and the state of one that does not tell it by itself. */
	async #probe(): Promise<void> {
		const session = this.#session;
		if (session === undefined || this.#link.line() === undefined) return;
		if (this.#waiting === 0) {
			const stands = await this.#inTurn(() => session.look());
			if (!stands.ok && this.#session === session) return this.#link.lost(stands.error);
		}
		if (this.#session === session) this.#probeLater();
	}
}
