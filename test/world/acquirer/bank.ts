/**
 * A small bank for tests: two cards with keys of their own, and a terminal that holds its keys as the vault
 * would.
 */

import type { Settings } from "../../../src/contract/settings.ts";
import { concat, equal, hex, latin, unhex } from "../../../src/kit/bytes.ts";
import type { Calendar } from "../../../src/kit/calendar.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Fields } from "../../../src/kit/log.ts";
import { seeded } from "../../../src/kit/random.ts";
import { no, ok } from "../../../src/kit/result.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { applicationCryptogram, cryptogramVersions } from "../../../src/spec/keys/issuer.ts";
import { desKcv } from "../../../src/spec/keys/kcv.ts";
import { unionPayMac } from "../../../src/spec/keys/mac.ts";
import { format0 } from "../../../src/spec/pin/block.ts";
import { build } from "../../../src/spec/tlv/tlv.ts";
import { AcquirerDesk, type HostKeys } from "../../../src/terminal/acquirer/acquirer-desk.ts";
import type { ReversalRequest, SaleRequest } from "../../../src/terminal/payment/ports.ts";
import { Acquirer } from "../../../src/world/acquirer/acquirer.ts";
import type { Issuers } from "../../../src/world/acquirer/issuers.ts";
import { issuerFor } from "../../../src/world/cards/issuer.ts";
import { products } from "../../../src/world/cards/product-table.ts";

export const tmk = unhex("CA5D92598DCA48CE8A4C76361A9269E9");
export const dialect = {
	name: "test",
	tpdu: "6000030000",
	header: "603100310100",
	signInCode: "003",
	compareMerchant: true,
	macless: ["30", "96", "97", "99", "A0"],
	afterReversalTries: "block",
	endsReversal: ["00", "12", "25"],
} as const;
export const settingsFor = (port: number, more: Partial<Settings["acquirer"]> = {}): Settings => ({
	tenant: "t",
	terminal: "gt-1",
	serial: "GT000001",
	language: "zh-CN",
	merchant: { name: "晨光便利店", nameEn: "Chenguang Store", number: "898290070110001" },
	terminalNumber: "10016919",
	operator: "01",
	country: "0156",
	currency: "0156",
	acquirer: {
		...{ host: "127.0.0.1", port, name: "x", connectMs: 1000, answerMs: 400, reversalPauseMs: 1000 },
		dialect,
		...more,
	},
	cloud: { host: "127.0.0.1", port: 1, retryMs: { least: 1, most: 2 } },
	waits: { keyMs: 1, cardMs: 1, pinFirstMs: 1, pinBetweenMs: 1, resultMs: 1 },
	profile: "x",
});

export const calendar: Calendar = {
	now: () => ({ year: 2026, month: 11, day: 24, hour: 9, minute: 41, second: 2, weekday: 2 }),
};

const product = products["unionpay-debit"];
const keys = {
	ac: unhex("0123456789ABCDEFFEDCBA9876543210"),
	smi: unhex("11112222333344445555666677778888"),
};
export const card = {
	pan: "6217970000000005090",
	expiry: "3012",
	balanceFen: 100_000n,
	cvm: "pin",
	pin: "123456",
};
export const expired = { ...card, pan: "6217970000000000000", expiry: "2510" };
const smallBank: Issuers = (pan) => {
	const found = [card, expired].find((each) => each.pan === pan);
	return found && { card: found, ...issuerFor(product, keys, { desFor, pin: found.pin }) };
};

/** The key holder: real DES, in the test instead of the vault's process. */
export class Keys implements HostKeys {
	readonly #working = new Map<string, Uint8Array>();
	async importKeys(wrapped: Parameters<HostKeys["importKeys"]>[0]) {
		const clear = wrapped.map((k) => ({ ...k, key: desFor(tmk).decrypt(k.cryptogram) }));
		const wrong = clear.find((k) => !equal(desKcv(desFor(k.key)), k.kcv));
		if (wrong !== undefined) return no({ code: "vault.wrong-kcv", at: wrong.slot } as const);
		for (const k of clear) this.#working.set(k.slot, k.key);
		return ok(undefined);
	}
	async mac(data: Uint8Array) {
		const key = this.#working.get("mak");
		return key === undefined
			? no({ code: "vault.no-key", at: "mak" } as const)
			: ok(unionPayMac(desFor(key), data));
	}
	async verify(data: Uint8Array, mac: Uint8Array) {
		const made = await this.mac(data);
		return made.ok ? ok(equal(made.value, mac)) : made;
	}
	pinBlock(pin: string, pan: string): string {
		const clear = format0(
			latin(pin).map((d) => d - 0x30),
			pan,
		);
		const key = this.#working.get("pik");
		if (!clear.ok || key === undefined) throw new Error("no PIN block");
		return hex(desFor(key).encrypt(clear.value));
	}
}

