import type { Listen } from "../../contract/device.ts";

/** A card as its reader sees it: contacts, a reset, and one T=0 command after another. */
export interface Card {
	/** Cold reset: volatile state is gone. Gives the ATR; nothing when the card is mute. */
	reset(): Uint8Array;
	/**
	 * One T=0 TPDU (CLA INS P1 P2 P3 [data]); gives data and SW1 SW2. 61xx and 6Cxx as a T=0 card gives them.
	 * Nothing when the card is mute.
	 */
	transmit(tpdu: Uint8Array): Uint8Array;
	/** Tells that somebody pulls the card out at this moment, in the middle of a command. */
	readonly pulled?: Listen<undefined>;
}
