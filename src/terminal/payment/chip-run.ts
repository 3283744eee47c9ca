import type {
	Answer,
	Application,
	Ask,
	Candidate,
	DataObjects,
	Dialogue,
	Outcome,
} from "../../kernel/dialogue.ts";
import type { Log } from "../../kit/log.ts";
import { never } from "../../kit/result.ts";
import type { Numbered, OpenedSale } from "./books.ts";
import { requestFrom, slipPart } from "./chip-data.ts";
import type { HostAnswer, SlipFacts } from "./ports.ts";
import { isApproval } from "./sale.ts";
import type { CardRequest, CardRun } from "./sale-run.ts";

/** Who answers the kernel's asks: reader, vault, screen. */
export interface ChipAsks {
	/** Undefined: the card is gone or mute. */
	exchange(command: Uint8Array): Promise<Uint8Array | undefined>;
	random(bytes: number): Uint8Array;
	choose(candidates: readonly Candidate[]): Promise<number | undefined>;
	account(data: DataObjects): void;
	pin(pan: string, emptyAllowed: boolean): Promise<PinTaken>;
}
export interface PinTaken {
	readonly end: "entered" | "empty" | "cancelled" | "timeout" | "unavailable";
	readonly block?: string;
}
export type Begun =
	| { readonly begun: "online"; readonly card: CardRun }
	| { readonly begun: "ended"; readonly outcome: Outcome };
export type SlipOf = (sale: OpenedSale & Numbered, answer: HostAnswer, request: CardRequest) => SlipBase;
type SlipBase = Omit<SlipFacts, keyof ReturnType<typeof slipPart>>;

/** One card's dialogue with the kernel: begun until it asks for the host, finished with the host's answer. */
export class ChipRun {
	readonly #dialogue: Dialogue;
	readonly #asks: ChipAsks;
	readonly #applications: readonly Application[];
	readonly #slipOf: SlipOf;
	readonly #log: Log;
	#block: string | undefined;
	#data: DataObjects = new Map();
	/** The PIN was wanted and could not be asked for. */
	pinUnavailable = false;

	constructor(
		dialogue: Dialogue,
		asks: ChipAsks,
		applications: readonly Application[],
		slipOf: SlipOf,
		log: Log,
	) {
		this.#dialogue = dialogue;
		this.#asks = asks;
		this.#applications = applications;
		this.#slipOf = slipOf;
		this.#log = log;
	}

	async begin(): Promise<Begun> {
		const ask = await this.#until(undefined);
		if (ask.outcome !== undefined) return { begun: "ended", outcome: ask.outcome };
		const request = requestFrom(ask.data, this.#applications, this.#block);
		if (request !== undefined) return { begun: "online", card: this.#card(request) };
		// The card lacks what the message needs: it is finished without the host, and the sale ends before it was
		// sent.
		const outcome = (await this.#until(unable)).outcome;
		if (outcome === undefined) throw new Error("the kernel asked twice for the host");
		return {
			begun: "ended",
			outcome: { end: "not-accepted", why: "missing-data", at: "generate-ac-1", data: outcome.data },
		};
	}

	#card(request: CardRequest): CardRun {
		return {
			request,
			finish: async (answer) => {
				const { outcome } = await this.#until(answer === undefined ? unable : answerOf(answer));
				if (outcome === undefined) throw new Error("the kernel asked twice for the host");
				this.#data = outcome.data;
				this.#log("note", "chip-end", { end: outcome.end, ...facts(outcome.data) });
				return outcome.end === "approved" ? "tc" : outcome.end === "card-gone" ? "gone" : "aac";
			},
			slip: (sale, answer) => ({ ...this.#slipOf(sale, answer, request), ...slipPart(this.#data) }),
		};
	}

	/** Answers the kernel until it asks for the host, or ends. */
	async #until(
		answer: Answer | undefined,
	): Promise<{ readonly data: DataObjects; readonly outcome?: Outcome }> {
		let turn = answer === undefined ? this.#dialogue.next() : this.#dialogue.next(answer);
		while (turn.done !== true) {
			if (turn.value.ask === "host") {
				this.#log("note", "chip-online", facts(turn.value.data));
				return { data: turn.value.data };
			}
			turn = this.#dialogue.next(await this.#answer(turn.value));
		}
		return { data: turn.value.data, outcome: turn.value };
	}

	async #answer(ask: Exclude<Ask, { ask: "host" }>): Promise<Answer> {
		switch (ask.ask) {
			case "apdu": {
				const response = await this.#asks.exchange(ask.command);
				const sw = response?.slice(-2);
				this.#log("trace", "chip-step", { step: ask.step, sw: sw === undefined ? "none" : word(sw) });
				return { of: "apdu", response };
			}
			case "choose":
				return { of: "choose", index: await this.#asks.choose(ask.candidates) };
			case "random":
				return { of: "random", bytes: this.#asks.random(ask.bytes) };
			case "account":
				this.#asks.account(ask.data);
				return { of: "account", go: true };
			case "pin": {
				const taken = await this.#asks.pin(ask.pan, ask.emptyAllowed);
				this.#block = taken.block;
				this.pinUnavailable = taken.end === "unavailable";
				// No sale goes out that would only tell the issuer that our PIN keys are broken.
				return { of: "pin", end: taken.end === "unavailable" ? "cancelled" : taken.end };
			}
			default:
				return never(ask);
		}
	}
}

const word = (sw: Uint8Array): string =>
	[...sw]
		.map((b) => b.toString(16).padStart(2, "0"))
		.join("")
		.toUpperCase();
/** What a log may show of a card's data: results, never the account. */
const facts = (data: DataObjects): Record<string, string> =>
	Object.fromEntries(
		(["95", "9B", "9F34", "9F27", "9F36", "84", "82"] as const).flatMap((tag) => {
			const value = data.get(tag);
			return value === undefined ? [] : [[`t${tag}`, word(value)]];
		}),
	);

/** Z3: a byte may have left and no answer came (EMV 4.4 Book 4, 12.2; unionpay-terminal.md, 7). */
const unable: Answer = {
	of: "host",
	end: "unable",
	arc: "Z3",
	approved: false,
	issuerData: new Uint8Array(0),
};
const answerOf = (answer: HostAnswer): Answer => ({
	of: "host",
	end: "answered",
	arc: answer.code,
	approved: isApproval(answer.code),
	issuerData: answer.chipData,
});
