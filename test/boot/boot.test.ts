import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Boot, type Program } from "../../src/boot/boot.ts";
import { Lines } from "../../src/boot/lines.ts";
import { readPrograms } from "../../src/boot/programs.ts";
import { type Clock, HandClock } from "../../src/kit/clock.ts";
import { seeded } from "../../src/kit/random.ts";

interface Said {
	readonly name?: string;
	readonly code?: number;
	readonly signal?: string;
	readonly text?: string;
}
/** A boot on a clock moved by hand, and what it said. */
class Scene {
	readonly clock = new HandClock();
	readonly events: { readonly event: string; readonly fields: Said }[] = [];
	readonly out: string[] = [];
	readonly boot: Boot;
	constructor(programs: readonly Program[], clock?: Clock) {
		this.boot = new Boot({
			programs,
			env: { PATH: "/usr/bin:/bin" },
			out: (line) => this.out.push(line),
			clock: clock ?? this.clock,
			random: seeded(7),
			log: (_, event, fields = {}) => this.events.push({ event, fields }),
		});
	}
	/** The names in the order in which this befell them. */
	names(event: string): string[] {
		return this.events.filter((e) => e.event === event).map((e) => String(e.fields.name));
	}
	async soon(look: () => boolean): Promise<void> {
		for (let n = 0; n < 1000 && !look(); n += 1) await new Promise((done) => setTimeout(done, 4));
		assert.ok(look(), `waited in vain; ${JSON.stringify([this.events, this.out])}`);
	}
}
const sh = (name: string, script: string): Program => ({ name, command: "/bin/sh", args: ["-c", script] });
const alive = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
};
/** Runs until told to end. */
const steady = "echo '{\"up\":1}'; exec sleep 60";

const boot = suite("boot");

boot("starts in order, stops backwards", async () => {
	const scene = new Scene([sh("vault", steady), sh("terminal", steady), sh("cloud", steady)]);
	await scene.boot.open();
	await scene.soon(() => scene.out.length === 3);
	assert.equal(scene.names("program-started"), ["vault", "terminal", "cloud"]);
	const pids = [...scene.boot.running().values()];
	assert.is(pids.length, 3);
	await scene.boot.close();
	assert.equal(scene.names("program-ended"), ["cloud", "terminal", "vault"]);
	assert.not(pids.some(alive));
	assert.is(scene.clock.next(), undefined, "nothing is left to be started");
	await scene.boot.close();
});

boot("what ends is started again, each time after a longer wait, up to 30 s", async () => {
	const scene = new Scene([sh("vault", "exit 3")]);
	await scene.boot.open();
	const waits: number[] = [];
	for (let n = 0; n < 10; n += 1) {
		await scene.soon(() => scene.names("program-ended").length === n + 1);
		const wait = scene.clock.next() ?? 0;
		assert.ok(wait >= 1 && wait <= Math.min(30_000, 250 * 2 ** n), `wait ${n}: ${wait}`);
		waits.push(wait);
		scene.clock.pass(wait);
	}
	assert.ok(Math.max(...waits) > 1000);
	assert.is(scene.events.find((e) => e.event === "program-ended")?.fields.code, 3);
	await scene.boot.close();
});

boot("a minute alive forgets the failures before", async () => {
	const scene = new Scene([sh("vault", steady)]);
	await scene.boot.open();
	for (let n = 0; n < 6; n += 1) {
		await scene.soon(() => scene.boot.running().size === 1);
		if (n === 5) scene.clock.pass(60_000);
		process.kill(scene.boot.running().get("vault") ?? 0, "SIGKILL");
		await scene.soon(() => scene.names("program-ended").length === n + 1);
		if (n < 5) scene.clock.pass(scene.clock.next() ?? 0);
	}
	assert.ok((scene.clock.next() ?? 0) <= 250);
	assert.is(scene.events.find((e) => e.event === "program-ended")?.fields.signal, "SIGKILL");
	await scene.boot.close();
});

boot("a program that will not end is killed after 5 s; the others still end", async () => {
	const deaf = "trap '' TERM; echo '{\"deaf\":1}'; while :; do sleep 0.05; done";
	const scene = new Scene([sh("first", steady), sh("deaf", deaf)]);
	await scene.boot.open();
	await scene.soon(() => scene.out.length === 2);
	const closing = scene.boot.close();
	await new Promise((done) => setTimeout(done, 50));
	assert.equal(scene.names("program-ended"), []);
	scene.clock.pass(5000);
	await closing;
	assert.equal(scene.names("program-ended"), ["deaf", "first"]);
	assert.equal(scene.names("program-killed"), ["deaf"]);
});

boot("no program writes a core file", async () => {
	if (!existsSync("/usr/bin/prlimit")) return;
	const scene = new Scene([sh("vault", 'echo "{$(ulimit -Hc)"; exec sleep 60')]);
	await scene.boot.open();
	await scene.soon(() => scene.out.length === 1);
	await scene.boot.close();
	assert.equal(scene.out, ["{0"]);
});

