import { type Devices, type Lamp, lamps } from "../contract/device.ts";
import type { Settings } from "../contract/settings.ts";
import { contact } from "../kernel/contact/contact.ts";
import type { CardProfile } from "../kernel/profile.ts";
import { hex } from "../kit/bytes.ts";
import { type Calendar, stamp, two } from "../kit/calendar.ts";
import { type Clock, within } from "../kit/clock.ts";
import { limits } from "../kit/limits.ts";
import type { Log } from "../kit/log.ts";
import { closeAll, type Part } from "../kit/part.ts";
import type { Random } from "../kit/random.ts";
import { AcquirerDesk } from "./acquirer/acquirer-desk.ts";
import { Fleet, type FleetIdentity } from "./fleet/fleet.ts";
import { DamagedLedger, Ledger } from "./ledger/ledger.ts";
import { Arrivals } from "./payment/arrivals.ts";
import type { SlipOf } from "./payment/chip-run.ts";
import { lampOf } from "./payment/lamps-table.ts";
import { pages } from "./payment/pages.ts";
import { reversalBy } from "./payment/reversal.ts";
import { sale } from "./payment/sale.ts";
import { Session } from "./payment/session.ts";
import type { MomentHook } from "./payment/session-ports.ts";
import { Slips } from "./payment/slips.ts";
import { Till } from "./payment/till.ts";
import { View } from "./payment/view.ts";
import { slip } from "./receipt/slip.ts";
import type { Status } from "./screen/page.ts";
import { type Atlas, Screen } from "./screen/screen.ts";
import { SignIn } from "./sign-in.ts";
import { termsOf } from "./terms.ts";
import { VaultLink } from "./vault/vault-link.ts";
import { accountSeal, hostKeys, pinPort } from "./vault/vault-ports.ts";

/** The terminal: one place where its parts are made and wired; opened in order, closed backwards. */
export interface TerminalNeeds {
	readonly settings: Settings;
	readonly profile: CardProfile;
	readonly atlas: Atlas;
	readonly devices: Devices;
	/** Whether the vault takes the PIN from the terminal's own keypad. */
	readonly sharedKeys: boolean;
	readonly vaultSocket: string;
	readonly ledgerPath: string;
	readonly identity: FleetIdentity;
	readonly clock: Clock;
	readonly calendar: Calendar;
	readonly random: Random;
	readonly log: Log;
	readonly version: string;
	/** Around every effect of the money machines; tests end the process in it. */
	readonly moment?: MomentHook;
	/** The journal could not be written, or a bug was met: the process must end, and boot starts it again. */
	readonly fatal: (error: unknown) => void;
}

export class Terminal implements Part {
	readonly name = "terminal";
	readonly #needs: TerminalNeeds;
	readonly #ledger: Ledger;
	readonly #vault: VaultLink;
	readonly #fleet: Fleet;
	readonly #arrivals: Arrivals;
	readonly #view: View;
	readonly #till: Till;
	#slips: Slips | undefined;
	readonly #parts: readonly Part[];
	readonly #screen: Screen;
	#opened: Part[] = [];
	#running: Promise<void> = Promise.resolve();
	#hostReached = false;
	#closing = false;
	readonly #desk: AcquirerDesk;
	#readerThere = true;
	#lit: Lamp | undefined;

