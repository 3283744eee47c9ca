/** Lamps, buzzer and tamper switch on the board's lines. */
import type { Lamp, Lights, Listen, Sound, Tamper } from "../../src/contract/device.ts";
import type { Board } from "../../src/contract/settings.ts";
import { backoff } from "../../src/kit/backoff.ts";
import type { Clock } from "../../src/kit/clock.ts";
import { limits } from "../../src/kit/limits.ts";
import type { Log } from "../../src/kit/log.ts";
import type { Random } from "../../src/kit/random.ts";
import { Audience } from "../transport/audience.ts";
import type { GpioLines, Level } from "../transport/gpio.ts";
import { sounds } from "./sounds-table.ts";

export interface PanelNeeds {
	/** New lines each time (`transport/gpio.ts`); rejects when they are not there. */
	readonly openLines: () => Promise<GpioLines>;
	/** Which line is what: `chip-label:offset`. */
	readonly lines: Omit<Board["gpio"], "path">;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
}

const off: Level = 0;
/** The switch is closed to ground in a whole case: an open case and a cut wire read alike. */
const intact: Level = 0;
/** A tamper line that cannot be read for so long counts as tampered, ms. */
const unreadableMs = 3000;

/** Lines that come back by themselves; `claim` runs on each new connection. */
class Held {
	readonly #name: string;
	readonly #needs: PanelNeeds;
	readonly #claim: (lines: GpioLines) => Promise<void>;
	readonly #gone: () => void;
	#lines: GpioLines | undefined;
	#wanted = false;
	#failures = 0;
	#stop: () => void = () => {};

	constructor(
		name: string,
		needs: PanelNeeds,
		on: { readonly claim: (lines: GpioLines) => Promise<void>; readonly gone: () => void },
	) {
		this.#name = name;
		this.#needs = needs;
		this.#claim = on.claim;
		this.#gone = on.gone;
	}

	lines(): GpioLines | undefined {
		return this.#lines;
	}

	/** Resolves when the first try has ended, well or not. */
	async open(): Promise<void> {
		if (this.#wanted) return;
		this.#wanted = true;
		await this.#try();
	}

	async close(): Promise<void> {
		this.#wanted = false;
		this.#stop();
		const lines = this.#lines;
		this.#lines = undefined;
		await lines?.close();
	}

	async #try(): Promise<void> {
		const { openLines, log } = this.#needs;
		const lines = await openLines().catch(() => undefined);
		const claimed = lines !== undefined && (await this.#take(lines));
		if (!this.#wanted || !claimed) await lines?.close();
		if (!this.#wanted) return;
		if (claimed) {
			this.#failures = 0;
			this.#lines = lines;
			log("note", "device-ready", { device: this.#name });
			return;
		}
		if (this.#failures === 0) log("fault", "device-gone", { device: this.#name, code: "device.gone" });
		this.#again();
	}

	/** False when the lines ended before all were claimed. */
	async #take(lines: GpioLines): Promise<boolean> {
		let ended = false;
		lines.listen((event) => {
			if (event.on !== "closed") return;
			ended = true;
			if (this.#lines !== lines) return;
			this.#lines = undefined;
			this.#gone();
			this.#again();
		});
		await this.#claim(lines).catch(() => {
			ended = true;
		});
		return !ended;
	}

	#again(): void {
		const { clock, random, log } = this.#needs;
		const { least, most } = limits.deviceBackoffMs;
		this.#stop = clock.after(backoff(random, this.#failures, least, most), () => {
			this.#try().catch(() => log("bug", "gpio-reopen-failed", { device: this.#name }));
		});
		this.#failures += 1;
	}
}

/** Lamps and buzzer. What is shown while the lines are away is shown when they are back; a sound is not. */
export class PanelLights implements Lights {
	readonly name = "lights";
	readonly #needs: PanelNeeds;
	readonly #lit = new Set<Lamp>();
	readonly #held: Held;
	#silence: () => void = () => {};

	constructor(needs: PanelNeeds) {
		this.#needs = needs;
		this.#held = new Held(this.name, needs, {
			claim: (lines) => this.#claim(lines),
			gone: () => this.#quiet(),
		});
	}

	open(): Promise<void> {
		return this.#held.open();
	}

	/** Everything off. */
	async close(): Promise<void> {
		this.#quiet();
		this.#lit.clear();
		await this.#held.close();
	}

	lamp(which: Lamp, lit: boolean): void {
		if (lit) this.#lit.add(which);
		else this.#lit.delete(which);
		this.#held.lines()?.write(this.#needs.lines.lamps[which], lit ? 1 : off);
	}

	sound(which: Sound): void {
		this.#quiet();
		this.#play(sounds[which], 0);
	}

	#play(pattern: readonly number[], at: number): void {
		const ms = pattern[at];
		this.#buzz(ms !== undefined && at % 2 === 0);
		this.#silence =
			ms === undefined ? () => {} : this.#needs.clock.after(ms, () => this.#play(pattern, at + 1));
	}

	#quiet(): void {
		this.#silence();
		this.#silence = () => {};
		this.#buzz(false);
	}

	#buzz(on: boolean): void {
		this.#held.lines()?.write(this.#needs.lines.buzzer, on ? 1 : off);
	}

	async #claim(lines: GpioLines): Promise<void> {
		const { lamps, buzzer } = this.#needs.lines;
		await lines.claimOutput(buzzer, off);
		for (const [lamp, line] of Object.entries(lamps)) {
			await lines.claimOutput(line, off);
			if (this.#lit.has(lamp as Lamp)) lines.write(line, 1);
		}
	}
}

/**
 * The case switch. Once tampered it stays so until the program starts anew; what cannot be read counts as
 * tampered.
 */
export class CaseSwitch implements Tamper {
	readonly name = "tamper";
	readonly #needs: PanelNeeds;
	readonly #audience = new Audience<{ readonly on: "tampered" }>();
	readonly listen: Listen<{ readonly on: "tampered" }> = this.#audience.listen;
	readonly #held: Held;
	#tampered = false;
	#unread: () => void = () => {};

	constructor(needs: PanelNeeds) {
		this.#needs = needs;
		this.#held = new Held(this.name, needs, {
			claim: (lines) => this.#claim(lines),
			gone: () => this.#unreadable(),
		});
	}

	readonly tampered = (): boolean => this.#tampered;

	/** The switch is read when this resolves. */
	async open(): Promise<void> {
		await this.#held.open();
		if (this.#held.lines() === undefined) this.#trip("unreadable");
	}

	async close(): Promise<void> {
		this.#unread();
		await this.#held.close();
	}

	async #claim(lines: GpioLines): Promise<void> {
		const { tamper } = this.#needs.lines;
		lines.listen((event) => {
			if (event.on === "level" && event.line === tamper && event.level !== intact) this.#trip("open");
		});
		await lines.claimInput(tamper);
		this.#unread();
		if (lines.read(tamper) !== intact) this.#trip("open");
	}

	/** A short absence is a restart at the far end; a long one is a cut wire. */
	#unreadable(): void {
		this.#unread();
		this.#unread = this.#needs.clock.after(unreadableMs, () => this.#trip("unreadable"));
	}

	#trip(why: "open" | "unreadable"): void {
		if (this.#tampered) return;
		this.#tampered = true;
		this.#needs.log("fault", "tampered", { why });
		this.#audience.tell({ on: "tampered" });
	}
}
