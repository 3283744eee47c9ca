import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Inbox } from "../../src/cloud/inbox.ts";
import { silent } from "../../src/kit/log.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { Fleet } from "../../src/terminal/fleet/fleet.ts";
import { SqliteOutbox, salesEvents } from "../terminal/fleet/sqlite-outbox.ts";
import { at, emptyFolder, own, platformNeeds, settingsAt, shop, until, Wire } from "./scene.ts";

const test = suite("the cloud as a process");
const dying = fileURLToPath(new URL("./dying-platform.ts", import.meta.url));

interface Running {
	readonly child: ChildProcess;
	readonly http: number;
	readonly mqtt: number;
	readonly readyMs: number;
	readonly ended: Promise<number | string>;
}
const children = new Set<ChildProcess>();
test.after(() => {
	for (const child of children) child.kill("SIGKILL");
});

/** Starts a program and waits for its `cloud-ready`. */
async function start(...args: string[]): Promise<Running> {
	const began = performance.now();
	const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
	children.add(child);
	const ended = new Promise<number | string>((done) => {
		child.once("exit", (code, signal) => {
			children.delete(child);
			done(signal ?? code ?? "");
		});
	});
	const ready = new Promise<{ http: number; mqtt: number }>((done, fail) => {
		createInterface({ input: child.stdout }).on("line", (line) => {
			const said = JSON.parse(line) as { event: string; http: number; mqtt: number };
			if (said.event === "cloud-ready") done(said);
		});
		child.once("exit", () => fail(new Error("ended before it was ready")));
	});
	const { http, mqtt } = await ready;
	return { child, http, mqtt, ended, readyMs: performance.now() - began };
}
function stateFolder(): string {
	const state = emptyFolder();
	for (const name of ["ca.crt", "server.crt", "server.key"])
		copyFileSync(at("cloud", name), join(state, name));
	writeFileSync(
		join(state, "cloud.json"),
		JSON.stringify({
			...{ tenant: shop.tenant, mqttPort: 0, httpPort: 0 },
			...{ caFile: "ca.crt", certFile: "server.crt", keyFile: "server.key" },
		}),
	);
	return state;
}
const fleetTo = (port: number, outbox: SqliteOutbox): Fleet =>
	new Fleet({
		...{ settings: settingsAt(port), identity: own, outbox, session: outbox.session, version: "1" },
		...{ clock: systemClock, random: systemRandom, log: silent, waits: { ackMs: 1000 } },
	});

test("it opens on its folder, serves, and ends on SIGTERM", async () => {
	const state = stateFolder();
	const cloud = await start("src/cloud/main.ts", "--state", state);
	const answer = await fetch(`http://127.0.0.1:${cloud.http}/api/terminals`);
	assert.equal(await answer.json(), []);
	cloud.child.kill("SIGTERM");
	assert.is(await cloud.ended, 0);
});

test("without its file it says which, and ends", async () => {
	const child = spawn(process.execPath, ["src/cloud/main.ts", "--state", emptyFolder()], {
		stdio: ["ignore", "pipe", "ignore"],
	});
	let text = "";
	child.stdout.on("data", (chunk) => {
		text += String(chunk);
	});
	const code = await new Promise((done) => child.once("close", done));
	assert.is(code, 1);
	assert.match(text, /settings\.invalid .*cloud\.json/);
});

test("killed between commit and acknowledgement, again and again: each row is applied once", async () => {
	const stateDir = emptyFolder();
	const { clock: _clock, calendar: _calendar, log: _log, ...config } = platformNeeds(stateDir);
	const file = join(stateDir, "config.json");
	writeFileSync(file, JSON.stringify(config));
	let port = 1;
	const wire = new Wire(() => port);
	await wire.open();
	const outbox = new SqliteOutbox();
	outbox.postAll(salesEvents(300));
	const fleet = fleetTo(wire.port, outbox);
	await fleet.open();
	// The first commit answers the birth; the second holds rows whose acknowledgement never leaves.
	for (const _ of [1, 2, 3]) {
		const cloud = await start(dying, file, "2");
		port = cloud.mqtt;
		assert.is(await cloud.ended, "SIGKILL");
		assert.ok(outbox.waiting >= 20, "the rows of the last commit are not acknowledged");
		outbox.postAll(salesEvents(20, `after-${outbox.head()}-`));
	}
	const whole = outbox.head();
	const last = await start(dying, file, "0");
	port = last.mqtt;
	await until("all delivered", () => outbox.waiting === 0);
	await fleet.close();
	await wire.close();
	last.child.kill("SIGKILL");
	await last.ended;
	const inbox = new Inbox(join(stateDir, "inbox.db"));
	await inbox.open();
	assert.is(inbox.rows(shop.terminal).length, whole);
	assert.is(inbox.sales(shop.terminal, 1000).length, whole);
	assert.equal(inbox.alarms(10), []);
	await inbox.close();
});

test("stopped for a while by SIGSTOP, it goes on where it was", async () => {
	const cloud = await start("src/cloud/main.ts", "--state", stateFolder());
	const outbox = new SqliteOutbox();
	const fleet = fleetTo(cloud.mqtt, outbox);
	await fleet.open();
	await until("connected", () => fleet.connected());
	cloud.child.kill("SIGSTOP");
	outbox.postAll(salesEvents(10));
	await until("given up", () => !fleet.connected());
	cloud.child.kill("SIGCONT");
	await until("delivered", () => outbox.waiting === 0);
	const sales = await fetch(`http://127.0.0.1:${cloud.http}/api/terminals/${shop.terminal}/sales`);
	assert.is(((await sales.json()) as unknown[]).length, 10);
	await fleet.close();
	cloud.child.kill("SIGTERM");
	assert.is(await cloud.ended, 0);
});

test.run();
