/**
 * The whole shop as real processes: acquirer, cloud, boot, vault and terminal, with an emulator at each
 * wire's far end.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DisplayEmulator } from "../../drivers/display/emulator.ts";
import { Audience } from "../../drivers/transport/audience.ts";
import type { Key, Lamp } from "../contract/device.ts";
import { lamps as lampNames } from "../contract/device.ts";
import { type Calendar, stamp } from "../kit/calendar.ts";
import type { Clock } from "../kit/clock.ts";
import { closeAll, openAll, type Part } from "../kit/part.ts";
import type { Random } from "../kit/random.ts";
import { never } from "../kit/result.ts";
import type { Books as HostBooks, Misbehaviour } from "./acquirer/door.ts";
import { RemoteAcquirer } from "./acquirer/remote.ts";
import type { DeckCard } from "./cards/deck.ts";
import { type Provisioned, provision } from "./provision/provision.ts";
import { type FaultId, faultIds, faultTable, type HostRule } from "./shop/faults-table.ts";
import type { Books, Floor, FloorEvent, FloorState, Logged, Slip, TrayCard } from "./shop/floor.ts";
import { Hand, trayCards } from "./shop/hand.ts";
import { PaperRoll } from "./shop/paper-roll.ts";
import { freePorts } from "./shop/ports.ts";
import { type NodeFlags, Programs } from "./shop/programs.ts";
import { acquirerBook, cloudBook, sideBySide, terminalBook } from "./shop/three-books.ts";
import { Watch } from "./shop/watch.ts";
import { buzzerLine, lampLines, Wires } from "./shop/wires.ts";

export interface ShopNeeds {
	/** The checkout: dist/ lies under it. */
	readonly root: string;
	readonly stateDir: string;
	/** Forgets what an earlier run left in the state folder. */
	readonly fresh: boolean;
	/** How long the terminal waits for the acquirer's answer. */
	readonly answerMs: number;
	readonly clock: Clock;
	readonly calendar: Calendar;
	readonly random: Random;
	/** Cards that are not on the tray: a test's own. */
	readonly cards?: readonly DeckCard[];
	readonly nodeFlags?: NodeFlags;
	/** Everything is provisioned and nothing has started: a test puts its taps into the lines. */
	readonly prepared?: (made: Provisioned) => Promise<void>;
	/** What programs say outside their logs: the words of a crash. */
	readonly said: (text: string) => void;
}

/**
 * How often the books are looked up while nobody asks, and a slip's lines are gathered before they are
 * shown.
 */
const every = { booksMs: 1500, slipMs: 40 } as const;

/** What is made when the shop opens and ends with it. */
interface Open {
	readonly provisioned: Provisioned;
	readonly wires: Wires;
	readonly display: DisplayEmulator;
	readonly acquirer: RemoteAcquirer;
	readonly programs: Programs;
	readonly hand: Hand;
}

export class Shop implements Part, Floor {
	readonly name = "shop";
	readonly #needs: ShopNeeds;
	readonly #audience = new Audience<FloorEvent>();
	readonly listen = this.#audience.listen;
	readonly #watch = new Watch();
	readonly #roll: PaperRoll;
	readonly #faults = new Set<FaultId>();
	readonly #slipsDue = new Map<string, Slip>();
	#rules: readonly Misbehaviour[] = [];
	#open: Open | undefined;
	#parts: Part[] = [];
	#offs: (() => void)[] = [];
	#lastBooks: Books | undefined;

	constructor(needs: ShopNeeds) {
		this.#needs = needs;
		this.#roll = new PaperRoll(String(needs.random.below(1_000_000)));
	}

