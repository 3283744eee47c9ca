/** A PIN pad at the far end of a line: keys, screen, link layer, and the faults it can be taught. */
import type { Key } from "../../src/contract/device.ts";
import { latin } from "../../src/kit/bytes.ts";
import type { Clock } from "../../src/kit/clock.ts";
import type { KeyBlockCiphers } from "../../src/spec/keys/tr31-protection.ts";
import type { Line } from "../transport/line.ts";
import { PadDesk, type Reply } from "./emulator-desk.ts";
import { PadDukpt } from "./emulator-dukpt.ts";
import { PadKeys } from "./emulator-keys.ts";
import {
	control,
	type Dialect,
	type FrameKind,
	FrameReader,
	frame,
	type Heard,
	mostTries,
	type PadFrame,
	packet,
} from "./protocol.ts";

export interface PadEmulatorNeeds {
	readonly clock: Clock;
	readonly ciphers: KeyBlockCiphers;
	readonly dialect?: Dialect;
	readonly serial?: string;
	readonly unit?: string;
	readonly hourly?: number;
	/** Until an answer without ACK is sent again, ms; 5000 in the book. */
	readonly ackMs?: number;
}
/** A fault for packets of one id ("any": of all), so many times; newest first. */
export interface PadDeed {
	readonly on: string;
	readonly do: /** Hears it and says nothing. */
		| "go-silent"
		/** Finds its LRC wrong. */
		| "nak"
		/** Says EOT in place of an answer. */
		| "give-up"
		/** Its ACK does not arrive. */
		| "lose-ack"
		/** A bit of its answer tips over. */
		| "spoil-answer"
		/** The end of its answer does not arrive. */
		| "cut-answer"
		/** Its answer is this text. */
		| { readonly answer: string };
	readonly times: number;
}

/** An answer that the host has not acknowledged. */
interface Sent {
	readonly bytes: Uint8Array;
	readonly id: string;
	readonly kind: FrameKind;
	readonly commit: () => void;
	left: number;
	off: () => void;
}

export class PadEmulator {
	readonly #needs: PadEmulatorNeeds;
	readonly #keys: PadKeys;
	readonly #dukpt: PadDukpt;
	readonly #desk: PadDesk;
	#reader = new FrameReader();
	#line: Line | undefined;
	#sent: Sent | undefined;
	#entryId = "";
	#naks = 0;
	#deeds: PadDeed[] = [];
	#heard: string[] = [];
	#off = false;

