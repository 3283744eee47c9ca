/**
 * The terminal's end of the vault's socket: asks by operation, waits no longer than it should, connects
 * again by itself.
 */
import type { Listen } from "../../contract/device.ts";
import type { Operation, Operations, Reply, VaultFault } from "../../contract/vault.ts";
import { backoff } from "../../kit/backoff.ts";
import type { Clock } from "../../kit/clock.ts";
import type { Log } from "../../kit/log.ts";
import type { Part } from "../../kit/part.ts";
import type { Random } from "../../kit/random.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import { connectLocal, type Wire } from "../../runtime/socket.ts";

/** Everything but a PIN is answered at once. */
const answerMs = 5000;
/** On top of the cardholder's own time: the vault opens and closes its PIN keys. */
const pinMarginMs = 10_000;
const reconnectMs = { least: 50, most: 2000 } as const;

export interface VaultLinkNeeds {
	readonly socketPath: string;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
}
interface Waiting {
	readonly op: Operation;
	/** ms from now, or from the last digit, until the vault counts as away. */
	readonly ms: number;
	readonly onDigits: (count: number) => void;
	readonly done: (end: Result<unknown, VaultFault>) => void;
	off: () => void;
}

export class VaultLink implements Part {
	readonly name = "vault-link";
	readonly #needs: VaultLinkNeeds;
	#wire: Wire | undefined;
	#open = false;
	#failures = 0;
	#nextId = 1;
	#offRetry: () => void = () => {};
	readonly #waiting = new Map<number, Waiting>();
	readonly #listeners = new Set<(connected: boolean) => void>();

	constructor(needs: VaultLinkNeeds) {
		this.#needs = needs;
	}

	/** Resolves after the first try, connected or not; it goes on trying. */
	async open(): Promise<void> {
		if (this.#open) return;
		this.#open = true;
		await this.#connect();
	}

	async close(): Promise<void> {
		this.#open = false;
		this.#offRetry();
		this.#wire?.close();
		if (this.#wire !== undefined) this.#lost();
		else for (const listener of [...this.#listeners]) listener(false);
	}

	readonly connected = (): boolean => this.#wire !== undefined;
	/** False before `open` and after `close`. */
	readonly trying = (): boolean => this.#open;
	/** Told at every change, and at the end. */
	readonly listen: Listen<boolean> = (to) => {
		const one = (connected: boolean): void => to(connected);
		this.#listeners.add(one);
		return () => this.#listeners.delete(one);
	};

	/**
	 * One request, one answer. `vault.unreachable` when there is no vault, when it goes away or does not
	 * answer within 5 s; for `enter-pin` within the cardholder's own waits after each digit, and 10 s.
	 * `onDigits` hears how many digits stand, first 0 when the keys are the vault's.
	 */
	readonly ask = <Op extends Operation>(
		op: Op,
		ask: Operations[Op]["ask"],
		onDigits: (count: number) => void = () => {},
	): Promise<Result<Operations[Op]["answer"], VaultFault>> => {
		const wire = this.#wire;
		if (wire === undefined) return Promise.resolve(no({ code: "vault.unreachable", at: op }));
		const id = this.#nextId;
		this.#nextId += 1;
		return new Promise((done) => {
			const waiting: Waiting = {
				op,
				ms: "firstMs" in ask ? Math.max(ask.firstMs, ask.betweenMs) + pinMarginMs : answerMs,
				onDigits,
				// The vault is our own program and speaks the contract: the answer has its operation's shape.
				done: (end) => done(end as Result<Operations[Op]["answer"], VaultFault>),
				off: () => {},
			};
			this.#waiting.set(id, waiting);
			this.#arm(id, waiting);
			wire.send({ id, op, ask });
		});
	};

	#arm(id: number, waiting: Waiting): void {
		waiting.off();
		waiting.off = this.#needs.clock.after(waiting.ms, () => {
			this.#needs.log("fault", "vault-silent", { op: waiting.op });
			// It may still hold the PIN keys: nobody waits for them any more.
			if (waiting.op === "enter-pin") this.ask("cancel-pin", {}).catch(() => undefined);
			this.#finish(id, no({ code: "vault.unreachable", at: waiting.op }));
		});
	}

	#finish(id: number, end: Result<unknown, VaultFault>): void {
		const waiting = this.#waiting.get(id);
		if (waiting === undefined) return;
		this.#waiting.delete(id);
		waiting.off();
		waiting.done(end);
	}

	#heard(message: unknown): void {
		if (!isReply(message)) throw new TypeError("not a reply of the vault");
		const waiting = this.#waiting.get(message.id);
		// Nobody waits: it came after its deadline.
		if (waiting === undefined) return;
		if ("digits" in message) {
			this.#arm(message.id, waiting);
			waiting.onDigits(message.digits);
		} else this.#finish(message.id, message.ok ? ok(message.answer) : no(message.fault));
	}

	async #connect(): Promise<void> {
		const { socketPath } = this.#needs;
		try {
			const wire = await connectLocal(socketPath, {
				heard: (message) => this.#heard(message),
				closed: (ended) => {
					if (this.#wire !== ended) return;
					this.#lost();
					this.#later();
				},
			});
			if (!this.#open) {
				wire.close();
				return;
			}
			this.#wire = wire;
			this.#failures = 0;
			wire.send({ hello: "terminal" });
			this.#tell(true);
		} catch {
			this.#later();
		}
	}

	#later(): void {
		if (!this.#open) return;
		const { clock, random } = this.#needs;
		const ms = backoff(random, this.#failures, reconnectMs.least, reconnectMs.most);
		this.#failures += 1;
		this.#offRetry = clock.after(ms, () => {
			this.#connect().catch(() => undefined);
		});
	}

	/** The vault is away: whoever waits for it is told. */
	#lost(): void {
		if (this.#wire === undefined) return;
		this.#wire = undefined;
		for (const [id, { op }] of [...this.#waiting])
			this.#finish(id, no({ code: "vault.unreachable", at: op }));
		this.#tell(false);
	}

	#tell(connected: boolean): void {
		this.#needs.log("note", connected ? "vault-there" : "vault-away");
		for (const listener of [...this.#listeners]) listener(connected);
	}
}

function isReply(message: unknown): message is Reply {
	if (typeof message !== "object" || message === null) return false;
	if (!("id" in message) || typeof message.id !== "number") return false;
	if ("digits" in message) return typeof message.digits === "number";
	if (!("ok" in message)) return false;
	if (message.ok === true) return "answer" in message;
	if (message.ok !== false || !("fault" in message)) return false;
	const { fault } = message;
	return typeof fault === "object" && fault !== null && "code" in fault && "at" in fault;
}
