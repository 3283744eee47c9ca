/** What an emulated PIN pad makes of packets and of presses on its own keys; nothing of the line. */
import type { Key } from "../../src/contract/device.ts";
import { hex } from "../../src/kit/bytes.ts";
import type { Clock } from "../../src/kit/clock.ts";
import { type PadKeys, PadMac } from "./emulator-keys.ts";
import { type Dialect, FS, RS, SUB } from "./protocol.ts";
import { padPrompts, timeoutStepMs, usualTimeoutSteps } from "./requests.ts";

/** Beside the ACK of a packet. */
export type Reply =
	| { readonly is: "answer"; readonly text: string }
	/** The packet as it came; what is to be done when the host agrees. */
	| { readonly is: "echo"; readonly commit: () => void }
	| { readonly is: "eot" }
	/** EOT and no ACK before it: to 72 during an entry. */
	| { readonly is: "eot-alone" }
	| { readonly is: "nothing" };
const answer = (text: string): Reply => ({ is: "answer", text });
const nothing: Reply = { is: "nothing" };
const eot: Reply = { is: "eot" };

export interface DeskNeeds {
	readonly clock: Clock;
	readonly dialect: Dialect;
	readonly keys: PadKeys;
	/** Of the kind that can be set by 05. */
	readonly serial: string;
	/** Burnt in. */
	readonly unit: string;
	/** PIN blocks an hour; more are refused. */
	readonly hourly: number;
	/** An entry has come to its end: by its keys, or by its time-out. */
	readonly finished: (reply: Reply) => void;
}

/** An entry as its packet asks for it. */
interface Request {
	readonly account: string;
	readonly workingKey: string;
	readonly least: number;
	readonly most: number;
	readonly bypass: boolean;
	readonly steps: number;
	readonly lines: readonly string[];
}
interface Entry {
	readonly request: Request;
	readonly digits: number[];
	readonly off: () => void;
}
const hourMs = 3_600_000;
const idle: readonly string[] = ["WELCOME"];
const amountForm = /^\d{1,5}\.\d\d$/;

export class PadDesk {
	readonly #needs: DeskNeeds;
	readonly #mac: PadMac;
	#serial: string;
	#selected: string | undefined;
	/** Lines that a Z2 or Z3 showed last, and whether they are of the PIN table. */
	#lines: readonly string[] = idle;
	#forPin = false;
	#entry: Entry | undefined;
	/** When PIN blocks were made, within the last hour. */
	#made: number[] = [];
	#failed = "0";

	constructor(needs: DeskNeeds) {
		this.#needs = needs;
		this.#serial = needs.serial;
		this.#mac = new PadMac(needs.keys);
	}

	/** What stands on the pad's screen, a line a line; PIN digits as stars. */
	screen(): readonly string[] {
		const entry = this.#entry;
		return entry === undefined ? this.#lines : [...entry.request.lines, "*".repeat(entry.digits.length)];
	}

	entering(): boolean {
		return this.#entry !== undefined;
	}

	/** Packet 16 tells this from now on: "0", or the digits of what fails. */
	fail(codes: string): void {
		this.#failed = codes;
	}

	/** As after switching on. */
	reset(): void {
		this.#leave();
		this.#mac.reset();
		this.#selected = undefined;
	}

	press(key: Key): void {
		const entry = this.#entry;
		if (entry === undefined) return;
		if (key === "cancel") this.#finish(eot);
		else if (key === "clear") entry.digits.pop();
		else if (key === "confirm") this.#confirm(entry);
		else if (/^\d$/.test(key) && entry.digits.length < entry.request.most) entry.digits.push(Number(key));
	}

	/** One packet with a good LRC; undefined for an id that this pad does not know. */
	hear(id: string, rest: string): Reply | undefined {
		const handler = this.#handlers[id];
		// Anything else ends an entry: the host has forgotten about it.
		if (id !== "72" && this.#entry !== undefined) this.#leave();
		return handler?.(rest);
	}

	readonly #handlers: Readonly<Record<string, (rest: string) => Reply>> = {
		"02": (rest) => {
			const load = this.#needs.keys.load(rest);
			if (load === "not-authorised") return eot;
			return "commit" in load ? { is: "echo", commit: load.commit } : answer(`02?${load.reason}`);
		},
		"04": (rest) => answer(`04${this.#needs.keys.attributes(rest.slice(0, 1))}`),
		"05": (rest) => ({
			is: "echo",
			commit: () => {
				this.#serial = rest;
			},
		}),
		"06": () => answer(`06${this.#serial}`),
		M04: () => answer(`M04${this.#needs.unit}`),
		"08": (rest) => {
			this.#selected = rest;
			if (this.#needs.dialect === "verifone") return eot;
			return answer(`08${this.#needs.keys.has(rest) ? "0" : "1"}`);
		},
		"09": (rest) => answer(`09${rest}`),
		"11": () => eot,
		"16": () => answer(`16${this.#failed}`),
		"72": () => {
			const active = this.#entry !== undefined || this.#mac.begun();
			this.#mac.reset();
			this.#leave();
			return active ? { is: "eot-alone" } : nothing;
		},
		"70": (rest) => this.#begin(rest, (r) => this.#amountRequest(r)),
		Z60: (rest) => {
			if (this.#needs.dialect === "uic" && !this.#forPin) return eot;
			return this.#begin(rest, (r) => this.#plainRequest(r));
		},
		Z62: (rest) => this.#begin(rest, (r) => this.#boundedRequest(r)),
		Z63: (rest) => this.#begin(rest, (r) => this.#boundedRequest(r)),
		Z66: (rest) => answer(`Z67${this.#mac.part(rest)}`),
		Z2: (rest) => this.#show("Z2", rest.split(FS)),
		Z3: (rest) => this.#show("Z3", rest.slice(1).split(FS)),
	};

	#show(id: string, lines: readonly string[]): Reply {
		const ids = lines.filter((line) => line.startsWith(RS));
		if (ids.length === 0) {
			this.#forPin = false;
			this.#lines = lines.map((line) => line.replace(SUB, ""));
			return nothing;
		}
		const table = Object.values(padPrompts);
		const texts = lines.map((line) => table.find((prompt) => RS + prompt.id === line)?.text);
		const known = texts.filter((text) => text !== undefined);
		if (known.length < lines.length) return answer(`${id}1`);
		this.#forPin = true;
		this.#lines = known;
		return answer(`${id}0`);
	}

	#begin(rest: string, read: (rest: string) => Request | string): Reply {
		const request = rest.startsWith(".") ? read(rest.slice(1)) : "0";
		if (typeof request === "string") return answer(`71${request}`);
		const now = this.#needs.clock.now();
		this.#made = this.#made.filter((at) => now - at < hourMs);
		if (this.#made.length >= this.#needs.hourly) return answer("717");
		const off = this.#needs.clock.after(request.steps * timeoutStepMs, () => this.#finish(eot));
		this.#entry = { request, digits: [], off };
		return nothing;
	}

	/** 70.: account FS key amount [FS t]. */
	#amountRequest(rest: string): Request | string {
		const [account = "", keyAmount = "", steps] = rest.split(FS, 3);
		const length = keyAmount.length >= 36 ? 32 : 16;
		const amount = keyAmount.slice(length);
		const wrong = this.#wrong(account, keyAmount.slice(0, length), steps);
		if (wrong !== undefined) return wrong;
		if (!amountForm.test(amount)) return this.#needs.dialect === "uic" ? "8" : "2";
		const lines = [amount, padPrompts.enter.text];
		return { ...usual, account, workingKey: keyAmount.slice(0, length), steps: stepsOf(steps), lines };
	}

