/**
 * A card with two applications, made of two cards of the deck: one directory names both, a SELECT chooses.
 */
import type { CardInSlot } from "../../../drivers/card-reader/emulator.ts";
import { hex } from "../../../src/kit/bytes.ts";

const pse = hex(new TextEncoder().encode("1PAY.SYS.DDF01"));

/** `first` and `second`: each card with its AID, in hex. */
export function twoInOne(
	first: { readonly card: CardInSlot; readonly aid: string },
	second: { readonly card: CardInSlot; readonly aid: string },
): CardInSlot {
	let spoken = first.card;
	let inDirectory = false;
	return {
		reset: () => {
			second.card.reset();
			spoken = first.card;
			return first.card.reset();
		},
		transmit: (tpdu) => {
			const command = hex(tpdu);
			if (command.startsWith("00A40400")) {
				inDirectory = command.includes(pse);
				if (inDirectory) second.card.transmit(tpdu);
				spoken = command.includes(second.aid) ? second.card : first.card;
			}
			// The directory's second record is the first one of the other card.
			if (inDirectory && command.startsWith("00B2020C")) {
				spoken = second.card;
				return second.card.transmit(tpdu.with(2, 1));
			}
			if (inDirectory && command.startsWith("00B2010C")) spoken = first.card;
			return spoken.transmit(tpdu);
		},
	};
}
