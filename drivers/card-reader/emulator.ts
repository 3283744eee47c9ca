/**
 * The reader's end of the wire: slot 0 takes test cards, slots 1 to 4 are empty, and faults are taught by
 * rules.
 */
import type { Listen } from "../../src/contract/device.ts";
import { latin } from "../../src/kit/bytes.ts";
import type { Clock } from "../../src/kit/clock.ts";
import { Audience } from "../transport/audience.ts";
import type { Line } from "../transport/line.ts";
import {
	type AskName,
	answerOf,
	ask,
	type Ccid,
	done,
	errors,
	FrameReader,
	frame,
	icc,
	movement,
	nak,
} from "./protocol.ts";

/** What a reader needs of a card: `src/world/cards` has such cards. */
export interface CardInSlot {
	/** The ATR; nothing when the card is mute. */
	reset(): Uint8Array;
	/** Data and SW1 SW2; nothing when the card is mute or gone. */
	transmit(tpdu: Uint8Array): Uint8Array;
	readonly pulled?: Listen<undefined>;
}

export type Deed =
	/** The command is done and no answer comes. */
	| { readonly do: "silent" }
	/** As not understood: not done. */
	| { readonly do: "nak" }
	| { readonly do: "wrong-lrc" }
	/** Bytes that belong to nothing stand before the answer. */
	| { readonly do: "garbage"; readonly bytes: Uint8Array }
	/** So many requests for time, so far apart, then the answer. */
	| { readonly do: "time"; readonly requests: number; readonly everyMs: number }
	| { readonly do: "late"; readonly ms: number }
	/** The answer ends after so many bytes. */
	| { readonly do: "cut"; readonly bytes: number }
	/** The answer comes in pieces of so many bytes. */
	| { readonly do: "split"; readonly bytes: number; readonly everyMs: number }
	/** The card is taken out while the command is done: the reader tells it and fails the command. */
	| { readonly do: "remove-card" }
	| { readonly do: "refuse"; readonly error: number }
	/** The answer carries the number of another command. */
	| { readonly do: "wrong-seq" };
export type Rule = Deed & {
	readonly on: AskName | "any";
	/** How often; always unless told. */
	readonly times?: number;
};

export interface ReaderEmulatorNeeds {
	readonly clock: Clock;
	/** The firmware string: the reader's identity. */
	readonly firmware?: string;
}
/** Slot 0 takes the customer's card; 1 to 4 are for SAMs. */
const slots = 5;

export class ReaderEmulator {
	readonly #clock: Clock;
	readonly #firmware: string;
	readonly #audience = new Audience<{ readonly present: boolean }>();
	/** A card came or went, whoever moved it. */
	readonly movements = this.#audience.listen;
	#line: Line | undefined;
	#frames = new FrameReader("reader");
	#card: CardInSlot | undefined;
	#powered = false;
	#synchronous = false;
	/** A movement that waits for the next command. */
	#moved: boolean | undefined;
	#offPulled: () => void = () => {};
	#rules: { rule: Rule; left: number }[] = [];
	#heard: AskName[] = [];

	constructor(needs: ReaderEmulatorNeeds) {
		this.#clock = needs.clock;
		this.#firmware = needs.firmware ?? "GemCore-POS-Pro-V1.10";
	}

	/**
	 * Puts the reader on a line: power is off, nothing has been asked. A new line takes the place of the old
	 * one.
	 */
	plug(line: Line): void {
		this.#line = line;
		this.#frames = new FrameReader("reader");
		this.#powered = false;
		this.#synchronous = false;
		this.#moved = undefined;
		line.listen((event) => {
			if (this.#line !== line) return;
			if (event.on === "data") this.#feed(event.bytes);
			else this.#line = undefined;
		});
	}

	insert(card: CardInSlot): void {
		this.remove();
		this.#card = card;
		this.#offPulled = card.pulled?.(() => this.remove()) ?? ((): void => {});
		this.#tell(true);
	}

	remove(): void {
		if (this.#card === undefined) return;
		this.#offPulled();
		this.#card = undefined;
		this.#powered = false;
		this.#tell(false);
	}

	present(): boolean {
		return this.#card !== undefined;
	}

	/** Whether the card has power: a terminal that is done with it takes it away. */
	powered(): boolean {
		return this.#powered;
	}

	/** The newest rule that fits counts. */
	behave(rule: Rule): void {
		this.#rules.unshift({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
	}

	calm(): void {
		this.#rules = [];
	}

	/** The commands heard so far, by name; APDUs are not kept. */
	heard(): readonly AskName[] {
		return this.#heard;
	}

	forget(): void {
		this.#heard = [];
	}

	#tell(present: boolean): void {
		if (this.#synchronous) this.#moved = present;
		else this.#line?.write(movement(present));
		this.#audience.tell({ present });
	}

	#feed(bytes: Uint8Array): void {
		for (const heard of this.#frames.feed(bytes)) {
			if (heard.is === "message") this.#command(heard.message);
			else if (heard.is === "noise" && heard.kind === "wrong-lrc") this.#line?.write(nak);
		}
	}

	#command(message: Ccid): void {
		const name = nameOf(message.type);
		if (name === undefined) return;
		this.#heard.push(name);
		const deed = this.#rule(name);
		if (deed?.do === "nak") {
			this.#line?.write(nak);
			return;
		}
		if (deed?.do === "remove-card") this.remove();
		const answered =
			deed?.do === "refuse" ? this.#answer(message, done.failed, deed.error) : this.#do(name, message);
		if (this.#moved !== undefined) this.#line?.write(movement(this.#moved));
		this.#moved = undefined;
		this.#send(answered, deed);
	}

	#rule(name: AskName): Deed | undefined {
		const found = this.#rules.find(({ rule, left }) => left > 0 && (rule.on === name || rule.on === "any"));
		if (found !== undefined) found.left -= 1;
		return found?.rule;
	}

