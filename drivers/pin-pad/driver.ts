/** A serial PIN pad of the Visa-style packet protocol: its keys, PIN entry and MACs, and who it is. */
import type {
	LinkEvent,
	Listen,
	PadMacAsk,
	PadMacSlot,
	PadPinAsk,
	PadPinEnd,
	PadSlot,
	PinPad,
} from "../../src/contract/device.ts";
import { concat, equal, latin } from "../../src/kit/bytes.ts";
import type { Clock } from "../../src/kit/clock.ts";
import type { Log } from "../../src/kit/log.ts";
import type { Random } from "../../src/kit/random.ts";
import { no, ok } from "../../src/kit/result.ts";
import { DeviceLink } from "../transport/device-link.ts";
import type { Line } from "../transport/line.ts";
import type { End } from "./commands.ts";
import * as pad from "./commands.ts";
import type { Dialect } from "./protocol.ts";
import { mostMacBytes, unfit } from "./requests.ts";
import { Session, type SessionWaits, usualWaits } from "./session.ts";

export interface PinPadNeeds {
	/** 19200 baud, 8N1; a new line each time (`transport/serial.ts`). */
	readonly openLine: () => Promise<Line>;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
	/** `uic` unless told. */
	readonly dialect?: Dialect;
	/**
	 * Which pad it must be, as its owner wrote down; asked at each greeting. Another serial number, or another
	 * key (or none) in that slot, is `device.changed`: that pad is greeted again and again and never used.
	 */
	readonly pinned?: () => PadPin | undefined;
	readonly waits?: Partial<PadWaits>;
}
export interface PadPin {
	readonly serial: string;
	readonly key?: { readonly slot: PadMacSlot; readonly checkValue: Uint8Array };
}
export interface PadWaits extends SessionWaits {
	/** Between two looks at an idle pad, ms. */
	readonly probeMs: number;
}
export const serialSettings = { baudRate: 19_200 } as const;
/** So many looks without an answer, and the pad is given up. */
const mostMisses = 2;

export class SerialPinPad implements PinPad {
	readonly name = "pin-pad";
	readonly #needs: PinPadNeeds;
	readonly #waits: PadWaits;
	readonly #dialect: Dialect;
	readonly #link: DeviceLink;
	readonly links: Listen<LinkEvent>;
	#session: Session | undefined;
	/** Work with the pad, one after another. */
	#work: Promise<unknown> = Promise.resolve();
	#working = 0;
	#misses = 0;
	/** Entries asked for; `cancelled` ends those that have not begun. */
	readonly #entries = new Set<{ cancelled: boolean; readonly ended: Promise<unknown> }>();
	/** The session in which a PIN is being asked for now. */
	#entering: Session | undefined;
	#offProbe: () => void = () => {};