	constructor(needs: PadEmulatorNeeds) {
		this.#needs = needs;
		const dialect = needs.dialect ?? "uic";
		this.#keys = new PadKeys(needs.ciphers, dialect);
		this.#dukpt = new PadDukpt(needs.ciphers.desFor);
		this.#desk = new PadDesk({
			clock: needs.clock,
			dialect,
			keys: this.#keys,
			dukpt: this.#dukpt,
			serial: needs.serial ?? "PP791-000117",
			unit: needs.unit ?? "UNIT-000117",
			hourly: needs.hourly ?? 120,
			finished: (reply) => this.#reply(this.#entryId, "transaction", reply),
		});
	}

	/** Puts the pad at the end of a line. The function given back takes it off. */
	attach(line: Line): () => void {
		this.#line = line;
		return line.listen((event) => {
			if (event.on !== "data" || this.#off) return;
			for (const heard of this.#reader.feed(event.bytes)) this.#take(heard);
		});
	}

	/** A finger on one of its keys. */
	press(...keys: readonly Key[]): void {
		for (const key of keys) this.#desk.press(key);
	}
	screen(): readonly string[] {
		return this.#desk.screen();
	}
	/** Whether it waits for a PIN. */
	entering(): boolean {
		return this.#desk.entering();
	}
	/** Both custodians key their passwords: the next clear key may come. */
	authorise(): void {
		this.#keys.authorise();
	}
	/** Its case is opened: every key is gone, and so is an entry. */
	tamper(): void {
		this.#keys.erase();
		this.#dukpt.erase();
		this.#desk.reset();
	}
	/** Its self-test tells these digits from now on. */
	fail(codes: string): void {
		this.#desk.fail(codes);
	}
	/** Off: it hears and says nothing. On again: its keys are still there, an entry is not. */
	setPower(on: boolean): void {
		this.#off = !on;
		this.#reader = new FrameReader();
		this.#settle();
		this.#desk.reset();
	}
	teach(deed: PadDeed): void {
		this.#deeds.unshift({ ...deed });
	}
	/** Ids of the good frames heard since the start or the last `forget`. */
	heard(): readonly string[] {
		return this.#heard;
	}
	forget(): void {
		this.#heard = [];
	}

	#take(heard: Heard): void {
		if (heard.is === "frame") this.#packet(heard.frame);
		else if (heard.is === "ack") this.#agreed();
		else if (heard.is === "nak") this.#again();
		else if (heard.is === "eot") this.#settle();
		else if (heard.is === "spoilt") {
			this.#naks += 1;
			this.#say(this.#naks < mostTries ? control.nak : control.eot);
			if (this.#naks >= mostTries) this.#naks = 0;
		}
	}

	#packet(whole: PadFrame): void {
		this.#settle();
		const said = packet(whole);
		this.#naks = 0;
		this.#heard.push(said?.id ?? "?");
		const id = said?.id ?? "";
		if (this.#taught(id, "go-silent")) return;
		if (this.#taught(id, "nak")) {
			this.#say(control.nak);
			return;
		}
		const lost = this.#taught(id, "lose-ack");
		if (this.#taught(id, "give-up")) {
			this.#say(control.ack, control.eot);
			return;
		}
		const reply = this.#taughtAnswer(id) ?? (said === undefined ? undefined : this.#desk.hear(id, said.rest));
		if (!lost && reply?.is !== "eot-alone") this.#say(control.ack);
		if (this.#desk.entering()) this.#entryId = id;
		this.#reply(id, whole.kind, reply ?? { is: "eot" }, whole.data);
	}

	#reply(id: string, kind: FrameKind, reply: Reply, echo: Uint8Array = new Uint8Array(0)): void {
		if (reply.is === "eot" || reply.is === "eot-alone") this.#say(control.eot);
		else if (reply.is === "answer") this.#send(id, kind, latin(reply.text));
		else if (reply.is === "echo") this.#send(id, kind, echo, reply.commit);
	}

	#send(id: string, kind: FrameKind, data: Uint8Array, commit: () => void = () => {}): void {
		this.#sent = { bytes: frame({ kind, data }), id, kind, commit, left: mostTries, off: () => {} };
		this.#again();
	}

	/** Sends the answer that waits for its ACK, or gives it up by EOT. */
	#again(): void {
		const sent = this.#sent;
		if (sent === undefined) return;
		sent.off();
		if (sent.left === 0) {
			this.#settle();
			this.#say(control.eot);
			return;
		}
		sent.left -= 1;
		sent.off = this.#needs.clock.after(this.#needs.ackMs ?? 5000, () => this.#again());
		if (this.#taught(sent.id, "cut-answer")) this.#line?.write(sent.bytes.slice(0, -2));
		else if (this.#taught(sent.id, "spoil-answer")) this.#line?.write(tipped(sent.bytes));
		else this.#line?.write(sent.bytes);
	}

	#agreed(): void {
		const sent = this.#sent;
		if (sent === undefined) return;
		this.#settle();
		sent.commit();
		if (sent.kind === "administration") this.#say(control.eot);
	}

	#settle(): void {
		this.#sent?.off();
		this.#sent = undefined;
	}

	#say(...signs: readonly number[]): void {
		if (!this.#off) this.#line?.write(Uint8Array.from(signs));
	}

	#taught(id: string, deed: PadDeed["do"]): boolean {
		return this.#used((each) => each.do === deed, id) !== undefined;
	}

	#taughtAnswer(id: string): Reply | undefined {
		const deed = this.#used((each) => typeof each.do === "object", id);
		return typeof deed?.do === "object" ? { is: "answer", text: deed.do.answer } : undefined;
	}

	#used(which: (deed: PadDeed) => boolean, id: string): PadDeed | undefined {
		const deed = this.#deeds.find((each) => which(each) && (each.on === "any" || each.on === id));
		if (deed === undefined) return undefined;
		const left = deed.times > 1 ? [{ ...deed, times: deed.times - 1 }] : [];
		this.#deeds = this.#deeds.flatMap((each) => (each === deed ? left : [each]));
		return deed;
	}
}

/** One bit of the middle byte is another one. */
const tipped = (bytes: Uint8Array): Uint8Array =>
	bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 0x40 : byte));
