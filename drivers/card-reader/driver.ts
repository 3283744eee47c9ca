/** A chip-card reader of the GemCore POS Pro kind on a serial line: presence, power, and APDUs over T=0. */
import type { CardReader, DeviceFault, Listen, ReaderEvent } from "../../src/contract/device.ts";
import { unlatin } from "../../src/kit/bytes.ts";
import type { Clock } from "../../src/kit/clock.ts";
import type { Log } from "../../src/kit/log.ts";
import type { Random } from "../../src/kit/random.ts";
import { no, ok, type Result } from "../../src/kit/result.ts";
import { Audience } from "../transport/audience.ts";
import { DeviceLink, type LinkState } from "../transport/device-link.ts";
import type { Line } from "../transport/line.ts";
import { t0Parameters } from "./atr.ts";
import { errors } from "./protocol.ts";
import { type Reply, Session, type SessionWaits, usualWaits } from "./session.ts";
import { exchangeT0 } from "./t0.ts";

export interface CardReaderNeeds {
	/** 115200 baud, two stop bits, RTS low; a new line each time (`transport/serial.ts`). */
	readonly openLine: () => Promise<Line>;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
	readonly waits?: Partial<ReaderWaits>;
}
export interface ReaderWaits extends SessionWaits {
	/**
	 * Between two looks at the slot while nothing else is asked, ms. The reader tells of a card only around its
	 * answers, so this is also how soon a card is seen.
	 */
	readonly probeMs: number;
}
const usual: ReaderWaits = { ...usualWaits, probeMs: 250 };

/** So many looks without an answer, and the reader is given up. */
const mostMisses = 2;
/** bPowerSelect: the reader's choice, then 5 V for a card that did not answer. */
const voltages = [0, 1] as const;
/** Serial settings of this model (devices/01, Serial line). */
export const serialSettings = { baudRate: 115_200, stopBits: 2, rts: "low" } as const;

export class GemCoreReader implements CardReader {
	readonly name = "card-reader";
	readonly #needs: CardReaderNeeds;
	readonly #waits: ReaderWaits;
	readonly #audience = new Audience<ReaderEvent>();
	readonly listen: Listen<ReaderEvent> = this.#audience.listen;
	readonly #link: DeviceLink;
	#session: Session | undefined;
	#present = false;
	#misses = 0;
	/** Work with the card, one after another: a look between two TPDUs of one command has no place. */
	#work: Promise<unknown> = Promise.resolve();
	#working = 0;
	#offProbe: () => void = () => {};

