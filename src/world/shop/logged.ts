/**
 * Log lines of the programs, read back: one JSON object a line, as the log sink writes them (runtime/log-
 * sink.ts).
 */
import * as v from "valibot";
import type { Logged } from "./floor.ts";

const shape = v.looseObject({ at: v.string(), program: v.string(), level: v.string(), event: v.string() });

/** Undefined for a line that is not an event: a runtime's own words on the error output. */
export function readLogged(line: string): Logged | undefined {
	const read = v.safeParse(v.pipe(v.string(), v.parseJson(), shape), line);
	if (!read.success) return undefined;
	const { at, program, level, event, ...fields } = read.output;
	return { at, program, level, event, fields };
}

export const textOf = (line: Logged, field: string): string => {
	const value = line.fields[field];
	return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
};

/** Cuts a stream of text into its lines, wherever it was cut before. */
export function lineReader(take: (line: string) => void): (chunk: string) => void {
	let held = "";
	return (chunk) => {
		const lines = (held + chunk).split("\n");
		held = lines.pop() ?? "";
		for (const line of lines) if (line.trim() !== "") take(line);
	};
}
