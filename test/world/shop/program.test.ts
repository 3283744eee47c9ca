/** A program of the shop is a real process: heard by its log lines, and gone with everything under it. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sleep } from "../../../src/kit/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import type { Logged } from "../../../src/world/shop/floor.ts";
import { Program } from "../../../src/world/shop/program.ts";

const folder = mkdtempSync(join(tmpdir(), "program-"));
/** A parent that starts a child which would never end by itself, and tells both numbers. */
const family = join(folder, "family.mjs");
writeFileSync(
	family,
	`import { spawn } from "node:child_process";
	const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
	if (process.argv[2] === "deaf") process.on("SIGTERM", () => {});
	else process.on("SIGTERM", () => { child.kill(); process.exit(0); });
	setInterval(() => {}, 1000);
	console.log("no event");
	const line = { at: "", program: "family", level: "note", event: "ready", child: child.pid };
	console.log(JSON.stringify(line));`,
);
/** A process that has ended and was not yet collected counts as gone. */
const lives = (pid: number): boolean =>
	existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
const until = async (is: () => boolean): Promise<boolean> => {
	for (let n = 0; n < 200 && !is(); n += 1) await sleep(systemClock, 20);
	return is();
};
const start = async (...args: string[]): Promise<{ program: Program; child: number; said: string[] }> => {
	const said: string[] = [];
	let line: Logged | undefined;
	const program = new Program({
		...{ name: "family", file: family, args, clock: systemClock },
		heard: (heard) => {
			line = heard;
		},
		said: (text) => said.push(text),
	});
	await program.open();
	await until(() => line !== undefined);
	return { program, child: Number(new Map(Object.entries(line?.fields ?? {})).get("child")), said };
};

const program = suite("a program of the shop");

program("is heard, and ends when it is asked to", async () => {
	const { program: family, child, said } = await start();
	assert.ok(lives(child));
	assert.equal(said, ["no event"]);
	await family.close();
	assert.not(family.running);
	assert.ok(await until(() => !lives(child)));
	await family.close();
});

program("a power cut takes the children too, and it can be started again", async () => {
	const { program: family, child } = await start("deaf");
	await family.kill();
	assert.ok(await until(() => !lives(child)));
	await family.open();
	assert.ok(family.running);
	await family.kill();
});

program("nobody outlives a world that was killed", async () => {
	const world = join(folder, "world.mts");
	const src = join(import.meta.dirname, "../../../src");
	writeFileSync(
		world,
		`import { Program } from "${src}/world/shop/program.ts";
		import { systemClock } from "${src}/runtime/clock.ts";
		const p = new Program({ name: "f", file: ${JSON.stringify(family)}, args: [], clock: systemClock,
			heard: (line) => console.log(p.pid, line.fields.child), said: () => {} });
		await p.open();`,
	);
	const process_ = spawn(process.execPath, [world], { stdio: ["ignore", "pipe", "inherit"] });
	const text = await new Promise<string>((done) => process_.stdout.once("data", (b) => done(String(b))));
	const pids = text.trim().split(" ").map(Number);
	assert.ok(pids.every(lives), "both are there");
	process_.kill("SIGKILL");
	assert.ok(await until(() => !pids.some(lives)), "both are gone");
});

program.after(() => rmSync(folder, { recursive: true, force: true }));
program.run();
