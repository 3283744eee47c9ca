/**
 * The hand that puts cards into the reader and takes them out; each card of the deck exists once and keeps
 * its counters.
 */
import type { ReaderEmulator } from "../../../drivers/card-reader/emulator.ts";
import type { Random } from "../../kit/random.ts";
import { maskPan } from "../../kit/secret.ts";
import { desFor } from "../../runtime/des.ts";
import type { ChipCard } from "../cards/chip-card.ts";
import { cardFor, type DeckCard, deck } from "../cards/deck.ts";
import { fileStore } from "../cards/memory.ts";
import type { TrayCard } from "./floor.ts";

export interface HandNeeds {
	readonly reader: ReaderEmulator;
	readonly random: Random;
	/** In the hand beside those of the tray. */
	readonly cards: readonly DeckCard[];
	/** Where the cards' counters outlive the shop. */
	readonly memoryFile: string;
	/** A card went in or out. */
	readonly changed: () => void;
	/** What the card itself found: the issuer's cryptogram was good. */
	readonly arpc: (good: boolean) => void;
}

export const trayCards: readonly TrayCard[] = deck.map(
	({ id, name, scheme, pan, pin, cvm, note, balanceFen, colour }) => ({
		...{ id, name, scheme, note, colour, pin, cvm },
		masked: maskPan(pan),
		balance: String(balanceFen),
	}),
);

export class Hand {
	readonly #needs: HandNeeds;
	readonly #cards = new Map<string, ChipCard>();
	#inserted: string | undefined;

	constructor(needs: HandNeeds) {
		this.#needs = needs;
		// Whoever moved it: the card itself may be pulled out by a fault.
		needs.reader.movements(({ present }) => {
			if (!present) this.#inserted = undefined;
			needs.changed();
		});
	}

	get inserted(): string | undefined {
		return this.#inserted;
	}

	/** Takes out what is in, and puts this one in; an unknown card changes nothing. */
	insert(id: string): void {
		const card = this.#card(id);
		if (card === undefined) return;
		this.remove();
		this.#inserted = id;
		this.#needs.reader.insert(card);
	}

	remove(): void {
		this.#needs.reader.remove();
	}

	#card(id: string): ChipCard | undefined {
		const known = this.#cards.get(id);
		if (known !== undefined) return known;
		const row = [...deck, ...this.#needs.cards].find((each) => each.id === id);
		if (row === undefined) return undefined;
		const { random, memoryFile, arpc } = this.#needs;
		const card = cardFor(row, { desFor, random, store: fileStore(memoryFile) });
		card.events((event) => {
			if (event.on === "arpc") arpc(event.accepted);
		});
		this.#cards.set(id, card);
		return card;
	}
}
