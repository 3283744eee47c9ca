/** The keys inside an emulated PIN pad: how they come in, what each may do, and how all of them go. */
import { equal, hex, latin, unhex } from "../../src/kit/bytes.ts";
import type { DesFor } from "../../src/spec/keys/cipher.ts";
import { retailMac } from "../../src/spec/keys/issuer.ts";
import { anyKeyBlock, type KeyBlock, type KeyBlockPolicy, unwrapKeyBlock } from "../../src/spec/keys/tr31.ts";
import type { KeyBlockCiphers } from "../../src/spec/keys/tr31-protection.ts";
import { format0 } from "../../src/spec/pin/block.ts";
import { type Dialect, FS } from "./protocol.ts";

/** A key inside the pad. */
interface Held {
	/** K0, P0, M1, M3, D0 (X9.143, table 2). */
	readonly usage: string;
	readonly mode: string;
	readonly key: Uint8Array;
}
/** What a block for this pad may be: TDES keys of the three versions of its time. */
const policy: KeyBlockPolicy = { ...anyKeyBlock, versions: ["A", "B", "C"], algorithms: ["T"] };

/** Which usages a slot takes; the first is that of a clear key that comes without (devices/04, Key ids). */
const usagesOf = (slot: string): readonly string[] => {
	if (/^[0-9]$/.test(slot)) return ["K0", "P0"];
	if (/^[B-E]$/.test(slot)) return ["M3", "M1"];
	return { F: ["K0", "K1"], G: ["D0"] }[slot] ?? [];
};
const clearLengths: Readonly<Record<Dialect, readonly number[]>> = {
	uic: [32, 48],
	verifone: [16, 32, 48],
};
/** The head of a TR-31 block. */
const keyBlock = /^[A-D]\d{4}[0-9A-Z]{11}/;

/** What the pad does when the host has acknowledged the echo, or its reason not to. */
export type Load = { readonly commit: () => void } | { readonly reason: string } | "not-authorised";

export class PadKeys {
	readonly #desFor: DesFor;
	readonly #dialect: Dialect;
	readonly #ciphers: KeyBlockCiphers;
	readonly #slots = new Map<string, Held>();
	/** Both custodians have keyed their passwords: one clear key may come. */
	#authorised = false;

	constructor(ciphers: KeyBlockCiphers, dialect: Dialect) {
		this.#desFor = ciphers.desFor;
		this.#ciphers = ciphers;
		this.#dialect = dialect;
	}

	/** Whether both custodians are here; they are for one clear key only. */
	authorised(): boolean {
		return this.#authorised;
	}

	authorise(): void {
		this.#authorised = true;
	}

