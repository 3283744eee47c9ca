/** How often the terminal waits for the disk in each step of a sale, as strace sees it. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { sleep } from "./counter.ts";

/** Calls between one line of the terminal's log and the next. */
export interface StepFsyncs {
	/** `page contacting`, `host-heard`: the line after which and the line before which they were made. */
	readonly after: string;
	readonly before: string;
	/** File and how often, in order of appearance. */
	readonly files: Readonly<Record<string, number>>;
	readonly count: number;
}

/** Lines of the log between which the calls are counted. */
const steps: ReadonlySet<string> = new Set(["page", "host-sent", "host-heard", "fleet-acknowledged"]);

/** Attaches strace to a process while `during` runs. Undefined where strace cannot. */
export async function fsyncsOf(
	pid: number,
	traceFile: string,
	during: () => Promise<void>,
): Promise<readonly StepFsyncs[] | undefined> {
	const options = ["-f", "-y", "-s", "200", "-e", "trace=fsync,fdatasync,write", "-e", "signal=none"];
	const strace = spawn("strace", [...options, "-o", traceFile, "-p", String(pid)], {
		stdio: ["ignore", "ignore", "pipe"],
	});
	const gone = new Promise<void>((done) => {
		strace.once("exit", () => done());
		strace.once("error", () => done());
	});
	if (!(await attached(strace, gone))) return undefined;
	try {
		await during();
		await sleep(300);
	} finally {
		strace.kill("SIGINT");
		await gone;
	}
	const trace = readFileSync(traceFile, "utf8");
	rmSync(traceFile, { force: true });
	return read(trace);
}

/** strace says "attached" on its error output when it is there. */
const attached = (strace: ChildProcess, gone: Promise<void>): Promise<boolean> =>
	new Promise((done) => {
		let text = "";
		strace.stderr?.setEncoding("utf8").on("data", (more: string) => {
			text += more;
			if (text.includes("attached")) done(true);
		});
		void gone.then(() => done(false));
	});

/** Reads a trace: which file was synced between which two lines of the log. */
function read(trace: string): readonly StepFsyncs[] {
	const found: StepFsyncs[] = [];
	let files: Record<string, number> = {};
	let after = "";
	for (const line of trace.split("\n")) {
		const synced = /\b(?:fsync|fdatasync)\(\d+<([^>]*)>/.exec(line)?.[1];
		if (synced !== undefined) {
			const name = basename(synced);
			files = { ...files, [name]: (files[name] ?? 0) + 1 };
			continue;
		}
		const said = /\bwrite\(1<[^>]*>, "(.*)/.exec(line)?.[1]?.replaceAll('\\"', '"');
		const event = said === undefined ? undefined : /"event":"([^"]+)"/.exec(said)?.[1];
		if (event === undefined || !steps.has(event)) continue;
		const detail = /"(?:page|mti)":"([^"]+)"/.exec(said ?? "")?.[1];
		const count = Object.values(files).reduce((sum, n) => sum + n, 0);
		const before = [event, detail].filter(Boolean).join(" ");
		found.push({ after, before, files, count });
		files = {};
		after = before;
	}
	return found;
}
