import type { CardReader, Keypad, Lights } from "../../contract/device.ts";
import type { FaultCode } from "../../contract/faults.ts";
import type { Settings } from "../../contract/settings.ts";
import type { PinEnd, PinRequest } from "../../contract/vault.ts";
import type { Application, Candidate, DataObjects, Dialogue, Outcome } from "../../kernel/dialogue.ts";
import type { Clock } from "../../kit/clock.ts";
import { limits } from "../../kit/limits.ts";
import type { Log } from "../../kit/log.ts";
import { never } from "../../kit/result.ts";
import { maskPan } from "../../kit/secret.ts";
import type { NotCharged, Page } from "../screen/page.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Books } from "./books.ts";
import { labelOf, panOf, schemeOf } from "./chip-data.ts";
import { type ChipAsks, ChipRun, type PinTaken, type SlipOf } from "./chip-run.ts";
import { mayRetryPin } from "./pages.ts";
import type { SaleEnd, SaleRun } from "./sale-run.ts";
import type { Session } from "./session.ts";
import type { Slips } from "./slips.ts";
import type { View } from "./view.ts";

/**
 * One card sale at the counter: from the amount to the slips, with everything the cashier sees on the way.
 */
export interface CheckoutPorts {
	readonly settings: Settings;
	readonly applications: readonly Application[];
	readonly session: Session;
	readonly books: Books;
	readonly reader: CardReader;
	readonly keypad: Keypad;
	/** Whether the vault takes the PIN from the terminal's own keypad, which is then let go. */
	readonly sharedKeys: boolean;
	readonly pin: PinPort;
	readonly lights: Lights;
	readonly slips: Slips;
	readonly view: View;
	readonly arrivals: Arrivals;
	readonly clock: Clock;
	readonly log: Log;
	readonly randomBytes: (count: number) => Uint8Array;
	/** A new kernel dialogue for this amount. */
	readonly dialogue: (amount: bigint, sequence: number) => Dialogue;
	readonly slipOf: SlipOf;
	readonly intent: () => string;
	/** False while the reader's link is down. */
	readonly readerThere: () => boolean;
	/** Tells the cashier what became of earlier sales, and waits until it was read. True when there was one. */
	readonly tellUntold: () => Promise<boolean>;
	/** Makes sure of today's working keys. False: no sale can be made. */
	readonly signIn: () => Promise<boolean>;
}
export interface PinPort {
	enter(
		request: PinRequest,
		onDigits: (digits: number) => void,
	): Promise<PinEnd | { readonly end: "unavailable" }>;
	cancel(): Promise<void>;
}

export class Checkout {
	readonly #p: CheckoutPorts;

	constructor(ports: CheckoutPorts) {
		this.#p = ports;
	}

