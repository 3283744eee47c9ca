/** Runs the technician's command line as its own process. */
import { spawn } from "node:child_process";

export interface Ran {
	readonly code: number | null;
	readonly lines: readonly string[];
	readonly said: string;
}

const text = (chunks: readonly Buffer[]): string => Buffer.concat([...chunks]).toString("utf8");

export const technician = (...args: readonly string[]): Promise<Ran> =>
	new Promise((done, fail) => {
		const child = spawn(process.execPath, ["src/technician/main.ts", ...args], {
			stdio: ["ignore", "pipe", "pipe"],
		});
		const out: Buffer[] = [];
		const err: Buffer[] = [];
		child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
		child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
		child.once("error", fail);
		child.once("close", (code) => {
			const lines = text(out)
				.split("\n")
				.filter((line) => line !== "");
			done({ code, lines, said: text(err) });
		});
	});