	/**
	 * Resolves when the terminal is ready for its first key; rejects, with everything closed again, when one
	 * part is not.
	 */
	async open(): Promise<void> {
		const { stateDir, fresh, clock, answerMs, random, cards = [], nodeFlags = {} } = this.#needs;
		if (fresh) rmSync(stateDir, { recursive: true, force: true });
		mkdirSync(stateDir, { recursive: true });
		const [acquirerPort = 0, mqtt = 0, http = 0] = await freePorts(3, random);
		const provisioned = await provision({
			stateDir,
			fresh,
			answerMs,
			cards,
			ports: { acquirer: acquirerPort, mqtt, http },
		});
		await this.#needs.prepared?.(provisioned);
		const log = this.#note;
		const wires = new Wires({ folder: join(stateDir, "run"), clock, log });
		const display = new DisplayEmulator({ path: wires.frameFile, width: 320, height: 240, clock });
		const acquirer = new RemoteAcquirer({ configPath: join(stateDir, "acquirer/acquirer.json"), clock });
		const programs = new Programs({
			...{ root: this.#needs.root, state: stateDir, boardFile: wires.boardFile, clock, nodeFlags },
			heard: this.#hear,
			said: this.#needs.said,
			cloudChanged: () => this.#tell({ on: "state" }),
		});
		const hand = new Hand({
			...{ reader: wires.reader, random, cards, memoryFile: join(stateDir, "run/cards.json") },
			changed: () => this.#tell({ on: "state" }),
			arpc: (good) => log("note", "card-arpc", { good }),
		});
		this.#open = { provisioned, wires, display, acquirer, programs, hand };
		this.#attend(wires, display);
		const parts = [wires, display, acquirer, programs];
		this.#parts = parts;
		try {
			await openAll(parts);
		} catch (error) {
			await this.close();
			throw error;
		}
		this.#lookUp();
	}

	async close(): Promise<void> {
		for (const off of this.#offs.splice(0)) off();
		const parts = this.#parts;
		this.#parts = [];
		await closeAll(parts);
		this.#open = undefined;
	}

	readonly tray = (): readonly TrayCard[] => trayCards;
	readonly way = (): Watch["way"] => this.#watch.way;
	readonly messages = (): Watch["messages"] => this.#watch.messages;
	readonly paper = (): readonly Slip[] => this.#roll.slips();
	/** Slips that were cut off: the one still under the head is not among them. */
	readonly wholeSlips = (): readonly Slip[] => this.#roll.whole();
	readonly lastBooks = (): Books | undefined => this.#lastBooks;
	readonly frame = (): Uint8ClampedArray | undefined => this.#open?.display.frame();
	readonly portal = (): string => `http://127.0.0.1:${this.#open?.provisioned.ports.http ?? 0}/`;

	readonly state = (): FloorState => {
		const open = this.#open;
		const lit = (lamp: Lamp): boolean => open?.wires.gpio.level(lampLines[lamp]) === 1;
		return {
			lamps: Object.fromEntries(lampNames.map((lamp) => [lamp, lit(lamp)])) as Record<Lamp, boolean>,
			inserted: open?.hand.inserted,
			faults: faultIds.filter((id) => this.#faults.has(id)),
			links: {
				...this.#watch.up,
				acquirer: open?.acquirer.pid() !== undefined,
				cloud: open?.programs.cloudUp ?? false,
			},
			...this.#watch.page,
		};
	};

	press(key: Key): boolean {
		return this.#open?.wires.keypad.press(key) ?? false;
	}
	insert(card: string): void {
		this.#open?.hand.insert(card);
	}
	remove(): void {
		this.#open?.hand.remove();
	}

	/**
	 * A fault by its name (shop/faults-table.ts). A power cut is done once; the others stay until they are
	 * mended.
	 */
	async setFault(fault: FaultId, on: boolean): Promise<void> {
		const open = this.#open;
		if (open === undefined) return;
		const { deed } = faultTable[fault];
		if (deed.to === "terminal") {
			if (on) await open.programs.powerCut(() => this.#darken());
			return;
		}
		if (on) this.#faults.add(fault);
		else this.#faults.delete(fault);
		this.#tell({ on: "state" });
		if (deed.to === "acquirer") await this.#rule();
		else if (deed.to === "printer") open.wires.printer.setPaper(on ? "out" : "ok");
		else if (deed.to === "cloud") await open.programs.cloudAway(on);
		else if (on) open.wires.unplug("reader");
		else await open.wires.plug("reader");
	}

	/** One more rule for the acquirer, beside those of the faults that are on. */
	async hostRule(rule: Misbehaviour): Promise<void> {
		this.#rules = [...this.#rules, rule];
		await this.#rule();
	}

	/** The acquirer's own books: transactions, verdicts, reversals. */
	hostBooks(): Promise<HostBooks> {
		if (this.#open === undefined) return Promise.reject(new Error("the shop is closed"));
		return this.#open.acquirer.books();
	}

	async books(): Promise<Books> {
		const open = this.#open;
		const ledger = terminalBook(join(this.#needs.stateDir, "terminal/ledger.db"));
		const host = await open?.acquirer.books().catch(() => undefined);
		const books = sideBySide(ledger, acquirerBook(host), cloudBook(await this.#askCloud()));
		if (JSON.stringify(books) !== JSON.stringify(this.#lastBooks)) {
			this.#lastBooks = books;
			this.#tell({ on: "books", books });
		}
		return books;
	}

	async #askCloud(): Promise<unknown> {
		const open = this.#open;
		if (open?.programs.cloudUp !== true) return undefined;
		try {
			const asked = await fetch(`${this.portal()}api/terminals/${open.provisioned.terminal}/sales`, {
				signal: AbortSignal.timeout(2000),
			});
			return asked.ok ? await asked.json() : undefined;
		} catch {
			return undefined;
		}
	}

	async #rule(): Promise<void> {
		const open = this.#open;
		if (open === undefined) return;
		await open.acquirer.clear();
		for (const fault of this.#faults) {
			const { deed } = faultTable[fault];
			if (deed.to === "acquirer") await open.acquirer.behave(ruleOf(deed.rule, this.#needs.answerMs));
		}
		for (const rule of this.#rules) await open.acquirer.behave(rule);
	}

	#attend(wires: Wires, display: DisplayEmulator): void {
		this.#offs.push(
			display.listen(() => this.#tell({ on: "frame" })),
			wires.printer.listen((line) => {
				const slip = this.#roll.take(line);
				if (slip !== undefined) this.#showSlip(slip);
			}),
			wires.gpio.listen(({ line, level }) => {
				if (line === buzzerLine) this.#tell({ on: "buzz", sounding: level === 1 });
				else this.#tell({ on: "state" });
			}),
		);
	}

	#showSlip(slip: Slip): void {
		const due = this.#slipsDue.has(slip.id);
		this.#slipsDue.set(slip.id, slip);
		if (due) return;
		this.#needs.clock.after(every.slipMs, () => {
			const last = this.#slipsDue.get(slip.id);
			this.#slipsDue.delete(slip.id);
			if (last !== undefined) this.#tell({ on: "slip", slip: last });
		});
	}

	/** The books, again and again while the shop is open. */
	#lookUp(): void {
		const again = (): void => {
			const off = this.#needs.clock.after(every.booksMs, () => {
				void this.books().then(() => {
					if (this.#parts.length > 0) again();
				}, again);
			});
			this.#offs = [...this.#offs.slice(0, 3), off];
		};
		void this.books();
		again();
	}

	readonly #tell = (event: FloorEvent): void => this.#audience.tell(event);
	readonly #hear = (line: Logged): void => {
		for (const event of this.#watch.hear(line)) this.#tell(event);
	};
	readonly #note = (level: string, event: string, fields = {}): void =>
		this.#hear({ at: stamp(this.#needs.calendar.now()), program: "world", level, event, fields });

	#darken(): void {
		this.#watch.dark();
		this.#tell({ on: "state" });
		this.#tell({ on: "way" });
	}
}

/** The fault's rule in the acquirer's words; "late" counts from its own answer. */
function ruleOf(rule: HostRule, answerMs: number): Misbehaviour {
	switch (rule.do) {
		case "late":
			return { on: rule.on, do: "late", ms: answerMs + (rule.beyondMs ?? 0) };
		case "decline":
			return { on: rule.on, do: "decline", code: rule.code ?? "05" };
		case "silent":
		case "cut-before-answer":
		case "wrong-mac":
			return { on: rule.on, do: rule.do };
		default:
			return never(rule.do);
	}
}
