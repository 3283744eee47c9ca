/**
 * A vault with its keypad on real sockets, the key host's end of its keys, and an asker that writes down
 * every byte.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HidKeypad } from "../../drivers/keypad/driver.ts";
import { KeypadEmulator } from "../../drivers/keypad/emulator.ts";
import { openHid } from "../../drivers/transport/hid.ts";
import type { Key, Tamper } from "../../src/contract/device.ts";
import { concat, hex, unhex } from "../../src/kit/bytes.ts";
import { type Clock, HandClock } from "../../src/kit/clock.ts";
import { type Log, silent } from "../../src/kit/log.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { desFor } from "../../src/runtime/des.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { desKcv } from "../../src/spec/keys/kcv.ts";
import { KeyStore } from "../../src/vault/key-store.ts";
import type { PinRateTerms } from "../../src/vault/pin-rate.ts";
import { readRootKey } from "../../src/vault/root-key.ts";
import { provisionVault, Vault, type VaultNeeds } from "../../src/vault/vault.ts";

/** Published with a key download of 40 bytes (vectors/unionpay-keys.json), and a track key of our own. */
export const tmk = "CA5D92598DCA48CE8A4C76361A9269E9";
export const pik = "807A23AD32B36D457AE91FDF927570EA";
export const mak = "5BB5C72CD00B7338";
export const tdk = "4C1F2AB3C4D5E6F70819A2B3C4D5E6F8";

/** A working key as the host sends it. */
export const under = (slot: "pik" | "mak" | "tdk", key: string, kcv?: string): object => {
	const sent = hex(desFor(unhex(tmk)).encrypt(unhex(key)));
	const filled = sent.length === 16 ? sent + "0".repeat(16) : sent;
	return { slot, cryptogram: filled, kcv: kcv ?? hex(desKcv(desFor(unhex(key)))) };
};
export const threeKeys = { keys: [under("pik", pik), under("mak", mak), under("tdk", tdk)] };

const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"] as const;
export const keyMap: Readonly<Record<string, Key>> = {
	...Object.fromEntries(digits.map((digit, i) => [(0x1e + i).toString(16).toUpperCase(), digit])),
	"28": "confirm",
	"29": "cancel",
	"2A": "clear",
	"3A": "function",
};

/** A reply of the vault, as loosely as it may come. */
interface Heard {
	readonly id?: number;
	readonly ok?: boolean;
	readonly answer?: unknown;
	readonly fault?: { readonly code: string; readonly at: string };
	readonly digits?: number;
}

/** Frames as bytes, both ways: `heard` in order, and everything that crossed as one text of hex. */
export class RawAsker {
	readonly #socket: Socket;
	#held: Uint8Array = new Uint8Array(0);
	readonly heard: Heard[] = [];
	readonly bytes: Uint8Array[] = [];
	closed = false;
	#wake: () => void = () => {};
	#id = 0;

