/**
 * A payment application on a card: EMV commands in, data and status words out, true cryptograms from its own
 * keys.
 */
import { big, concat, equal, hex, unhex } from "../../kit/bytes.ts";
import type { Random } from "../../kit/random.ts";
import type { DesFor } from "../../spec/keys/cipher.ts";
import { applicationCryptogram, arpcMethod1, cryptogramVersions, retailMac } from "../../spec/keys/issuer.ts";
import { type DolEntry, dolLength, parseDol } from "../../spec/tlv/dol.ts";
import { build, tlv } from "../../spec/tlv/tlv.ts";
import type { CardMemory } from "./memory.ts";
import { fciOf, type Product, pseFci, pseName, pseRecord, recordKey } from "./product-table.ts";

/** What a card tells its owner: facts of a transaction that no terminal can make up. */
export type CardEvent =
	| { readonly on: "reset" }
	| { readonly on: "arqc"; readonly atc: number }
	| { readonly on: "arpc"; readonly accepted: boolean }
	| { readonly on: "tc" | "aac"; readonly atc: number; readonly at: "first" | "second" }
	| { readonly on: "script"; readonly done: boolean };

export interface Personalisation {
	readonly product: Product;
	readonly afl: Uint8Array;
	readonly records: ReadonlyMap<string, Uint8Array>;
	/** The card's master keys, 16 bytes each: cryptograms, and MACs of scripts. */
	readonly keys: { readonly ac: Uint8Array; readonly smi: Uint8Array };
	readonly desFor: DesFor;
	readonly random: Random;
}
export interface Command {
	readonly cla: number;
	readonly ins: number;
	readonly p1: number;
	readonly p2: number;
	readonly data: Uint8Array;
}
export interface Response {
	readonly data: Uint8Array;
	readonly sw: number;
}
/** Makes every cryptogram an AAC, or a wrong one. */
export type Temper = "none" | "aac" | "wrong-arqc";

const status = (sw: number): Response => ({ data: new Uint8Array(0), sw });
const good = (data: Uint8Array): Response => ({ data, sw: 0x9000 });
const ac = { aac: 0x00, tc: 0x40, arqc: 0x80 } as const;

/** Where a transaction stands: nothing after SELECT, then GPO, the first cryptogram, the end. */
type Stage = "selected" | "initiated" | "online" | "ended";

const entriesOf = (list: string): readonly DolEntry[] => {
	const parsed = parseDol(unhex(list));
	if (!parsed.ok) throw new RangeError(`a card's data object list breaks at ${parsed.error.offset}`);
	return parsed.value;
};

/** Volatile: it is made anew at each reset. What must outlive the power is read and written by `memory`. */
export class Application {
	readonly #card: Personalisation;
	readonly #memory: { get(): CardMemory; set(change: Partial<CardMemory>): void };
	readonly #tell: (event: CardEvent) => void;
	readonly #temper: () => Temper;
	#selected: "nothing" | "pse" | "application" = "nothing";
	#stage: Stage = "selected";
	/** By tag, as the terminal gave them in the lists. */
	readonly #heard = new Map<string, Uint8Array>();
	#arqc: Uint8Array | undefined;
	#lastCryptogram: Uint8Array = new Uint8Array(8);
	#authenticated: "not-done" | "good" | "failed" = "not-done";
	/** False when the issuer's answer itself says no. */
	#approved = true;
	#scripts = 0;

	constructor(
		card: Personalisation,
		memory: { get(): CardMemory; set(change: Partial<CardMemory>): void },
		owner: { readonly tell: (event: CardEvent) => void; readonly temper: () => Temper },
	) {
		this.#card = card;
		this.#memory = memory;
		this.#tell = owner.tell;
		this.#temper = owner.temper;
	}

