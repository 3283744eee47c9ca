/** The issuer's decision on one sale: account, expiry, cryptogram, PIN, balance, in this order. */
import { hex } from "../../kit/bytes.ts";
import { type Moment, shortDate } from "../../kit/calendar.ts";
import type { Message } from "../../spec/iso8583/field.ts";
import type { BlockCipher } from "../../spec/keys/cipher.ts";
import { openFormat0 } from "../../spec/pin/block.ts";
import { objects } from "../../spec/tlv/tlv.ts";
import type { AcquirerBooks } from "./books.ts";
import type { Issuer, Issuers } from "./issuers.ts";

export interface SaleCase {
	readonly request: Message;
	readonly pan: string;
	readonly amount: bigint;
	readonly now: Moment;
	readonly pik: BlockCipher | undefined;
}
export interface Judged {
	/** F39. */
	readonly code: string;
	readonly verified: { readonly pin?: boolean; readonly arqc?: boolean };
}
/** Wrong PINs that an issuer bears; the next try is refused with 38 whatever it is. */
const pinTries = 3;

export class Judge {
	readonly #books: AcquirerBooks;
	readonly #issuers: Issuers;

	constructor({ books, issuers }: { readonly books: AcquirerBooks; readonly issuers: Issuers }) {
		this.#books = books;
		this.#issuers = issuers;
	}

	sale({ request, pan, amount, now, pik }: SaleCase): Judged {
		const issuer = this.#issuers(pan);
		if (issuer === undefined) return { code: "14", verified: {} };
		const tags = tagsOf(request);
		const arqc = tags === undefined ? {} : { arqc: issuer.verify(tags) };
		const refuse = (code: string): Judged => ({ code, verified: arqc });
		const f14 = text(request, 14);
		if (amount === 0n) return refuse("13");
		if (issuer.card.expiry < shortDate(now).slice(0, 4)) return refuse("54");
		if (f14 !== "" && f14 !== issuer.card.expiry) return refuse("54");
		if (text(request, 22).startsWith("05")) {
			if (tags === undefined) return refuse("30");
			if (arqc.arqc !== true) return refuse("59");
			// The card's cryptogram speaks of its own amount: it must be the one that is asked for.
			if (hex(tags.get("9F02") ?? new Uint8Array(0)) !== text(request, 4)) return refuse("13");
		}
		const pin = this.#pin({ request, pan, amount, now, pik }, issuer);
		const verified = { ...arqc, ...(pin.pin === undefined ? {} : { pin: pin.pin }) };
		if (pin.code !== "00") return { code: pin.code, verified };
		const { balance } = this.#books.account(pan, issuer.card.balanceFen);
		return { code: balance < amount ? "51" : "00", verified };
	}

	/** The value of tag 91 for this answer; empty when the card's cryptogram was not proved. */
	issuerData(pan: string, request: Message, { verified }: Judged, code: string): Uint8Array {
		const tags = tagsOf(request);
		const issuer = this.#issuers(pan);
		if (verified.arqc !== true || tags === undefined || issuer === undefined) return new Uint8Array(0);
		return issuer.answer(tags, code);
	}

	#pin({ request, pan, pik }: SaleCase, issuer: Issuer): { readonly code: string; readonly pin?: boolean } {
		const { account, wrongPins } = this.#books.account(pan, issuer.card.balanceFen);
		const block = request.fields.get(52);
		if (!(block instanceof Uint8Array)) return { code: issuer.card.cvm === "pin" ? "55" : "00" };
		if (wrongPins >= pinTries) return { code: "38" };
		if (pik === undefined) return { code: "99", pin: false };
		const clear = pik.decrypt(block);
		const opened = openFormat0(clear, pan);
		clear.fill(0);
		// A block that does not open was made under another key or for another account.
		if (!opened.ok) return { code: "99", pin: false };
		const good = issuer.pinIs(opened.value);
		opened.value.fill(0);
		this.#books.countPin(account, good);
		return { code: good ? "00" : "55", pin: good };
	}
}

const text = (message: Message, field: number): string => {
	const value = message.fields.get(field);
	return typeof value === "string" ? value : "";
};
function tagsOf(request: Message): ReadonlyMap<string, Uint8Array> | undefined {
	const f55 = request.fields.get(55);
	if (!(f55 instanceof Uint8Array)) return undefined;
	const tags = objects(f55, "strict");
	return tags.ok ? tags.value : undefined;
}
