/**
 * The five wires of the bench's board: an emulator at each far end, and the board file that names the near
 * ones.
 */
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ReaderEmulator } from "../../../drivers/card-reader/emulator.ts";
import { KeypadEmulator } from "../../../drivers/keypad/emulator.ts";
import { GpioEmulator } from "../../../drivers/lights/emulator.ts";
import { PrinterEmulator } from "../../../drivers/printer/emulator.ts";
import type { Key } from "../../contract/device.ts";
import type { Board } from "../../contract/settings.ts";
import type { Clock } from "../../kit/clock.ts";
import type { Log } from "../../kit/log.ts";
import type { Part } from "../../kit/part.ts";
import { writeAtomic } from "../../runtime/files.ts";
import { openPty, type Pty } from "../wires/pty.ts";

/** HID usages of the bench's keypad (drivers/keypad/README.md). */
const keyMap: Readonly<Record<string, Key>> = {
	...Object.fromEntries(
		[..."1234567890"].map((digit, n) => [(0x1e + n).toString(16).toUpperCase(), digit as Key]),
	),
	"28": "confirm",
	"29": "cancel",
	"2A": "clear",
	"3A": "function",
	"55": "star",
	"54": "hash",
};
const panel = { width: 320, height: 240 } as const;
export const lampLines = { ready: "bench:0", working: "bench:1", good: "bench:2", bad: "bench:3" } as const;
export const buzzerLine = "bench:4";

export interface WiresNeeds {
	/** Where the sockets, links and the board file are made: short, for a socket's path has an end. */
	readonly folder: string;
	readonly clock: Clock;
	readonly log: Log;
}

export class Wires implements Part {
	readonly name = "wires";
	readonly keypad: KeypadEmulator;
	readonly reader: ReaderEmulator;
	readonly printer: PrinterEmulator;
	readonly gpio: GpioEmulator;
	readonly #needs: WiresNeeds;
	readonly #ptys = new Map<"reader" | "printer", Pty>();

	constructor(needs: WiresNeeds) {
		this.#needs = needs;
		const { folder, clock, log } = needs;
		this.keypad = new KeypadEmulator({ path: join(folder, "keypad.sock"), map: keyMap, log });
		this.reader = new ReaderEmulator({ clock });
		this.printer = new PrinterEmulator({ clock, log });
		this.gpio = new GpioEmulator({ path: join(folder, "gpio.sock"), log });
	}

	get boardFile(): string {
		return join(this.#needs.folder, "board.json");
	}
	/** The panel: raw RGB565. */
	get frameFile(): string {
		return join(this.#needs.folder, "frame.rgb565");
	}

	async open(): Promise<void> {
		mkdirSync(this.#needs.folder, { recursive: true });
		await this.plug("reader");
		await this.plug("printer");
		this.printer.setSlow(18);
		await this.keypad.open();
		await this.gpio.open();
		writeAtomic(this.boardFile, JSON.stringify(this.#board(), null, "\t"));
	}

	async close(): Promise<void> {
		this.unplug("reader");
		this.unplug("printer");
		await this.keypad.close();
		await this.gpio.close();
	}

	/** Puts a serial device's cable in: its path is there, and its emulator at the far end. */
	async plug(which: "reader" | "printer"): Promise<void> {
		if (this.#ptys.has(which)) return;
		const pty = await openPty(this.#needs.clock);
		this.#ptys.set(which, pty);
		if (which === "reader") this.reader.plug(pty.line);
		else this.printer.attach(pty.line);
		const path = this.#pathOf(which);
		rmSync(path, { force: true });
		symlinkSync(pty.path, path);
	}

	/** Pulls it out: reads and writes of whoever had it open fail, and the path is gone. */
	unplug(which: "reader" | "printer"): void {
		const pty = this.#ptys.get(which);
		this.#ptys.delete(which);
		rmSync(this.#pathOf(which), { force: true });
		pty?.close();
	}

	#pathOf(which: "reader" | "printer"): string {
		return join(this.#needs.folder, `${which}.tty`);
	}

	#board(): Board {
		const { folder } = this.#needs;
		return {
			name: "bench",
			keypad: { path: `unix:${join(folder, "keypad.sock")}`, map: keyMap },
			pinKeys: "shared",
			cardReader: { path: this.#pathOf("reader"), model: "GemCorePOSPro" },
			printer: { path: this.#pathOf("printer"), baud: 115_200 },
			display: { path: this.frameFile, ...panel },
			gpio: {
				path: `unix:${join(folder, "gpio.sock")}`,
				lamps: lampLines,
				buzzer: buzzerLine,
				tamper: "bench:5",
			},
		};
	}
}