	/** Z60.: account FS key [FS t]. */
	#plainRequest(rest: string): Request | string {
		const [account = "", workingKey = "", steps] = rest.split(FS, 3);
		const wrong = this.#wrong(account, workingKey, steps);
		return wrong ?? { ...usual, account, workingKey, steps: stepsOf(steps), lines: this.#lines };
	}

	/** Z62. and Z63.: account FS key least most bypass, and the lines or the echo. */
	#boundedRequest(rest: string): Request | string {
		const [account = "", keyed = "", second = "", , steps] = rest.split(FS, 5);
		const [, workingKey = "", least = "", most = "", bypass = "", last = ""] =
			/^((?:[0-9A-F]{16}){1,2})(\d\d)(\d\d)([YN])(.*)$/.exec(keyed) ?? [];
		const wrong = this.#wrong(account, workingKey, steps);
		if (wrong !== undefined) return wrong;
		const lines = this.#needs.dialect === "verifone" ? this.#lines : [last, second].filter((x) => x !== "");
		const texts = Object.values(padPrompts).map(({ text }) => text);
		if (this.#needs.dialect === "uic" && !lines.every((line) => texts.includes(line))) return "8";
		const bounds = { least: Number(least), most: Number(most), bypass: bypass === "Y" };
		return { account, workingKey, ...bounds, steps: stepsOf(steps), lines };
	}

	/** The first thing that is wrong with account, key or time-out, as 71's reason. */
	#wrong(account: string, workingKey: string, steps: string | undefined): string | undefined {
		const slot = this.#selected ?? "";
		// Verifone's pads have one reason for all that is wrong with account and key.
		const wrongs: readonly (readonly [uic: string, boolean])[] = [
			["0", account === ""],
			["2", account.length < 8],
			["3", account.length > 19],
			["4", !/^\d+$/.test(account)],
			["5", !/^([0-9A-F]{16}){1,2}$/.test(workingKey)],
			["A", slot !== "" && !/^\d$/.test(slot)],
			["6", steps !== undefined && !/^[1-9]$/.test(steps)],
		];
		const uic = this.#needs.dialect === "uic";
		const wrong = wrongs.find(([, is]) => is)?.[0];
		if (wrong !== undefined) return uic ? wrong : "2";
		const fit = this.#needs.keys.fit(slot, workingKey);
		const reasons = uic
			? { "no-key": "9", "too-long": "1", attributes: "1" }
			: { "no-key": "1", "too-long": "6", attributes: "6" };
		return fit === "fit" ? undefined : reasons[fit];
	}

	#confirm(entry: Entry): void {
		const { digits, request } = entry;
		if (digits.length === 0 && request.bypass) this.#finish(answer(`71.00001${"0".repeat(16)}`));
		if (digits.length < request.least) return;
		const pin = Uint8Array.from(digits);
		const block = this.#needs.keys.pinBlock(this.#selected ?? "", request.workingKey, pin, request.account);
		pin.fill(0);
		this.#made.push(this.#needs.clock.now());
		const length = String(digits.length).padStart(2, "0");
		const noKey = this.#needs.dialect === "uic" ? "719" : "711";
		this.#finish(answer(block instanceof Uint8Array ? `71.0${length}01${hex(block)}` : noKey));
	}

	#finish(reply: Reply): void {
		this.#leave();
		this.#needs.finished(reply);
	}

	/** Back to idle; the digits are wiped. */
	#leave(): void {
		this.#entry?.off();
		this.#entry?.digits.fill(0);
		this.#entry = undefined;
		this.#forPin = false;
	}
}
const usual = { least: 4, most: 12, bypass: false } as const;
const stepsOf = (steps: string | undefined): number =>
	steps === undefined ? usualTimeoutSteps : Number(steps);
