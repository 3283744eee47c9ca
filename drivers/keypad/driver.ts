/** A keypad over a line of boot reports: presses as the board's key map names them. */
import type { Key, Keypad, LinkEvent, Listen } from "../../src/contract/device.ts";
import type { Clock } from "../../src/kit/clock.ts";
import type { Log } from "../../src/kit/log.ts";
import type { Random } from "../../src/kit/random.ts";
import { ok } from "../../src/kit/result.ts";
import { Audience } from "../transport/audience.ts";
import { DeviceLink } from "../transport/device-link.ts";
import type { Line } from "../transport/line.ts";
import { Presses, usageName } from "./protocol.ts";

export interface KeypadNeeds {
	/**
	 * A new line each time, one report an event (`transport/hid.ts`); rejects when somebody else has the keys.
	 */
	readonly openLine: () => Promise<Line>;
	/**
	 * Usage in hex to key, from the board file: `{ "28": "confirm" }`. Other usages are no keys of this keypad.
	 */
	readonly map: Readonly<Record<string, Key>>;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
}

/**
 * `open` resolves when the first try has ended, well or not ("ready" or "gone" told), and goes on trying.
 * `close` resolves when the device is truly let go: the vault opens the same keys next.
 */
export class HidKeypad implements Keypad {
	readonly name = "keypad";
	readonly #audience = new Audience<Key>();
	readonly listen: Listen<Key> = this.#audience.listen;
	readonly #link: DeviceLink;
	readonly links: Listen<LinkEvent>;
	readonly #map: ReadonlyMap<string, Key>;
	/** An opening under way: a line that comes after `close` must be gone before `close` is done. */
	#opening: Promise<unknown> = Promise.resolve();
	#open = false;

	constructor(needs: KeypadNeeds) {
		this.#map = new Map(Object.entries(needs.map).map(([usage, key]) => [usage.toUpperCase(), key]));
		this.#link = new DeviceLink({
			name: this.name,
			openLine: () => {
				const opening = needs.openLine();
				this.#opening = opening.catch(() => undefined);
				return opening;
			},
			handshake: (line) => {
				this.#hear(line);
				return Promise.resolve(ok(this.name));
			},
			clock: needs.clock,
			random: needs.random,
			log: needs.log,
		});
		this.links = this.#link.links;
	}

	async open(): Promise<void> {
		if (this.#open) return;
		this.#open = true;
		const first = new Promise<void>((done) => {
			const off = this.links(() => {
				off();
				done();
			});
		});
		await this.#link.open();
		await first;
	}

	async close(): Promise<void> {
		this.#open = false;
		await this.#link.close();
		await this.#opening;
	}

	#hear(line: Line): void {
		const presses = new Presses();
		line.listen((event) => {
			if (event.on !== "data") return;
			for (const usage of presses.feed(event.bytes)) {
				const key = this.#map.get(usageName(usage));
				if (key !== undefined && this.#open) this.#audience.tell(key);
			}
			// A report may be a digit of a PIN: nothing of it stays behind.
			event.bytes.fill(0);
		});
	}
}
