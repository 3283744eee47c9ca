/** A keypad on a local socket: boot reports to the one reader that has it, and to nobody else. */
import type { Socket } from "node:net";
import type { Key } from "../../src/contract/device.ts";
import type { Log } from "../../src/kit/log.ts";
import type { Part } from "../../src/kit/part.ts";
import { LocalServer } from "../transport/local-server.ts";
import { report } from "./protocol.ts";

export interface KeypadEmulatorNeeds {
	/** Of the socket; an old one there is removed. */
	readonly path: string;
	/** The board's key map: usage in hex to key. Of several usages for one key the first is pressed. */
	readonly map: Readonly<Record<string, Key>>;
	readonly log: Log;
}

/**
 * As a device that is opened exclusively: a second reader is refused (closed without a byte) while the first
 * is there.
 * The reader gets a report of no key as it is let in. A press without a reader is lost: nothing is kept for
 * later.
 */
export class KeypadEmulator implements Part {
	readonly name = "keypad-emulator";
	readonly #needs: KeypadEmulatorNeeds;
	readonly #usages: ReadonlyMap<Key, number>;
	readonly #server: LocalServer;
	#reader: Socket | undefined;
	#refused = 0;

	constructor(needs: KeypadEmulatorNeeds) {
		this.#needs = needs;
		this.#server = new LocalServer(needs.path, (socket) => this.#admit(socket));
		this.#usages = new Map(
			Object.entries(needs.map)
				.toReversed()
				.map(([usage, key]) => [key, Number.parseInt(usage, 16)]),
		);
	}

	open(): Promise<void> {
		return this.#server.open();
	}

	close(): Promise<void> {
		this.unplug();
		return this.#server.close();
	}

	/** Whether somebody reads the keys now. */
	read(): boolean {
		return this.#reader !== undefined;
	}

	/** How many readers were turned away. */
	refused(): number {
		return this.#refused;
	}

	/** Pulls the cable: the present reader's line ends; it may come again. */
	unplug(): void {
		this.#reader?.destroy();
		this.#reader = undefined;
	}

	/** Key down, key up. False when nobody reads, or the map has no such key. */
	press(key: Key): boolean {
		const usage = this.#usages.get(key);
		return usage !== undefined && this.send(report([usage])) && this.send(report([]));
	}

	/** Digits, one press each. False at the first that was lost. */
	type(digits: string): boolean {
		return [...digits].every((digit) => this.press(digit as Key));
	}

	/** A report as it is: for two keys at once, and for nonsense. */
	send(bytes: Uint8Array): boolean {
		const reader = this.#reader;
		if (reader === undefined || reader.destroyed || reader.readableEnded) return false;
		reader.write(bytes);
		return true;
	}

	#admit(socket: Socket): void {
		socket.on("error", () => socket.destroy());
		if (this.#reader !== undefined) {
			this.#refused += 1;
			this.#needs.log("note", "keypad-refused");
			socket.destroy();
			return;
		}
		this.#reader = socket;
		// Its end is the moment from which the keys are free again, before our own end is sent.
		const free = (): void => {
			if (this.#reader === socket) this.#reader = undefined;
		};
		socket.on("end", free);
		socket.on("close", free);
		socket.resume();
		socket.write(report([]));
	}
}