	constructor(needs: CardReaderNeeds) {
		this.#needs = needs;
		this.#waits = { ...usual, ...needs.waits };
		const { openLine, clock, random, log } = needs;
		const handshake = (line: Line): Promise<Result<string, DeviceFault>> => this.#greet(line);
		this.#link = new DeviceLink({ name: this.name, openLine, handshake, clock, random, log });
		this.#link.links((event) => {
			if (event.on === "gone") this.#offProbe();
			this.#audience.tell(event);
			if (event.on === "gone") this.#present = false;
			else if (this.#present) this.#audience.tell({ on: "inserted" });
			if (event.on === "ready") this.#probeLater();
		});
	}

	readonly present = (): boolean => this.#present;

	/** For self-tests and the support bundle. */
	state(): { readonly link: LinkState; readonly firmware: string | undefined } {
		return { link: this.#link.state(), firmware: this.#link.identity() };
	}

	open(): Promise<void> {
		return this.#link.open();
	}

	async close(): Promise<void> {
		this.#offProbe();
		await this.#link.close();
		this.#session = undefined;
		this.#present = false;
	}

	/** Cold reset and T=0 parameters as the ATR wants them. Gives the ATR. */
	powerOn(): Promise<Result<Uint8Array, DeviceFault>> {
		return this.#inTurn("power-on", async (session) => {
			const atr = await this.#reset(session);
			if (!atr.ok) return atr;
			const parameters = t0Parameters(atr.value);
			if (!parameters.ok)
				return no(
					parameters.error.kind === "no-t0"
						? { code: "device.refused", at: "atr:no-t0" }
						: { code: "reader.mute", at: `atr:${parameters.error.kind}` },
				);
			const set = await session.ask("setParameters", [0, 0, 0], parameters.value);
			if (!set.ok) return set;
			const failed = this.#failure(set.value, "set-parameters");
			return failed === undefined ? atr : no(failed);
		});
	}

	exchange(command: Uint8Array): Promise<Result<Uint8Array, DeviceFault>> {
		return this.#inTurn("exchange", async (session) => {
			const dialogue = exchangeT0(command);
			let step = dialogue.next();
			while (step.done !== true) {
				const reply = await session.ask("transfer", [0, 0, 0], step.value);
				if (!reply.ok) return reply;
				const failed = this.#failure(reply.value, "exchange");
				if (failed !== undefined) return no(failed);
				step = dialogue.next(reply.value.data);
			}
			if (typeof step.value !== "string") return ok(step.value);
			return no({
				code: step.value === "bad-length" ? "device.refused" : "reader.mute",
				at: `exchange:${step.value}`,
			});
		});
	}

	powerOff(): Promise<Result<undefined, DeviceFault>> {
		return this.#inTurn("power-off", async (session) => {
			const reply = await session.ask("powerOff", [0, 0, 0]);
			// A card that is gone already is off.
			if (reply.ok || reply.error.code === "reader.card-removed") return ok(undefined);
			return reply;
		}).then((end) => (!end.ok && end.error.code === "reader.no-card" ? ok(undefined) : end));
	}

	async #reset(session: Session): Promise<Result<Uint8Array, DeviceFault>> {
		for (const voltage of voltages) {
			const reply = await session.ask("powerOn", [voltage, 0, 0]);
			if (!reply.ok) return reply;
			if (reply.value.command === "good") return ok(reply.value.data);
			if (reply.value.card === "absent") return no({ code: "reader.no-card", at: "power-on" });
		}
		return no({ code: "reader.mute", at: "power-on" });
	}

	/** A command that the reader could not do, in the words of the catalogue. */
	#failure(reply: Reply, at: string): DeviceFault | undefined {
		if (reply.command === "good") return undefined;
		// Unpowered although it had been powered: taken out and put in again between two commands.
		if (reply.card !== "active") return { code: "reader.card-removed", at };
		if (reply.error === errors.mute) return { code: "reader.mute", at };
		return { code: "device.refused", at: `${at}:error-${reply.error.toString(16).padStart(2, "0")}` };
	}

	/** Work with a card in the slot, after what was asked before. */
	#inTurn<T>(
		at: string,
		work: (session: Session) => Promise<Result<T, DeviceFault>>,
	): Promise<Result<T, DeviceFault>> {
		this.#working += 1;
		const mine = this.#work.then(async (): Promise<Result<T, DeviceFault>> => {
			const session = this.#session;
			if (this.#link.line() === undefined || session === undefined) return no({ code: "device.gone", at });
			// Power on asks the reader itself: a card may have come since the last look.
			if (!this.#present && at !== "power-on") return no({ code: "reader.no-card", at });
			return await work(session);
		});
		const after = (): void => {
			this.#working -= 1;
		};
		this.#work = mine.then(after, after);
		return mine;
	}

	async #greet(line: Line): Promise<Result<string, DeviceFault>> {
		const { clock, log } = this.#needs;
		const session = new Session({
			line,
			clock,
			waits: this.#waits,
			onPresence: (present) => this.#seen(session, present),
			onNoise: (kind) => log("trace", "reader-noise", { kind }),
		});
		this.#session = session;
		this.#present = false;
		this.#misses = 0;
		const firmware = await session.escape(Uint8Array.of(0x02));
		if (!firmware.ok) return firmware;
		if (firmware.value.command !== "good") return no({ code: "device.refused", at: "firmware" });
		// From now on the reader tells of card movements only between a command and its answer.
		const told = await session.escape(Uint8Array.of(0x01, 0x01, 0x01));
		if (!told.ok) return told;
		if (told.value.command !== "good") return no({ code: "device.refused", at: "card-movements" });
		const status = await session.ask("slotStatus", [0, 0, 0]);
		if (!status.ok) return status;
		return ok(unlatin(firmware.value.data).replaceAll(/[^ -~]/g, "?"));
	}

	#seen(session: Session, present: boolean): void {
		if (session !== this.#session || present === this.#present) return;
		this.#present = present;
		if (this.#link.line() !== undefined) this.#audience.tell({ on: present ? "inserted" : "removed" });
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

	/** A look at the slot. While the card is at work its answers tell as much. */
	async #probe(): Promise<void> {
		const session = this.#session;
		if (session === undefined || this.#working > 0) return;
		const reply = await session.ask("slotStatus", [0, 0, 0]);
		if (session !== this.#session) return;
		this.#misses = reply.ok ? 0 : this.#misses + 1;
		if (!reply.ok && this.#misses >= mostMisses) this.#link.lost(reply.error);
	}
}
