/** DUKPT inside an emulated PIN pad: future keys, and one PIN block from each transaction key. */
import { hex } from "../../src/kit/bytes.ts";
import type { DesFor } from "../../src/spec/keys/cipher.ts";
import { type DukptDevice, loadDevice, takeKey, wipeDevice } from "../../src/spec/keys/dukpt-device.ts";
import { tdesDukpt, tdesWorkingKey } from "../../src/spec/keys/dukpt-tdes.ts";
import { sealed } from "./emulator-keys.ts";

export class PadDukpt {
	readonly #desFor: DesFor;
	#device: DukptDevice | undefined;

	constructor(desFor: DesFor) {
		this.#desFor = desFor;
	}

	/** False: key or serial number is not of the book's size. The caller wipes the key. */
	load(initialKey: Uint8Array, serialNumber: Uint8Array): boolean {
		const device = loadDevice(tdesDukpt(this.#desFor), initialKey, serialNumber);
		if (device.ok) this.#device = device.value;
		return device.ok;
	}

	state(): "none" | "ready" | "exhausted" {
		return this.#device?.at ?? "none";
	}

	erase(): void {
		if (this.#device !== undefined) wipeDevice(this.#device);
		this.#device = undefined;
	}

	/** KSN without the F's in front, and the block under the PIN variant: what stands behind 710 or 73.00000. */
	pinBlock(pin: Uint8Array, account: string): string | undefined {
		if (this.#device === undefined) return undefined;
		const { state, effects } = takeKey(tdesDukpt(this.#desFor))(this.#device, "take");
		this.#device = state;
		const use = effects.find((effect) => effect.do === "use");
		if (use === undefined) return undefined;
		const key = tdesWorkingKey(this.#desFor, use.key, "pin");
		use.key.fill(0);
		if (!key.ok) return undefined;
		const block = sealed(this.#desFor, key.value, pin, account);
		key.value.fill(0);
		return hex(use.ksn).replace(/^F{1,10}/, "") + hex(block);
	}
}
