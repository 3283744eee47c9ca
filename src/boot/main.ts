/** The first process: `boot --programs FILE`, a JSON list of `{name, command, args, env?}`. */
import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { systemClock } from "../runtime/clock.ts";
import { readJson } from "../runtime/files.ts";
import { logTo } from "../runtime/log-sink.ts";
import { systemRandom } from "../runtime/random.ts";
import { Boot } from "./boot.ts";
import { readPrograms } from "./programs.ts";

/** The only variables of the outside that programs see. */
const passed = ["PATH", "HOME", "TZ", "LANG"];

async function main(): Promise<void> {
	process.title = "guitai-boot";
	const { values } = parseArgs({ options: { programs: { type: "string" } } });
	if (values.programs === undefined) throw new Error("--programs FILE is needed");
	const file = readJson(values.programs);
	const programs = file.ok ? readPrograms(file.value) : file;
	if (!programs.ok) throw new Error(`${values.programs}: ${programs.error.at}`);
	const env = passed.flatMap((name): [string, string][] => {
		const value = process.env[name];
		return value === undefined ? [] : [[name, value]];
	});
	const boot = new Boot({
		programs: programs.value,
		env: Object.fromEntries(env),
		out: (line) => {
			try {
				writeSync(1, `${line}\n`);
			} catch {
				// Whoever read the log is gone: the programs go on.
			}
		},
		clock: systemClock,
		random: systemRandom,
		log: logTo("boot"),
	});
	const end = (): void => {
		boot.close().then(
			() => process.exit(0),
			() => process.exit(1),
		);
	};
	for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(signal, end);
	await boot.open();
}

main().catch((error: unknown) => {
	logTo("boot")("bug", "boot-failed", { says: error instanceof Error ? error.message : "unknown" });
	process.exit(1);
});
