/**
 * The shop's programs in the order in which they need each other: cloud, then boot, which starts vault and
 * terminal.
 */
import { join } from "node:path";
import { type Clock, sleep, within } from "../../kit/clock.ts";
import type { Part } from "../../kit/part.ts";
import { writeAtomic } from "../../runtime/files.ts";
import type { Logged } from "./floor.ts";
import { textOf } from "./logged.ts";
import { Program } from "./program.ts";

export type NodeFlags = Readonly<Partial<Record<"vault" | "terminal", readonly string[]>>>;
export interface ProgramsNeeds {
	/** The checkout: the bundles lie in dist/. */
	readonly root: string;
	readonly state: string;
	readonly boardFile: string;
	/** For the runtime of a program that boot starts, before its own arguments. */
	readonly nodeFlags?: NodeFlags;
	readonly clock: Clock;
	readonly heard: (line: Logged) => void;
	readonly said: (text: string) => void;
	readonly cloudChanged: () => void;
}

/** Until a program has said that it is ready; how long the power stays away. */
const waits = { readyMs: 30_000, darkMs: 700 } as const;
/** A demonstration keys more PINs in a minute than a shop does (fleet/security.md, 7). */
const pinBurst = "100";

export class Programs implements Part {
	readonly name = "programs";
	readonly #needs: ProgramsNeeds;
	readonly #cloud: Program;
	readonly #boot: Program;
	readonly #waiting = new Set<(line: Logged) => void>();

	constructor(needs: ProgramsNeeds) {
		this.#needs = needs;
		const { root, state, clock, said } = needs;
		const dist = join(root, "dist");
		const heard = (line: Logged): void => {
			for (const wait of this.#waiting) wait(line);
			needs.heard(line);
		};
		this.#cloud = new Program({
			...{ name: "cloud", file: join(dist, "cloud.cjs"), clock, heard, said },
			args: ["--state", join(state, "cloud")],
			ended: needs.cloudChanged,
		});
		this.#boot = new Program({
			...{ name: "boot", file: join(dist, "boot.cjs"), clock, heard, said },
			args: ["--programs", this.#table],
		});
	}

	get #table(): string {
		return join(this.#needs.state, "run", "programs.json");
	}
	get cloudUp(): boolean {
		return this.#cloud.running;
	}

	async open(): Promise<void> {
		const { root, state, boardFile, nodeFlags = {} } = this.#needs;
		const row = (name: keyof NodeFlags, ...more: readonly string[]): unknown => ({
			...{ name, command: "node" },
			args: [
				...(nodeFlags[name] ?? []),
				...[join(root, `dist/${name}.cjs`), "--state", join(state, name), "--board", boardFile, ...more],
			],
		});
		writeAtomic(
			this.#table,
			JSON.stringify([row("vault", "--pin-burst", pinBurst), row("terminal")], null, "\t"),
		);
		await this.#start(this.#cloud, "cloud-ready");
		await this.#start(this.#boot, "ready");
	}

	async close(): Promise<void> {
		await this.#boot.close();
		await this.#cloud.close();
	}

	/** A power cut at the counter: everything ends at once; then the power is back. */
	async powerCut(dark: () => void): Promise<void> {
		await this.#boot.kill();
		dark();
		await sleep(this.#needs.clock, waits.darkMs);
		await this.#boot.open();
	}

	async cloudAway(away: boolean): Promise<void> {
		if (away) await this.#cloud.close();
		else if (!this.#cloud.running) await this.#start(this.#cloud, "cloud-ready");
		this.#needs.cloudChanged();
	}

	/** Starts a program and waits for its word; rejects with the program's name when it does not come. */
	async #start(program: Program, word: string): Promise<void> {
		let hear: (line: Logged) => void = () => {};
		let trouble = "";
		const ready = new Promise<true>((done) => {
			hear = (line) => {
				if (line.event === word) done(true);
				if (line.level === "bug") trouble = ` (${line.event}: ${textOf(line, "says")})`;
			};
		});
		this.#waiting.add(hear);
		await program.open();
		const came = await within(this.#needs.clock, waits.readyMs, ready, false);
		this.#waiting.delete(hear);
		if (!came) throw new Error(`${program.name} has not said ${word} within ${waits.readyMs} ms${trouble}`);
	}
}
