/** The table of programs as its file writes it. */
import { no, ok, type Result } from "../kit/result.ts";
import type { Program } from "./boot.ts";

/**
 * Reads the table; a fault says in which row which field is wrong. Names must differ: they tell rows apart
 * in the log.
 */
export function readPrograms(table: unknown): Result<readonly Program[], { readonly at: string }> {
	if (!Array.isArray(table)) return no({ at: "not a list" });
	const rows: readonly unknown[] = table;
	const programs: Program[] = [];
	for (const [row, entry] of rows.entries()) {
		if (!isProgram(entry)) return no({ at: `row ${row}: ${fieldAtFault(entry)}` });
		if (programs.some(({ name }) => name === entry.name)) return no({ at: `row ${row}: name` });
		programs.push(entry);
	}
	return ok(programs);
}

const text = (value: unknown): boolean => typeof value === "string" && value !== "";
const checks: Readonly<Record<keyof Program, (value: unknown) => boolean>> = {
	name: text,
	command: text,
	args: (value) => Array.isArray(value) && value.every((arg) => typeof arg === "string"),
	env: (value) =>
		value === undefined ||
		(typeof value === "object" && value !== null && Object.values(value).every((v) => typeof v === "string")),
};

function fieldAtFault(entry: unknown): string | undefined {
	if (typeof entry !== "object" || entry === null) return "not an object";
	const facts = new Map(Object.entries(entry));
	return Object.entries(checks).find(([field, good]) => !good(facts.get(field)))?.[0];
}
const isProgram = (entry: unknown): entry is Program => fieldAtFault(entry) === undefined;
