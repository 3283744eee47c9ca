/** The vault: keys, PIN blocks and MACs behind a local socket, and nothing that gives a key or a PIN away. */
import type { Keypad, Tamper } from "../contract/device.ts";
import type { FaultCode } from "../contract/faults.ts";
import {
	type Asker,
	type CeremonyEvent,
	type CeremonyStep,
	type DownReason,
	mayAsk,
	type Operation,
	type Operations,
	type Reply,
	type VaultFault,
	type VaultStatus,
} from "../contract/vault.ts";
import type { Clock } from "../kit/clock.ts";
import type { Log } from "../kit/log.ts";
import type { Part } from "../kit/part.ts";
import type { Random } from "../kit/random.ts";
import { no, ok, type Result } from "../kit/result.ts";
import { listenLocal, type Wire } from "../runtime/socket.ts";
import { readAsk, readHello, readRequest } from "./asks.ts";
import { ComponentEntry } from "./component-entry.ts";
import { loadBlock } from "./key-block.ts";
import { KeyStore } from "./key-store.ts";
import {
	checkMac,
	makeMac,
	makePinBlock,
	mayTakePin,
	openAccount,
	sealAccount,
	takeWorkingKeys,
} from "./operations.ts";
import { PinEntry } from "./pin-entry.ts";
import { PinRate, type PinRateTerms, usualPinRate } from "./pin-rate.ts";
import { eraseRootKey, readRootKey } from "./root-key.ts";
import { type KnownAnswer, knownAnswers, selfTest, selfTestMs } from "./self-test.ts";

export { provisionVault } from "./provision.ts";

export interface VaultNeeds {
	readonly socketPath: string;
	readonly storePath: string;
	readonly rootKeyPath: string;
	/** The keys on which PINs are typed. Opened for one entry, then let go: another program may share them. */
	readonly pinKeys: Keypad;
	readonly tamper?: Tamper;
	/** Usual: a burst of 10, then one in 30 s. */
	readonly pinRate?: PinRateTerms;
	/** Usual: the published ones. */
	readonly knownAnswers?: readonly KnownAnswer[];
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
}

type Answer<Op extends Operation> = Result<Operations[Op]["answer"], VaultFault>;
type Handlers = {
	readonly [Op in Operation]: (
		ask: Operations[Op]["ask"],
		caller: Caller,
	) => Answer<Op> | Promise<Answer<Op>>;
};
interface Caller {
	readonly wire: Wire;
	readonly id: number;
}
/** What stands while keys stand; gone at a tamper and at a failed self-test. */
interface Live {
	readonly store: KeyStore;
	readonly rate: PinRate;
}
type Down = Pick<VaultStatus, "reason"> & {
	readonly state: "zeroised" | "failed";
	readonly reason: DownReason;
};

export class Vault implements Part {
	readonly name = "vault";
	readonly #needs: VaultNeeds;
	#live: Live | undefined;
	#down: Down = { state: "zeroised", reason: "no-root-key" };
	#refused = 0;
	#server: { close(): Promise<void> } | undefined;
	#entry: { readonly wire: Wire; readonly entry: PinEntry | ComponentEntry } | undefined;
	/** Settles when the PIN keys are let go. */
	#letGo: Promise<unknown> = Promise.resolve();
	#pinKeysSeen = true;
	#offTamper: () => void = () => {};
	#offSelfTest: () => void = () => {};
	readonly #askers = new Map<Wire, Asker>();

	constructor(needs: VaultNeeds) {
		this.#needs = needs;
	}

