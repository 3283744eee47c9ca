/**
 * The terminal's process: `terminal --state DIR --board FILE [--profiles DIR] [--glyphs FILE] [--vault
 * SOCKET]`.
 */
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { readBoard } from "../../drivers/boards/board.ts";
import { devicesOf } from "../../drivers/boards/devices.ts";
import { cardProfileFrom } from "../kernel/profile.ts";
import { no, type Result } from "../kit/result.ts";
import { systemCalendar, systemClock } from "../runtime/clock.ts";
import { readJson } from "../runtime/files.ts";
import { logTo } from "../runtime/log-sink.ts";
import { systemRandom } from "../runtime/random.ts";
import { readAtlas } from "./screen/atlas.ts";
import { settingsFrom } from "./settings.ts";
import { Terminal } from "./terminal.ts";

/** Ends a process that must not go on; boot starts it again (sysexits: internal software error). */
const softwareError = 70;
const log = logTo("terminal");

const need = <T>(result: Result<T, { readonly at: string }>): T => {
	if (!result.ok) throw new Error(`settings.invalid ${result.error.at}`);
	return result.value;
};
const read = <T>(path: string, from: (json: unknown) => Result<T, { readonly at: string }>): T => {
	const file = need(readJson(path));
	const value = from(file);
	return need(value.ok ? value : no({ at: `${path}: ${value.error.at}` }));
};

/** Installed next to the program: there is no import.meta in a CJS bundle. */
const beside = (name: string): string => join(dirname(process.argv[1] ?? ""), name);

async function main(): Promise<void> {
	process.title = "guitai-terminal";
	const { values } = parseArgs({
		options: {
			state: { type: "string" },
			board: { type: "string" },
			profiles: { type: "string", default: beside("profiles") },
			glyphs: { type: "string", default: beside("glyphs.bin") },
			vault: { type: "string" },
		},
	});
	const { state, board: boardPath, profiles, glyphs, vault } = values;
	if (state === undefined || boardPath === undefined)
		throw new Error("--state DIR and --board FILE are needed");
	const settings = read(join(state, "settings.json"), settingsFrom);
	const profile = read(join(profiles, settings.profile), cardProfileFrom);
	const board = need(readBoard(boardPath));
	const needs = { clock: systemClock, random: systemRandom, log };
	const terminal = new Terminal({
		...{ settings, profile, ...needs, calendar: systemCalendar, version: "0.1.0" },
		atlas: readAtlas(glyphs),
		devices: devicesOf(board, needs),
		sharedKeys: board.pinKeys === "shared",
		vaultSocket: vault ?? join(state, "..", "vault", "vault.sock"),
		ledgerPath: join(state, "ledger.db"),
		identity: {
			key: join(state, "device.key"),
			cert: join(state, "device.crt"),
			ca: join(state, "ca.crt"),
		},
		fatal: () => process.exit(softwareError),
	});
	const end = (): void => {
		terminal.close().then(
			() => process.exit(0),
			() => process.exit(1),
		);
	};
	process.once("SIGTERM", end);
	process.once("SIGINT", end);
	await terminal.open();
}

main().catch((error: unknown) => {
	log("bug", "terminal-failed", { says: error instanceof Error ? error.message : "unknown" });
	process.exit(softwareError);
});
