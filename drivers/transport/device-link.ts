/**
 * The life of a device's line: opened, greeted, used, lost, and opened again with back-off; a fact each time
 * it changes.
 */
import type { DeviceFault, LinkEvent, Listen } from "../../src/contract/device.ts";
import { backoff } from "../../src/kit/backoff.ts";
import { type Clock, within } from "../../src/kit/clock.ts";
import { limits } from "../../src/kit/limits.ts";
import type { Log } from "../../src/kit/log.ts";
import type { Part } from "../../src/kit/part.ts";
import type { Random } from "../../src/kit/random.ts";
import { no, type Result } from "../../src/kit/result.ts";
import { Audience } from "./audience.ts";
import type { Line } from "./line.ts";

export interface DeviceLinkNeeds {
	readonly name: string;
	/** A new line each time; rejects when the device is not there. */
	readonly openLine: () => Promise<Line>;
	/**
	 * Greets the device on a new line and gives its identity (model, firmware, serial number). It listens to the
	 * line itself; what it throws counts as `device.garbled`.
	 */
	readonly handshake: (line: Line) => Promise<Result<string, DeviceFault>>;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
}
export type LinkState = "absent" | "opening" | "handshake" | "ready" | "backoff";

/** After so long in READY the failures before are forgotten, ms. */
const stableMs = 60_000;
/** How long `close` waits for the line to say that it is closed, ms. */
const closeMs = 1000;

/**
 * `open` begins and returns at once: a terminal starts without its printer. "ready" and "gone" are told when
 * that changes, "gone" also when the first opening fails. A device whose identity is not the one of before is
 * not used (`device.changed`) until the former one is back or the program starts anew.
 */
export class DeviceLink implements Part {
	readonly name: string;
	readonly #needs: DeviceLinkNeeds;
	readonly #audience = new Audience<LinkEvent>();
	readonly links: Listen<LinkEvent> = this.#audience.listen;
	#state: LinkState = "absent";
	#line: Line | undefined;
	#identity: string | undefined;
	#failures = 0;
	#told: string | undefined;
	#wanted = false;
	/** Counts connections, so that what an old one says late is not heard. */
	#turn = 0;
	#off: () => void = () => {};
	#opening: Promise<void> = Promise.resolve();

	constructor(needs: DeviceLinkNeeds) {
		this.name = needs.name;
		this.#needs = needs;
	}

	/** Where the link stands, for self-tests and the support bundle. */
	state(): LinkState {
		return this.#state;
	}

	/** What the device said of itself when it was last greeted. */
	identity(): string | undefined {
		return this.#identity;
	}

	/** The line while the device is ready. */
	line(): Line | undefined {
		return this.#state === "ready" ? this.#line : undefined;
	}

	open(): Promise<void> {
		if (!this.#wanted) {
			this.#wanted = true;
			this.#connect();
		}
		return Promise.resolve();
	}

	/** Resolves when the line is closed, so that another process may open it. */
	async close(): Promise<void> {
		this.#wanted = false;
		this.#turn += 1;
		this.#off();
		this.#state = "absent";
		this.#told = undefined;
		const line = this.#line;
		this.#line = undefined;
		if (line !== undefined) await ended(line, this.#needs.clock);
		else await within(this.#needs.clock, closeMs, this.#opening, undefined);
	}

	/** The driver gives the device up (missed probes, nonsense): the line is closed and opened again later. */
	lost(fault: DeviceFault): void {
		if (this.#state === "ready") this.#fail(this.#turn, fault);
	}

	#connect(): void {
		this.#turn += 1;
		const turn = this.#turn;
		this.#state = "opening";
		this.#opening = this.#needs.openLine().then(
			(line) => this.#greet(turn, line),
			() => this.#fail(turn, { code: "device.gone", at: "open" }),
		);
	}

	async #greet(turn: number, line: Line): Promise<void> {
		// Closed meanwhile: nobody else would close this line.
		if (turn !== this.#turn) {
			await ended(line, this.#needs.clock);
			return;
		}
		this.#line = line;
		this.#state = "handshake";
		line.listen((event) => {
			if (event.on !== "closed") return;
			// Nothing is left to be waited for.
			if (this.#line === line) this.#line = undefined;
			this.#fail(turn, { code: "device.gone", at: this.#state });
		});
		this.#needs
			.handshake(line)
			.catch((): Result<string, DeviceFault> => no({ code: "device.garbled", at: "handshake" }))
			.then(
				(end) => this.#greeted(turn, end),
				() => {},
			);
	}

	#greeted(turn: number, end: Result<string, DeviceFault>): void {
		if (turn !== this.#turn) return;
		if (!end.ok) {
			this.#fail(turn, end.error);
			return;
		}
		if (this.#identity !== undefined && this.#identity !== end.value) {
			this.#fail(turn, { code: "device.changed", at: "handshake" });
			return;
		}
		this.#identity = end.value;
		this.#state = "ready";
		this.#off = this.#needs.clock.after(stableMs, () => {
			this.#failures = 0;
		});
		this.#tell({ on: "ready" });
	}

	#fail(turn: number, fault: DeviceFault): void {
		if (turn !== this.#turn || !this.#wanted) return;
		this.#turn += 1;
		this.#off();
		this.#state = "backoff";
		const line = this.#line;
		this.#line = undefined;
		const { clock, random } = this.#needs;
		const closed = line === undefined ? Promise.resolve() : ended(line, clock);
		const { least, most } = limits.deviceBackoffMs;
		const wait = backoff(random, this.#failures, least, most);
		this.#failures += 1;
		const next = this.#turn;
		this.#off = clock.after(wait, () => {
			const again = (): void => {
				if (this.#wanted && next === this.#turn) this.#connect();
			};
			closed.then(again, again);
		});
		this.#tell({ on: "gone", fault });
	}

	#tell(event: LinkEvent): void {
		const what = event.on === "ready" ? "ready" : event.fault.code;
		if (what === this.#told) return;
		this.#told = what;
		const { log, name } = this.#needs;
		if (event.on === "ready") log("note", "device-ready", { device: name });
		else log("fault", "device-gone", { device: name, code: event.fault.code, at: event.fault.at });
		this.#audience.tell(event);
	}
}

const ended = (line: Line, clock: Clock): Promise<unknown> => {
	const closed = new Promise<void>((done) => {
		line.listen((event) => {
			if (event.on === "closed") done();
		});
	});
	line.close();
	return within(clock, closeMs, closed, undefined);
};
