/**
 * The positive control: a marker that was planted is found, in each place in which the run's claim is made.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unhex } from "../../src/kit/bytes.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { logTo } from "../../src/runtime/log-sink.ts";
import { openDatabase } from "../../src/runtime/sqlite.ts";
import { bytesNeedles, digitForms, panNeedles } from "./forms.ts";
import { heapOf, inHeap, inMemory, snapshotFlags } from "./images.ts";
import { inDatabase, inFolder } from "./places.ts";
import { Search } from "./search.ts";

const pin = "73910528641";
const pan = "6217974829163507580";
const key = unhex("3B5FA2C791D8064EE07C1599AF428D63");
const needles = [...digitForms("PIN", pin), ...panNeedles("PAN", pan), ...bytesNeedles("key", key)];
const search = new Search(needles);
const folder = mkdtempSync(join(tmpdir(), "control-"));
const holderFile = fileURLToPath(new URL("./holder.ts", import.meta.url));

const control = suite("the positive control");
control.after(() => rmSync(folder, { recursive: true, force: true }));

control("each form is found in a file, deep in a folder", () => {
	const deep = join(folder, "forms/a/b");
	mkdirSync(deep, { recursive: true });
	needles.forEach(({ bytes }, n) => {
		writeFileSync(join(deep, `${n}.log`), bytes);
	});
	const { looked, hits } = inFolder(search, join(folder, "forms"));
	assert.is(looked.length, needles.length);
	for (const [n, { secret, form }] of needles.entries())
		assert.ok(hits.includes(`a/b/${n}.log: ${secret} as ${form} at 0`), `${secret} as ${form}`);
	assert.equal(inFolder(search, join(folder, "forms"), ["a/b"]).hits, [], "what is left out is left out");
});

control("a log line of the real sink gives a PIN away, and the last net catches an account alone", () => {
	const path = join(folder, "program.log");
	const log = logTo("scratch", openSync(path, "w"));
	log("note", "scratch", { pin });
	log("note", "scratch", { pan });
	log("note", "scratch", { track: `${pan}D3107` });
	const { hits } = inFolder(search, folder, ["forms"]);
	assert.ok(hits.some((hit) => hit.startsWith("program.log: PIN as ASCII")));
	assert.is(
		hits.filter((hit) => hit.startsWith("program.log: PAN as ASCII")).length,
		1,
		"with its track only",
	);
});

control(
	"a row is found in the database, in its journal before a checkpoint, and in pieces by its value",
	() => {
		const home = join(folder, "db");
		mkdirSync(home);
		const path = join(home, "scratch.db");
		const db = openDatabase(path);
		db.exec("create table row (text text, bytes blob) strict");
		const long = `${"-".repeat(4000)}${pin}${"-".repeat(4000)}`;
		db.prepare("insert into row values (?, ?)").run(`"pan":"${pan}"`, key);
		db.prepare("insert into row values (?, null)").run(long);
		const live = inFolder(search, home).hits;
		assert.ok(live.some((hit) => hit.startsWith("scratch.db-wal: PAN as ASCII")));
		assert.ok(live.some((hit) => hit.startsWith("scratch.db-wal: key, part 2 as raw")));
		const { values, hits } = inDatabase(search, path);
		assert.ok(values >= 6);
		assert.ok(hits.some((hit) => hit.startsWith(`${path}: row.text: PIN as ASCII at 4000`)));
		assert.ok(hits.some((hit) => hit.startsWith(`${path}: row.bytes: key, part 1 as raw at 0`)));
		db.close();
		assert.ok(inFolder(search, home).hits.some((hit) => hit.startsWith("scratch.db: PAN as ASCII")));
	},
);

async function holder(): Promise<ChildProcess> {
	const child = fork(holderFile, [], { execArgv: [...snapshotFlags(folder)], serialization: "json" });
	await once(child, "message");
	return child;
}
async function holding(way: string): Promise<{ heap: readonly string[]; memory: readonly string[] }> {
	const child = await holder();
	try {
		child.send({ way, text: pan });
		await once(child, "message");
		const { pid = 0 } = child;
		const memory = inMemory(search, "memory", pid).hits;
		return { heap: inHeap(search, "heap", await heapOf(pid, folder, systemClock)), memory };
	} finally {
		child.kill("SIGKILL");
	}
}

for (const way of ["string", "long string", "two halves", "closure"])
	control(`a heap snapshot shows a ${way}`, async () => {
		const { heap, memory } = await holding(way);
		assert.ok(heap.some((hit) => hit.startsWith("heap: PAN as ASCII")));
		assert.ok(memory.some((hit) => hit.startsWith("memory: PAN")));
	});

control("a buffer and an array of digits stand in the memory, not in the snapshot", async () => {
	for (const [way, form] of [
		["buffer", "ASCII"],
		["digits", "array of numbers"],
	] as const) {
		const { heap, memory } = await holding(way);
		assert.equal(heap, [], way);
		assert.ok(
			memory.some((hit) => hit.startsWith(`memory: PAN as ${form}`)),
			`${way} as ${form}`,
		);
	}
});

control("a process that holds nothing shows nothing", async () => {
	const child = await holder();
	try {
		const { pid = 0 } = child;
		const { bytes, hits } = inMemory(search, "memory", pid);
		assert.ok(bytes > 10_000_000, `${bytes} bytes looked at`);
		assert.equal(hits, []);
		assert.equal(inHeap(search, "heap", await heapOf(pid, folder, systemClock)), []);
	} finally {
		child.kill("SIGKILL");
	}
});

control.run();