	constructor(needs: PinPadNeeds) {
		this.#needs = needs;
		this.#dialect = needs.dialect ?? "uic";
		this.#waits = { ...usualWaits, probeMs: 10_000, ...needs.waits };
		const { openLine, clock, random, log } = needs;
		const handshake = (line: Line): Promise<End<string>> => this.#greet(line);
		this.#link = new DeviceLink({ name: this.name, openLine, handshake, clock, random, log });
		this.links = this.#link.links;
		this.#link.links((event) => {
			if (event.on === "gone") this.#offProbe();
			else this.#probeLater();
		});
	}

	readonly serial = (): string | undefined => this.#link.identity();

	open(): Promise<void> {
		return this.#link.open();
	}

	async close(): Promise<void> {
		this.#offProbe();
		await this.#link.close();
		this.#session = undefined;
	}

	loadKey(slot: PadSlot, block: string): Promise<End> {
		return this.#inTurn("02", (session) => pad.load(session, latin(`02${slot}${block}`)));
	}

	/**
	 * A clear key of 8, 16 or 24 bytes, in a secure room with both custodians at the pad: it erases every other
	 * key there. The caller wipes `key`.
	 */
	loadClearKey(slot: PadSlot, key: Uint8Array): Promise<End> {
		return this.#inTurn("02", async (session) => {
			const digits = Uint8Array.from({ length: 2 * key.length }, (_, at) => {
				const nibble = ((key[at >> 1] ?? 0) >> (at % 2 === 0 ? 4 : 0)) & 15;
				return nibble + (nibble < 10 ? 0x30 : 0x37);
			});
			const data = concat(latin(`02${slot}`), digits);
			digits.fill(0);
			const end = await pad.load(session, data);
			data.fill(0);
			return end;
		});
	}

	/** A DUKPT initial key as a TR-31 block under the pad's key-loading key. */
	loadInitialKey(block: string): Promise<End> {
		return this.#inTurn("90", (session) => pad.loadInitialKey(session, block));
	}

	loaded(slot: PadSlot): Promise<End<boolean>> {
		return this.#inTurn("04", (session) => pad.loaded(session, slot));
	}

	checkValue(slot: PadMacSlot): Promise<End<Uint8Array>> {
		return this.#inTurn("Z66", (session) => pad.checkValue(session, slot));
	}

	/** For the workshop; up to 16 letters and digits. */
	setSerial(serial: string): Promise<End> {
		if (!/^[0-9A-Za-z-]{1,16}$/.test(serial)) return Promise.resolve(no({ code: "pad.request", at: "05" }));
		return this.#inTurn("05", (session) => pad.setSerial(session, serial));
	}

	selfTest(): Promise<End> {
		return this.#inTurn("16", pad.selfTest);
	}

	/** An ask that no packet can carry is `pad.request` at the part that does not fit; nothing is sent. */
	enterPin(ask: PadPinAsk): Promise<End<PadPinEnd>> {
		const part = unfit(ask);
		if (part !== undefined) return Promise.resolve(no({ code: "pad.request", at: part }));
		let finish: () => void = () => {};
		const entry = {
			cancelled: false,
			ended: new Promise<void>((end) => {
				finish = end;
			}),
		};
		this.#entries.add(entry);
		const over = (): void => {
			this.#entries.delete(entry);
			finish();
		};
		const mine = this.#inTurn("pin", (session) => this.#enter(session, ask, () => entry.cancelled));
		mine.then(over, over);
		return mine;
	}

	async cancel(): Promise<void> {
		const ended = [...this.#entries].map((entry) => {
			entry.cancelled = true;
			return entry.ended;
		});
		this.#entering?.cancel();
		await Promise.all(ended);
	}

	mac(ask: PadMacAsk): Promise<End<Uint8Array>> {
		const { length } = ask.message;
		if (length === 0 || length > mostMacBytes)
			return Promise.resolve(no({ code: "pad.request", at: "message" }));
		return this.#inTurn("Z66", (session) => pad.mac(session, ask));
	}

	async #enter(session: Session, ask: PadPinAsk, cancelled: () => boolean): Promise<End<PadPinEnd>> {
		const { under } = ask;
		const steps = [
			...(under.keys === "dukpt" ? [] : [() => pad.select(session, this.#dialect, under.slot)]),
			() => pad.prompt(session, this.#dialect, ask),
			() => session.agree(),
		];
		for (const step of steps) {
			const end = cancelled() ? undefined : await step();
			if (end?.ok === false) return end;
		}
		if (cancelled()) return ok({ end: "cancelled" });
		this.#entering = session;
		const end = await pad.pin(session, ask, { dialect: this.#dialect, graceMs: this.#waits.graceMs });
		this.#entering = undefined;
		// Nobody shall key a PIN that is not waited for any more.
		if (!end.ok) await session.agree();
		return end;
	}

	async #greet(line: Line): Promise<End<string>> {
		const session = new Session(line, this.#needs.clock, this.#waits);
		this.#session = session;
		this.#misses = 0;
		const alive = await pad.alive(session);
		if (!alive.ok) return alive;
		const serial = await pad.serialOf(session, this.#dialect);
		if (!serial.ok) return serial;
		const pinned = this.#needs.pinned?.();
		if (pinned === undefined) return serial;
		if (serial.value !== pinned.serial) return this.#changed("serial");
		if (pinned.key === undefined) return serial;
		const value = await pad.checkValue(session, pinned.key.slot);
		if (!value.ok && !value.error.code.startsWith("pad.")) return value;
		if (!value.ok || !equal(value.value, pinned.key.checkValue)) return this.#changed("check-value");
		return serial;
	}

	#changed(at: string): End<never> {
		this.#needs.log("fault", "pin-pad-changed", { at });
		return no({ code: "device.changed", at });
	}

	/** Work with the pad, after what was asked before. */
	#inTurn<T>(at: string, work: (session: Session) => Promise<End<T>>): Promise<End<T>> {
		this.#working += 1;
		const mine = this.#work.then(async (): Promise<End<T>> => {
			const session = this.#session;
			if (this.#link.line() === undefined || session === undefined) return no({ code: "device.gone", at });
			return await work(session);
		});
		const after = (): void => {
			this.#working -= 1;
		};
		this.#work = mine.then(after, after);
		return mine;
	}

	#probeLater(): void {
		this.#offProbe();
		this.#offProbe = this.#needs.clock.after(this.#waits.probeMs, () => {
			this.#probe().then(
				() => {
					if (this.#link.line() !== undefined) this.#probeLater();
				},
				() => {},
			);
		});
	}

	/** Finds a pad that was switched off. One that is at work is there. */
	async #probe(): Promise<void> {
		const session = this.#session;
		if (session === undefined || this.#working > 0) return;
		const alive = await this.#inTurn("11", pad.alive);
		if (session !== this.#session) return;
		this.#misses = alive.ok ? 0 : this.#misses + 1;
		if (!alive.ok && this.#misses >= mostMisses) this.#link.lost(alive.error);
	}
}
