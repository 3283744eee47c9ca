/**
 * The acquirer's mind: one request in, one answer out, everything proved before it is booked
 * (unionpay-terminal.md, 3 to 8).
 */
import { type Calendar, hourMinuteSecond, monthDay } from "../../kit/calendar.ts";
import type { Random } from "../../kit/random.ts";
import { desFor } from "../../runtime/des.ts";
import type { Message, Value } from "../../spec/iso8583/field.ts";
import {
	readReserved,
	readWorkingKeys,
	type WrappedKey,
	writeReserved,
} from "../../spec/iso8583/unionpay.ts";
import { unionPayMac } from "../../spec/keys/mac.ts";
import { fromField } from "../../spec/money/money.ts";
import { build } from "../../spec/tlv/tlv.ts";
import type { AcquirerBooks, Booked, Key } from "./books.ts";
import { accountOf } from "./books.ts";
import type { Deed, Verified } from "./door.ts";
import { bankOf, type Issuers, organisationOf } from "./issuers.ts";
import { Judge } from "./judge.ts";
import { freshKeys, layoutOf } from "./working-keys.ts";

/** A terminal as the acquirer's register knows it. */
export interface Enrolled {
	readonly terminal: string;
	readonly merchant: string;
	/** Terminal master key, 16 bytes. */
	readonly tmk: Uint8Array;
}
export interface HostNeeds {
	readonly books: AcquirerBooks;
	readonly enrolled: readonly Enrolled[];
	readonly issuers: Issuers;
	readonly calendar: Calendar;
	readonly random: Random;
}
export interface Reply {
	/** Without F64. */
	readonly answer: Message;
	readonly code: string;
	/** Makes F64; absent where no key is agreed on. */
	readonly seal?: (covered: Uint8Array) => Uint8Array;
	readonly verified?: Verified;
}

const acquirerCode = "48982900";
export const deedOf = (mti: string): Deed | undefined =>
	({ "0800": "sign-in", "0200": "sale", "0400": "reversal" })[mti] as Deed | undefined;

export const textOf = (message: Message, field: number): string => {
	const value = message.fields.get(field);
	return typeof value === "string" ? value : "";
};
const bytesOf = (message: Message, field: number): Uint8Array | undefined => {
	const value = message.fields.get(field);
	return value instanceof Uint8Array ? value : undefined;
};

export class Host {
	readonly #needs: HostNeeds;
	readonly #judge: Judge;

	constructor(needs: HostNeeds) {
		this.#needs = needs;
		this.#judge = new Judge(needs);
	}

