/** Runs the technician's command line as its own process. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";

export interface Ran {
	readonly code: number | null;
	readonly lines: readonly string[];
	readonly said: string;
}

export class Technician {
	readonly #child: ChildProcessByStdio<null, Readable, Readable>;
	readonly ended: Promise<Ran>;
	#out = "";
	#said = "";
	#wake: () => void = () => {};

	constructor(...args: readonly string[]) {
		this.#child = spawn(process.execPath, ["src/technician/main.ts", ...args], {
			stdio: ["ignore", "pipe", "pipe"],
		});
		this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
			this.#out += text;
		});
		this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
			this.#said += text;
			this.#wake();
		});
		this.ended = new Promise((done, fail) => {
			this.#child.once("error", fail);
			this.#child.once("close", (code) => {
				this.#wake();
				done({ code, lines: this.#out.split("\n").filter((line) => line !== ""), said: this.#said });
			});
		});
	}

	/** Waits until it has said this. */
	async hears(text: string): Promise<void> {
		while (!this.#said.includes(text)) {
			if (this.#child.exitCode !== null) throw new Error(`ended without "${text}": ${this.#said}`);
			await new Promise<void>((done) => {
				this.#wake = done;
			});
		}
	}

	/** As Ctrl-C does. */
	interrupt(): void {
		this.#child.kill("SIGINT");
	}
}

export const technician = (...args: readonly string[]): Promise<Ran> => new Technician(...args).ended;
