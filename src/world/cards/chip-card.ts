/**
 * A test card in the hand: contacts and T=0 around a payment application, a memory, and faults its owner may
 * set.
 */
import { Audience } from "../../../drivers/transport/audience.ts";
import type { Listen } from "../../contract/device.ts";
import { big, concat, hex, unhex } from "../../kit/bytes.ts";
import { Application, type CardEvent, type Personalisation, type Temper } from "./application.ts";
import type { Card } from "./card.ts";
import { type CardMemory, type CardStore, newMemory } from "./memory.ts";

/**
 * What may go wrong with a card. Commands count from 1 after each reset, GET RESPONSE and repetitions not
 * among them.
 */
export type CardFault =
	/** Pulled out while the reader waits for this command's answer. */
	| { readonly do: "pull"; readonly at: number }
	/** No answer: to reset (0) or from this command on. */
	| { readonly do: "mute"; readonly at: number }
	/** Every command with this INS gets this status word and nothing else happens. */
	| { readonly do: "status"; readonly ins: number; readonly sw: number }
	/** Every cryptogram is an AAC. */
	| { readonly do: "aac" }
	/** Cryptograms that no issuer takes. */
	| { readonly do: "wrong-arqc" }
	| { readonly do: "block-card" }
	| { readonly do: "block-application" };

/** Commands that take data: P3 is Lc. In all others it is Le. */
const takes = new Set([0xa4, 0xa8, 0xae, 0x88, 0x82, 0x20, 0x24, 0x18, 0x1e, 0x16, 0xda]);

export class ChipCard implements Card {
	readonly id: string;
	readonly #card: Personalisation;
	readonly #store: CardStore | undefined;
	readonly #audience = new Audience<CardEvent>();
	readonly #hands = new Audience<undefined>();
	/** Facts of its transactions, for a scenario: "ARPC accepted by the card". */
	readonly events: Listen<CardEvent> = this.#audience.listen;
	readonly pulled: Listen<undefined> = this.#hands.listen;
	#memory: CardMemory;
	#application: Application | undefined;
	#held: Uint8Array | undefined;
	#count = 0;
	#asked: string | undefined;
	#faults: readonly CardFault[] = [];

	constructor(id: string, card: Personalisation, store?: CardStore) {
		this.id = id;
		this.#card = card;
		this.#store = store;
		this.#memory = store?.load(id) ?? newMemory;
	}

	/** Counters and blocks as they stand. */
	memory(): CardMemory {
		return this.#memory;
	}

	/** Sets one more fault; blocks are written into the card as an issuer would. */
	behave(fault: CardFault): void {
		if (fault.do === "block-card") this.#set({ cardBlocked: true });
		else if (fault.do === "block-application") this.#set({ applicationBlocked: true });
		else this.#faults = [fault, ...this.#faults];
	}

	/** As a new card of the same number: no faults, no blocks. The ATC goes on. */
	mend(): void {
		this.#faults = [];
		this.#set({ cardBlocked: false, applicationBlocked: false, pinTries: newMemory.pinTries });
	}

	reset(): Uint8Array {
		this.#count = 0;
		this.#held = undefined;
		this.#asked = undefined;
		this.#application = new Application(
			this.#card,
			{ get: () => this.#memory, set: (change) => this.#set(change) },
			{ tell: (event) => this.#audience.tell(event), temper: () => this.#temper() },
		);
		this.#audience.tell({ on: "reset" });
		return this.#mute() ? new Uint8Array(0) : unhex(this.#card.product.atr);
	}

	transmit(tpdu: Uint8Array): Uint8Array {
		const [cla = 0, ins = 0, p1 = 0, p2 = 0, p3 = 0] = tpdu;
		if (this.#application === undefined || tpdu.length < 4) return new Uint8Array(0);
		if (cla === 0x00 && ins === 0xc0) return this.#getResponse(p3);
		this.#held = undefined;
		const header = hex(tpdu.subarray(0, 4));
		// The same command again, with the length that 6Cxx told.
		if (header !== this.#asked) this.#count += 1;
		this.#asked = undefined;
		if (this.#faults.some((fault) => fault.do === "pull" && fault.at === this.#count)) {
			this.#hands.tell(undefined);
			return new Uint8Array(0);
		}
		if (this.#mute()) return new Uint8Array(0);
		const forced = this.#faults.find((fault) => fault.do === "status" && fault.ins === ins);
		if (forced?.do === "status") return big(forced.sw, 2);
		if (!takes.has(ins)) {
			const { data, sw } = this.#application.hear({ cla, ins, p1, p2, data: new Uint8Array(0) });
			if (data.length === 0 || data.length === (p3 === 0 ? 256 : p3)) return concat(data, big(sw, 2));
			this.#asked = header;
			return Uint8Array.of(0x6c, data.length & 0xff);
		}
		if (tpdu.length !== 5 + p3) return big(0x6700, 2);
		const { data, sw } = this.#application.hear({ cla, ins, p1, p2, data: tpdu.slice(5) });
		if (data.length === 0) return big(sw, 2);
		this.#held = data;
		// A warning stands before the data are fetched (EMV 4.4 Book 1, 9.3.1.2).
		return sw === 0x9000 ? Uint8Array.of(0x61, data.length & 0xff) : big(sw, 2);
	}

	#getResponse(length: number): Uint8Array {
		const held = this.#held;
		if (this.#mute()) return new Uint8Array(0);
		if (held === undefined) return big(0x6985, 2);
		if (length === 0 || length > held.length) return Uint8Array.of(0x6c, held.length & 0xff);
		const rest = held.subarray(length);
		this.#held = rest.length === 0 ? undefined : rest;
		return concat(
			held.subarray(0, length),
			rest.length === 0 ? big(0x9000, 2) : Uint8Array.of(0x61, rest.length & 0xff),
		);
	}

	#mute(): boolean {
		return this.#faults.some((fault) => fault.do === "mute" && fault.at <= this.#count);
	}

	#temper(): Temper {
		const found = this.#faults.find((fault) => fault.do === "aac" || fault.do === "wrong-arqc");
		return found?.do === "aac" || found?.do === "wrong-arqc" ? found.do : "none";
	}

	#set(change: Partial<CardMemory>): void {
		this.#memory = { ...this.#memory, ...change };
		this.#store?.save(this.id, this.#memory);
	}
}
