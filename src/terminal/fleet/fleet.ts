/**
 * Keeps the cloud in step: sends the outbox in a window, and believes only what the platform says
 * after its commit.
 */
import * as v from "valibot";
import type { Listen } from "../../contract/device.ts";
import type { Bodies } from "../../contract/fleet.ts";
import type { Settings } from "../../contract/settings.ts";
import { backoff } from "../../kit/backoff.ts";
import { type Clock, within } from "../../kit/clock.ts";
import { limits } from "../../kit/limits.ts";
import type { Log } from "../../kit/log.ts";
import type { Part } from "../../kit/part.ts";
import type { Random } from "../../kit/random.ts";
import { callCloud, type FleetIdentity, type Line } from "./line.ts";
import type { Outbox } from "./outbox.ts";
import { fitting, hasRoom, landed, launched, resumeAt, type Window } from "./window.ts";

export type { FleetIdentity } from "./line.ts";
export type { Outbox } from "./outbox.ts";

export interface FleetNeeds {
	readonly settings: Pick<Settings, "tenant" | "terminal" | "cloud">;
	readonly identity: FleetIdentity;
	readonly outbox: Outbox;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
	/** The program's, told at every birth. */
	readonly version: string;
	/** The next number of a birth: higher than any before, also after a restart. */
	readonly session: () => number;
	readonly waits?: Partial<FleetWaits>;
}
/** Milliseconds. */
export interface FleetWaits {
	/** For the platform's word after a birth or a batch; then the connection counts as lost. */
	readonly ackMs: number;
	/** A connection that has held so long was a good one: back-off begins anew. */
	readonly stableMs: number;
	/** For the farewell. */
	readonly endMs: number;
}
const usual: FleetWaits = { ackMs: 10_000, stableMs: 60_000, endMs: 1000 };

const ackBody = v.object({
	through: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
	reject: v.optional(
		v.pipe(
			v.array(
				v.object({
					seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
					code: v.pipe(v.string(), v.regex(/^[a-z0-9.-]{1,40}$/)),
				}),
			),
			v.maxLength(1000),
		),
		[],
	),
});

export class Fleet implements Part {
	readonly name = "fleet";
	readonly #needs: FleetNeeds;
	readonly #waits: FleetWaits;
	readonly #listeners = new Set<(connected: boolean) => void>();
	#open = false;
	#line: Line | undefined;
	/** Undefined until the platform has answered our birth. */
	#window: Window | undefined;
	/**
	 * A number that no platform has seen is used for the next call: a cloud that stays away costs no
	 * writing.
	 */
	#session: number | undefined;
	#born = false;
	#failures = 0;
	#offNew: () => void = () => {};
	#offRetry: () => void = () => {};
	#offAck: () => void = () => {};
	#offStable: () => void = () => {};
	#offPump: (() => void) | undefined;
	#ended: () => void = () => {};

	constructor(needs: FleetNeeds) {
		this.#needs = needs;
		this.#waits = { ...usual, ...needs.waits };
	}

	/** Whether the platform has answered, so that rows go up. */
	connected(): boolean {
		return this.#window !== undefined;
	}
	/** Told at every change of `connected`. */
	readonly listen: Listen<boolean> = (to) => {
		this.#listeners.add(to);
		return () => this.#listeners.delete(to);
	};