	constructor(needs: TerminalNeeds) {
		const { settings, devices, clock, random, log } = needs;
		this.#needs = needs;
		this.#ledger = new Ledger(needs.ledgerPath, random);
		this.#vault = new VaultLink({ socketPath: needs.vaultSocket, clock, random, log });
		this.#fleet = new Fleet({
			...{
				settings,
				identity: needs.identity,
				outbox: this.#ledger,
				clock,
				random,
				log,
				version: needs.version,
			},
			session: () => this.#ledger.nextFleetSession(),
		});
		this.#screen = new Screen({
			display: devices.display,
			atlas: needs.atlas,
			language: settings.language,
			log,
		});
		this.#arrivals = new Arrivals(clock);
		this.#view = new View(clock, (page) => {
			this.#screen.show(page, this.#status());
			this.#light(lampOf[page.page]);
		});
		const desk = new AcquirerDesk({ settings, keys: hostKeys(this.#vault), clock, log });
		this.#desk = desk;
		const session = this.#session(desk);
		this.#till = this.#makeTill(desk, session);
		this.#parts = [this.#ledger, this.#vault, devices.keypad, devices.reader, devices.printer];
	}

	#session(acquirer: AcquirerDesk): Session {
		const { settings, devices, calendar, moment } = this.#needs;
		const { language } = settings;
		return new Session({
			...{ books: this.#ledger, acquirer, accounts: accountSeal(this.#vault) },
			paper: {
				print: (row, reprint) =>
					this.#printed(
						devices.printer.print({
							id: String(row.slip % 10_000).padStart(4, "0"),
							lines: slip(row.facts, row.copy, { reprint, language, test: true }),
						}),
					),
			},
			ending: () => this.#closing,
			machines: {
				sale,
				reversal: reversalBy({
					endsReversal: settings.acquirer.dialect.endsReversal,
					tries: limits.reversalTries,
				}),
			},
			news: pages({ view: this.#view, reader: devices.reader, settings, reached: this.#reached }),
			keysRefused: () => this.#ledger.noteSignedOff(),
			at: () => stamp(calendar.now()),
			moment: moment ?? (() => Promise.resolve()),
		});
	}

	#makeTill(desk: AcquirerDesk, session: Session): Till {
		const { settings, profile, devices, clock, calendar, random, log, sharedKeys } = this.#needs;
		const view = this.#view;
		const books = this.#ledger;
		const arrivals = this.#arrivals;
		const signIn = new SignIn({
			desk,
			clock,
			ledger: books,
			vault: this.#vault,
			view,
			calendar,
			reached: this.#reached,
		});
		const slips = new Slips({
			...{ books, printer: devices.printer, view, arrivals, clock, keyMs: settings.waits.keyMs },
			printSlip: (row) => session.printSlip(row),
		});
		this.#slips = slips;
		return new Till({
			...{ settings, session, slips, clock, log, books, view, arrivals, sharedKeys },
			readerThere: () => this.#readerThere,
			...{ reader: devices.reader, keypad: devices.keypad, lights: devices.lights },
			applications: profile.applications,
			pin: pinPort(this.#vault),
			randomBytes: random.bytes,
			dialogue: (amount, sequence) => contact(termsOf(settings, profile, calendar.now(), amount, sequence)),
			slipOf: this.#slipOf,
			intent: () => hex(random.bytes(12)),
			signIn: () => signIn.ensure(),
			signedOff: () => books.noteSignedOff(),
			reversalPauseMs: settings.acquirer.reversalPauseMs,
			reprint: () => this.#reprint(slips),
		});
	}

	readonly #reached = (reached: boolean): void => {
		this.#hostReached = reached;
	};

	/** Resolves when the terminal takes keys: the journal is finished by then. */
	async open(): Promise<void> {
		const { devices, log } = this.#needs;
		for (const part of [devices.display, devices.tamper, devices.lights]) await this.#openPart(part);
		this.#view.show({ page: "starting", doing: "devices" });
		if (devices.tamper.tampered()) {
			this.#view.show({ page: "out-of-service", why: "tampered" });
			log("bug", "tampered");
			return;
		}
		this.#listen();
		try {
			for (const part of this.#parts) await this.#openPart(part);
		} catch (error) {
			if (!(error instanceof DamagedLedger)) throw error;
			// Starting again would find the same: it stands still and says so.
			this.#view.show({ page: "out-of-service", why: "ledger" });
			log("bug", "ledger-damaged", { says: reason(error.cause) });
			return;
		}
		if (!this.#closing) this.#running = this.#serve();
	}

	#listen(): void {
		const { devices } = this.#needs;
		devices.tamper.listen(() => this.#needs.fatal(new Error("tampered")));
		devices.keypad.listen((key) => this.#arrivals.push({ on: "key", key }));
		devices.reader.listen((event) => {
			if (event.on === "ready" || event.on === "gone") this.#readerThere = event.on === "ready";
			if (event.on === "inserted") this.#arrivals.push({ on: "card", present: true });
			if (event.on === "removed" || event.on === "gone") this.#arrivals.push({ on: "card", present: false });
		});
		devices.printer.listen((event) => {
			const well =
				event.on === "ready" ||
				(event.on === "status" && event.status.paper !== "out" && !event.status.coverOpen);
			if (!well) return;
			this.#slips?.paperBack();
			this.#arrivals.push({ on: "paper" });
		});
	}

	async #serve(): Promise<void> {
		const { log, fatal } = this.#needs;
		try {
			this.#view.show({ page: "starting", doing: "journal" });
			await this.#till.recover();
			if (this.#closing) return;
			// The cloud's client is slow to load: the first screen, the journal and the first key come before it.
			void this.#openPart(this.#fleet).catch((error: unknown) =>
				log("fault", "fleet-failed", { says: String(error) }),
			);
			log("note", "ready");
			await this.#till.run();
		} catch (error) {
			log("bug", "till-failed", { says: reason(error) });
			fatal(error);
		}
	}

	async #openPart(part: Part): Promise<void> {
		if (this.#closing) return;
		this.#opened.push(part);
		await part.open();
	}

	/**
	 * A printer that never says how a job ended, or not before the process ends: the slip comes again as a
	 * reprint.
	 */
	#printed(job: ReturnType<Devices["printer"]["print"]>): ReturnType<Devices["printer"]["print"]> {
		const { clock } = this.#needs;
		const unknown = { ok: false, error: { code: "device.silent", at: "print" } } as const;
		return new Promise((done, fail) => {
			const late = (): void => done(unknown);
			const offs = [clock.after(limits.printMs, late)];
			const off = this.#arrivals.ending(() => offs.push(clock.after(endWaits.printMs, late)));
			job.then(done, fail).finally(() => {
				off();
				for (const each of offs) each();
			});
		});
	}

	/**
	 * Resolves within two seconds, or within the acquirer's time-out when a sale is out. May be called
	 * while it opens.
	 */
	async close(): Promise<void> {
		this.#closing = true;
		this.#desk.end();
		this.#arrivals.push({ on: "close" });
		await within(this.#needs.clock, endWaits.restMs, this.#running, undefined);
		// Whoever still waits waits for the vault, for a reader, or for a sale's answer: only the last is worth it.
		if (!this.#desk.selling) await this.#vault.close();
		await this.#running;
		this.#view.close();
		const opened = this.#opened;
		this.#opened = [];
		await closeAll(opened);
	}

	#light(lit: Lamp | undefined): void {
		if (lit === this.#lit) return;
		this.#lit = lit;
		for (const lamp of lamps) this.#needs.devices.lights.lamp(lamp, lamp === lit);
	}

	#status(): Status {
		const { settings, calendar } = this.#needs;
		const now = calendar.now();
		const open = this.#ledger.isOpen ? this.#ledger.openCounts() : { unresolved: 0, unprinted: 0 };
		return {
			...open,
			operator: settings.operator,
			time: `${two(now.hour)}:${two(now.minute)}`,
			date: stamp(now).slice(0, 10),
			weekday: now.weekday,
			cloud: this.#fleet.connected(),
			host: this.#hostReached,
		};
	}

	readonly #slipOf: SlipOf = (of, answer, request) => {
		const { settings, calendar } = this.#needs;
		const six = (n: number): string => String(n).padStart(6, "0");
		return {
			merchantName: settings.merchant.name,
			merchantNameEn: settings.merchant.nameEn,
			merchantNumber: settings.merchant.number,
			terminalNumber: settings.terminalNumber,
			operator: of.operator,
			issuer: answer.issuer ?? "",
			acquirer: settings.acquirer.name,
			card: request.card as SlipFactsCard,
			entry: "I",
			kind: "sale",
			scheme: request.scheme,
			batch: six(of.batch),
			trace: six(of.trace),
			authorisation: answer.authorisation ?? "",
			reference: answer.reference ?? "",
			at: slipTime(stamp(calendar.now()), answer),
			amount: String(of.amount),
			remark: answer.remark ?? "",
		};
	};

	async #reprint(slips: Slips): Promise<boolean> {
		const last = this.#ledger.lastApproved();
		if (last === undefined) return false;
		for (const row of this.#ledger.slipsOf(last)) {
			this.#view.show({ page: "starting", doing: "slips" });
			if (!(await slips.print({ ...row, state: "begun" }))) return false;
		}
		return true;
	}
}

/** What an orderly end may take, ms: a slip on its way out; everything but a sale's answer. */
const endWaits = { printMs: 1000, restMs: 1500 } as const;
const reason = (error: unknown): string => (error instanceof Error ? error.message : "unknown");

type SlipFactsCard = ReturnType<SlipOf>["card"];

/** The host's time when it gave one: slips carry the acquirer's clock (reliability.md, fault 22). */
function slipTime(local: string, answer: { readonly time?: string; readonly date?: string }): string {
	const [day = "", time = ""] = local.split("T");
	const pairs = (text: string, by: string): string => text.match(/../g)?.join(by) ?? text;
	const date =
		answer.date === undefined ? day.replaceAll("-", "/") : `${day.slice(0, 4)}/${pairs(answer.date, "/")}`;
	return `${date} ${answer.time === undefined ? time : pairs(answer.time, ":")}`;
}
