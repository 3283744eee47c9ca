/** Card verification values: CVV and its kin on stripe, back and chip, the dynamic ones of contactless. */
import { concat, hex, unbig, unhex, xor } from "../../kit/bytes.ts";
import type { DesFor } from "./cipher.ts";
import { digitsOf } from "./digits.ts";
import { retailMac } from "./issuer.ts";

/** What a card verification value stands for. */
export interface CardFacts {
	/** 12 to 19 digits. */
	readonly pan: string;
	/** Four digits, in the order that the product takes: YYMM for CVV, MMYY for CVV2 as a rule. */
	readonly expiry: string;
	/** Three digits: the card's for CVV and CVC; `serviceCodes` for the others. */
	readonly serviceCode: string;
}

/** Service codes that make another value of the same arithmetic. */
export const serviceCodes = { cvv2: "000", icvv: "999" } as const;

/**
 * The cryptogram that the digits are taken from, 8 bytes: PAN, expiry and service code in two blocks, chained
 * under the left half, the last through both halves (Visa card verification value; Mastercard CVC 1 and 2).
 *
 * @param key the pair of card verification keys, 16 bytes. RangeError where a part is not digits of its
 * length.
 */
export const cvvCryptogram = (desFor: DesFor, key: Uint8Array, card: CardFacts): Uint8Array =>
	cvvOver(desFor, key, checked(card));

function checked(card: CardFacts): CardFacts {
	if (!/^\d{12,19}$/.test(card.pan)) throw new RangeError("PAN for a CVV: 12 to 19 digits");
	if (!/^\d{4}$/.test(card.expiry)) throw new RangeError("expiry for a CVV: 4 digits");
	if (!/^\d{3}$/.test(card.serviceCode)) throw new RangeError("service code for a CVV: 3 digits");
	return card;
}

function cvvOver(desFor: DesFor, key: Uint8Array, card: CardFacts): Uint8Array {
	const data = unhex((card.pan + card.expiry + card.serviceCode).padEnd(32, "0"));
	const first = desFor(key.subarray(0, 8)).encrypt(data.subarray(0, 8));
	return desFor(key).encrypt(xor(first, data.subarray(8)));
}

/** CVV or CVC, three digits; with another service code CVV2 or iCVV (`serviceCodes`). */
export const cvv = (desFor: DesFor, key: Uint8Array, card: CardFacts): string =>
	digitsOf(cvvCryptogram(desFor, key, card), 3);

/**
 * Visa's dynamic CVV of contactless magstripe, three digits: the arithmetic of a CVV with the counter's four
 * hex digits in place of the first four of the PAN (US 8387866 B2; vectors of jPOS, JCESecurityModuleTest).
 *
 * @param key the card's own, 16 bytes (option A from the issuer's key). @param atc 9F36, 2 bytes.
 */
export const dcvv = (desFor: DesFor, key: Uint8Array, card: CardFacts, atc: Uint8Array): string =>
	digitsOf(cvvOver(desFor, key, { ...card, pan: hex(atc) + checked(card).pan.slice(4) }), 3);

/**
 * The IVCVC3 that personalisation puts on a card, 2 bytes: the end of a retail MAC over its static track
 * (Mastercard contactless, magstripe mode).
 *
 * @param key the card's CVC3 key, 16 bytes.
 * @param track track 2 as on the card, packed; or track 1 as ASCII.
 */
export const ivCvc3 = (desFor: DesFor, key: Uint8Array, track: Uint8Array): Uint8Array =>
	retailMac(desFor, key, track, "80").slice(6);

/**
 * The dynamic CVC3 as five digits, of which a track takes the last ones that it has room for.
 *
 * @param key the card's CVC3 key, 16 bytes.
 * @param over IVCVC3 (2 bytes), unpredictable number (4 bytes), ATC (2 bytes).
 */
export function cvc3(
	desFor: DesFor,
	key: Uint8Array,
	over: { readonly iv: Uint8Array; readonly unpredictable: Uint8Array; readonly atc: Uint8Array },
): string {
	const block = desFor(key).encrypt(concat(over.iv, over.unpredictable, over.atc));
	return String(unbig(block.subarray(6))).padStart(5, "0");
}