	constructor(path: string) {
		this.#socket = connect(path);
		this.#socket.on("data", (chunk: Uint8Array) => {
			this.bytes.push(Uint8Array.from(chunk));
			this.#held = concat(this.#held, chunk);
			while (this.#held.length >= 4) {
				const size = new DataView(this.#held.buffer, this.#held.byteOffset).getUint32(0);
				if (this.#held.length < 4 + size) break;
				this.heard.push(JSON.parse(new TextDecoder().decode(this.#held.subarray(4, 4 + size))));
				this.#held = this.#held.slice(4 + size);
			}
			this.#wake();
		});
		this.#socket.on("error", () => undefined);
		this.#socket.on("close", () => {
			this.closed = true;
			this.#wake();
		});
	}
	raw(bytes: Uint8Array): void {
		this.bytes.push(bytes);
		this.#socket.write(bytes);
	}
	frame(body: string): void {
		const text = new TextEncoder().encode(body);
		const head = new Uint8Array(4);
		new DataView(head.buffer).setUint32(0, text.length);
		this.raw(concat(head, text));
	}
	send(message: unknown): void {
		this.frame(JSON.stringify(message));
	}
	/** Waits until something heard fits, or the connection has ended. */
	async until<T>(look: () => T | undefined): Promise<T> {
		const late = performance.now() + 4000;
		for (;;) {
			const found = look();
			if (found !== undefined) return found;
			if (this.closed) throw new Error("the vault closed the connection");
			if (performance.now() > late) throw new Error(`waited in vain; heard ${JSON.stringify(this.heard)}`);
			await new Promise<void>((done) => {
				const timer = setTimeout(done, 200);
				this.#wake = () => {
					clearTimeout(timer);
					done();
				};
			});
		}
	}
	async ended(): Promise<boolean> {
		return this.until(() => (this.closed ? true : undefined)).catch(() => this.closed);
	}
	/** Sends a request; gives its number. */
	start(op: string, ask: unknown = {}): number {
		this.#id += 1;
		this.send({ id: this.#id, op, ask });
		return this.#id;
	}
	answer(id: number): Promise<Heard> {
		return this.until(() => this.heard.find((m) => m.id === id && "ok" in m));
	}
	/** The answer in one line: "ok {…}" or the fault as "code at". */
	async ask(op: string, ask: unknown = {}): Promise<string> {
		return told(await this.answer(this.start(op, ask)));
	}
	digits(id: number): number[] {
		return this.heard.filter((m) => m.id === id && "digits" in m).map((m) => Number(m.digits));
	}
	end(): void {
		this.#socket.destroy();
	}
}

const told = (reply: Heard): string => {
	if (reply.ok === true) return `ok ${JSON.stringify(reply.answer)}`;
	return `${reply.fault?.code} ${reply.fault?.at}`;
};

/** A tamper line that a test pulls. */
export class TamperLine implements Tamper {
	readonly name = "tamper";
	#broken = false;
	readonly #ears = new Set<(event: { on: "tampered" }) => void>();
	readonly open = (): Promise<void> => Promise.resolve();
	readonly close = (): Promise<void> => Promise.resolve();
	readonly tampered = (): boolean => this.#broken;
	readonly listen = (to: (event: { on: "tampered" }) => void): (() => void) => {
		this.#ears.add(to);
		return () => this.#ears.delete(to);
	};
	pull(): void {
		this.#broken = true;
		for (const ear of this.#ears) ear({ on: "tampered" });
	}
}

interface SceneTerms {
	readonly clock?: Clock;
	readonly pinRate?: PinRateTerms;
	readonly tamper?: Tamper;
	/** Keys taken at once. */
	readonly keys?: boolean;
	readonly knownAnswers?: VaultNeeds["knownAnswers"];
	readonly log?: Log;
}

export class Scene {
	readonly folder = mkdtempSync(join(tmpdir(), "vault-"));
	readonly paths = {
		socketPath: join(this.folder, "vault.sock"),
		storePath: join(this.folder, "vault.db"),
		rootKeyPath: join(this.folder, "root.key"),
	};
	readonly clock = new HandClock();
	readonly keypad = new KeypadEmulator({ path: join(this.folder, "keys.sock"), map: keyMap, log: silent });
	readonly #terms: SceneTerms;
	readonly askers: RawAsker[] = [];
	vault: Vault;

	constructor(terms: SceneTerms = {}) {
		this.#terms = terms;
		this.vault = this.#newVault();
	}
	/** Another driver of the same keys, as the terminal has one. */
	keys(): HidKeypad {
		return new HidKeypad({
			openLine: () => openHid(`unix:${join(this.folder, "keys.sock")}`),
			map: keyMap,
			clock: systemClock,
			random: systemRandom,
			log: silent,
		});
	}
	#newVault(): Vault {
		const { tamper, pinRate, clock, knownAnswers } = this.#terms;
		return new Vault({
			...this.paths,
			pinKeys: this.keys(),
			...(tamper === undefined ? {} : { tamper }),
			...(pinRate === undefined ? {} : { pinRate }),
			...(knownAnswers === undefined ? {} : { knownAnswers }),
			clock: clock ?? this.clock,
			random: systemRandom,
			log: this.#terms.log ?? silent,
		});
	}
	static async open(terms: SceneTerms = {}): Promise<Scene> {
		const scene = new Scene(terms);
		provisionVault({ ...scene.paths, tmk: unhex(tmk) });
		await scene.keypad.open();
		await scene.vault.open();
		if (terms.keys !== false) {
			const host = scene.asker();
			await host.ask("import-working-keys", threeKeys);
			host.end();
		}
		return scene;
	}
	/** The vault's process ends and starts again. */
	async restart(): Promise<void> {
		await this.vault.close();
		this.vault = this.#newVault();
		await this.vault.open();
	}
	asker(hello: unknown = { hello: "terminal" }): RawAsker {
		const asker = new RawAsker(this.paths.socketPath);
		this.askers.push(asker);
		if (hello !== undefined) asker.send(hello);
		return asker;
	}
	/** Every byte of every file in the folder. */
	files(): Uint8Array {
		const names = readdirSync(this.folder).filter((name) => !name.endsWith(".sock"));
		return concat(...names.map((name) => readFileSync(join(this.folder, name))));
	}
	async close(): Promise<void> {
		for (const asker of this.askers) asker.end();
		await this.vault.close();
		await this.keypad.close();
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** Opens the store of a vault that is closed. */
export function withStore<T>(scene: Scene, run: (store: KeyStore) => T): T {
	const root = readRootKey(scene.paths.rootKeyPath);
	if (root === undefined) throw new Error("no root key");
	const store = KeyStore.open(scene.paths.storePath, root, systemRandom);
	try {
		return run(store);
	} finally {
		store.close();
	}
}

/** Runs one act in a scene that is cleared away whatever comes of it. */
export const act = (terms: SceneTerms, play: (scene: Scene) => Promise<void>) => async (): Promise<void> => {
	const scene = await Scene.open(terms);
	try {
		await play(scene);
	} finally {
		await scene.close();
	}
};

/**
 * Whether these bytes stand somewhere: as they are, as hex of either case, as base64 in any of its three
 * phases.
 */
export function standsIn(where: Uint8Array, what: Uint8Array): string | undefined {
	const text = Buffer.from(where).toString("latin1");
	const raw = Buffer.from(what).toString("latin1");
	const forms: Record<string, string> = { raw, hex: hex(what), lower: hex(what).toLowerCase() };
	for (const phase of [0, 1, 2]) {
		const shifted = Buffer.concat([Buffer.alloc(phase), Buffer.from(what)]).toString("base64");
		forms[`base64+${phase}`] = shifted.slice(phase === 0 ? 0 : phase + 1, -4);
	}
	return Object.entries(forms).find(([, form]) => form !== "" && text.includes(form))?.[0];
}
