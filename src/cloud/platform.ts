/**
 * The shop's cloud: hears its terminals, keeps a copy of their sales, says what it has for good, and
 * shows it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Leaf } from "../contract/fleet.ts";
import { type Calendar, stamp } from "../kit/calendar.ts";
import type { Clock } from "../kit/clock.ts";
import type { Log } from "../kit/log.ts";
import { closeAll, openAll, type Part } from "../kit/part.ts";
import { birthBody, deathBody, rowsOf } from "./bodies.ts";
import { Broker } from "./broker.ts";
import { type Ack, Inbox } from "./inbox.ts";
import { Portal } from "./portal/portal.ts";

export interface PlatformNeeds {
	/** Holds inbox.db. */
	readonly stateDir: string;
	readonly tenant: string;
	/** 0 takes a free one. On 127.0.0.1. */
	readonly mqttPort: number;
	readonly httpPort: number;
	/** PEM files. */
	readonly caFile: string;
	readonly certFile: string;
	readonly keyFile: string;
	/** What people call a terminal, by its id. */
	readonly names?: Readonly<Record<string, string>>;
	readonly clock: Clock;
	readonly calendar: Calendar;
	readonly log: Log;
	/** Between a commit and its acknowledgement; tests end the process in it. */
	readonly committed?: () => void;
	/** The books cannot be written: the process must end. */
	readonly fatal?: (error: unknown) => void;
}

interface Heard {
	readonly terminal: string;
	readonly step: () => Ack | undefined;
	readonly done: () => void;
}

export class Platform implements Part {
	readonly name = "cloud";
	readonly #needs: PlatformNeeds;
	readonly #inbox: Inbox;
	readonly #portal: Portal;
	#broker: Broker | undefined;
	readonly #waiting: Heard[] = [];

	constructor(needs: PlatformNeeds) {
		this.#needs = needs;
		this.#inbox = new Inbox(join(needs.stateDir, "inbox.db"));
		this.#portal = new Portal({ port: needs.httpPort, books: this.#inbox, names: needs.names ?? {} });
	}

	/** Resolves when terminals and browsers may call. */
	async open(): Promise<void> {
		const { mqttPort, tenant, caFile, certFile, keyFile, log } = this.#needs;
		const read = (path: string): string => readFileSync(path, "utf8");
		this.#broker = new Broker({
			...{ port: mqttPort, tenant, log, heard: this.#heard },
			...{ ca: read(caFile), cert: read(certFile), key: read(keyFile) },
		});
		await openAll([this.#inbox, this.#portal, this.#broker]);
		log("note", "cloud-ready", { http: this.#portal.port(), mqtt: this.#broker.port() });
	}

	async close(): Promise<void> {
		const broker = this.#broker;
		this.#broker = undefined;
		for (const { done } of this.#waiting.splice(0)) done();
		await closeAll([this.#inbox, this.#portal, ...(broker === undefined ? [] : [broker])]);
	}

	readonly mqttPort = (): number => this.#broker?.port() ?? 0;
	readonly httpPort = (): number => this.#portal.port();
	readonly terminals: Inbox["terminals"] = () => this.#inbox.terminals();
	readonly sales: Inbox["sales"] = (terminal, most) => this.#inbox.sales(terminal, most);
	readonly alarms: Inbox["alarms"] = (most) => this.#inbox.alarms(most);
	readonly refused: Inbox["refused"] = (terminal, most) => this.#inbox.refused(terminal, most);
	readonly rows: Inbox["rows"] = (terminal) => this.#inbox.rows(terminal);

	/**
	 * What comes in one turn of the loop is written in one transaction: group commit is what scales
	 * (fleet/sync.md, 2).
	 */
	readonly #heard = (terminal: string, leaf: Leaf, bytes: Uint8Array): Promise<void> =>
		new Promise((done) => {
			// Closing: what is not applied is not acknowledged, and comes again.
			if (this.#broker === undefined) {
				done();
				return;
			}
			const step = this.#stepOf(terminal, leaf, bytes);
			this.#waiting.push({ terminal, step, done });
			if (this.#waiting.length === 1) this.#needs.clock.after(0, () => this.#commit());
		});

	#stepOf(terminal: string, leaf: Leaf, bytes: Uint8Array): () => Ack | undefined {
		const inbox = this.#inbox;
		const at = stamp(this.#needs.calendar.now());
		const json = jsonOf(bytes);
		const unreadable = (): undefined => {
			this.#needs.log("fault", "unreadable", { terminal, leaf, bytes: bytes.length });
			inbox.alarm(terminal, "unreadable", `${leaf} ${at}`, at);
		};
		if (leaf === "up/birth") {
			const read = v.safeParse(birthBody, json);
			return read.success ? () => inbox.birth(terminal, read.output, at) : unreadable;
		}
		if (leaf === "up/death") {
			const read = v.safeParse(deathBody, json);
			return read.success ? () => void inbox.death(terminal, read.output.session, at) : unreadable;
		}
		const read = rowsOf(json);
		if (read === undefined) return unreadable;
		return () => {
			if (read.lost > 0) unreadable();
			return inbox.apply(terminal, read.rows, at);
		};
	}

	#commit(): void {
		const heard = this.#waiting.splice(0);
		if (heard.length === 0) return;
		let acks: readonly (Ack | undefined)[];
		try {
			acks = this.#inbox.write(() => heard.map(({ step }) => step()));
		} catch (error) {
			this.#needs.log("bug", "books-failed", { kind: error instanceof Error ? error.name : "unknown" });
			this.#needs.fatal?.(error);
			return;
		}
		this.#needs.committed?.();
		heard.forEach(({ terminal, done }, i) => {
			const ack = acks[i];
			if (ack !== undefined) this.#broker?.send(terminal, "down/ack", ack);
			this.#needs.log("trace", "applied", { terminal, through: ack?.through });
			done();
		});
		this.#portal.changed();
	}
}

function jsonOf(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch {
		return undefined;
	}
}
