/** What an emulated PIN pad makes of packets and of presses on its own keys; nothing of the line. */
import type { Key } from "../../src/contract/device.ts";
import { hex, unhex } from "../../src/kit/bytes.ts";
import type { Clock } from "../../src/kit/clock.ts";
import type { PadDukpt } from "./emulator-dukpt.ts";
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
	readonly dukpt: PadDukpt;
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
	/** Under the selected master key; without it the block comes under the next DUKPT key. */
	readonly workingKey?: string;
	/** What stands before a DUKPT block. */
	readonly head: "710" | "73.00000";
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
		"70": (rest) => {
			if (!rest.startsWith(".")) return this.#begin(this.#dukptAmountRequest(rest));
			return this.#begin(this.#amountRequest(rest.slice(1)));
		},
		"90": (rest) => answer(`91${this.#loadInitial(rest)}`),
		Z60: (rest) => {
			if (this.#needs.dialect === "uic" && !this.#forPin) return eot;
			return this.#begin(this.#plainRequest(rest.slice(1)));
		},
		Z62: (rest) => this.#begin(this.#boundedRequest(rest.slice(1))),
		Z63: (rest) => this.#begin(this.#boundedRequest(rest.slice(1))),
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

	/** Packet 90: a clear key and its number with both custodians there, or a block that names it (KS). */
	#loadInitial(rest: string): string {
		const { keys, dukpt } = this.#needs;
		const [, clear, number] = /^((?:[0-9A-F]{16}){1,2})([0-9A-F]{20})$/.exec(rest) ?? [];
		if (clear !== undefined && number !== undefined) {
			if (!keys.authorised()) return "11";
			return dukpt.load(unhex(clear), unhex(number)) ? "0" : "12";
		}
		if (!/^[A-D]\d{4}/.test(rest)) return "12";
		const opened = keys.open(rest);
		if ("reason" in opened) return `1${opened.reason}`;
		const name = opened.header.optional.find(({ id }) => id === "KS")?.data ?? "";
		const fit = opened.header.usage === "B1" && /^[0-9A-F]{20}$/.test(name);
		const loaded = fit && dukpt.load(opened.key, unhex(name));
		opened.key.fill(0);
		return loaded ? "0" : "12";
	}

	#begin(request: Request | string): Reply {
		if (typeof request === "string") return answer(`71${request}`);
		const now = this.#needs.clock.now();
		this.#made = this.#made.filter((at) => now - at < hourMs);
		const hurried = this.#made.length >= this.#needs.hourly;
		if (hurried && request.workingKey !== undefined) return answer("717");
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

	/** 70 without a point: account FS C or D amount [FS t]. */
	#dukptAmountRequest(rest: string): Request | string {
		const [account = "", amount = "", steps] = rest.split(FS, 3);
		const wrong = this.#wrongAccount(account, steps) ?? this.#wrongDukpt();
		if (wrong !== undefined) return wrong;
		if (!/^[CD]/.test(amount)) return "5";
		if (!amountForm.test(amount.slice(1))) return this.#needs.dialect === "uic" ? "8" : "5";
		return { ...usual, account, steps: stepsOf(steps), lines: [amount.slice(1), padPrompts.enter.text] };
	}

	/** Z60.: account FS key [FS t]; or account [FS t], or account FS DUKPT ENCRYPTION. */
	#plainRequest(rest: string): Request | string {
		const [account = "", workingKey = "", steps] = rest.split(FS, 3);
		if (this.#needs.dialect === "verifone" ? workingKey === dukptWords : workingKey.length < 2) {
			const times = workingKey.length === 1 ? workingKey : undefined;
			const no = this.#wrongAccount(account, times) ?? this.#wrongDukpt();
			const head = this.#needs.dialect === "verifone" ? "73.00000" : "710";
			return no ?? { ...usual, head, account, steps: stepsOf(times), lines: this.#lines };
		}
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
		return { ...usual, account, workingKey, ...bounds, steps: stepsOf(steps), lines };
	}

	/** The first thing that is wrong with account, time-out or key, as 71's reason. */
	#wrong(account: string, workingKey: string, steps: string | undefined): string | undefined {
		const uic = this.#needs.dialect === "uic";
		const slot = this.#selected ?? "";
		const wrong = this.#wrongAccount(account, steps);
		if (wrong !== undefined) return wrong;
		if (!/^([0-9A-F]{16}){1,2}$/.test(workingKey)) return uic ? "5" : "2";
		if (uic && slot !== "" && !/^\d$/.test(slot)) return "A";
		const fit = this.#needs.keys.fit(slot, workingKey);
		const reasons = uic
			? { "no-key": "9", "too-long": "1", attributes: "1" }
			: { "no-key": "1", "too-long": "6", attributes: "6" };
		return fit === "fit" ? undefined : reasons[fit];
	}

	/** Verifone's pads have one reason for all that is wrong here. */
	#wrongAccount(account: string, steps: string | undefined): string | undefined {
		const wrongs: readonly (readonly [uic: string, boolean])[] = [
			["0", account === ""],
			["2", account.length < 8],
			["3", account.length > 19],
			["4", !/^\d+$/.test(account)],
			["6", steps !== undefined && !/^[1-9]$/.test(steps)],
		];
		const wrong = wrongs.find(([, is]) => is)?.[0];
		return wrong === undefined || this.#needs.dialect === "uic" ? wrong : "2";
	}

	#wrongDukpt(): string | undefined {
		const reasons =
			this.#needs.dialect === "uic" ? { none: "A", exhausted: "F" } : { none: "1", exhausted: "6" };
		const state = this.#needs.dukpt.state();
		return state === "ready" ? undefined : reasons[state];
	}

	#confirm(entry: Entry): void {
		const { digits, request } = entry;
		if (digits.length === 0 && request.bypass) this.#finish(answer(`71.00001${"0".repeat(16)}`));
		if (digits.length < request.least) return;
		const pin = Uint8Array.from(digits);
		const said = this.#sealed(request, pin);
		pin.fill(0);
		this.#made.push(this.#needs.clock.now());
		this.#finish(answer(said));
	}

	#sealed({ account, head, workingKey }: Request, pin: Uint8Array): string {
		if (workingKey === undefined) {
			const block = this.#needs.dukpt.pinBlock(pin, account);
			return block === undefined ? `71${this.#wrongDukpt() ?? "A"}` : head + block;
		}
		const block = this.#needs.keys.pinBlock(this.#selected ?? "", workingKey, pin, account);
		const length = String(pin.length).padStart(2, "0");
		if (block instanceof Uint8Array) return `71.0${length}01${hex(block)}`;
		return this.#needs.dialect === "uic" ? "719" : "711";
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
const usual = { least: 4, most: 12, bypass: false, head: "710" } as const;
const dukptWords = "DUKPT ENCRYPTION";
const stepsOf = (steps: string | undefined): number =>
	steps === undefined ? usualTimeoutSteps : Number(steps);
