/**
 * One counter in this process: the real terminal on real wires with its vault and its acquirer, a
 * cashier's hands, and what the screen said.
 */
import { join } from "node:path";
import { readBoard } from "../../../drivers/boards/board.ts";
import { devicesOf } from "../../../drivers/boards/devices.ts";
import { type Key, keys } from "../../../src/contract/device.ts";
import type { Settings } from "../../../src/contract/settings.ts";
import { cardProfileFrom } from "../../../src/kernel/profile.ts";
import type { Calendar } from "../../../src/kit/calendar.ts";
import { sleep } from "../../../src/kit/clock.ts";
import type { Fields, Log } from "../../../src/kit/log.ts";
import { systemCalendar, systemClock } from "../../../src/runtime/clock.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { readJson } from "../../../src/runtime/files.ts";
import { systemRandom } from "../../../src/runtime/random.ts";
import { readDatabase } from "../../../src/runtime/sqlite.ts";
import { Ledger } from "../../../src/terminal/ledger/ledger.ts";
import { readAtlas } from "../../../src/terminal/screen/atlas.ts";
import type { Page } from "../../../src/terminal/screen/page.ts";
import { Terminal } from "../../../src/terminal/terminal.ts";
import type { ChipCard } from "../../../src/world/cards/chip-card.ts";
import { cardFor, deck } from "../../../src/world/cards/deck.ts";
import { type Place, valued } from "../../world/shop/surroundings.ts";

export interface Said {
	readonly page: string;
	readonly text: string;
}
/** Changes to the settings of one start. */
export interface Start {
	readonly waits?: Partial<Settings["waits"]>;
	readonly acquirer?: Partial<Settings["acquirer"]>;
	readonly calendar?: Calendar;
	readonly ledgerPath?: string;
}
type PageName = Page["page"];

/** Long enough that no wait ends by itself unless a test makes it short. */
const waits = { keyMs: 20_000, cardMs: 20_000, pinFirstMs: 20_000, pinBetweenMs: 20_000, resultMs: 8000 };
const patienceMs = 6000;
const atlas = readAtlas("dist/glyphs.bin");
const profile = valued(cardProfileFrom(valued(readJson("firmware-config/profiles/applications.json"))));

/** Every card of the deck once: its counter goes on from one sale to the next. */
const purse = new Map<string, ChipCard>(
	deck.map((row) => [row.id, cardFor(row, { desFor, random: systemRandom })]),
);
export const card = (id: string): ChipCard => {
	const found = purse.get(id);
	if (found === undefined) throw new Error(`no card ${id}`);
	return found;
};

export class Counter {
	readonly place: Place;
	#terminal: Terminal | undefined;
	/** Every page since the last start. */
	said: Said[] = [];
	events: { readonly level: string; readonly event: string; readonly fields: Fields }[] = [];
	/** What the terminal would end its process for. */
	fatal: unknown[] = [];
	#read = 0;

	constructor(place: Place) {
		this.place = place;
	}

	/** Starts the terminal; resolves when it has opened its parts. */
	async start(how: Start = {}): Promise<void> {
		const { place } = this;
		Object.assign(this, { said: [], events: [], fatal: [] });
		this.#read = 0;
		const board = valued(readBoard(place.wires.boardFile));
		const { settings } = place;
		const log: Log = (level, event, fields = {}) => {
			this.events.push({ level, event, fields });
			const { page, text } = fields;
			if (event === "page") this.said.push({ page: String(page), text: String(text) });
		};
		const common = { clock: systemClock, random: systemRandom, log };
		const file = (name: string): string => join(place.dir, "terminal", name);
		const terminal = new Terminal({
			...{ ...common, profile, atlas, version: "0.1.0" },
			settings: {
				...settings,
				waits: { ...waits, ...how.waits },
				acquirer: { ...settings.acquirer, reversalPauseMs: 600, ...how.acquirer },
			},
			calendar: how.calendar ?? systemCalendar,
			devices: devicesOf(board, common),
			sharedKeys: true,
			vaultSocket: place.vaultSocket,
			ledgerPath: how.ledgerPath ?? place.ledgerPath,
			identity: { key: file("device.key"), cert: file("device.crt"), ca: file("ca.crt") },
			fatal: (error) => this.fatal.push(error),
		});
		this.#terminal = terminal;
		await terminal.open();
	}

	/** Starts, reads what a restart tells, and waits until keys are taken. */
	async startIdle(how: Start = {}): Promise<void> {
		await this.start(how);
		const until = systemClock.now() + patienceMs;
		while (this.now.page !== "idle") {
			if (systemClock.now() > until) throw new Error(`not idle:\n${this.#since()}`);
			if (this.now.page === "after-restart") await this.press("confirm");
			await sleep(systemClock, 10);
		}
		this.#read = this.said.length;
	}

	/** As SIGTERM does. Gives how long it took, ms. */
	async stop(): Promise<number> {
		const began = systemClock.now();
		const terminal = this.#terminal;
		this.#terminal = undefined;
		await terminal?.close();
		return systemClock.now() - began;
	}

	/** After a test: out of everybody's way, whatever stood on the screen. */
	async leave(): Promise<void> {
		const { reader, printer } = this.place.wires;
		await this.stop();
		reader.remove();
		reader.calm();
		printer.setCover(false);
		printer.setPaper("ok");
		printer.setJam(false);
		printer.setMute(false);
		printer.tear();
		for (const each of purse.values()) each.mend();
	}

