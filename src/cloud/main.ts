/** The cloud's process: `cloud --state DIR`, where DIR holds cloud.json and the files it names. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { systemCalendar, systemClock } from "../runtime/clock.ts";
import { readJson } from "../runtime/files.ts";
import { logTo } from "../runtime/log-sink.ts";
import { Platform } from "./platform.ts";

const log = logTo("cloud");
const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
const config = v.strictObject({
	tenant: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/)),
	mqttPort: port,
	httpPort: port,
	/** PEM files; a relative path counts from DIR. */
	caFile: v.string(),
	certFile: v.string(),
	keyFile: v.string(),
	names: v.optional(v.record(v.string(), v.string()), {}),
});

async function main(): Promise<void> {
	process.title = "guitai-cloud";
	const { values } = parseArgs({ options: { state: { type: "string" } } });
	const { state } = values;
	if (state === undefined) throw new Error("--state DIR is needed");
	const file = readJson(resolve(state, "cloud.json"));
	const read = v.safeParse(config, file.ok ? file.value : undefined);
	if (!read.success) throw new Error(`settings.invalid ${resolve(state, "cloud.json")}`);
	const { caFile, certFile, keyFile, ...more } = read.output;
	const platform = new Platform({
		...{ ...more, stateDir: state, clock: systemClock, calendar: systemCalendar, log },
		...{
			caFile: resolve(state, caFile),
			certFile: resolve(state, certFile),
			keyFile: resolve(state, keyFile),
		},
		fatal: () => process.exit(1),
	});
	const end = (): void => {
		platform.close().then(
			() => process.exit(0),
			() => process.exit(1),
		);
	};
	process.once("SIGTERM", end);
	process.once("SIGINT", end);
	await platform.open();
}

main().catch((error: unknown) => {
	log("bug", "cloud-failed", { says: error instanceof Error ? error.message : "unknown" });
	process.exit(1);
});
