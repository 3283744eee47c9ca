/**
 * Takes one PIN from the PIN keys: digits are counted for the asker, and held here only until the block is
 * made.
 */
import type { Key, Keypad } from "../contract/device.ts";
import type { PinRequest, VaultFault } from "../contract/vault.ts";
import { type Clock, within } from "../kit/clock.ts";
import { no, ok, type Result } from "../kit/result.ts";
import { secretBytes } from "../kit/secret.ts";
import { pinLength } from "../spec/pin/block.ts";

/** How long the PIN keys may take to be there (another process lets them go first) and to be let go again. */
const openMs = 3000;
const closeMs = 2000;

export interface PinEntryTerms {
	readonly keys: Keypad;
	readonly clock: Clock;
	readonly request: PinRequest;
	/** How many digits stand now; 0 as soon as the keys are the vault's. */
	readonly digits: (count: number) => void;
}
type End = "entered" | "empty" | "cancelled" | "timeout" | "gone" | "zeroised" | "failed";
export type PinTaken<T> =
	| { readonly end: "entered"; readonly made: T }
	| { readonly end: "empty" | "cancelled" | "timeout" };

export class PinEntry {
	readonly #terms: PinEntryTerms;
	readonly #pin = secretBytes(pinLength.most);
	#count = 0;
	#ready = false;
	#stopWaiting: () => void = () => {};
	#ended: End | undefined;
	readonly #over: Promise<End>;
	#tellOver: (how: End) => void = () => {};

	constructor(terms: PinEntryTerms) {
		this.#terms = terms;
		this.#over = new Promise((done) => {
			this.#tellOver = done;
		});
	}

	/** Ends the entry from outside; the first end counts. */
	stop(how: "cancelled" | "zeroised" | "failed"): void {
		if (this.#ended === undefined) this.#pin.fill(0);
		this.#end(how);
	}

	/**
	 * Opens the keys, takes the digits and lends them to `make`. When this resolves the digits are wiped and
	 * the keys are let go, however it ended.
	 */
	async take<T>(make: (pin: Uint8Array) => T): Promise<Result<PinTaken<T>, VaultFault>> {
		const { keys, clock } = this.#terms;
		const offs = [
			keys.links((event) => {
				if (event.on === "ready") this.#begin();
				// Before they were ever there, the link tries again by itself.
				else if (this.#ready) this.#end("gone");
			}),
			// Presses before the keys were the vault's belong to nobody: they are thrown away.
			keys.listen((key) => {
				if (this.#ready) this.#press(key);
			}),
		];
		try {
			this.#wait(openMs, "gone");
			keys.open().catch(() => this.#end("gone"));
			const end = await this.#over;
			if (end === "gone") return no({ code: "device.gone", at: "pin-keys" });
			if (end === "zeroised" || end === "failed") return no({ code: `vault.${end}`, at: "enter-pin" });
			if (end !== "entered") return ok({ end });
			return ok({ end, made: make(this.#pin.subarray(0, this.#count)) });
		} finally {
			this.#pin.fill(0);
			this.#stopWaiting();
			for (const off of offs) off();
			await within(clock, closeMs, keys.close(), undefined).catch(() => undefined);
		}
	}

	#end(how: End): void {
		this.#ended ??= how;
		this.#tellOver(this.#ended);
	}

	#begin(): void {
		if (this.#ready || this.#ended !== undefined) return;
		this.#ready = true;
		this.#wait(this.#terms.request.firstMs, "timeout");
		this.#terms.digits(0);
	}

	#wait(ms: number, end: End): void {
		this.#stopWaiting();
		this.#stopWaiting = this.#terms.clock.after(ms, () => this.#end(end));
	}

	/**
	 * 清除 takes one back, 取消 ends, 确认 ends when there are enough. Other keys, and digits too many, do nothing.
	 */
	#press(key: Key): void {
		if (this.#ended !== undefined) return;
		const { least, most, emptyAllowed } = this.#terms.request;
		switch (key) {
			case "cancel":
				this.#end("cancelled");
				return;
			case "confirm":
				if (this.#count >= least) this.#end("entered");
				else if (this.#count === 0 && emptyAllowed) this.#end("empty");
				return;
			case "clear":
				if (this.#count === 0) return;
				this.#count -= 1;
				this.#pin[this.#count] = 0;
				break;
			case "function":
			case "star":
			case "hash":
				return;
			default:
				if (this.#count >= most) return;
				this.#pin[this.#count] = Number(key);
				this.#count += 1;
		}
		this.#wait(this.#terms.request.betweenMs, "timeout");
		this.#terms.digits(this.#count);
	}
}
