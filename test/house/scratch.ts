/** A tree of its own in a temporary folder: the house's real rules over files that a test makes up. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const house = resolve(import.meta.dirname, "../..");
/** What every tool finds in a checkout; the packages are the real ones. */
const brought = ["package.json", "tsconfig.json", "scripts/house"] as const;

export interface Heard {
	readonly code: number;
	readonly lines: readonly string[];
}
export interface Scratch {
	readonly root: string;
	/** Files by path, each with its text. */
	plant(files: Readonly<Record<string, string>>): void;
	/** Copies a file or folder of the real house, under another path if told. */
	bring(path: string, as?: string): void;
	/** Runs one of the house's own scripts with this tree as its working folder; gives what it printed. */
	run(script: string, ...args: readonly string[]): Heard;
	/** Runs a tool of node_modules/.bin likewise. */
	tool(name: string, ...args: readonly string[]): Heard;
	clear(): void;
}

/** `bare`: without the house's own scripts, and what they need. */
export function scratch({ bare = false } = {}): Scratch {
	const root = mkdtempSync(join(tmpdir(), "guitai-house-"));
	symlinkSync(join(house, "node_modules"), join(root, "node_modules"));
	const bring = (path: string, as = path): void =>
		cpSync(join(house, path), join(root, as), { recursive: true });
	if (!bare) for (const path of brought) bring(path);
	const spawn = (command: string, args: readonly string[]): Heard => {
		const done = spawnSync(command, args, { cwd: root, encoding: "utf8" });
		return { code: done.status ?? -1, lines: `${done.stdout}${done.stderr}`.split("\n").filter(Boolean) };
	};
	return {
		root,
		bring,
		plant: (files) => {
			for (const [path, text] of Object.entries(files)) {
				mkdirSync(dirname(join(root, path)), { recursive: true });
				writeFileSync(join(root, path), text);
			}
		},
		run: (script, ...args) => spawn(process.execPath, [join(house, script), ...args]),
		tool: (name, ...args) => spawn(join(house, "node_modules/.bin", name), args),
		clear: () => rmSync(root, { recursive: true, force: true }),
	};
}
