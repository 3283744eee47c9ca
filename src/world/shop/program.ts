/**
 * One real process of the shop: started on this very Node, its log lines heard, ended with everything under
 * it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { type Clock, within } from "../../kit/clock.ts";
import type { Part } from "../../kit/part.ts";
import type { Logged } from "./floor.ts";
import { lineReader, readLogged } from "./logged.ts";

export interface ProgramNeeds {
	readonly name: string;
	/** A bundle of dist/. */
	readonly file: string;
	readonly args: readonly string[];
	readonly clock: Clock;
	readonly heard: (line: Logged) => void;
	/** Words that are no log lines: what the runtime says when a program dies. */
	readonly said: (text: string) => void;
	readonly ended?: (how: string) => void;
}

/** From the polite signal to the other one. */
const graceMs = 4000;

export class Program implements Part {
	readonly name: string;
	readonly #needs: ProgramNeeds;
	#child: ChildProcess | undefined;
	#keeper: ChildProcess | undefined;
	#gone: Promise<void> = Promise.resolve();

	constructor(needs: ProgramNeeds) {
		this.#needs = needs;
		this.name = needs.name;
	}

	get running(): boolean {
		return this.#child !== undefined;
	}
	get pid(): number | undefined {
		return this.#child?.pid;
	}

	open(): Promise<void> {
		const { file, args, heard, said, ended } = this.#needs;
		const child = spawn(process.execPath, ["--disable-sigusr1", file, ...args], {
			stdio: ["ignore", "pipe", "pipe"],
			detached: true,
		});
		this.#child = child;
		for (const stream of [child.stdout, child.stderr]) {
			const take = lineReader((line) => {
				const logged = readLogged(line);
				if (logged === undefined) said(line);
				else heard(logged);
			});
			stream.setEncoding("utf8");
			stream.on("data", take);
		}
		this.#keeper = keep(child.pid);
		this.#gone = new Promise((done) => {
			const end = (how: string): void => {
				if (this.#child === child) this.#child = undefined;
				signal(child.pid, "SIGKILL");
				this.#keeper?.kill("SIGKILL");
				ended?.(how);
				done();
			};
			child.once("error", (error) => end(error.message));
			child.once("exit", (code, signalled) => end(signalled ?? `exit ${code}`));
		});
		return Promise.resolve();
	}

	async close(): Promise<void> {
		const child = this.#child;
		if (child === undefined) return;
		child.kill("SIGTERM");
		const late = await within(this.#needs.clock, graceMs, this.#gone, "late");
		if (late === "late") await this.kill();
	}

	/** At once and without a word, with everything in its group: as a power cut. */
	async kill(): Promise<void> {
		signal(this.#child?.pid, "SIGKILL");
		await this.#gone;
	}
}

/** To the whole group that `pid` leads. */
function signal(pid: number | undefined, which: NodeJS.Signals): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, which);
	} catch {
		// nobody is left in it
	}
}

/**
 * Outlives this process by a moment: when the world ends in any way, its pipe closes, and the group is
 * ended.
 */
function keep(pid: number | undefined): ChildProcess | undefined {
	if (pid === undefined) return undefined;
	const last = 'read -r _; kill -TERM -"$0" 2>/dev/null; sleep 1; kill -KILL -"$0" 2>/dev/null';
	const keeper = spawn("sh", ["-c", last, String(pid)], {
		stdio: ["pipe", "ignore", "ignore"],
		detached: true,
	});
	keeper.unref();
	keeper.stdin.on("error", () => {});
	return keeper;
}
