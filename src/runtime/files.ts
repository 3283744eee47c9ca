import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { no, ok, type Result } from "../kit/result.ts";

/**
 * Replaces a file so that a power cut leaves the old one or the new one, whole: file and folder are synced.
 */
export function writeAtomic(path: string, content: string | Uint8Array, mode = 0o600): void {
	const draft = `${path}.draft`;
	const fd = openSync(draft, "w", mode);
	try {
		writeSync(fd, typeof content === "string" ? new TextEncoder().encode(content) : content);
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
	renameSync(draft, path);
	const folder = openSync(dirname(path), "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}

/** Reads a JSON file. A fault names the file; the parser's own words, which quote the text, go no further. */
export function readJson(
	path: string,
): Result<unknown, { readonly code: "settings.invalid"; readonly at: string }> {
	try {
		return ok(JSON.parse(readFileSync(path, "utf8")));
	} catch {
		return no({ code: "settings.invalid", at: path });
	}
}
