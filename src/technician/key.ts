/**
 * The vault's keys, asked by its socket as the technician: what stands there, a new one, and their end. No
 * key comes out.
 */
import { join } from "node:path";
import {
	type BlockSlot,
	blockSlots,
	type CeremonySlot,
	type CeremonyStep,
	ceremonySlots,
	type Operations,
} from "../contract/vault.ts";
import { hex } from "../kit/bytes.ts";
import { systemClock } from "../runtime/clock.ts";
import { type Chapter, type Command, DeedFault, type Given, type Say, UsageFault } from "./command.ts";
import { askVault, type TechnicianOperation } from "./vault-door.ts";

/** `--socket PATH`, or the socket in the vault's state folder. */
function socketOf(given: Given): string {
	const socket = given.maybe("socket");
	const state = given.maybe("state");
	if ((socket === undefined) === (state === undefined))
		throw new UsageFault("--socket PATH or --state DIR is needed, and not both");
	return socket ?? join(state ?? "", "vault.sock");
}

async function asked<Op extends TechnicianOperation>(
	given: Given,
	op: Op,
	ask: Operations[Op]["ask"],
): Promise<Operations[Op]["answer"]> {
	const answer = await askVault(socketOf(given), systemClock, op, ask);
	if (!answer.ok) throw new DeedFault(answer.error);
	return answer.value;
}

const status: Command = {
	usage: "--socket PATH | --state DIR",
	says: "whether the vault is ready, and each key by usage and check value",
	options: ["socket", "state"],
	run: async (given) => {
		const { state, reason, pinKeys } = await asked(given, "status", {});
		const { keys, refused } = await asked(given, "key-report", {});
		return [
			`vault: ${state}${reason === undefined ? "" : ` (${reason})`}`,
			`PIN keys: ${pinKeys}`,
			...keys.map(
				({ slot, usage, algorithm, keySet, version, kcv, exportability }) =>
					`key ${slot}: usage ${usage}, algorithm ${algorithm}, set ${keySet}, version ${version}, ` +
					`kcv ${kcv}, exportability ${exportability}`,
			),
			`keys: ${keys.length}`,
			`refused requests: ${refused}`,
		];
	},
};

/** The vault's own limit, and some more. */
const ceremonyMs = 16 * 60 * 1000;
const named = <T extends string>(names: readonly T[]): Readonly<Record<string, T>> =>
	Object.fromEntries(names.map((name) => [name, name]));
const ceremonies: Readonly<Record<string, CeremonySlot>> = named(ceremonySlots);
const blocks: Readonly<Record<string, BlockSlot>> = named(blockSlots);
const algorithms = { T: "T", A: "A" } as const;
const sizes = { "16": 16, "24": 24, "32": 32 } as const;
const custodians = { "2": 2, "3": 3 } as const;

/** What the custodians are asked for, once for each thing; the digits are the vault's alone. */
function prompts(say: Say): (step: CeremonyStep) => void {
	let last = "";
	return ({ turn, step, digits, wrong = false }) => {
		const now = `turn ${turn}: ${step === "custodian" ? "custodian's number" : step.replace("-", " ")}`;
		if (now === last && !(wrong && digits === 0)) return;
		last = now;
		say(wrong ? `${now} again: that was wrong` : now);
	};
}

const loadComponents: Command = {
	usage:
		`(--socket PATH | --state DIR) --slot ${ceremonySlots.join("|")} --kcv HEX [--algorithm T|A] ` +
		"[--bytes 16|24|32] [--custodians 2|3]",
	says: "two or three custodians type a key's components on the vault's own keys (A to F: star, then 0 to 5)",
	options: ["socket", "state", "slot", "kcv", "algorithm", "bytes", "custodians"],
	run: async (given, say) => {
		const ask = {
			slot: given.one("slot", ceremonies),
			algorithm: given.one("algorithm", algorithms, "T"),
			bytes: given.one("bytes", sizes, "16"),
			custodians: given.one("custodians", custodians, "2"),
			kcv: hex(given.bytes("kcv", 3)),
		};
		const patience = { ms: ceremonyMs, told: prompts(say) };
		const answer = await askVault(socketOf(given), systemClock, "enter-components", ask, patience);
		if (!answer.ok) throw new DeedFault(answer.error);
		if (answer.value.end !== "entered") throw new DeedFault(`nothing was loaded: ${answer.value.end}`);
		return [`key ${ask.slot}: loaded, kcv ${ask.kcv}`];
	},
};

const loadBlock: Command = {
	usage: `(--socket PATH | --state DIR) --slot ${blockSlots.join("|")} --block TEXT`,
	says: "loads a TR-31 block that was made under the vault's key-block protection key",
	options: ["socket", "state", "slot", "block"],
	run: async (given) => {
		const ask = { slot: given.one("slot", blocks), block: given.text("block") };
		const { kcv } = await asked(given, "load-block", ask);
		return [`key ${ask.slot}: loaded, kcv ${kcv}`];
	},
};

const zeroise: Command = {
	usage: "(--socket PATH | --state DIR) --erase-every-key",
	says: "erases every key of the vault for good; the terminal is out of service until it is provisioned anew",
	options: ["socket", "state"],
	flags: ["erase-every-key"],
	run: async (given) => {
		if (!given.flag("erase-every-key"))
			throw new UsageFault("nothing was erased: say --erase-every-key when it is meant");
		await asked(given, "zeroise", {});
		const { state, reason, keys } = await asked(given, "status", {});
		if (state !== "zeroised" || keys.length > 0) throw new DeedFault(`the vault says it is ${state}`);
		return [`vault: ${state}${reason === undefined ? "" : ` (${reason})`}`];
	},
};

export const key: Chapter = {
	says: "the vault's keys, by its socket",
	commands: { status, "load-components": loadComponents, "load-block": loadBlock, zeroise },
};