	/** One command, its data without Le. Order and lengths are checked as the books ask (6985, 6700). */
	hear(command: Command): Response {
		switch ((command.cla << 8) | command.ins) {
			case 0x00a4:
				return this.#select(command);
			case 0x00b2:
				return this.#readRecord(command);
			case 0x80a8:
				return this.#initiate(command);
			case 0x80ca:
				return this.#getData(command);
			case 0x80ae:
				return this.#generate(command);
			case 0x0082:
				return this.#authenticate(command);
			case 0x0084:
				return good(this.#card.random.bytes(8));
			case 0x8424:
			case 0x8418:
			case 0x841e:
			case 0x8416:
			case 0x04da:
			case 0x84da:
				return this.#script(command);
			default:
				return status(command.cla === 0x00 || command.cla === 0x80 ? 0x6d00 : 0x6e00);
		}
	}

	#select({ p1, p2, data }: Command): Response {
		if (p1 !== 0x04) return status(0x6a86);
		if (this.#memory.get().cardBlocked) return status(0x6a81);
		if (p2 !== 0x00) return status(0x6a82);
		if (equal(data, pseName)) {
			this.#selected = "pse";
			return good(pseFci);
		}
		const aid = unhex(this.#card.product.aid);
		// A shorter name selects by its beginning (EMV Book 1, 12.3.5).
		if (data.length < 5 || data.length > aid.length || !equal(aid.subarray(0, data.length), data))
			return status(0x6a82);
		this.#selected = "application";
		this.#stage = "selected";
		this.#heard.clear();
		const blocked = this.#memory.get().applicationBlocked;
		return { data: fciOf(this.#card.product), sw: blocked ? 0x6283 : 0x9000 };
	}

	#readRecord({ p1, p2 }: Command): Response {
		if ((p2 & 7) !== 4) return status(0x6a86);
		const sfi = p2 >> 3;
		if (this.#selected === "pse") {
			if (sfi !== 1) return status(0x6a82);
			return p1 === 1 ? good(pseRecord(this.#card.product)) : status(0x6a83);
		}
		if (this.#selected !== "application" || this.#stage === "selected") return status(0x6985);
		const record = this.#card.records.get(recordKey(sfi, p1));
		if (record !== undefined) return good(record);
		const known = [...this.#card.records.keys()].some((key) => key.startsWith(`${sfi}/`));
		return status(known ? 0x6a83 : 0x6a82);
	}

	#initiate({ p1, p2, data }: Command): Response {
		if (this.#selected !== "application" || this.#stage !== "selected") return status(0x6985);
		if (p1 !== 0 || p2 !== 0) return status(0x6a86);
		const { product, afl } = this.#card;
		const wanted = entriesOf(product.pdol);
		if (data[0] !== 0x83 || data[1] !== dolLength(wanted) || data.length !== 2 + dolLength(wanted))
			return status(0x6700);
		const memory = this.#memory.get();
		if (memory.applicationBlocked || memory.atc >= 0xffff) return status(0x6985);
		this.#keep(wanted, data.subarray(2));
		this.#memory.set({ atc: memory.atc + 1 });
		this.#stage = "initiated";
		this.#authenticated = "not-done";
		this.#approved = true;
		this.#arqc = undefined;
		this.#scripts = 0;
		const aip = unhex(product.aip);
		return good(
			product.gpoFormat === 1
				? tlv("80", concat(aip, afl))
				: tlv(
						"77",
						build([
							["82", aip],
							["94", afl],
						]),
					),
		);
	}

	#getData({ p1, p2 }: Command): Response {
		if (this.#selected !== "application") return status(0x6985);
		const memory = this.#memory.get();
		const values: Readonly<Record<string, Uint8Array>> = {
			"9F36": big(memory.atc, 2),
			"9F13": big(memory.lastOnlineAtc, 2),
			"9F17": big(memory.pinTries, 1),
		};
		const tag = hex(Uint8Array.of(p1, p2));
		const value = values[tag];
		return value === undefined ? status(0x6a88) : good(tlv(tag, value));
	}

	/**
	 * EMV 4.4 Book 3, 6.5.5 and 9.3: a card may only lower what the terminal asks for; these go online for a TC.
	 */
	#generate({ p1, data }: Command): Response {
		const { product } = this.#card;
		const asked = p1 & 0xc0;
		if (asked === 0xc0 || (p1 & 0x2f) !== 0) return status(0x6a86);
		if (this.#selected !== "application") return status(0x6985);
		if (this.#stage === "initiated") {
			const wanted = entriesOf(product.cdol1);
			if (data.length !== dolLength(wanted)) return status(0x6700);
			this.#keep(wanted, data);
			const lowered = asked === ac.aac || this.#temper() === "aac" ? ac.aac : ac.arqc;
			return this.#cryptogram(lowered, "first");
		}
		if (this.#stage !== "online" || asked === ac.arqc) return status(0x6985);
		const wanted = entriesOf(product.cdol2);
		if (data.length !== dolLength(wanted)) return status(0x6700);
		this.#keep(wanted, data);
		if (product.authenticatesIssuer === "cdol2") this.#checkFromList();
		// These issuers want to be authenticated: an approval without a good ARPC is none.
		const approve =
			asked === ac.tc && this.#authenticated === "good" && this.#approved && this.#temper() !== "aac";
		return this.#cryptogram(approve ? ac.tc : ac.aac, "second");
	}

	#checkFromList(): void {
		const data = this.#heard.get("91") ?? new Uint8Array(0);
		if (data.every((byte) => byte === 0)) return;
		// M/Chip 4: byte 2 b5 of the response code says that the issuer approves.
		if (this.#check(data) && ((data[9] ?? 0) & 0x10) === 0) this.#approved = false;
	}

	#cryptogram(kind: 0x00 | 0x40 | 0x80, at: "first" | "second"): Response {
		const { product, desFor, keys } = this.#card;
		const { atc } = this.#memory.get();
		const issuerData = product.issuerData(this.#cvr(kind, at));
		const tags = new Map([
			...this.#heard,
			["82", unhex(product.aip)] as const,
			["9F36", big(atc, 2)] as const,
			["9F10", issuerData] as const,
		]);
		const version = cryptogramVersions[product.scheme];
		const made = applicationCryptogram(desFor, version, keys.ac, tags);
		if ("missing" in made) throw new RangeError(`a card's list lacks ${made.missing}`);
		const cryptogram =
			this.#temper() === "wrong-arqc" ? made.cryptogram.map((byte) => byte ^ 0x5a) : made.cryptogram;
		this.#lastCryptogram = cryptogram;
		this.#stage = kind === ac.arqc ? "online" : "ended";
		if (kind === ac.arqc) this.#arqc = cryptogram;
		if (at === "second" && this.#authenticated === "good") this.#memory.set({ lastOnlineAtc: atc });
		this.#tell(kind === ac.arqc ? { on: "arqc", atc } : { on: kind === ac.tc ? "tc" : "aac", atc, at });
		const parts = [Uint8Array.of(kind), big(atc, 2), cryptogram, issuerData] as const;
		const names = ["9F27", "9F36", "9F26", "9F10"] as const;
		return good(
			product.acFormat === 1
				? tlv("80", concat(...parts))
				: tlv("77", concat(...parts.map((part, i) => tlv(names[i] ?? "", part)))),
		);
	}

	/**
	 * Card verification results behind their length byte; the first bits have one meaning in all three schemes.
	 */
	#cvr(kind: 0x00 | 0x40 | 0x80, at: "first" | "second"): Uint8Array {
		const failed = this.#authenticated === "failed";
		if (this.#card.product.scheme === "mastercard") {
			const first = at === "first" ? 0x80 | (kind >> 2) : kind | 0x20;
			return Uint8Array.of(first, failed ? 0x10 : 0x00, 0x00, 0x00, 0x00, 0x00);
		}
		const first = (at === "first" ? 0x80 | (kind >> 2) : kind | 0x20) | (failed ? 0x08 : 0);
		const notDone = at === "second" && this.#authenticated === "not-done" ? 0x04 : 0x00;
		return Uint8Array.of(first, notDone, Math.min(this.#scripts, 15) << 4);
	}

	#authenticate({ p1, p2, data }: Command): Response {
		const { product } = this.#card;
		if (product.authenticatesIssuer !== "command") return status(0x6d00);
		if (p1 !== 0 || p2 !== 0) return status(0x6a86);
		if (this.#stage !== "online" || this.#authenticated !== "not-done") return status(0x6985);
		// ARPC and ARC: schemes with method 1 take ten bytes.
		if (data.length !== 10) return status(0x6700);
		return status(this.#check(data) ? 0x9000 : 0x6300);
	}

	#check(data: Uint8Array): boolean {
		const { product, desFor, keys } = this.#card;
		const version = cryptogramVersions[product.scheme];
		const key =
			version.answerUnder === "master"
				? keys.ac
				: version.session(desFor, keys.ac, {
						atc: big(this.#memory.get().atc, 2),
						unpredictable: this.#heard.get("9F37") ?? new Uint8Array(4),
					});
		const right = arpcMethod1(desFor, key, this.#arqc ?? new Uint8Array(8), data.subarray(8, 10));
		this.#authenticated = equal(right, data.subarray(0, 8)) ? "good" : "failed";
		const accepted = this.#authenticated === "good";
		this.#tell({ on: "arpc", accepted });
		return accepted;
	}

	/** A script command: MAC over header, ATC, last cryptogram and data, at its end (6988 when wrong). */
	#script({ cla, ins, p1, p2, data }: Command): Response {
		const { product, desFor, keys } = this.#card;
		if (this.#arqc === undefined) return status(0x6985);
		if (data.length < product.scriptMac) return status(0x6700);
		const plain = data.subarray(0, data.length - product.scriptMac);
		const atc = big(this.#memory.get().atc, 2);
		const key = cryptogramVersions[product.scheme].script(desFor, keys.smi, { atc, arqc: this.#arqc });
		const over = concat(Uint8Array.of(cla, ins, p1, p2, data.length), atc, this.#lastCryptogram, plain);
		const right = retailMac(desFor, key, over, "80").subarray(0, product.scriptMac);
		const done = equal(right, data.subarray(plain.length));
		this.#tell({ on: "script", done });
		if (!done) return status(0x6988);
		this.#scripts += 1;
		if (ins === 0x16) this.#memory.set({ cardBlocked: true });
		if (ins === 0x1e) this.#memory.set({ applicationBlocked: true });
		if (ins === 0x18) this.#memory.set({ applicationBlocked: false });
		if (ins === 0x24) this.#memory.set({ pinTries: 3 });
		return status(0x9000);
	}

	#keep(list: readonly DolEntry[], data: Uint8Array): void {
		let at = 0;
		for (const { tag, length } of list) {
			this.#heard.set(tag, data.slice(at, at + length));
			at += length;
		}
	}
}
