/**
 * The terminal's process as `terminal/main.ts` makes it, on the real board, but for one thing: it ends itself
 * by SIGKILL at a named moment of the money machines. Run: node terminal-under-knife.ts STATE BOARD [MOMENT]
 */
import { join } from "node:path";
import { readBoard } from "../../../drivers/boards/board.ts";
import { devicesOf } from "../../../drivers/boards/devices.ts";
import { cardProfileFrom } from "../../../src/kernel/profile.ts";
import { systemCalendar, systemClock } from "../../../src/runtime/clock.ts";
import { readJson } from "../../../src/runtime/files.ts";
import { logTo } from "../../../src/runtime/log-sink.ts";
import { systemRandom } from "../../../src/runtime/random.ts";
import { readAtlas } from "../../../src/terminal/screen/atlas.ts";
import { settingsFrom } from "../../../src/terminal/settings.ts";
import { Terminal } from "../../../src/terminal/terminal.ts";

const [state = "", boardPath = "", moment = ""] = process.argv.slice(2);
const valued = <T>(result: { ok: true; value: T } | { ok: false; error: { at: string } }): T => {
	if (!result.ok) throw new Error(result.error.at);
	return result.value;
};
const board = valued(readBoard(boardPath));
const log = logTo("terminal");
const needs = { clock: systemClock, random: systemRandom, log };
const terminal = new Terminal({
	...{ ...needs, calendar: systemCalendar, version: "0.1.0", sharedKeys: board.pinKeys === "shared" },
	settings: valued(settingsFrom(valued(readJson(join(state, "terminal", "settings.json"))))),
	profile: valued(cardProfileFrom(valued(readJson("firmware-config/profiles/applications.json")))),
	atlas: readAtlas("dist/glyphs.bin"),
	devices: devicesOf(board, needs),
	vaultSocket: join(state, "vault", "vault.sock"),
	ledgerPath: join(state, "terminal", "ledger.db"),
	identity: {
		key: join(state, "terminal", "device.key"),
		cert: join(state, "terminal", "device.crt"),
		ca: join(state, "terminal", "ca.crt"),
	},
	moment: (when, effect) => {
		if (`${when} ${effect}` === moment) process.kill(process.pid, "SIGKILL");
		return Promise.resolve();
	},
	fatal: () => process.exit(70),
});
process.once("SIGTERM", () => {
	terminal.close().then(
		() => process.exit(0),
		() => process.exit(1),
	);
});
await terminal.open();