	async run(amount: bigint): Promise<void> {
		const { books, session, settings } = this.#p;
		if (!books.roomForSale()) return this.#refuse(amount, "ledger-full");
		if (!(await this.#p.signIn())) return this.#refuse(amount, "signed-off");
		// Nothing new goes online before an unknown result is resolved (reliability.md, R3).
		if (
			(await session.reverseAll()) === "unresolved" &&
			settings.acquirer.dialect.afterReversalTries === "block"
		)
			return this.#refuse(amount, "reversal-pending");
		// Who takes the money again must have read first that it was given back.
		await this.#p.tellUntold();
		const intent = this.#p.intent();
		for (let attempt = 1; attempt <= limits.pinTries; attempt += 1) {
			const again = await this.#attempt(intent, attempt, amount);
			if (!again) break;
		}
		await this.#takeCard();
	}

	/**
	 * One attempt; true when the host found the PIN wrong and another may follow: a new trace, a new card
	 * session.
	 */
	async #attempt(intent: string, attempt: number, amount: bigint): Promise<boolean> {
		const { session, settings, view } = this.#p;
		const sale = await session.open(intent, attempt, amount, settings.operator);
		const given = attempt === 1 ? await this.#card(amount) : undefined;
		if (given !== undefined) return this.#abandoned(sale, given);
		view.show({ page: "reading", amount });
		const powered = await this.#p.reader.powerOn();
		if (!powered.ok) return this.#abandoned(sale, whyUnpowered[powered.error.code] ?? "card-unreadable");
		const triesLeft = attempt === 1 ? undefined : limits.pinTries - attempt + 1;
		const run = new ChipRun(
			this.#p.dialogue(amount, attempt),
			this.#asks(amount, triesLeft),
			this.#p.applications,
			this.#p.slipOf,
			this.#p.log,
		);
		const begun = await run.begin();
		if (begun.begun === "ended")
			return this.#abandoned(sale, run.pinUnavailable ? "pin-unavailable" : this.#why(begun.outcome));
		// Asked to end before anything was sent: nothing is sent any more.
		if (this.#p.arrivals.closing) return this.#abandoned(sale, "cancelled");
		const end = await sale.online(begun.card);
		// Not waited for: the result is on the screen, and its keys count from now on.
		const off = this.#p.reader.powerOff();
		const again = await this.#ended(end, amount, attempt);
		await off;
		if (end.end !== "reversing" || this.#p.books.row(end.row.id).state === "reversed") this.#told(sale);
		return again;
	}

	/** Whoever had the page taken away by the end of the process is told again after the restart. */
	#told(sale: SaleRun): void {
		if (!this.#p.arrivals.closing) sale.told();
	}

	/** The PIN entry ends as cancelled when the card is taken out, too. */
	#why(outcome: Outcome): NotCharged {
		const why = whyEnded(outcome);
		return why === "cancelled" && !this.#p.reader.present() ? "card-removed" : why;
	}

	async #abandoned(sale: SaleRun, why: NotCharged): Promise<false> {
		await sale.abandon(why);
		await this.#readResult("refused");
		this.#told(sale);
		return false;
	}

	async #ended(end: SaleEnd, amount: bigint, attempt: number): Promise<boolean> {
		const { session, lights, view, arrivals, reader } = this.#p;
		switch (end.end) {
			case "approved":
				lights.sound("good");
				await this.#slips(end, amount);
				return false;
			case "declined": {
				if (mayRetryPin(end.code, attempt, reader.present())) {
					lights.sound("wrong-key");
					arrivals.flushKeys();
					const arrival = await arrivals.next(this.#p.settings.waits.resultMs / 4);
					if (arrival?.on === "close") return false;
					if (arrival?.on !== "key" || arrival.key !== "cancel") return true;
				}
				// The card may have gone since the page was chosen: it must not ask for another PIN then.
				view.show(() => ({ page: "declined", amount, code: end.code, cardIn: reader.present() }));
				await this.#readResult("refused");
				return false;
			}
			case "not-sent":
				await this.#readResult("refused");
				return false;
			case "reversing":
				// It is armed: the next start sends it.
				if (arrivals.closing) return false;
				await session.reverse(end.row);
				await this.#readResult("refused");
				return false;
			default:
				return never(end);
		}
	}

	/** Both slips; the cardholder's after 确认, or by itself when nobody presses. */
	async #slips(end: Extract<SaleEnd, { end: "approved" }>, amount: bigint): Promise<void> {
		const { books, slips, view, arrivals, settings, reader } = this.#p;
		const [merchant, cardholder] = books.slipsOf(end.id);
		const approved = (
			printing: "merchant" | "cardholder" | "none",
			next: "cardholder-copy" | "finish" | "none",
		): void =>
			view.show(() => ({
				...{ page: "approved", amount, printing, next, cardIn: reader.present() },
				trace: String(end.trace).padStart(6, "0"),
				authorisation: end.answer.authorisation ?? "",
			}));
		approved("merchant", "none");
		if (merchant !== undefined && !(await slips.print(merchant))) return;
		arrivals.flushKeys();
		approved("none", "cardholder-copy");
		await this.#confirmed(settings.waits.resultMs);
		// What is left comes after the restart.
		if (arrivals.closing) return;
		approved("cardholder", "none");
		if (cardholder !== undefined && !(await slips.print(cardholder))) return;
		approved("none", "finish");
		await this.#confirmed(settings.waits.resultMs / 2);
	}

