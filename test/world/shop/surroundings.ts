/**
 * What stands around the terminals of a test: an acquirer on its port, and for each counter its wires, its
 * vault and its settings. Only the terminal itself is missing: a test starts it as a process, or in its own.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { caseSwitch, pinKeypad, readBoard } from "../../../drivers/boards/board.ts";
import type { Settings } from "../../../src/contract/settings.ts";
import { unhex } from "../../../src/kit/bytes.ts";
import { silent } from "../../../src/kit/log.ts";
import { closeAll, type Part } from "../../../src/kit/part.ts";
import type { Result } from "../../../src/kit/result.ts";
import { systemCalendar, systemClock } from "../../../src/runtime/clock.ts";
import { writeAtomic } from "../../../src/runtime/files.ts";
import { systemRandom } from "../../../src/runtime/random.ts";
import { provisionVault, Vault } from "../../../src/vault/vault.ts";
import { Acquirer } from "../../../src/world/acquirer/acquirer.ts";
import { readConfig } from "../../../src/world/acquirer/config.ts";
import { issuerOf } from "../../../src/world/cards/deck.ts";
import { makeCertificate } from "../../../src/world/provision/certificates.ts";
import { type Ports, provision } from "../../../src/world/provision/provision.ts";
import { freePorts } from "../../../src/world/shop/ports.ts";
import { Wires } from "../../../src/world/shop/wires.ts";

const needs = { clock: systemClock, random: systemRandom, log: silent };
export const valued = <T>(result: Result<T, { readonly at: string }>): T => {
	if (!result.ok) throw new Error(result.error.at);
	return result.value;
};

export interface SurroundingsNeeds {
	/** How long a terminal waits for the acquirer, ms. */
	readonly answerMs: number;
	/** One unless told; each has a terminal number of its own. */
	readonly counters?: number;
}

/** The surroundings of one terminal. */
export class Place implements Part {
	readonly name = "place";
	/** Its folder: `terminal` and `vault` lie in it. */
	readonly dir: string;
	readonly settings: Settings;
	readonly wires: Wires;
	#vault: Vault | undefined;

	constructor(dir: string, settings: Settings) {
		this.dir = dir;
		this.settings = settings;
		this.wires = new Wires({ folder: join(dir, "w"), clock: systemClock, log: silent });
	}

	get ledgerPath(): string {
		return join(this.dir, "terminal", "ledger.db");
	}
	get vaultSocket(): string {
		return join(this.dir, "vault", "vault.sock");
	}

	async open(): Promise<void> {
		await this.wires.open();
		this.wires.printer.setSlow(0);
		await this.vaultThere(true);
	}

	async close(): Promise<void> {
		await this.vaultThere(false);
		await this.wires.close();
	}

	/** Ends the vault, or starts it again on its own store. */
	async vaultThere(there: boolean): Promise<void> {
		if (!there) {
			await this.#vault?.close();
			this.#vault = undefined;
			return;
		}
		if (this.#vault !== undefined) return;
		const board = valued(readBoard(this.wires.boardFile));
		const folder = join(this.dir, "vault");
		this.#vault = new Vault({
			...{ socketPath: this.vaultSocket, storePath: join(folder, "vault.db") },
			...{ rootKeyPath: join(folder, "root.key"), pinKeys: pinKeypad(board, needs) },
			...{ tamper: caseSwitch(board, needs), pinRate: { burst: 1000, refillMs: 1 } },
			...needs,
		});
		await this.#vault.open();
	}
}

export class Surroundings implements Part {
	readonly name = "surroundings";
	readonly dir = mkdtempSync(join(tmpdir(), "gt-"));
	readonly #needs: SurroundingsNeeds;
	readonly #enrolled: { readonly terminal: string; readonly merchant: string; readonly tmk: Uint8Array }[] =
		[];
	ports: Ports = { acquirer: 0, mqtt: 0, http: 0 };
	places: readonly Place[] = [];
	#acquirer: Acquirer | undefined;

	constructor(given: SurroundingsNeeds) {
		this.#needs = given;
	}

	get acquirer(): Acquirer {
		if (this.#acquirer === undefined) throw new Error("the acquirer is away");
		return this.#acquirer;
	}
	get place(): Place {
		const [first] = this.places;
		if (first === undefined) throw new Error("no place");
		return first;
	}

	async open(): Promise<void> {
		const [acquirer = 0, mqtt = 0, http = 0] = await freePorts(3, systemRandom);
		this.ports = { acquirer, mqtt, http };
		const { answerMs, counters = 1 } = this.#needs;
		const { settings } = await provision({ stateDir: this.dir, ports: this.ports, fresh: true, answerMs });
		for (const { tmk, ...who } of valued(readConfig(join(this.dir, "acquirer", "acquirer.json"))).terminals)
			this.#enrolled.push({ ...who, tmk: unhex(tmk) });
		const places = [new Place(this.dir, settings)];
		for (let n = 1; n < counters; n += 1) places.push(this.#another(settings, n));
		for (const place of places) await place.open();
		this.places = places;
		await this.reach(true);
	}

	async close(): Promise<void> {
		await this.reach(false);
		await closeAll(this.places);
		rmSync(this.dir, { recursive: true, force: true });
	}

	/** The line to the acquirer is refused, or there again. */
	async reach(there: boolean): Promise<void> {
		if (!there) {
			await this.#acquirer?.close();
			this.#acquirer = undefined;
			return;
		}
		if (this.#acquirer !== undefined) return;
		this.#acquirer = new Acquirer({
			...{ port: this.ports.acquirer, booksPath: join(this.dir, "acquirer", "books.db") },
			...{ clock: systemClock, calendar: systemCalendar, random: systemRandom },
			...{ issuers: (pan: string) => issuerOf(pan), enrolled: this.#enrolled },
		});
		await this.#acquirer.open();
	}

	/**
	 * A further terminal of the same shop: its own number, keys and certificate, the same acquirer and cloud.
	 */
	#another(first: Settings, n: number): Place {
		const dir = join(this.dir, `p${n}`);
		for (const folder of ["terminal", "vault"])
			mkdirSync(join(dir, folder), { recursive: true, mode: 0o700 });
		const number = (text: string): string => text.slice(0, -1) + String((Number(text.at(-1)) + n) % 10);
		const settings = {
			...first,
			terminal: number(first.terminal),
			serial: number(first.serial),
			terminalNumber: number(first.terminalNumber),
		};
		const cloud = (file: string): string => readFileSync(join(this.dir, "cloud", file), "utf8");
		const device = makeCertificate({
			...{ kind: "device", name: settings.terminal },
			by: { key: cloud("ca.key"), cert: cloud("ca.crt") },
		});
		writeAtomic(join(dir, "terminal", "device.key"), device.key, 0o600);
		writeAtomic(join(dir, "terminal", "device.crt"), device.cert, 0o644);
		writeAtomic(join(dir, "terminal", "ca.crt"), cloud("ca.crt"), 0o644);
		const tmk = systemRandom.bytes(16);
		this.#enrolled.push({ terminal: settings.terminalNumber, merchant: settings.merchant.number, tmk });
		provisionVault({
			...{ storePath: join(dir, "vault", "vault.db"), rootKeyPath: join(dir, "vault", "root.key") },
			// It wipes the key that it is given.
			tmk: tmk.slice(),
		});
		return new Place(dir, settings);
	}
}
