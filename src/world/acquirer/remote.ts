/**
 * The world's end of an acquirer in its own process: the same door, and a real process that can be killed.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Listen } from "../../contract/device.ts";
import { type Clock, within } from "../../kit/clock.ts";
import type { Part } from "../../kit/part.ts";
import type { AcquirerDoor, AcquirerEvent, Books, Misbehaviour } from "./door.ts";
import type { Order, Told } from "./wire.ts";

export interface RemoteAcquirerNeeds {
	/** acquirer.json. */
	readonly configPath: string;
	readonly clock: Clock;
}
/** To be ready, to obey, and to end before it is killed. */
const waits = { readyMs: 15_000, answerMs: 5000, endMs: 3000 } as const;

interface Child {
	readonly process: ChildProcess;
	readonly ended: Promise<void>;
}
type Asked = Order extends infer One ? (One extends Order ? Omit<One, "id"> : never) : never;

export class RemoteAcquirer implements Part, AcquirerDoor {
	readonly name = "acquirer";
	readonly #needs: RemoteAcquirerNeeds;
	readonly #listeners = new Set<(event: AcquirerEvent) => void>();
	readonly #waiting = new Map<number, (told: Told | undefined) => void>();
	#child: Child | undefined;
	#port = 0;
	#next = 1;

	constructor(needs: RemoteAcquirerNeeds) {
		this.#needs = needs;
	}

	/** Starts the process; rejects when it does not listen in time. */
	async open(): Promise<void> {
		if (this.#child !== undefined) return;
		const script = fileURLToPath(new URL("./main.ts", import.meta.url));
		const child = fork(script, ["--config", this.#needs.configPath], {
			execArgv: ["--disable-sigusr1"],
			stdio: ["ignore", "inherit", "inherit", "ipc"],
		});
		const ended = new Promise<void>((done) => {
			child.once("exit", () => done());
		});
		this.#child = { process: child, ended };
		const port = new Promise<number | undefined>((done) => {
			child.on("message", (told: Told) => (told.told === "ready" ? done(told.port) : this.#heard(told)));
			child.once("exit", () => {
				done(undefined);
				this.#gone(child);
			});
			child.once("error", () => done(undefined));
		});
		const ready = await within(this.#needs.clock, waits.readyMs, port, undefined);
		if (ready === undefined) {
			await this.close();
			throw new Error("the acquirer did not start");
		}
		this.#port = ready;
	}

	async close(): Promise<void> {
		const child = this.#child;
		if (child === undefined) return;
		child.process.kill("SIGTERM");
		const ended = await within(
			this.#needs.clock,
			waits.endMs,
			child.ended.then(() => true),
			false,
		);
		if (!ended) child.process.kill("SIGKILL");
		await child.ended;
	}

	/** As a power cut at the acquirer would; `open` starts it again on the same books. */
	async kill(): Promise<void> {
		this.#child?.process.kill("SIGKILL");
		await this.#child?.ended;
	}

	readonly port = (): number => this.#port;
	/** Undefined when it does not run. */
	readonly pid = (): number | undefined => this.#child?.process.pid;

	readonly events: Listen<AcquirerEvent> = (to) => {
		const one = (event: AcquirerEvent): void => to(event);
		this.#listeners.add(one);
		return () => this.#listeners.delete(one);
	};

	async behave(rule: Misbehaviour): Promise<void> {
		await this.#ask({ ask: "behave", rule });
	}

	async clear(): Promise<void> {
		await this.#ask({ ask: "clear" });
	}

	async books(): Promise<Books> {
		const told = await this.#ask({ ask: "books" });
		if (told.told === "done" && told.books !== undefined) return told.books;
		throw new Error("the acquirer gave no books");
	}

	async #ask(asked: Asked): Promise<Told> {
		const child = this.#child?.process;
		if (child?.connected !== true) throw new Error("the acquirer does not run");
		const id = this.#next;
		this.#next += 1;
		const answer = new Promise<Told | undefined>((done) => {
			this.#waiting.set(id, done);
		});
		child.send({ ...asked, id });
		const told = await within(this.#needs.clock, waits.answerMs, answer, undefined);
		this.#waiting.delete(id);
		if (told?.told !== "done") throw new Error(`the acquirer did not obey: ${asked.ask}`);
		return told;
	}

	#heard(told: Told): void {
		if (told.told === "event") for (const to of this.#listeners) to(told.event);
		else if ("id" in told) this.#waiting.get(told.id)?.(told);
	}

	#gone(child: ChildProcess): void {
		if (this.#child?.process === child) this.#child = undefined;
		for (const done of this.#waiting.values()) done(undefined);
		this.#waiting.clear();
	}
}