	get now(): Said {
		return this.said.at(-1) ?? { page: "", text: "" };
	}

	/** Waits for a page, read on from the last one seen; then it is the last one seen. */
	async sees(page: PageName, words: RegExp = /(?:)/, ms = patienceMs): Promise<string> {
		const until = systemClock.now() + ms;
		for (;;) {
			const at = this.said.findIndex(
				(said, n) => n >= this.#read && said.page === page && words.test(said.text),
			);
			const found = this.said[at];
			if (found !== undefined) {
				this.#read = at + 1;
				return found.text;
			}
			if (systemClock.now() > until)
				throw new Error(`no ${page} ${words} in:\n${this.#since()}\nfatal: ${this.fatal.join(" ")}`);
			await sleep(systemClock, 5);
		}
	}

	/** Waits until this page stands there now, seen before or not. */
	async stands(page: PageName, words: RegExp): Promise<void> {
		const until = systemClock.now() + patienceMs;
		while (this.now.page !== page || !words.test(this.now.text)) {
			if (systemClock.now() > until) throw new Error(`not at ${page} ${words}:\n${this.#since()}`);
			await sleep(systemClock, 5);
		}
		this.#read = this.said.length;
	}

	/** Waits for what no page tells. */
	async settles(what: string, so: () => boolean): Promise<void> {
		const until = systemClock.now() + patienceMs;
		while (!so()) {
			if (systemClock.now() > until) throw new Error(`not ${what}:\n${this.#since()}`);
			await sleep(systemClock, 10);
		}
	}

	/** Waits until these words are on the paper. */
	prints(words: RegExp): Promise<void> {
		return this.settles(`${words} on the paper`, () => words.test(this.place.wires.printer.text()));
	}

	#since(): string {
		const lines = this.said.map((s, n) => `${n < this.#read ? "  " : "> "}${s.page}: ${s.text}`);
		return lines.slice(-12).join("\n");
	}

	/** Lets time pass and sees that the page has not been left. */
	async stays(page: PageName, ms = 300): Promise<void> {
		await sleep(systemClock, ms);
		if (this.now.page !== page) throw new Error(`left ${page}:\n${this.#since()}`);
	}

	/** Presses keys by name, digits together: "1", "1234 confirm". */
	async press(text: string): Promise<void> {
		const known: readonly string[] = keys;
		const each = text.split(" ").flatMap((word) => (known.includes(word) ? [word] : [...word]));
		for (const key of each) await this.#one(key as Key);
	}

	/** The keys may be changing hands: pressed again until somebody reads them. */
	async #one(key: Key): Promise<void> {
		for (let tries = 0; tries < 150; tries += 1) {
			if (this.place.wires.keypad.press(key)) return;
			await sleep(systemClock, 10);
		}
		throw new Error(`nobody reads the keys at ${this.now.page}`);
	}

	insert(id: string): void {
		this.place.wires.reader.insert(card(id));
	}
	remove(): void {
		this.place.wires.reader.remove();
	}

	/** From idle to the card: amount in fen. */
	async amount(fen: string): Promise<void> {
		await this.press("1");
		await this.sees("amount");
		await this.press(`${fen} confirm`);
		await this.sees("insert-card");
	}

	/** From idle to the PIN page. */
	async toPin(fen: string, id = "unionpay-debit"): Promise<void> {
		await this.amount(fen);
		this.insert(id);
		await this.sees("pin");
	}

	/** From idle to the first word about the money. */
	async sell(fen: string, id = "unionpay-debit", pin = "123456"): Promise<void> {
		await this.toPin(fen, id);
		await this.press(`${pin} confirm`);
		await this.sees("contacting");
	}

	/** From approved to idle. */
	async finish(): Promise<void> {
		await this.#slips();
		await this.home();
	}

	/** From approved to the card that is left in. */
	async finishToCard(): Promise<void> {
		await this.#slips();
		await this.sees("take-card");
	}

	async #slips(): Promise<void> {
		await this.stands("approved", /打印持卡人联/);
		await this.press("confirm");
		await this.stands("approved", /完成/);
		await this.press("confirm");
	}

	/** The ledger between two starts. */
	async withLedger(act: (ledger: Ledger) => void): Promise<void> {
		const ledger = new Ledger(this.place.ledgerPath, systemRandom);
		await ledger.open();
		act(ledger);
		await ledger.close();
	}

	/** The card comes out where it is asked for; idle. */
	async home(): Promise<void> {
		if (this.place.wires.reader.present()) {
			await this.sees("take-card");
			this.remove();
		}
		await this.sees("idle");
	}

	#look<T>(sql: string): readonly T[] {
		const db = readDatabase(this.place.ledgerPath);
		try {
			return db.prepare<[], T>(sql).all();
		} finally {
			db.close();
		}
	}

	/** Every row of the journal. */
	rows(): readonly Row[] {
		return this.#look("select id, trace, state, amount, told, code from sale order by id");
	}
	/** Slips that are not out. */
	unprinted(): number {
		return this.#look("select id from slip where state in ('waiting', 'begun')").length;
	}
	last(): Row {
		const row = this.rows().at(-1);
		if (row === undefined) throw new Error("no row");
		return row;
	}
}

export interface Row {
	readonly id: number;
	readonly trace: number;
	readonly state: string;
	readonly amount: number;
	readonly told: number;
	readonly code: string | null;
}
