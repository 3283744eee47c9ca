/**
 * A platform that is killed between a commit and its acknowledgement: `dying-platform.ts CONFIG N`, at
 * the Nth commit.
 */
import { readFileSync } from "node:fs";
import { Platform, type PlatformNeeds } from "../../src/cloud/platform.ts";
import { systemCalendar, systemClock } from "../../src/runtime/clock.ts";
import { logTo } from "../../src/runtime/log-sink.ts";

const [, , config = "", at = "0"] = process.argv;
let left = Number(at);
const platform = new Platform({
	...(JSON.parse(readFileSync(config, "utf8")) as PlatformNeeds),
	...{ clock: systemClock, calendar: systemCalendar, log: logTo("cloud") },
	committed: () => {
		left -= 1;
		if (left === 0) process.kill(process.pid, "SIGKILL");
	},
});
await platform.open();