	erase(): void {
		for (const { key } of this.#slots.values()) key.fill(0);
		this.#slots.clear();
		this.#authorised = false;
	}

	/** Slot by slot, its usage: what 04 tells. */
	attributes(slot: string): string {
		const held = this.#slots.get(slot);
		return held === undefined ? "0" : `F${held.usage}${FS}${held.mode}${FS}T`;
	}

	has(slot: string): boolean {
		return this.#slots.has(slot);
	}

	/** Packet 02 behind its id. */
	load(rest: string): Load {
		const slot = rest.slice(0, 1);
		const [text = "", attributes = ""] = rest.slice(1).split(FS, 2);
		if (usagesOf(slot).length === 0) return { reason: "E" };
		if (keyBlock.test(text)) return this.#loadBlock(slot, text);
		if (!clearLengths[this.#dialect].includes(text.length) || !/^[0-9A-F]+$/.test(text))
			return { reason: "7" };
		const usage = attributes.slice(0, 2) || (usagesOf(slot)[0] ?? "");
		const mode = attributes.slice(2) || "E";
		if (!usagesOf(slot).includes(usage)) return { reason: "E" };
		if (!this.#authorised) return "not-authorised";
		return {
			commit: () => {
				this.erase();
				this.#slots.set(slot, { usage, mode, key: unhex(text) });
			},
		};
	}

	#loadBlock(slot: string, block: string): Load {
		const opened = this.open(block);
		if ("reason" in opened) return opened;
		const { header, key } = opened;
		if (!usagesOf(slot).includes(header.usage)) return { reason: "E" };
		for (const [other, held] of this.#slots)
			if (other !== slot && equal(key, held.key)) return { reason: "2" };
		return { commit: () => this.#slots.set(slot, { usage: header.usage, mode: header.mode, key }) };
	}

	/** A block under the key-loading key, or the reason why not, as 02 and 91 say it. */
	open(block: string): KeyBlock | { readonly reason: string } {
		const loading = this.#slots.get("F");
		if (loading === undefined) return { reason: "D" };
		const opened = unwrapKeyBlock(this.#ciphers, loading.key, block, policy);
		if (!opened.ok) return { reason: opened.error.at === "mac" ? "C" : "A" };
		return opened.value.key.length > loading.key.length ? { reason: "B" } : opened.value;
	}

	/** A PIN's block under a session key, 8 bytes; `attributes`: the master key is not for this. */
	pinBlock(
		slot: string,
		workingKey: string,
		pin: Uint8Array,
		account: string,
	): Uint8Array | "no-key" | "too-long" | "attributes" {
		const fit = this.fit(slot, workingKey);
		if (fit !== "fit") return fit;
		const session = this.#session(slot, workingKey);
		return sealed(this.#desFor, session, pin, account);
	}

	/** Whether a session key can come under a slot's master key. */
	fit(slot: string, workingKey: string): "fit" | "no-key" | "too-long" | "attributes" {
		const master = this.#slots.get(slot);
		if (master === undefined) return "no-key";
		if (master.usage !== "K0") return "attributes";
		return workingKey.length / 2 > master.key.length ? "too-long" : "fit";
	}

	/** ISO 9797-1 algorithm 3 (algorithm 1 for a single-length key), padding 1; or packet Z67's reason. */
	mac(slot: string, workingKey: string, message: Uint8Array): Uint8Array | { readonly reason: string } {
		const held = this.#slots.get(slot);
		if (held === undefined || !/^[B-E]$/.test(slot)) return { reason: "3" };
		if (workingKey.length / 2 > held.key.length) return { reason: "9" };
		const key = workingKey === "" ? held.key : this.#session(slot, workingKey);
		const whole = key.length === 8 ? Uint8Array.from([...key, ...key]) : key;
		return retailMac(this.#desFor, whole, message, "00");
	}

	#session(slot: string, workingKey: string): Uint8Array {
		return this.#desFor(this.#slots.get(slot)?.key ?? new Uint8Array(0)).decrypt(unhex(workingKey));
	}
}

/** A format 0 block of the account under a key. The pad takes accounts from 8 digits on: zeros in front. */
export function sealed(desFor: DesFor, key: Uint8Array, pin: Uint8Array, account: string): Uint8Array {
	const clear = format0(pin, account.padStart(13, "0"));
	if (!clear.ok) throw new RangeError(`a PIN block at ${clear.error.at}`);
	const block = desFor(key).encrypt(clear.value);
	clear.value.fill(0);
	return block;
}

/** Z66 behind its id: parts of a message, until its last one. */
export class PadMac {
	readonly #keys: PadKeys;
	#next = 0;
	#key = "";
	#held: string[] = [];

	constructor(keys: PadKeys) {
		this.#keys = keys;
	}

	/** Whether a last part is still to come. */
	begun(): boolean {
		return this.#next > 0;
	}

	reset(): void {
		this.#next = 0;
		this.#held = [];
	}

	/** What stands behind Z67. Anything but "ready for the next" ends the message. */
	part(rest: string): string {
		const said = this.#part(rest);
		if (said !== "1") this.reset();
		return said;
	}

	#part(rest: string): string {
		const [head = "", workingKey = "", second = "", message = ""] = rest.split(FS, 4);
		const [, type = "", number = "", slot = ""] = /^([4-7])(\d\d)(.)$/.exec(head) ?? [];
		const binary = type === "6" || type === "7";
		const more = type === "5" || type === "7";
		const wrongs: readonly (readonly [string, boolean])[] = [
			["6", type === ""],
			["2", Number(number) !== this.#next || (more && this.#next >= mostParts - 1)],
			["3", !this.#keys.has(slot) || (this.#next > 0 && this.#key !== slot + workingKey)],
			["4", second !== "" && second !== slot],
			["8", !/^([0-9A-F]{16}){0,2}$/.test(workingKey)],
			["5", message.length > 224 || (more && message.length % (binary ? 16 : 8) !== 0)],
			["7", message === "" || (binary && !/^([0-9A-F]{2})+$/.test(message))],
		];
		const wrong = wrongs.find(([, is]) => is)?.[0];
		if (wrong !== undefined) return wrong;
		this.#key = slot + workingKey;
		this.#held.push(binary ? message : hex(latin(message)));
		this.#next += 1;
		if (more) return "1";
		const mac = this.#keys.mac(slot, workingKey, unhex(this.#held.join("")));
		return mac instanceof Uint8Array ? `0${hex(mac)}` : mac.reason;
	}
}
/** Packets of one message (devices/04, MAC). */
const mostParts = 100;
