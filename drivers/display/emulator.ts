/** The far side of a panel that is a file: reads what was written there, and tells when it has changed. */
import { type FSWatcher, readFileSync, statSync, watch } from "node:fs";
import type { Listen } from "../../src/contract/device.ts";
import type { Clock } from "../../src/kit/clock.ts";
import type { Part } from "../../src/kit/part.ts";
import { Audience } from "../transport/audience.ts";
import { openPanel } from "../transport/framebuffer.ts";
import { decode, memoryBytes, plain } from "./protocol.ts";

export interface DisplayEmulatorNeeds {
	/** Of the file; made dark when it is not there. */
	readonly path: string;
	readonly width: number;
	readonly height: number;
	readonly clock: Clock;
}

/**
 * A frame is told this long after its first row, so that its rows are there too; and looks without a word
 * between, ms.
 */
const settleMs = 15;
const lookMs = 250;

/** What a plain file holds as RGBA, four bytes a pixel. Throws when there is no such file. */
export const readFrame = (path: string, width: number, height: number): Uint8ClampedArray =>
	decode(readFileSync(path), plain(width, height));

export class DisplayEmulator implements Part {
	readonly name = "display-emulator";
	readonly #needs: DisplayEmulatorNeeds;
	readonly #audience = new Audience<"frame">();
	readonly listen: Listen<"frame"> = this.#audience.listen;
	#watcher: FSWatcher | undefined;
	#settling = false;
	#seen = 0n;
	#off: () => void = () => {};

	constructor(needs: DisplayEmulatorNeeds) {
		this.#needs = needs;
	}

	async open(): Promise<void> {
		if (this.#watcher !== undefined) return;
		const { path, width, height } = this.#needs;
		openPanel(path, memoryBytes(plain(width, height))).close();
		this.#seen = this.#changedAt();
		this.#watcher = watch(path, () => this.#stir());
		// A watch that ends (the file was moved) is no harm: the looks go on.
		this.#watcher.on("error", () => {});
		this.#look();
	}

	async close(): Promise<void> {
		this.#off();
		this.#watcher?.close();
		this.#watcher = undefined;
	}

	/** RGBA of what the panel shows now; undefined before it was opened and when the file is gone. */
	readonly frame = (): Uint8ClampedArray | undefined => {
		const { path, width, height } = this.#needs;
		if (this.#watcher === undefined) return undefined;
		try {
			return readFrame(path, width, height);
		} catch {
			return undefined;
		}
	};

	/** The watch may be lost or late: a slow look finds what it missed. */
	#look(): void {
		this.#off = this.#needs.clock.after(lookMs, () => {
			if (this.#changedAt() !== this.#seen) this.#stir();
			this.#look();
		});
	}

	#stir(): void {
		if (this.#settling) return;
		this.#settling = true;
		this.#needs.clock.after(settleMs, () => {
			this.#settling = false;
			if (this.#watcher === undefined) return;
			this.#seen = this.#changedAt();
			this.#audience.tell("frame");
		});
	}

	#changedAt(): bigint {
		return statSync(this.#needs.path, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n;
	}
}