	async #confirmed(ms: number): Promise<void> {
		for (;;) {
			const arrival = await this.#p.arrivals.next(ms);
			if (arrival === undefined || arrival.on === "close") return;
			if (arrival.on === "key" && (arrival.key === "confirm" || arrival.key === "cancel")) return;
			if (arrival.on === "card") this.#p.view.refresh();
		}
	}

	/** Waits for a card. Gives the reason when there is none. */
	async #card(amount: bigint): Promise<NotCharged | undefined> {
		const { reader, arrivals, view, settings, clock, lights } = this.#p;
		arrivals.flushKeys();
		if (reader.present()) return undefined;
		if (!this.#p.readerThere()) return "reader-gone";
		const until = clock.now() + settings.waits.cardMs;
		view.counting(settings.waits.cardMs, (seconds) => ({
			page: "insert-card",
			amount,
			seconds,
			again: false,
		}));
		for (;;) {
			const arrival = await arrivals.next(Math.max(0, until - clock.now()));
			if (arrival === undefined) return "no-card";
			if (arrival.on === "close") return "cancelled";
			if (arrival.on === "card" && !this.#p.readerThere()) return "reader-gone";
			if (arrival.on === "card" && arrival.present) return undefined;
			if (arrival.on === "key" && arrival.key === "cancel") return "cancelled";
			if (arrival.on === "key") lights.sound("wrong-key");
		}
	}

	#asks(amount: bigint, triesLeft: number | undefined): ChipAsks {
		const { reader, view, applications, randomBytes } = this.#p;
		let account: DataObjects = new Map();
		return {
			exchange: async (command) => {
				const answer = await reader.exchange(command);
				return answer.ok ? answer.value : undefined;
			},
			random: randomBytes,
			choose: (candidates) => this.#choose(amount, candidates),
			account: (data) => {
				account = data;
			},
			pin: async (pan, emptyAllowed) => {
				const page = {
					...({ page: "pin", amount, emptyAllowed, card: maskPan(pan) } as const),
					scheme: labelOf(account) || schemeOf(account, applications),
					...(triesLeft === undefined ? {} : { triesLeft }),
				} as const;
				const taken = await this.#pin(panOf(account) || pan, emptyAllowed, page);
				view.show({ page: "reading", amount });
				return taken;
			},
		};
	}

	/** The vault takes the PIN; our keypad is let go while it does. */
	async #pin(
		pan: string,
		emptyAllowed: boolean,
		page: Omit<Extract<Page, { page: "pin" }>, "digits">,
	): Promise<PinTaken> {
		const { keypad, sharedKeys, pin, view, reader, settings, arrivals } = this.#p;
		if (sharedKeys) await keypad.close();
		const offs = [
			reader.listen((event) => {
				if (event.on === "removed" || event.on === "gone") void pin.cancel();
			}),
			arrivals.ending(() => void pin.cancel()),
		];
		try {
			// The page comes with the vault's first word: what is keyed before it has the keys is thrown away.
			const { pinFirstMs, pinBetweenMs } = settings.waits;
			// What happened before anybody listened for it.
			if (!reader.present() || arrivals.closing) return { end: "cancelled" };
			return await pin.enter(
				{ pan, least: 4, most: 12, emptyAllowed, firstMs: pinFirstMs, betweenMs: pinBetweenMs },
				(digits) => view.show({ ...page, digits }),
			);
		} finally {
			for (const off of offs) off();
			if (sharedKeys) await keypad.open();
		}
	}

	async #choose(amount: bigint, candidates: readonly Candidate[]): Promise<number | undefined> {
		const { view, arrivals, settings, lights } = this.#p;
		const labels = candidates.map((c) => c.label);
		view.show({ page: "choose-application", amount, labels });
		for (;;) {
			const arrival = await arrivals.next(settings.waits.keyMs);
			if (arrival === undefined || arrival.on === "close") return undefined;
			if (arrival.on === "card" && !arrival.present) return undefined;
			if (arrival.on !== "key") continue;
			if (arrival.key === "cancel") return undefined;
			const index = arrival.key === "confirm" && labels.length === 1 ? 0 : Number(arrival.key) - 1;
			if (index >= 0 && index < labels.length) return index;
			lights.sound("wrong-key");
		}
	}

	/** The result stays until a key says that it was read (cashier.md, 3). */
	async #readResult(sound: "refused"): Promise<void> {
		const { lights, arrivals, settings } = this.#p;
		lights.sound(sound);
		arrivals.flushKeys();
		for (;;) {
			const arrival = await arrivals.next(settings.waits.keyMs);
			if (arrival === undefined || arrival.on === "key" || arrival.on === "close") return;
			this.#p.view.refresh();
		}
	}

	async #refuse(amount: bigint, why: NotCharged): Promise<void> {
		const { view, reader } = this.#p;
		const open = this.#p.books.pendingReversals()[0];
		view.show(() =>
			why === "reversal-pending" && open !== undefined
				? {
						...{ page: "unresolved", amount: open.amount, cardIn: reader.present() },
						trace: String(open.trace).padStart(6, "0"),
					}
				: { page: "not-charged", amount, why, cardIn: reader.present() },
		);
		await this.#readResult("refused");
		await this.#takeCard();
	}

	/** A card left in is asked for until it is taken. */
	async #takeCard(): Promise<void> {
		const { reader, view, lights, arrivals } = this.#p;
		if (!reader.present()) return;
		view.show({ page: "take-card" });
		lights.sound("card-left");
		while (reader.present()) {
			const arrival = await arrivals.next(5000);
			if (arrival?.on === "close") return;
			if (arrival === undefined) lights.sound("card-left");
		}
	}
}

const whyUnpowered: Readonly<Partial<Record<FaultCode, NotCharged>>> = {
	"device.gone": "reader-gone",
	"reader.no-card": "card-removed",
	"reader.card-removed": "card-removed",
};

function whyEnded(outcome: Outcome): NotCharged {
	switch (outcome.end) {
		case "not-accepted":
			return outcome.why === "bad-answer" ? "card-unreadable" : "card-not-accepted";
		case "cancelled":
			return outcome.why === "pin-timeout" ? "pin-timeout" : "cancelled";
		case "card-gone":
			return "card-removed";
		// The terminal forces every sale online; a card that ends offline all the same has refused.
		case "declined":
		case "approved":
			return "card-declined";
		default:
			return never(outcome);
	}
}
