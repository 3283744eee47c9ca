/** What one contact transaction has learnt so far, and how its phases speak with the card. */
import { big, unhex } from "../../kit/bytes.ts";
import { no, type Result } from "../../kit/result.ts";
import { set } from "../../spec/emv/bits.ts";
import type { Bit } from "../../spec/emv/bits-table.ts";
import { tagEntry } from "../../spec/emv/tags-table.ts";
import { type Response, responseOf } from "../../spec/iso7816/apdu.ts";
import type {
	Answer,
	Application,
	Ask,
	DataObjects,
	NotAccepted,
	Outcome,
	Step,
	Terms,
} from "../dialogue.ts";

/** A part of the dialogue: it asks, is answered, and gives something to the phase that called it. */
export type Asking<T> = Generator<Ask, T, Answer>;
/** What a phase hands on, or how the transaction has ended in it. */
export type Phase<T> = Result<T, Outcome>;

export class Session {
	readonly terms: Terms;
	/** 95, five bytes. */
	readonly tvr = new Uint8Array(5);
	/** 9B, two bytes. */
	readonly tsi = new Uint8Array(2);
	/** The row of the profile that the card's application fits. */
	application: Application | undefined;
	/** What the host said, once it was asked. */
	host: { readonly approved: boolean } | undefined;
	readonly #own = new Map<string, Uint8Array>();
	readonly #card = new Map<string, Uint8Array>();

	constructor(terms: Terms) {
		this.terms = terms;
		for (const given of [terms.terminal, terms.transaction])
			for (const [tag, value] of given) this.#own.set(tag, value);
	}

	/** Forgets what a card's application said, its results included: another one is selected. */
	begin(application: Application): void {
		this.#card.clear();
		this.tvr.fill(0);
		this.tsi.fill(0);
		this.application = application;
		this.give("9F06", unhex(application.aid));
		this.give("9F09", unhex(application.version));
		this.give("9F1B", big(application.floorLimit, 4));
	}

	/** A data object of the terminal or the issuer. */
	give(tag: string, value: Uint8Array): void {
		this.#own.set(tag, value);
	}

	/** A data object of the card. What only a terminal or an issuer gives is not taken from a card. */
	take(tag: string, value: Uint8Array): void {
		const source = tagEntry(tag)?.source ?? "card";
		if (source === "card") this.#card.set(tag, value.slice());
	}

	get(tag: string): Uint8Array | undefined {
		if (tag === "95") return this.tvr;
		if (tag === "9B") return this.tsi;
		return this.#own.get(tag) ?? this.#card.get(tag);
	}

	/** Every object known now, as a copy that later phases do not change. */
	snapshot(): DataObjects {
		const known = new Map([...this.#card, ...this.#own]);
		known.set("95", this.tvr.slice());
		known.set("9B", this.tsi.slice());
		return known;
	}

	/** Sets a bit of the terminal verification results. */
	found(bit: Bit): void {
		set(this.tvr, bit);
	}

	/** Sets a bit of the transaction status information. */
	performed(bit: Bit): void {
		set(this.tsi, bit);
	}

	/** The card was taken or is mute. */
	gone(): Outcome {
		const sent = this.host !== undefined;
		return { end: "card-gone", sent, approved: this.host?.approved ?? false, data: this.snapshot() };
	}

	/** Before the host was asked: the card cannot be used here (Book 4, 11.2). */
	refuse(why: NotAccepted, at: Step): Result<never, Outcome> {
		return no({ end: "not-accepted", why, at, data: this.snapshot() });
	}
}

/** One command and its response; undefined when the card is gone or mute. */
export function* exchange(step: Step, command: Uint8Array): Asking<Response | undefined> {
	const { response } = answered("apdu", yield { ask: "apdu", command, step });
	return response === undefined ? undefined : responseOf(response);
}

/** Unpredictable bytes, exactly as many as were asked for. */
export function* random(bytes: number): Asking<Uint8Array> {
	const given = answered("random", yield { ask: "random", bytes });
	const exact = new Uint8Array(bytes);
	exact.set(given.bytes.subarray(0, bytes));
	return exact;
}

/**
 * The answer to an ask is of its kind, or the terminal around the kernel is wrong: a bug, not a fault of
 * the world.
 */
export function answered<Kind extends Answer["of"]>(
	kind: Kind,
	answer: Answer,
): Extract<Answer, { readonly of: Kind }> {
	if (answer.of !== kind) throw new TypeError(`asked for ${kind}, answered with ${answer.of}`);
	return answer as Extract<Answer, { readonly of: Kind }>;
}
