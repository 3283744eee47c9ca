/**
 * Starts the programs of a terminal, starts them again when they end, and leaves none behind when it ends
 * itself.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { backoff } from "../kit/backoff.ts";
import type { Clock } from "../kit/clock.ts";
import { limits } from "../kit/limits.ts";
import { type Log, scrub } from "../kit/log.ts";
import type { Part } from "../kit/part.ts";
import type { Random } from "../kit/random.ts";
import { Lines } from "./lines.ts";

/** A row of the table of programs. */
export interface Program {
	readonly name: string;
	/** A path, or `node`: the Node that boot itself runs on. */
	readonly command: string;
	readonly args: readonly string[];
	/** On top of boot's own few variables. */
	readonly env?: Readonly<Record<string, string>>;
}
export interface BootNeeds {
	/** Started in this order, stopped backwards. */
	readonly programs: readonly Program[];
	/** What every program gets; nothing else of boot's environment is passed on (NODE_OPTIONS least of all). */
	readonly env: Readonly<Record<string, string>>;
	/** A line that a program wrote, without its end. */
	readonly out: (line: string) => void;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
}

/** First and longest wait before a program is started again; after so long alive it counts as sound. */
const restartMs = { least: 250, most: 30_000 } as const;
const stableMs = 60_000;
/** From SIGTERM to SIGKILL. */
const graceMs = 5000;
/** SIGUSR1 would open Node's debugger (fleet/security.md, 22). */
const nodeFlags = ["--disable-sigusr1"];
/**
 * What a program is started through, where the system has it: its life is tied to its parent's by the kernel
 * (PR_SET_PDEATHSIG), so that a killed boot leaves nobody behind; and it writes no core file, not even when
 * it asks for one (fleet/security.md, 23). Both replace themselves by the program: its process number stays.
 */
const wrappers: readonly (readonly [path: string, ...args: string[]])[] = [
	["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"],
	["/usr/bin/prlimit", "--core=0:0", "--"],
];

interface Running {
	readonly child: ChildProcess;
	readonly ended: Promise<void>;
}
interface Watched {
	readonly program: Program;
	running: Running | undefined;
	failures: number;
	offRestart: () => void;
}

export class Boot implements Part {
	readonly name = "boot";
	readonly #needs: BootNeeds;
	#watched: Watched[] = [];
	#open = false;

	constructor(needs: BootNeeds) {
		this.#needs = needs;
	}

	open(): Promise<void> {
		if (this.#open) return Promise.resolve();
		this.#open = true;
		this.#watched = this.#needs.programs.map((program) => ({
			program,
			running: undefined,
			failures: 0,
			offRestart: () => {},
		}));
		for (const watched of this.#watched) this.#start(watched);
		return Promise.resolve();
	}

	/** Stops backwards, one after the other: SIGTERM, and SIGKILL when that has not helped within 5 s. */
	async close(): Promise<void> {
		this.#open = false;
		for (const watched of this.#watched) watched.offRestart();
		for (const { running, program } of this.#watched.toReversed()) {
			if (running === undefined) continue;
			running.child.kill("SIGTERM");
			const off = this.#needs.clock.after(graceMs, () => {
				this.#needs.log("fault", "program-killed", { name: program.name });
				running.child.kill("SIGKILL");
			});
			await running.ended;
			off();
		}
	}

	/** Process numbers of what runs now, by name. */
	running(): ReadonlyMap<string, number> {
		const pids = this.#watched.flatMap(({ program, running }): [string, number][] =>
			running?.child.pid === undefined ? [] : [[program.name, running.child.pid]],
		);
		return new Map(pids);
	}

	#start(watched: Watched): void {
		const { clock, log, env } = this.#needs;
		const { program } = watched;
		const began = clock.now();
		const { path, args } = commandOf(program);
		const child = spawn(path, args, {
			stdio: ["ignore", "pipe", "pipe"],
			env: { ...env, ...program.env },
		});
		this.#passOn(program.name, "out", child.stdout);
		this.#passOn(program.name, "err", child.stderr);
		const ended = new Promise<void>((done) => {
			const end = (how: { code?: number | undefined; signal?: string | undefined; error?: string }): void => {
				if (watched.running?.child !== child) return;
				watched.running = undefined;
				log(this.#open ? "fault" : "note", "program-ended", { name: program.name, ...how });
				if (clock.now() - began >= stableMs) watched.failures = 0;
				this.#later(watched);
				done();
			};
			// Its end, not the end of its pipes: a grandchild may hold those for ever.
			child.once("exit", (code, signal) => end({ code: code ?? undefined, signal: signal ?? undefined }));
			child.once("error", (error) => end({ error: "code" in error ? String(error.code) : "unknown" }));
		});
		watched.running = { child, ended };
		if (child.pid !== undefined) log("note", "program-started", { name: program.name, pid: child.pid });
	}

	#later(watched: Watched): void {
		if (!this.#open) return;
		const { clock, random } = this.#needs;
		const ms = backoff(random, watched.failures, restartMs.least, restartMs.most);
		watched.failures += 1;
		watched.offRestart = clock.after(ms, () => this.#start(watched));
	}

	/**
	 * Events pass as they are; anything else becomes an event, so that whoever reads boot reads one kind of
	 * line.
	 */
	#passOn(name: string, stream: "out" | "err", from: Readable): void {
		const lines = new Lines(limits.socketFrameBytes);
		const line = (text: string): void => {
			if (text.startsWith("{")) this.#needs.out(text);
			else if (text !== "") this.#needs.log("fault", "program-said", { name, stream, text: scrub(text) });
		};
		from.on("data", (chunk: Uint8Array) => {
			for (const text of lines.feed(chunk)) line(text);
		});
		from.on("end", () => line(lines.rest()));
	}
}

function commandOf({ command, args }: Program): { readonly path: string; readonly args: readonly string[] } {
	const own = command === "node" || command === process.execPath;
	const path = own ? process.execPath : command;
	const flags = own ? nodeFlags.filter((flag) => !args.includes(flag)) : [];
	const [first = path, ...rest] = [
		...wrappers.filter(([wrapper]) => existsSync(wrapper)).flat(),
		...[path, ...flags, ...args],
	];
	return { path: first, args: rest };
}