	/**
	 * Does what the request asks, durably, and gives the answer. `body` is the message as it came, from its MTI
	 * on. `refuse`: F39 of a refusal that a rule wants; nothing is done then.
	 */
	answer(request: Message, body: Uint8Array, refuse?: string): Reply {
		return this.#needs.books.together(() =>
			deedOf(request.mti) === "sign-in"
				? this.#signIn(request, refuse)
				: this.#withMac(request, body, refuse),
		);
	}

	#signIn(request: Message, refuse: string | undefined): Reply {
		const { books, random } = this.#needs;
		const terminal = this.#enrolled(request);
		const f60 = readReserved(textOf(request, 60));
		const code = refuse ?? (terminal === undefined ? "97" : f60.ok ? "00" : "30");
		if (code !== "00" || terminal === undefined || !f60.ok)
			return { code, answer: this.#reply(request, code) };
		books.knowTerminal(terminal.terminal);
		const f62 = freshKeys(layoutOf(f60.value.network ?? ""), terminal.tmk, random);
		books.keepKeys(terminal.terminal, f62);
		const batch = books.terminal(terminal.terminal)?.batch ?? 1;
		const answer = this.#reply(request, code, [
			[60, writeReserved({ ...f60.value, batch })],
			[62, f62],
		]);
		return { code, answer };
	}

	/** Register, MAC, then the deed itself. Without an agreed key there is nothing to seal the answer with. */
	#withMac(request: Message, body: Uint8Array, refuse: string | undefined): Reply {
		const terminal = this.#enrolled(request);
		if (terminal === undefined) return { code: "97", answer: this.#reply(request, "97") };
		const keys = this.#workingKeys(terminal);
		const mak = keys.get("mak");
		const f64 = bytesOf(request, 64);
		const good = mak !== undefined && f64 !== undefined && same(unionPayMac(mak, body.subarray(0, -8)), f64);
		if (!good) return { code: "A0", answer: this.#reply(request, "A0"), verified: { mac: false } };
		const reply =
			request.mti === "0200" ? this.#sale(request, refuse, keys.get("pik")) : this.#reversal(request, refuse);
		return { ...reply, seal: (covered) => unionPayMac(mak, covered) };
	}

	#sale(request: Message, refuse: string | undefined, pik: ReturnType<typeof desFor> | undefined): Reply {
		const { books } = this.#needs;
		const now = this.#needs.calendar.now();
		const f60 = readReserved(textOf(request, 60));
		const amount = fromField(textOf(request, 4));
		const pan = textOf(request, 2);
		if (!f60.ok || !amount.ok || pan === "" || textOf(request, 3) !== "000000")
			return this.#refused(request, f60.ok && amount.ok && pan !== "" ? "40" : "30");
		const key: Key = {
			terminal: textOf(request, 41),
			batch: f60.value.batch,
			trace: Number(textOf(request, 11)),
		};
		if (key.batch !== books.terminal(key.terminal)?.batch) return this.#refused(request, "77");
		const before = books.find(key, monthDay(now));
		if (before !== undefined) {
			const again = before.account === accountOf(pan) && before.amount === amount.value;
			return again ? this.#replay(request, before) : this.#refused(request, "94");
		}
		// Its reversal came first: what comes now is entered as reversed and moves nothing.
		const late = books.reversal(key) !== undefined;
		const judged = this.#judge.sale({ request, pan, amount: amount.value, now, pik });
		const code = refuse ?? (late ? "12" : judged.code);
		const approved = code === "00";
		const entry = {
			...key,
			mti: request.mti,
			pan,
			day: monthDay(now),
			time: hourMinuteSecond(now),
			amount: amount.value,
			code,
			state: approved ? ("booked" as const) : late ? ("reversed" as const) : ("declined" as const),
			reference: hourMinuteSecond(now) + textOf(request, 11),
			authorisation: approved ? this.#authorisation() : "",
			chip: this.#judge.issuerData(pan, request, judged, code),
			verified: { mac: true, ...judged.verified },
		};
		books.enter(entry);
		if (approved) books.move(accountOf(pan), -amount.value);
		return this.#saleReply(request, entry);
	}

	#reversal(request: Message, refuse: string | undefined): Reply {
		const { books } = this.#needs;
		const f60 = readReserved(textOf(request, 60));
		const amount = fromField(textOf(request, 4));
		if (refuse !== undefined || !f60.ok || !amount.ok) return this.#refused(request, refuse ?? "30");
		const key: Key = {
			terminal: textOf(request, 41),
			batch: f60.value.batch,
			trace: Number(textOf(request, 11)),
		};
		const reason = textOf(request, 39);
		const before = books.reversal(key);
		if (before !== undefined) {
			books.remember(key, before);
			return this.#refused(request, before.code);
		}
		const original = books.find(key);
		if (original !== undefined && original.amount !== amount.value) return this.#refused(request, "64");
		if (original !== undefined && original.account !== accountOf(textOf(request, 2)))
			return this.#refused(request, "14");
		const gaveBack = original?.state === "booked";
		if (original !== undefined && gaveBack) {
			books.markReversed(original.id);
			books.move(original.account, original.amount);
		}
		const code = original === undefined ? "25" : "00";
		books.remember(key, { reason, code, gaveBack });
		return this.#refused(request, code);
	}

	#replay(request: Message, before: Booked): Reply {
		return this.#saleReply(request, before);
	}

	#saleReply(request: Message, booked: Omit<Booked, "id" | "account">): Reply {
		const pan = textOf(request, 2);
		const answer = this.#reply(request, booked.code, [
			[12, booked.time],
			[13, booked.day],
			[15, booked.day],
			[37, booked.reference],
			[38, booked.authorisation === "" ? undefined : booked.authorisation],
			[44, bankOf(pan).padEnd(11) + acquirerCode.padEnd(11)],
			[55, booked.chip.length > 0 ? build([["91", booked.chip]]) : undefined],
			[63, organisationOf(pan)],
		]);
		return { code: booked.code, answer, verified: booked.verified };
	}

	/** A bare answer: of a reversal, or a refusal that is not entered. */
	#refused(request: Message, code: string): Reply {
		return { code, answer: this.#reply(request, code), verified: { mac: true } };
	}

	/** What every answer bears: the request's own numbers, the host's time, F32, F37, F39. */
	#reply(
		request: Message,
		code: string,
		more: readonly (readonly [number, Value | undefined])[] = [],
	): Message {
		const now = this.#needs.calendar.now();
		const echoed = [2, 3, 4, 11, 25, 41, 42, 49, 60].map((n) => [n, request.fields.get(n)] as const);
		const fields = new Map<number, Value | undefined>([
			...echoed,
			[12, hourMinuteSecond(now)],
			[13, monthDay(now)],
			...(request.mti === "0800" ? [] : ([[15, monthDay(now)]] as const)),
			[32, acquirerCode],
			[37, hourMinuteSecond(now) + (textOf(request, 11) || "000000")],
			[39, code],
			...more,
		]);
		return {
			mti: String(Number(request.mti) + 10).padStart(4, "0"),
			fields: new Map([...fields].filter((pair): pair is [number, Value] => pair[1] !== undefined)),
		};
	}

	#enrolled(request: Message): Enrolled | undefined {
		return this.#needs.enrolled.find(
			(each) => each.terminal === textOf(request, 41) && each.merchant === textOf(request, 42),
		);
	}

	#workingKeys({ terminal, tmk }: Enrolled): ReadonlyMap<WrappedKey["slot"], ReturnType<typeof desFor>> {
		const f62 = this.#needs.books.terminal(terminal)?.keys;
		const wrapped = f62 === undefined ? undefined : readWorkingKeys(f62);
		if (wrapped?.ok !== true) return new Map();
		const master = desFor(tmk);
		return new Map(wrapped.value.map((key) => [key.slot, desFor(master.decrypt(key.cryptogram))]));
	}

	#authorisation(): string {
		return String(this.#needs.random.below(1_000_000)).padStart(6, "0");
	}
}

const same = (a: Uint8Array, b: Uint8Array): boolean =>
	a.length === b.length && a.every((x, i) => x === b[i]);