	/** Begins to call; never waits for the cloud. */
	open(): Promise<void> {
		if (this.#open) return Promise.resolve();
		this.#open = true;
		this.#offNew = this.#needs.outbox.onNew(() => this.#soon());
		this.#call();
		return Promise.resolve();
	}

	async close(): Promise<void> {
		if (!this.#open) return;
		this.#open = false;
		for (const off of [this.#offNew, this.#offRetry, this.#offAck, this.#offStable]) off();
		this.#offPump?.();
		const line = this.#line;
		if (line === undefined) return;
		const gone = new Promise<void>((done) => {
			this.#ended = done;
		});
		if (this.#session !== undefined && this.#born) line.send("up/death", { session: this.#session });
		await within(this.#needs.clock, this.#waits.endMs, line.end(), undefined);
		line.drop();
		await within(this.#needs.clock, this.#waits.endMs, gone, undefined);
	}

	#call(): void {
		const { settings, identity, session, log } = this.#needs;
		const call = async (): Promise<Line> => {
			this.#session ??= session();
			return await callCloud({
				...{ host: settings.cloud.host, port: settings.cloud.port },
				...{ tenant: settings.tenant, terminal: settings.terminal, identity, session: this.#session },
				up: this.#up,
				heard: this.#heard,
				down: this.#down,
			});
		};
		call().then(
			(line) => {
				this.#line = line;
				if (!this.#open) line.drop();
			},
			(error: unknown) => {
				log("bug", "fleet-no-call", { kind: error instanceof Error ? error.name : "unknown" });
				this.#down("no-call");
			},
		);
	}

	readonly #up = (): void => this.#guard(() => this.#birth());

	#birth(): void {
		const { outbox, version, clock } = this.#needs;
		if (!this.#open || this.#session === undefined) return;
		const tail = outbox.pending(0, 1)[0]?.seq;
		const birth: Bodies["up/birth"] = {
			...{ session: this.#session, version, head: outbox.head() },
			...(tail === undefined ? {} : { tail }),
		};
		this.#born = true;
		this.#line?.send("up/birth", birth);
		this.#expect();
		this.#offStable = clock.after(this.#waits.stableMs, () => {
			this.#failures = 0;
		});
	}

	readonly #heard = (bytes: Uint8Array): void => {
		if (!this.#open) return;
		const read = readAck(bytes);
		if (read === undefined) this.#needs.log("fault", "fleet-garbled", { bytes: bytes.length });
		else this.#guard(() => this.#acknowledged(read));
	};

	#acknowledged({ through, reject }: v.InferOutput<typeof ackBody>): void {
		const { outbox, log } = this.#needs;
		const was = this.#window;
		const window = was === undefined ? this.#resume(through) : landed(was, through);
		this.#window = window;
		outbox.acknowledged(window.through, reject);
		for (const { seq, code } of reject) log("fault", "fleet-refused", { seq, code });
		log("note", "fleet-acknowledged", { through: window.through });
		if (was === undefined) this.#tell(true);
		this.#expect();
		this.#pump();
	}

	/** The answer to our birth says where to go on. */
	#resume(through: number): Window {
		const { outbox, log } = this.#needs;
		const head = outbox.head();
		log("note", "fleet-connected", { session: this.#session, through, head });
		if (through <= head) return resumeAt(through);
		// The platform knows rows that our ledger has not: it is an old copy, or somebody is our double. All
		// that is held
		// is shown: row by row the platform refuses what it knows otherwise, and we go on selling.
		log("fault", "fleet-outbox-behind", { through, head });
		return resumeAt(0);
	}

	readonly #down = (why: string): void => {
		const { log, random, clock, settings } = this.#needs;
		for (const off of [this.#offAck, this.#offStable, this.#offRetry]) off();
		const was = this.#window !== undefined;
		if (this.#born) this.#session = undefined;
		this.#born = false;
		this.#line = undefined;
		this.#window = undefined;
		this.#ended();
		if (was) {
			log("note", "fleet-lost", { why });
			this.#tell(false);
		}
		if (!this.#open) return;
		const { least, most } = settings.cloud.retryMs;
		const ms = backoff(random, this.#failures, least, most);
		this.#failures += 1;
		log("trace", "fleet-retry", { why, ms, failures: this.#failures });
		this.#offRetry = clock.after(ms, () => this.#call());
	};

	/** Not within the sale's own step, and once for all rows of it. */
	#soon(): void {
		this.#offPump ??= this.#needs.clock.after(0, () => {
			this.#offPump = undefined;
			this.#guard(() => this.#pump());
		});
	}

	#pump(): void {
		const { outbox, log } = this.#needs;
		const line = this.#line;
		if (line === undefined || this.#window === undefined || !this.#open) return;
		const idle = this.#window.flights.length === 0;
		while (hasRoom(this.#window)) {
			const rows = fitting(outbox.pending(this.#window.sent, limits.outboxBatch));
			const first = rows[0]?.seq;
			const last = rows.at(-1)?.seq;
			if (first === undefined || last === undefined) break;
			line.send("up/ev", { rows });
			log("note", "fleet-sent", { first, last });
			this.#window = launched(this.#window, last);
		}
		if (idle && this.#window.flights.length > 0) this.#expect();
	}

	/**
	 * Waits for the platform's next word while one is due; without it, calls again: the birth tells where
	 * to go on.
	 */
	#expect(): void {
		this.#offAck();
		if (this.#window !== undefined && this.#window.flights.length === 0) return;
		this.#offAck = this.#needs.clock.after(this.#waits.ackMs, () => {
			this.#needs.log("fault", "fleet-unheard", { through: this.#window?.through });
			this.#line?.drop();
		});
	}

	/** A ledger that cannot be read is the till's to judge; the link only ends its call. */
	#guard(act: () => void): void {
		try {
			act();
		} catch (error) {
			const kind = error instanceof Error ? error.name : "unknown";
			this.#needs.log("bug", "fleet-stopped", { kind });
			this.#line?.drop();
		}
	}

	#tell(connected: boolean): void {
		for (const to of this.#listeners) to(connected);
	}
}

function readAck(bytes: Uint8Array): v.InferOutput<typeof ackBody> | undefined {
	try {
		const read = v.safeParse(ackBody, JSON.parse(new TextDecoder().decode(bytes)));
		return read.success ? read.output : undefined;
	} catch {
		return undefined;
	}
}
