/**
 * One counter for the kill test: wires, vault and acquirer stay; the terminal is started, served, killed,
 * started again.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Key } from "../../../src/contract/device.ts";
import { sleep } from "../../../src/kit/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { systemRandom } from "../../../src/runtime/random.ts";
import { readDatabase } from "../../../src/runtime/sqlite.ts";
import type { Acquirer } from "../../../src/world/acquirer/acquirer.ts";
import { cardFor, deck } from "../../../src/world/cards/deck.ts";
import { lineReader, readLogged } from "../../../src/world/shop/logged.ts";
import type { Wires } from "../../../src/world/shop/wires.ts";
import { Surroundings } from "../shop/surroundings.ts";

export interface Said {
	readonly page: string;
	readonly text: string;
}

export class Counter {
	readonly #around = new Surroundings({ answerMs: 700 });
	#child: ChildProcess | undefined;
	#ended: Promise<string> = Promise.resolve("not started");
	/** Pages of the terminal that runs now. */
	said: Said[] = [];
	#ready = false;
	readonly #card = cardFor(deckCard(), { desFor, random: systemRandom });

	get acquirer(): Acquirer {
		return this.#around.acquirer;
	}
	get wires(): Wires {
		return this.#around.place.wires;
	}

	open(): Promise<void> {
		return this.#around.open();
	}

	/** The line to the acquirer is refused, or there again. */
	reach(there: boolean): Promise<void> {
		return this.#around.reach(there);
	}

	async close(): Promise<void> {
		this.#child?.kill("SIGKILL");
		await this.#ended;
		await this.#around.close();
	}

	start(moment = ""): void {
		this.said = [];
		this.#ready = false;
		this.wires.reader.remove();
		const child = spawn(
			process.execPath,
			["test/world/kill/terminal-under-knife.ts", this.#around.dir, this.wires.boardFile, moment],
			{ stdio: ["ignore", "pipe", "inherit"] },
		);
		this.#child = child;
		child.stdout.setEncoding("utf8");
		child.stdout.on(
			"data",
			lineReader((line) => {
				const logged = readLogged(line);
				if (logged?.event === "ready") this.#ready = true;
				const { page, text } = logged?.fields ?? {};
				if (logged?.event === "page") this.said.push({ page: String(page), text: String(text) });
			}),
		);
		this.#ended = new Promise((done) => child.once("exit", (code, signal) => done(signal ?? `exit ${code}`)));
	}

	/** How the process ended; undefined while it runs. */
	async ended(): Promise<string | undefined> {
		return Promise.race([this.#ended, sleep(systemClock, 0).then(() => undefined)]);
	}

	async stop(): Promise<void> {
		this.#child?.kill("SIGTERM");
		await this.#ended;
	}

	/** What a cashier and a cardholder do at each page; until the process dies or the sale is over. */
	async serve(how: { readonly cancel?: boolean } = {}): Promise<"killed" | "over"> {
		const until = systemClock.now() + 20_000;
		let [last, begun, served] = ["", false, false];
		while (systemClock.now() < until) {
			if ((await this.ended()) !== undefined) return "killed";
			const now = this.said.at(-1)?.page ?? "";
			if (now === "idle" && this.#ready) {
				if (served) return "over";
				if (!begun) begun = await this.press("1");
			} else {
				served = begun;
				if (now !== last) await this.#answer(now, how);
			}
			last = now;
			await sleep(systemClock, 15);
		}
		throw new Error(`stuck at ${last}`);
	}

	async #answer(page: string, how: { readonly cancel?: boolean }): Promise<void> {
		if (page === "amount") for (const key of ["1", "2", "3", "4", "confirm"] as const) await this.press(key);
		else if (page === "insert-card" && how.cancel) await this.press("cancel");
		else if (page === "insert-card") this.wires.reader.insert(this.#card);
		else if (page === "pin") for (const key of [..."123456", "confirm"] as Key[]) await this.press(key);
		else if (page === "take-card") this.wires.reader.remove();
		else if (
			["approved", "declined", "not-charged", "reversed", "unresolved", "after-restart"].includes(page)
		) {
			await sleep(systemClock, 60);
			await this.press("confirm");
			if (page === "approved") await this.#approved();
		}
	}

	/** Goes on confirming: the cardholder's copy, the end. */
	async #approved(): Promise<void> {
		for (let i = 0; i < 40 && this.said.at(-1)?.page === "approved"; i += 1) {
			await sleep(systemClock, 50);
			if ((await this.ended()) !== undefined) return;
			await this.press("confirm");
		}
	}

	/** The keys may be changing hands: pressed again until somebody reads them. */
	async press(key: Key): Promise<boolean> {
		for (let tries = 0; tries < 100; tries += 1) {
			if (this.wires.keypad.press(key)) return true;
			if ((await this.ended()) !== undefined) return false;
			await sleep(systemClock, 20);
		}
		return false;
	}

	/** Serves what a restart tells, until the terminal takes keys again. */
	async recovered(): Promise<void> {
		const until = systemClock.now() + 20_000;
		while (systemClock.now() < until) {
			if (this.#ready && this.said.at(-1)?.page === "idle") return;
			const now = this.said.at(-1)?.page ?? "";
			// Other pages pass by themselves while the journal is finished: only this one waits for the cashier.
			if (now === "after-restart") await this.press("confirm");
			await sleep(systemClock, 40);
		}
		throw new Error(`not recovered: ${this.said.map((s) => s.page).join(" ")}`);
	}

	/** Every row of the journal beside the acquirer's word about it. */
	async books(): Promise<readonly Row[]> {
		const host = await this.acquirer.books();
		const db = readDatabase(this.#around.place.ledgerPath);
		const rows = db
			.prepare<[], { trace: number; state: string; amount: number; told: number }>(
				"select trace, state, amount, told from sale order by id",
			)
			.all();
		db.close();
		return rows.map((row) => {
			const stan = String(row.trace).padStart(6, "0");
			const booked = host.transactions.filter((t) => t.stan === stan && t.state === "booked");
			return { ...row, charged: booked.reduce((n, t) => n + Number(t.amount), 0), times: booked.length };
		});
	}
}
export interface Row {
	readonly trace: number;
	readonly state: string;
	readonly amount: number;
	readonly told: number;
	/** Fen that stand at the acquirer under this trace. */
	readonly charged: number;
	readonly times: number;
}

function deckCard(): (typeof deck)[number] {
	const card = deck.find((each) => each.id === "unionpay-debit");
	if (card === undefined) throw new Error("no such card");
	return card;
}
