import type { FaultCode } from "../../contract/faults.ts";
import { hex } from "../../kit/bytes.ts";
import { never } from "../../kit/result.ts";
import type { NotCharged } from "../screen/page.ts";
import { accountContext, type CardOfSale, type JournalRow, type Numbered, type OpenedSale } from "./books.ts";
import { saleEvent } from "./news.ts";
import type { HostAnswer, SaleRequest, SlipFacts } from "./ports.ts";
import type { SaleEffect, SaleInput, SaleState } from "./sale.ts";
import { around, heed, type SessionPorts } from "./session-ports.ts";

/**
 * What the card gave for the request, and how it is finished. Secrets of the track live here and end with it.
 */
export interface CardRequest extends Omit<SaleRequest, "trace" | "batch" | "amount"> {
	/** First six, last four. */
	readonly card: string;
	readonly scheme: string;
	/** F55 of a possible reversal. */
	readonly reversalData: Uint8Array;
}
export interface CardRun {
	readonly request: CardRequest;
	/** Second GENERATE AC and what belongs to it; undefined: no answer came. */
	finish(answer: HostAnswer | undefined): Promise<"tc" | "aac" | "gone">;
	/** The facts of the slip, when the answer is known and the card has finished. */
	slip(sale: OpenedSale & Numbered, answer: HostAnswer): SlipFacts;
}
export type SaleEnd =
	| { readonly end: "approved"; readonly id: number; readonly trace: number; readonly answer: HostAnswer }
	| { readonly end: "declined"; readonly code: string }
	| { readonly end: "not-sent"; readonly code: FaultCode }
	/** The row to be reversed now. */
	| { readonly end: "reversing"; readonly row: JournalRow };

/** One attempt at one sale: its machine, and what its effects need to remember. */
export class SaleRun {
	readonly #ports: SessionPorts;
	readonly #sale: OpenedSale;
	#id: number | undefined;
	#card: CardRun | undefined;
	#sealed = "";
	#noted: (CardOfSale & Numbered) | undefined;
	#state: SaleState;
	#code: FaultCode = "host.unreachable";
	#answer: HostAnswer | undefined;

	/** `row`: the journal's, after a restart. */
	constructor(ports: SessionPorts, sale: OpenedSale, row?: JournalRow) {
		this.#ports = ports;
		this.#sale = sale;
		this.#id = row?.id;
		this.#noted = row;
		this.#state = row === undefined ? { at: "new" } : { at: row.state === "sent" ? "sent" : "opened" };
	}

	/** It ends before the acquirer was asked. */
	abandon(why: NotCharged): Promise<void> {
		return this.drive({ on: "abandon", why });
	}

	/** The cashier has read how it ended: a restart need not tell it again. */
	told(): void {
		this.#ports.books.noteTold(this.#row);
	}

	/** The card asks to go online. Rejects when the journal could not be written: the process must stop then. */
	async online(card: CardRun): Promise<SaleEnd> {
		const { pan, expiry } = card.request;
		const { intent, attempt } = this.#sale;
		const sealed = await this.#ports.accounts.seal({ pan, expiry }, accountContext(intent, attempt));
		if (!sealed.ok) {
			await this.abandon("pin-unavailable");
			return { end: "not-sent", code: sealed.error.code };
		}
		this.#card = card;
		this.#sealed = sealed.value;
		await this.drive({ on: "online" });
		const state = this.#state;
		switch (state.at) {
			case "approved":
				if (this.#answer === undefined) throw new Error("approved without an answer");
				return { end: "approved", id: this.#noteOf.id, trace: this.#noteOf.trace, answer: this.#answer };
			case "declined":
				return { end: "declined", code: state.code };
			case "not-sent":
				return { end: "not-sent", code: this.#code };
			case "reversing":
				return { end: "reversing", row: this.#ports.books.row(this.#noteOf.id) };
			case "new":
			case "opened":
			case "sent":
			case "completing":
			case "cancelled":
				throw new Error(`a sale stopped at ${state.at}`);
			default:
				return never(state);
		}
	}

	/** Feeds the machine and does its effects, until none of them brings an input. */
	async drive(first: SaleInput): Promise<void> {
		let input: SaleInput | undefined = first;
		while (input !== undefined) {
			const step = this.#ports.machines.sale(this.#state, input);
			this.#state = step.state;
			input = undefined;
			for (const effect of step.effects) {
				const came = await around(this.#ports.moment, `sale:${effect.do}`, () => this.#perform(effect));
				if (came !== undefined) input = came;
			}
		}
	}

	get #noteOf(): CardOfSale & Numbered {
		if (this.#noted === undefined) throw new Error("a sale without its numbers");
		return this.#noted;
	}
	get #row(): number {
		if (this.#id === undefined) throw new Error("a sale without its row");
		return this.#id;
	}
	get #running(): CardRun {
		if (this.#card === undefined) throw new Error("a sale without its card");
		return this.#card;
	}
	get #whole(): OpenedSale & CardOfSale & Numbered {
		return { ...this.#sale, ...this.#noteOf };
	}

	async #perform(effect: SaleEffect): Promise<SaleInput | undefined> {
		if (effect.do === "send") return this.#send();
		if (effect.do === "finish-card") return { on: "card", end: await this.#running.finish(effect.answer) };
		if (effect.do === "tell") this.#ports.news.sale(effect.what, this.#sale.amount, this.#sale.attempt);
		else this.#note(effect);
		return undefined;
	}

	#note(effect: Exclude<SaleEffect, { do: "send" | "finish-card" | "tell" }>): void {
		const { books } = this.#ports;
		switch (effect.do) {
			case "note-opened":
				this.#id = books.noteOpened(this.#sale);
				return;
			case "note-sent": {
				const card = this.#cardOfSale();
				this.#noted = { ...card, ...books.noteSent(this.#row, card) };
				return;
			}
			case "note-approved": {
				const { answer } = effect;
				this.#answer = answer;
				const slip = this.#running.slip(this.#whole, answer);
				books.noteApproved(this.#row, answer, slip, saleEvent(this.#whole, "approved", answer));
				return;
			}
			case "note-declined":
				books.noteDeclined(this.#row, effect.answer, saleEvent(this.#whole, "declined", effect.answer));
				return;
			case "note-not-sent":
				books.noteNotSent(this.#row);
				return;
			case "note-cancelled":
				books.noteCancelled(this.#row);
				return;
			case "arm-reversal":
				books.armReversal(
					this.#row,
					effect.reason,
					effect.authorisation,
					saleEvent(this.#whole, "unresolved"),
				);
				return;
			default:
				never(effect);
		}
	}

	#cardOfSale(): CardOfSale {
		const { request } = this.#running;
		return {
			sealed: this.#sealed,
			card: request.card,
			scheme: request.scheme,
			cardSequence: request.cardSequence,
			pin: request.pinBlock !== undefined,
			reversalData: hex(request.reversalData),
		};
	}

	async #send(): Promise<SaleInput> {
		const { acquirer, news, moment } = this.#ports;
		const { trace, batch } = this.#noteOf;
		const end = await acquirer.sale(
			{ ...this.#running.request, trace, batch, amount: this.#sale.amount },
			(phase) => {
				news.phase(phase);
				if (phase === "waiting") void moment("during", "sale:send");
			},
		);
		if (end.end === "not-sent") this.#code = end.code;
		return { on: "host", end: heed(end, this.#ports.keysRefused) };
	}
}