	#do(name: AskName, message: Ccid): Ccid {
		const { slot, data } = message;
		if (slot >= slots) return this.#answer(message, done.failed, errors.badSlot);
		switch (name) {
			case "slotStatus":
				return this.#answer(message, done.good, 0);
			case "powerOff":
				if (slot === 0) this.#powered = false;
				return this.#answer(message, done.good, 0);
			case "powerOn":
				return this.#powerOn(message);
			case "transfer":
				return this.#transfer(message);
			case "setParameters":
			case "getParameters":
			case "resetParameters":
				return this.#answer(message, done.good, 0, data);
			case "escape":
				return this.#escape(message);
			default:
				return this.#answer(message, done.failed, errors.notSupported);
		}
	}

	#powerOn(message: Ccid): Ccid {
		if (message.slot !== 0 || this.#card === undefined)
			return this.#answer(message, done.failed, errors.mute);
		const atr = this.#card.reset();
		this.#powered = atr.length > 0;
		return this.#powered
			? this.#answer(message, done.good, 0, atr)
			: this.#answer(message, done.failed, errors.mute);
	}

	#transfer(message: Ccid): Ccid {
		if (message.slot !== 0 || this.#card === undefined || !this.#powered)
			return this.#answer(message, done.failed, errors.mute);
		// A PPS request is echoed by a card that agrees.
		if (message.data[0] === 0xff) return this.#answer(message, done.good, 0, message.data);
		const response = this.#card.transmit(message.data);
		return response.length < 2
			? this.#answer(message, done.failed, errors.mute)
			: this.#answer(message, done.good, 0, response);
	}

	#escape(message: Ccid): Ccid {
		const [code, ...more] = message.data;
		if (code === 0x02) return this.#answer(message, done.good, 0, latin(this.#firmware));
		if (code === 0x01 && more[0] === 0x01) {
			this.#synchronous = more[1] === 0x01;
			return this.#answer(message, done.good, 0);
		}
		return this.#answer(message, done.failed, errors.notForThisReader);
	}

	#answer(message: Ccid, command: number, error: number, data: Uint8Array = new Uint8Array(0)): Ccid {
		const name = nameOf(message.type) ?? "slotStatus";
		const card =
			message.slot !== 0 || this.#card === undefined ? icc.absent : this.#powered ? icc.active : icc.inactive;
		const third = name === "setParameters" ? message.rest[0] : 0;
		const { slot, seq } = message;
		return { type: answerOf[ask[name]], slot, seq, rest: [command | card, error, third], data };
	}

	#send(answered: Ccid, deed: Deed | undefined): void {
		const line = this.#line;
		const bytes = frame(
			deed?.do === "wrong-seq" ? { ...answered, seq: (answered.seq + 7) & 0xff } : answered,
		);
		const write = (part: Uint8Array): void => {
			if (this.#line === line) line?.write(part);
		};
		switch (deed?.do) {
			case "silent":
				return;
			case "wrong-lrc":
				write(bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 0x55));
				return;
			case "garbage":
				write(deed.bytes);
				write(bytes);
				return;
			case "cut":
				write(bytes.subarray(0, deed.bytes));
				return;
			case "late":
				this.#clock.after(deed.ms, () => write(bytes));
				return;
			case "time":
				this.#rowOf(
					[...Array.from({ length: deed.requests }, () => Uint8Array.of(0x80)), bytes],
					deed.everyMs,
					write,
				);
				return;
			case "split": {
				const parts: Uint8Array[] = [];
				for (let at = 0; at < bytes.length; at += deed.bytes) parts.push(bytes.slice(at, at + deed.bytes));
				this.#rowOf(parts, deed.everyMs, write);
				return;
			}
			default:
				write(bytes);
		}
	}

	#rowOf(parts: readonly Uint8Array[], everyMs: number, write: (part: Uint8Array) => void): void {
		const [first, ...rest] = parts;
		if (first === undefined) return;
		write(first);
		this.#clock.after(everyMs, () => this.#rowOf(rest, everyMs, write));
	}
}

function nameOf(type: number): AskName | undefined {
	for (const name of Object.keys(ask) as AskName[]) if (ask[name] === type) return name;
	return undefined;
}
