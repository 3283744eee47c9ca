/** The vault's keys, asked by its socket as the technician: what stands there, and their end. No key comes out. */
import { join } from "node:path";
import type { Operations } from "../contract/vault.ts";
import { systemClock } from "../runtime/clock.ts";
import { type Chapter, type Command, DeedFault, type Given, UsageFault } from "./command.ts";
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

export const key: Chapter = { says: "the vault's keys, by its socket", commands: { status, zeroise } };
