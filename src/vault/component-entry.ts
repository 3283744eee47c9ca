/** Runs a key ceremony on the vault's keys, and stores what came of it: the shell around the dialogue. */
import type { Key, Keypad } from "../contract/device.ts";
import {
	type CeremonyStep,
	type Operations,
	slotNames,
	type VaultFault,
	workingSlots,
} from "../contract/vault.ts";
import { unhex } from "../kit/bytes.ts";
import { type Clock, within } from "../kit/clock.ts";
import { no, ok, type Result } from "../kit/result.ts";
import { aesFor } from "../runtime/aes.ts";
import { desFor } from "../runtime/des.ts";
import { aesKcv, desKcv } from "../spec/keys/kcv.ts";
import { type CeremonyAnswer, type CeremonyEnd, ceremony } from "./ceremony.ts";
import { same } from "./ciphers.ts";
import { isCustodian } from "./custodians.ts";
import type { KeyStore } from "./key-store.ts";
import { sizesOf } from "./slots-table.ts";

/** The whole ceremony (fleet/security.md, 25); until the keys are there, and until they are let go. */
const ceremonyMs = 900_000;
const openMs = 3000;
const closeMs = 2000;

type Ask = Operations["enter-components"]["ask"];
type Answer = Result<Operations["enter-components"]["answer"], VaultFault>;
type End = CeremonyEnd | { readonly end: "timeout" | "gone" | "zeroised" | "failed" };

export interface ComponentTerms {
	readonly keys: Keypad;
	readonly clock: Clock;
	readonly store: KeyStore;
	readonly ask: Ask;
	readonly told: (step: CeremonyStep) => void;
}

export class ComponentEntry {
	readonly #terms: ComponentTerms;
	readonly #dialogue;
	#ready = false;
	/** Whether a press is asked for now; others are thrown away. */
	#listening = false;
	#ended: End | undefined;
	readonly #over: Promise<End>;
	#tellOver: (how: End) => void = () => {};

	constructor(terms: ComponentTerms) {
		this.#terms = terms;
		this.#dialogue = ceremony(terms.ask.custodians, terms.ask.bytes);
		this.#over = new Promise((done) => {
			this.#tellOver = done;
		});
	}

	/** Ends the ceremony from outside; the first end counts. */
	stop(how: "cancelled" | "zeroised" | "failed"): void {
		this.#end({ end: how });
	}

	/** Takes the components and stores their key. When this resolves all is wiped and the keys are let go. */
	async take(): Promise<Answer> {
		const { keys, clock, ask } = this.#terms;
		if (!sizesOf(ask.slot, ask.algorithm).includes(ask.bytes))
			return no({ code: "vault.refused", at: ask.slot });
		const offs = [
			clock.after(ceremonyMs, () => this.#end({ end: "timeout" })),
			clock.after(openMs, () => {
				if (!this.#ready) this.#end({ end: "gone" });
			}),
			keys.links((event) => {
				if (event.on === "ready") this.#begin();
				else if (this.#ready) this.#end({ end: "gone" });
			}),
			keys.listen((key) => this.#press(key)),
		];
		try {
			keys.open().catch(() => this.#end({ end: "gone" }));
			return this.#stored(await this.#over);
		} finally {
			for (const off of offs) off();
			await within(clock, closeMs, keys.close(), undefined).catch(() => undefined);
		}
	}

	#stored(end: End): Answer {
		const { store, ask } = this.#terms;
		const { slot, algorithm } = ask;
		if (end.end === "gone") return no({ code: "device.gone", at: "pin-keys" });
		if (end.end === "zeroised" || end.end === "failed")
			return no({ code: `vault.${end.end}`, at: "enter-components" });
		if (end.end === "refused") return no({ code: "vault.refused", at: "custodians" });
		if (end.end !== "entered") return ok({ end: end.end });
		const { key } = end;
		try {
			if (!same(this.#checkValue(key), unhex(ask.kcv))) return no({ code: "vault.wrong-kcv", at: slot });
			const others = slotNames.filter((other) => other !== slot);
			if (weak(key, algorithm) || store.twin(key, others) !== undefined)
				return no({ code: "vault.refused", at: slot });
			// What came under the old master key has no meaning under the new one.
			store.put([{ slot, key, algorithm }], slot === "tmk" ? workingSlots : []);
			return ok({ end: "entered" });
		} finally {
			key.fill(0);
		}
	}

	readonly #checkValue = (key: Uint8Array): Uint8Array =>
		this.#terms.ask.algorithm === "A" ? aesKcv(aesFor(key)) : desKcv(desFor(key), 3);

	#end(how: End): void {
		if (this.#ended !== undefined) return;
		this.#ended = how;
		this.#listening = false;
		// Runs its finally: what was typed is wiped.
		this.#dialogue.return({ end: "cancelled" });
		this.#tellOver(how);
	}

	#begin(): void {
		if (this.#ready || this.#ended !== undefined) return;
		this.#ready = true;
		this.#go(undefined);
	}

	#press(key: Key): void {
		if (!this.#listening) return;
		this.#listening = false;
		this.#go({ of: "key", key });
	}

	#proved(good: boolean): void {
		if (this.#ended === undefined) this.#go({ of: "passcode", good });
	}

	#go(answer: CeremonyAnswer | undefined): void {
		const next = answer === undefined ? this.#dialogue.next() : this.#dialogue.next(answer);
		if (next.done === true) {
			this.#end(next.value);
			return;
		}
		const asked = next.value;
		switch (asked.ask) {
			case "key":
				this.#listening = true;
				this.#terms.told(asked.told);
				return;
			case "check-value":
				this.#go({ of: "check-value", kcv: this.#checkValue(asked.component) });
				return;
			case "passcode":
				isCustodian(this.#terms.store, asked.custodian, asked.passcode).then(
					(good) => this.#proved(good),
					() => this.#proved(false),
				);
		}
	}
}

/** No key at all, or a double-length DES key whose halves are one: single DES in disguise. */
function weak(key: Uint8Array, algorithm: "T" | "A"): boolean {
	if (key.every((byte) => byte === 0)) return true;
	const withoutParity = key.map((byte) => byte & 0xfe);
	const part = (at: number): Uint8Array => withoutParity.subarray(at, at + 8);
	const twice = same(part(0), part(8)) || (key.length === 24 && same(part(8), part(16)));
	withoutParity.fill(0);
	return algorithm === "T" && twice;
}