/** What the card would put into F55: with a true cryptogram over this amount. */
export function chipData(amount: bigint, hurt = false): Uint8Array {
	const tags = new Map<string, Uint8Array>([
		["9F27", unhex("80")],
		["9F10", unhex("07010103A0A80A010A0100000000")],
		["9F37", unhex("AA0FBE65")],
		["9F36", unhex("0012")],
		["95", unhex("0080048000")],
		["9A", unhex("261124")],
		["9C", unhex("00")],
		["9F02", unhex(String(amount).padStart(12, "0").slice(-12))],
		["5F2A", unhex("0156")],
		["82", unhex("7C00")],
		["9F1A", unhex("0156")],
		["9F03", unhex("000000000000")],
		["9F33", unhex("E040C8")],
	]);
	const made = applicationCryptogram(desFor, cryptogramVersions[product.scheme], keys.ac, tags);
	if (!("cryptogram" in made)) throw new Error(`no ${made.missing}`);
	const arqc = hurt ? made.cryptogram.map((b) => b ^ 1) : made.cryptogram;
	return concat(build([["9F26", arqc]]), build(tags));
}

export const saleOf = (trace: number, amount: bigint, pinBlock?: string): SaleRequest => ({
	...{ trace, batch: 1, amount, pan: card.pan, expiry: card.expiry, cardSequence: 1, entry: "05" },
	track2: `${card.pan}D30122201000000000`,
	...(pinBlock === undefined ? {} : { pinBlock }),
	chipData: chipData(amount),
});
export const reversalOf = (trace: number, amount: bigint): ReversalRequest => ({
	...{ trace, batch: 1, amount, pan: card.pan, expiry: card.expiry, cardSequence: 1, entry: "05" },
	pin: true,
	reason: "98",
	chipData: unhex("950500800480009F36020012"),
});

export interface Counter {
	readonly acquirer: Acquirer;
	readonly desk: AcquirerDesk;
	readonly keys: Keys;
	readonly logged: { readonly event: string; readonly fields: Fields }[];
	readonly phases: string[];
	sale(trace: number, amount: bigint, pin?: string): ReturnType<AcquirerDesk["sale"]>;
	reverse(trace: number, amount: bigint): ReturnType<AcquirerDesk["reverse"]>;
	signIn(): ReturnType<AcquirerDesk["signIn"]>;
}
export interface CounterNeeds {
	readonly booksPath?: string;
	readonly clock?: Clock;
	readonly more?: Partial<Settings["acquirer"]>;
	/** Absent: the two cards of this file. */
	readonly issuers?: Issuers;
}

/** A desk and an acquirer with real TCP between them, signed in; closed when the act is over. */
export async function atCounter(
	act: (counter: Counter) => Promise<void>,
	{ booksPath = ":memory:", clock = systemClock, more = {}, issuers = smallBank }: CounterNeeds = {},
): Promise<void> {
	const acquirer = new Acquirer({
		...{ port: 0, booksPath, issuers, calendar, random: seeded(7), clock: systemClock },
		enrolled: [{ terminal: "10016919", merchant: "898290070110001", tmk }],
	});
	await acquirer.open();
	const logged: { event: string; fields: Fields }[] = [];
	const held = new Keys();
	const desk = new AcquirerDesk({
		settings: settingsFor(acquirer.port(), more),
		keys: held,
		clock,
		log: (_level, event, fields = {}) => logged.push({ event, fields }),
	});
	const phases: string[] = [];
	const phase = (p: string): void => {
		phases.push(p);
	};
	try {
		await act({
			...{ acquirer, desk, keys: held, logged, phases },
			sale: (trace, amount, pin = card.pin) =>
				desk.sale(saleOf(trace, amount, held.pinBlock(pin, card.pan)), phase),
			reverse: (trace, amount) => desk.reverse(reversalOf(trace, amount), phase),
			signIn: () => desk.signIn(1, 1, phase),
		});
	} finally {
		await acquirer.close();
	}
}