boot("a program that is not there is tried again too", async () => {
	const scene = new Scene([{ name: "ghost", command: "/nowhere/ghost", args: [] }]);
	await scene.boot.open();
	await scene.soon(() => scene.names("program-ended").length === 1);
	assert.ok((scene.clock.next() ?? 0) > 0);
	await scene.boot.close();
});

boot("events pass as they are; other words become events, without digits that could be a card", async () => {
	const says =
		'echo \'{"event":"page"}\'; echo "Error: 6212345678901232"; printf "no end" >&2; exec sleep 60';
	const scene = new Scene([sh("terminal", says.replace("exec sleep 60", "exit 0"))]);
	await scene.boot.open();
	await scene.soon(() => scene.names("program-said").length === 2);
	assert.equal(scene.out, ['{"event":"page"}']);
	const said = scene.events.filter((e) => e.event === "program-said").map((e) => e.fields.text);
	assert.equal(said.toSorted(), ["Error: [digits]", "no end"]);
	await scene.boot.close();
});

boot("Node is started without its debugger's signal, and without boot's surroundings", async () => {
	const says =
		"console.log(JSON.stringify([process.execArgv, Object.keys(process.env).sort(), process.env.OWN]))";
	const program = {
		name: "node",
		command: "node",
		args: ["-e", `${says.replace("JSON", "'{' + JSON")}`],
		env: { OWN: "1" },
	};
	const scene = new Scene([program]);
	await scene.boot.open();
	await scene.soon(() => scene.out.length === 1);
	await scene.boot.close();
	const [flags, names, own] = JSON.parse(scene.out[0]?.slice(1) ?? "");
	assert.ok(flags.includes("--disable-sigusr1"));
	assert.equal(names, ["OWN", "PATH"]);
	assert.is(own, "1");
});
boot.run();

const lines = suite("lines");
lines("the same lines come out wherever the pipe cuts, also within a character", () => {
	const text = new TextEncoder().encode('{"a":"收款成功"}\nzwei\n\nrest');
	for (let cut = 0; cut <= text.length; cut += 1) {
		const reader = new Lines(1000);
		const heard = [...reader.feed(text.subarray(0, cut)), ...reader.feed(text.subarray(cut)), reader.rest()];
		assert.equal(heard, ['{"a":"收款成功"}', "zwei", "", "rest"]);
	}
});
lines("a line without an end comes in pieces: nothing grows", () => {
	const reader = new Lines(10);
	assert.equal(reader.feed(new TextEncoder().encode("x".repeat(25))), ["x".repeat(10), "x".repeat(10)]);
	assert.is(reader.rest(), "x".repeat(5));
});
lines.run();

const table = suite("table of programs");
const good = { name: "vault", command: "node", args: ["dist/vault.cjs"] };
const rows: readonly (readonly [unknown, string])[] = [
	[{}, "not a list"],
	[[good, 7], "row 1: not an object"],
	[[{ ...good, name: "" }], "row 0: name"],
	[[good, good], "row 1: name"],
	[[{ name: "vault", command: "node" }], "row 0: args"],
	[[{ ...good, args: [1] }], "row 0: args"],
	[[{ ...good, env: { A: 1 } }], "row 0: env"],
];
for (const [given, says] of rows)
	table(`refused: ${says}`, () => {
		const read = readPrograms(given);
		assert.not(read.ok);
		if (!read.ok) assert.is(read.error.at, says);
	});
table("taken as it stands", () => assert.equal(readPrograms([good]), { ok: true, value: [good] }));
table.run();

/** Boot as the process that it is. */
const whole = suite("boot as a process");
interface Started {
	readonly child: ChildProcess;
	readonly pids: number[];
	readonly ended: Promise<void>;
}
async function start(folder: string): Promise<Started> {
	const file = join(folder, "programs.json");
	writeFileSync(file, JSON.stringify([sh("vault", steady), sh("terminal", steady)]));
	const child = spawn(process.execPath, ["src/boot/main.ts", "--programs", file], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const ended = new Promise<void>((done) => child.once("exit", () => done()));
	let text = "";
	const pids = await new Promise<number[]>((done) =>
		child.stdout.on("data", (chunk) => {
			text += String(chunk);
			const found = [...text.matchAll(/"program-started".*?"pid":(\d+)/g)].map((m) => Number(m[1]));
			if (found.length === 2 && (text.match(/"up"/g)?.length ?? 0) === 2) done(found);
		}),
	);
	return { child, pids, ended };
}
const gone = async (pids: readonly number[]): Promise<boolean> => {
	for (let n = 0; n < 200 && pids.some(alive); n += 1) await new Promise((done) => setTimeout(done, 10));
	return !pids.some(alive);
};
for (const signal of ["SIGTERM", "SIGINT", "SIGKILL"] as const)
	whole(`${signal} leaves no program behind`, async () => {
		if (signal === "SIGKILL" && !existsSync("/usr/bin/setpriv")) return;
		const folder = mkdtempSync(join(tmpdir(), "boot-"));
		const { child, pids, ended } = await start(folder);
		assert.ok(pids.every(alive));
		child.kill(signal);
		await ended;
		assert.ok(await gone(pids));
		rmSync(folder, { recursive: true });
	});
whole.run();