	/**
	 * Looks at the tamper line first, tests its algorithms, then opens the keys and listens. Throws when the
	 * root key's file is not its owner's alone. Without a root key, or erased, it opens zeroised; when a known
	 * answer comes out wrong, failed.
	 */
	async open(): Promise<void> {
		const { tamper, log, socketPath } = this.#needs;
		if (tamper !== undefined) {
			await tamper.open();
			this.#offTamper = tamper.listen(() => this.zeroise("tamper"));
		}
		if (tamper?.tampered() === true) this.zeroise("tamper");
		else if (this.#testsWell()) this.#live = this.#openKeys();
		this.#testDaily();
		this.#server = await listenLocal(socketPath, {
			heard: (message, wire) => this.#heard(message, wire),
			closed: (wire) => {
				this.#askers.delete(wire);
				if (this.#entry?.wire === wire) this.#entry.entry.stop("cancelled");
			},
		});
		log("note", "vault-ready", { state: this.#live === undefined ? this.#down.state : "ready" });
	}

	async close(): Promise<void> {
		this.#offTamper();
		this.#offSelfTest();
		this.#entry?.entry.stop("cancelled");
		await this.#letGo;
		await this.#server?.close();
		this.#server = undefined;
		this.#live?.rate.note();
		this.#live?.store.close();
		this.#live = undefined;
		await this.#needs.tamper?.close();
	}

	/** Erases everything: the key in memory, then the root key's file, then the rows. May be called twice. */
	zeroise(reason: "tamper" | "technician"): void {
		const { rootKeyPath, storePath, random, log } = this.#needs;
		const live = this.#live;
		this.#live = undefined;
		live?.store.forget();
		this.#entry?.entry.stop("zeroised");
		try {
			eraseRootKey(rootKeyPath);
		} finally {
			// Rows that were never opened are erased too: the file opens under whatever key.
			const store = live?.store ?? KeyStore.open(storePath, new Uint8Array(32), random);
			store.erase(reason);
			this.#down = { state: "zeroised", reason: store.zeroised() ?? reason };
			store.close();
		}
		log("fault", "vault-zeroised", { reason });
	}

	/** Whether every known answer came out. If not, no key is used any more; those at rest stay. */
	#testsWell(): boolean {
		const { random, log } = this.#needs;
		const failed = selfTest(this.#needs.knownAnswers ?? knownAnswers, random);
		for (const algorithm of failed) log("fault", "vault-self-test-failed", { algorithm });
		if (failed.length === 0) return true;
		this.#entry?.entry.stop("failed");
		this.#live?.store.close();
		this.#live = undefined;
		if (this.#down.reason === "no-root-key") this.#down = { state: "failed", reason: "self-test" };
		return false;
	}

	#testDaily(): void {
		this.#offSelfTest = this.#needs.clock.after(selfTestMs, () => {
			this.#testsWell();
			this.#testDaily();
		});
	}

