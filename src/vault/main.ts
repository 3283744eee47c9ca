/**
 * The vault's process: `vault --state DIR --board FILE [--socket PATH] [--pin-burst N] [--pin-refill MS]`.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { caseSwitch, pinKeypad, readBoard } from "../../drivers/boards/board.ts";
import { systemClock } from "../runtime/clock.ts";
import { logTo } from "../runtime/log-sink.ts";
import { systemRandom } from "../runtime/random.ts";
import { usualPinRate } from "./pin-rate.ts";
import { Vault } from "./vault.ts";

/** DIR holds `vault.db` and `root.key`, as `provisionVault` made them, and `vault.sock` while it runs. */
async function main(): Promise<void> {
	process.title = "guitai-vault";
	const { values } = parseArgs({
		options: {
			state: { type: "string" },
			board: { type: "string" },
			socket: { type: "string" },
			"pin-burst": { type: "string", default: String(usualPinRate.burst) },
			"pin-refill": { type: "string", default: String(usualPinRate.refillMs) },
		},
	});
	const { state, board: boardPath } = values;
	if (state === undefined || boardPath === undefined)
		throw new Error("--state DIR and --board FILE are needed");
	const log = logTo("vault");
	const board = readBoard(boardPath);
	if (!board.ok) throw new Error(`${board.error.code} ${board.error.at}`);
	const needs = { clock: systemClock, random: systemRandom, log };
	const vault = new Vault({
		socketPath: values.socket ?? join(state, "vault.sock"),
		storePath: join(state, "vault.db"),
		rootKeyPath: join(state, "root.key"),
		pinKeys: pinKeypad(board.value, needs),
		tamper: caseSwitch(board.value, needs),
		pinRate: {
			burst: positive("--pin-burst", values["pin-burst"]),
			refillMs: positive("--pin-refill", values["pin-refill"]),
		},
		...needs,
	});
	const end = (): void => {
		vault.close().then(
			() => process.exit(0),
			() => process.exit(1),
		);
	};
	process.once("SIGTERM", end);
	process.once("SIGINT", end);
	await vault.open();
}

function positive(name: string, text: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} is not a whole number from 1`);
	return value;
}

main().catch((error: unknown) => {
	logTo("vault")("bug", "vault-failed", { says: error instanceof Error ? error.message : "unknown" });
	process.exit(1);
});
