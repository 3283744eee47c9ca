import type { Key } from "../../contract/device.ts";
import { limits } from "../../kit/limits.ts";
import type { Page } from "../screen/page.ts";
import type { JournalRow } from "./books.ts";
import { Checkout, type CheckoutPorts } from "./checkout.ts";

/**
 * The counter between sales: idle, menu, amount; and what a restart has to tell before the first key is
 * taken.
 */
export interface TillPorts extends Omit<CheckoutPorts, "tellUntold"> {
	/** Milliseconds since the last try at pending reversals must pass before the background tries again. */
	readonly reversalPauseMs: number;
	readonly signedOff: () => void;
	/** Prints the last sale's slips again. */
	readonly reprint: () => Promise<boolean>;
}

const digit = /^[0-9]$/;

export class Till {
	readonly #p: TillPorts;
	readonly #checkout: Checkout;
	#lastTry = 0;

	constructor(ports: TillPorts) {
		this.#p = ports;
		this.#checkout = new Checkout({ ...ports, tellUntold: () => this.#tellUntold() });
	}

	/**
	 * Finishes what the journal says is unfinished, before a key is taken (design.md, 5.4): opened sales are
	 * closed, sent ones reversed, slips printed; and tells the cashier what became of each.
	 */
	async recover(): Promise<void> {
		const { session, books, view, slips } = this.#p;
		await session.restart();
		if (books.pendingReversals().length > 0) {
			view.show({ page: "starting", doing: "reversal" });
			if (await this.#p.signIn()) await session.reverseAll();
			this.#lastTry = this.#p.clock.now();
		}
		const unprinted = new Set(books.unprinted().map((slip) => slip.sale));
		await this.#tellUntold();
		for (const row of books.pendingReversals()) await this.#tell(row);
		if (unprinted.size > 0) {
			view.show({ page: "starting", doing: "slips" });
			await slips.rest();
		}
		// The first customer need not wait for the working keys of the day.
		await this.#signedIn();
	}

	/** What went wrong with it stands on the screen long enough to be read. */
	async #signedIn(): Promise<void> {
		const { signIn, arrivals, settings } = this.#p;
		if (await signIn()) return;
		arrivals.flushKeys();
		await arrivals.next(settings.waits.resultMs / 2);
	}

	/** What ended without the cashier having read it. */
	async #tellUntold(): Promise<boolean> {
		const untold = this.#p.books.untold();
		for (const row of untold) await this.#tell(row);
		return untold.length > 0;
	}

	async #tell(row: JournalRow): Promise<void> {
		const { view, books, arrivals, settings, log } = this.#p;
		const trace = String(row.trace).padStart(6, "0");
		log("note", "after-restart", { trace, became: this.#becameOf(row) });
		view.show({ page: "after-restart", became: this.#becameOf(row), amount: row.amount, trace });
		// What was typed before it stood there has not read it.
		arrivals.flushKeys();
		for (;;) {
			const arrival = await arrivals.next(settings.waits.keyMs);
			if (arrival?.on === "close") return;
			if (arrival === undefined || arrival.on === "key") break;
		}
		if (row.state !== "reversing") books.noteTold(row.id);
	}

	#becameOf(row: JournalRow): Extract<Page, { page: "after-restart" }>["became"] {
		if (row.state === "reversed" || row.state === "declined") return row.state;
		if (row.state === "reversing") return "unresolved";
		if (row.state !== "approved") return "nothing-sent";
		const left = this.#p.books.slipsOf(row.id).some((s) => s.state === "waiting" || s.state === "begun");
		return left ? "approved-unprinted" : "approved";
	}

	/** Until the process is asked to end. */
	async run(): Promise<void> {
		while (!this.#p.arrivals.closing) await this.#idle();
	}

	async #idle(): Promise<void> {
		const { view, arrivals, settings, slips, reader } = this.#p;
		const page: Page = { page: "idle", merchant: settings.merchant.name };
		view.show(page);
		for (;;) {
			if (slips.due) {
				await slips.rest();
				view.show(page);
			}
			const arrival = await arrivals.next(1000);
			if (arrival === undefined) {
				if (await this.#background()) view.show(page);
				else view.refresh();
				continue;
			}
			if (arrival.on === "close") return;
			// It may have come and gone while somebody else was served.
			if (arrival.on === "card" && arrival.present && reader.present()) return this.#amount();
			if (arrival.on === "key") return this.#pick(arrival.key, "idle");
			view.show(page);
		}
	}

	/** Pending reversals are tried again while nobody is being served. True when the page was changed. */
	async #background(): Promise<boolean> {
		const { books, clock, reversalPauseMs, session } = this.#p;
		if (books.pendingReversals().length === 0 || clock.now() - this.#lastTry < reversalPauseMs)
			return this.#tellUntold();
		if (await this.#p.signIn()) await session.reverseAll();
		this.#lastTry = clock.now();
		await this.#tellUntold();
		return true;
	}

	/** A key chooses at once, without confirm (cashier.md, 1). */
	async #pick(key: Key, from: "idle" | "menu"): Promise<void> {
		const { lights } = this.#p;
		lights.sound("click");
		if (key === "1") return this.#amount();
		if (key === "2") return this.#notAvailable("scan");
		if (key === "function" || (from === "idle" && key === "confirm")) return this.#menu();
		if (from === "idle" || key === "cancel") return;
		if (key === "6") {
			await this.#p.reprint();
			return;
		}
		if (key === "8") {
			this.#p.signedOff();
			return this.#signedIn();
		}
		if (digit.test(key)) return this.#notAvailable("menu-item");
		lights.sound("wrong-key");
	}

	async #menu(): Promise<void> {
		const { view, arrivals, settings } = this.#p;
		view.show({ page: "menu" });
		for (;;) {
			const arrival = await arrivals.next(settings.waits.keyMs);
			if (arrival === undefined || arrival.on === "close") return;
			if (arrival.on === "key") return this.#pick(arrival.key, "menu");
		}
	}

	async #notAvailable(what: "scan" | "menu-item"): Promise<void> {
		const { view, arrivals, lights, settings } = this.#p;
		view.show({ page: "not-available", what });
		lights.sound("wrong-key");
		await arrivals.next(settings.waits.resultMs);
	}

	/** Money is typed in fen (cashier.md, 1). */
	async #amount(): Promise<void> {
		const { view, arrivals, settings, lights } = this.#p;
		let digits = "";
		arrivals.flushKeys();
		for (;;) {
			view.show({ page: "amount", amount: BigInt(digits || "0") });
			const arrival = await arrivals.next(settings.waits.keyMs);
			if (arrival === undefined || arrival.on === "close") return;
			if (arrival.on !== "key") continue;
			const { key } = arrival;
			if (key === "cancel") return;
			const typed = typeAmount(digits, key);
			if (key === "confirm" && digits !== "") return this.#checkout.run(BigInt(digits));
			lights.sound(typed === undefined ? "wrong-key" : "click");
			digits = typed ?? digits;
		}
	}
}

/** The digits after a key; undefined when the key changes nothing. */
function typeAmount(digits: string, key: Key): string | undefined {
	if (key === "clear") return digits === "" ? undefined : digits.slice(0, -1);
	if (!digit.test(key) || digits.length >= limits.amountDigits || (digits === "" && key === "0"))
		return undefined;
	return digits + key;
}