	#openKeys(): Live | undefined {
		const { rootKeyPath, storePath, random, clock, log, pinRate } = this.#needs;
		const root = readRootKey(rootKeyPath);
		// The rows' file tells why, even when no row of it can be read.
		const store = KeyStore.open(storePath, root ?? new Uint8Array(32), random);
		const reason = root === undefined ? (store.zeroised() ?? "no-root-key") : store.zeroised();
		if (reason !== undefined) {
			log("fault", "vault-without-keys", { reason });
			this.#down = { state: "zeroised", reason };
			store.close();
			return undefined;
		}
		const { damaged } = store.check();
		for (const slot of damaged) log("fault", "vault-key-damaged", { slot });
		return { store, rate: new PinRate(pinRate ?? usualPinRate, clock, store) };
	}

	#heard(message: unknown, wire: Wire): void {
		const asker = this.#askers.get(wire);
		if (asker === undefined) {
			const who = readHello(message);
			if (who === undefined) {
				this.#refuse("stranger", "hello", "vault.refused");
				wire.close();
			} else if (who === "terminal" && this.#entry?.entry instanceof ComponentEntry) {
				// It may hear the keys on which components are typed: it comes back when the ceremony is over.
				wire.close();
			} else this.#askers.set(wire, who);
			return;
		}
		const request = readRequest(message);
		if (request === undefined) {
			this.#refuse(asker, "request", "vault.bad-request");
			wire.close();
			return;
		}
		const { id, op, ask } = request;
		this.#answer(asker, op, ask, { wire, id }).then(
			(answer) => {
				if (!answer.ok) this.#refuse(asker, isOperation(op) ? op : "unknown", answer.error.code);
				wire.send(reply(id, answer));
			},
			(error: unknown) => {
				// A bug of ours: the asker must not wait, and the error's own words may quote what they should not.
				this.#needs.log("bug", "vault-threw", { op: op.slice(0, 40), kind: Object(error).constructor.name });
				wire.send(reply(id, no({ code: "vault.refused", at: "internal" })));
			},
		);
	}

	async #answer(
		asker: Asker,
		op: string,
		ask: unknown,
		caller: Caller,
	): Promise<Result<unknown, VaultFault>> {
		if (!isOperation(op)) return no({ code: "vault.bad-request", at: "op" });
		const allowed: readonly Operation[] = mayAsk[asker];
		if (!allowed.includes(op)) return no({ code: "vault.refused", at: op });
		return this.#run(op, ask, caller);
	}

	/** Counts and logs what was not done because it must not be; a device that is away is no refusal. */
	#refuse(asker: string, op: string, code: FaultCode): void {
		if (code !== "vault.refused" && code !== "vault.bad-request") return;
		this.#refused += 1;
		this.#needs.log("fault", "vault-refused", { asker, op, code, count: this.#refused });
	}

	async #run<Op extends Operation>(op: Op, ask: unknown, caller: Caller): Promise<Answer<Op>> {
		const read = readAsk(op, ask);
		return read.ok ? this.#handlers[op](read.value, caller) : read;
	}

	readonly #handlers: Handlers = {
		status: () => ok(this.#status()),
		"import-working-keys": ({ keys }) => this.#with(({ store }) => takeWorkingKeys(store, keys)),
		"drop-working-keys": () =>
			this.#with(({ store }) => {
				store.drop();
				return ok({});
			}),
		mac: (ask) => this.#with(({ store }) => makeMac(store, ask)),
		"verify-mac": (ask) => this.#with(({ store }) => checkMac(store, ask)),
		"enter-pin": (ask, caller) => this.#enterPin(ask, caller),
		"cancel-pin": () =>
			this.#with(() => {
				this.#entry?.entry.stop("cancelled");
				return ok({});
			}),
		"seal-account": ({ account, context }) =>
			this.#with(({ store }) => sealAccount(store, account, context, this.#needs.random)),
		"open-account": ({ sealed, context }) => this.#with(({ store }) => openAccount(store, sealed, context)),
		"key-report": () => ok({ keys: this.#live?.store.check().good ?? [], refused: this.#refused }),
		"load-block": (ask) => this.#with(({ store }) => loadBlock(store, ask)),
		"enter-components": (ask, caller) => this.#enterComponents(ask, caller),
		zeroise: () => {
			this.zeroise("technician");
			return ok({});
		},
	};

	#with<T>(run: (live: Live) => Result<T, VaultFault>): Result<T, VaultFault> {
		if (this.#live !== undefined) return run(this.#live);
		return no({ code: `vault.${this.#down.state}`, at: "keys" });
	}

	#status(): Operations["status"]["answer"] {
		const pinKeys = this.#pinKeysSeen ? "ready" : "gone";
		if (this.#live === undefined)
			return { state: this.#down.state, keys: [], pinKeys, reason: this.#down.reason };
		const keys = this.#live.store.check().good.map(({ slot, kcv }) => ({ slot, kcv }));
		return { state: "ready", keys, pinKeys };
	}

	async #enterComponents(
		ask: Operations["enter-components"]["ask"],
		{ wire, id }: Caller,
	): Promise<Answer<"enter-components">> {
		const { pinKeys: keys, clock, log } = this.#needs;
		const may = this.#with((live) => {
			if (this.#entry !== undefined) return no({ code: "device.busy", at: "enter-components" });
			if ([...this.#askers.values()].includes("terminal")) return no({ code: "device.busy", at: "terminal" });
			return ok(live.store);
		});
		if (!may.ok) return may;
		const told = (ceremony: CeremonyStep): void => wire.send({ id, ceremony } satisfies CeremonyEvent);
		const entry = new ComponentEntry({ keys, clock, store: may.value, ask, told });
		this.#entry = { wire, entry };
		try {
			const taking = entry.take();
			this.#letGo = taking.catch(() => undefined);
			const end = await taking;
			log("note", "vault-key-ceremony", { slot: ask.slot, end: end.ok ? end.value.end : end.error.code });
			return end;
		} finally {
			this.#entry = undefined;
		}
	}

	async #enterPin(ask: Operations["enter-pin"]["ask"], { wire, id }: Caller): Promise<Answer<"enter-pin">> {
		const { slot = "pik" } = ask;
		const may = this.#with(({ store, rate }) => {
			if (this.#entry !== undefined) return no({ code: "device.busy", at: "enter-pin" });
			if (!rate.free()) return no({ code: "vault.too-many-pins", at: "enter-pin" });
			return mayTakePin(store, slot);
		});
		if (!may.ok) return may;
		const entry = new PinEntry({
			keys: this.#needs.pinKeys,
			clock: this.#needs.clock,
			request: ask,
			digits: (digits) => wire.send({ id, digits } satisfies Reply),
		});
		this.#entry = { wire, entry };
		try {
			const taking = entry.take((pin) =>
				this.#with(({ store, rate }) => {
					if (!rate.take()) return no({ code: "vault.too-many-pins", at: "enter-pin" });
					return makePinBlock(store, slot, pin, ask.pan);
				}),
			);
			this.#letGo = taking.catch(() => undefined);
			const taken = await taking;
			this.#pinKeysSeen = taken.ok || taken.error.code !== "device.gone";
			if (!taken.ok) return taken;
			if (taken.value.end !== "entered") return ok({ end: taken.value.end });
			const { made } = taken.value;
			return made.ok ? ok({ end: "entered", ...made.value }) : made;
		} finally {
			this.#entry = undefined;
		}
	}
}

const isOperation = (op: string): op is Operation => {
	const known: readonly string[] = [...mayAsk.terminal, ...mayAsk.technician];
	return known.includes(op);
};

const reply = (id: number, answer: Result<unknown, VaultFault>): Reply =>
	answer.ok ? { id, ok: true, answer: answer.value } : { id, ok: false, fault: answer.error };
