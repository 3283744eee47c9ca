import { writeSync } from "node:fs";
import { stamp } from "../kit/calendar.ts";
import { type Log, scrub } from "../kit/log.ts";
import { systemCalendar } from "./clock.ts";

/** Writes each event as one JSON line on a file descriptor (1 unless told): boot and the bench read them. */
export const logTo =
	(program: string, fd = 1): Log =>
	(level, event, fields = {}) => {
		const head = { at: stamp(systemCalendar.now()), program, level, event };
		// A field that is called like one of the head's does not stand in its place.
		const line = JSON.stringify({ ...head, ...fields, ...head });
		try {
			writeSync(fd, `${scrub(line)}\n`);
		} catch {
			// The reader of the log is gone: that must never stop a sale.
		}
	};
