import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GpioEmulator } from "../../drivers/lights/emulator.ts";
import { latin, unhex, unlatin } from "../../src/kit/bytes.ts";
import { silent } from "../../src/kit/log.ts";
import { format0 } from "../../src/spec/pin/block.ts";
import { act, keyMap, mak, pik, type RawAsker, type Scene, standsIn, tdk, threeKeys, tmk } from "./scene.ts";

const pan = "6212345678901232";
const request = { pan, least: 4, most: 12, emptyAllowed: false, firstMs: 30_000, betweenMs: 10_000 };

interface Started {
	readonly child: ChildProcess;
	readonly said: () => string;
	readonly ended: Promise<number | null>;
	readonly panel: GpioEmulator;
}
const children: ChildProcess[] = [];
const panels: GpioEmulator[] = [];
/** The vault as boot starts it, in place of the one in this process. */
async function start(scene: Scene): Promise<Started> {
	await scene.vault.close();
	const board = join(scene.folder, "board.json");
	const wires = { path: "/dev/null" };
	const gpio = {
		lamps: { ready: "a:0", working: "a:1", good: "a:2", bad: "a:3" },
		buzzer: "a:4",
		tamper: "a:5",
	};
	const panel = new GpioEmulator({ path: join(scene.folder, "gpio.sock"), log: silent });
	await panel.open();
	panels.push(panel);
	writeFileSync(
		board,
		JSON.stringify({
			name: "test",
			keypad: { path: `unix:${join(scene.folder, "keys.sock")}`, map: keyMap },
			pinKeys: "shared",
			cardReader: { ...wires, model: "GemCorePOSPro" },
			printer: { ...wires, baud: 115_200 },
			display: { ...wires, width: 320, height: 240 },
			gpio: { ...gpio, path: `unix:${join(scene.folder, "gpio.sock")}` },
		}),
	);
	const child = spawn(
		process.execPath,
		["--disable-sigusr1", "src/vault/main.ts", "--state", scene.folder, "--board", board],
		{ stdio: ["ignore", "pipe", "pipe"], env: {} },
	);
	children.push(child);
	let text = "";
	const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
	await new Promise<void>((done) => {
		for (const stream of [child.stdout, child.stderr])
			stream.on("data", (chunk) => {
				text += String(chunk);
				if (text.includes("vault-ready") || text.includes("vault-failed")) done();
			});
	});
	return { child, said: () => text, ended, panel };
}
const enter = async (scene: Scene, asker: RawAsker, pin: string): Promise<string> => {
	const id = asker.start("enter-pin", request);
	await asker.until(() => asker.digits(id)[0]);
	assert.ok(scene.keypad.type(pin));
	scene.keypad.press("confirm");
	return JSON.stringify((await asker.answer(id)).answer);
};

/** How often each stands in the memory of a process; undefined when the system does not let us look. */
function inMemory(
	pid: number,
	what: Readonly<Record<string, Uint8Array>>,
): Record<string, number> | undefined {
	let mem: number;
	try {
		mem = openSync(`/proc/${pid}/mem`, "r");
	} catch {
		return undefined;
	}
	const hits = Object.fromEntries(Object.keys(what).map((name) => [name, 0]));
	const page = Buffer.alloc(4 << 20);
	for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").matchAll(
		/^(\w+)-(\w+) rw[\s\S]*?^Rss: +(\d+) kB/gm,
	)) {
		if (line[3] === "0") continue;
		const to = Number(`0x${line[2]}`);
		// Overlapping by the longest needle.
		for (let from = Number(`0x${line[1]}`); from < to; from += page.length - 64) {
			const got = readSync(mem, page, 0, Math.min(page.length, to - from), from);
			for (const [name, bytes] of Object.entries(what))
				if (page.subarray(0, got).includes(Buffer.from(bytes))) hits[name] = (hits[name] ?? 0) + 1;
		}
	}
	closeSync(mem);
	return hits;
}

const program = suite("the vault as a process");
program.after.each(() => {
	for (const child of children.splice(0)) child.kill("SIGKILL");
	for (const panel of panels.splice(0)) panel.close().catch(() => undefined);
});
program(
	"takes keys and a PIN, says nothing of them, and ends when told",
	act({ keys: false }, async (scene) => {
		const { child, said, ended } = await start(scene);
		const asker = scene.asker();
		assert.match(await asker.ask("import-working-keys", threeKeys), /^ok/);
		assert.match(await enter(scene, asker, "739105"), /"block":"[0-9A-F]{16}"/);
		const pid = child.pid ?? 0;
		const clear = format0(Uint8Array.from("739105", Number), pan);
		assert.ok(clear.ok);
		const secrets = {
			block: clear.value,
			text: latin("739105"),
			digits: unhex("070309010005"),
			...Object.fromEntries(Object.entries({ tmk, pik, mak, tdk }).map(([name, key]) => [name, unhex(key)])),
		};
		const found = inMemory(pid, { marker: latin("vault-ready"), ...secrets });
		if (found !== undefined) {
			const { marker = 0, ...others } = found;
			assert.ok(marker > 0, "the search sees what is there");
			assert.equal(others, { block: 0, text: 0, digits: 0, tmk: 0, pik: 0, mak: 0, tdk: 0 });
		}
		child.kill("SIGTERM");
		assert.is(await ended, 0);
		for (const secret of [latin(pan), latin("739105"), ...[tmk, pik, mak, tdk].map(unhex)])
			assert.not(standsIn(latin(said()), secret));
		assert.match(unlatin(latin(said())), /"event":"vault-ready"/);
	}),
);
program(
	"killed in the middle of a PIN: the keys are free, the next vault begins anew",
	act({}, async (scene) => {
		const first = await start(scene);
		const asker = scene.asker();
		const id = asker.start("enter-pin", request);
		await asker.until(() => asker.digits(id)[0]);
		scene.keypad.type("12");
		first.child.kill("SIGKILL");
		await first.ended;
		const second = await start(scene);
		assert.match(await enter(scene, scene.asker(), "4321"), /entered/);
		second.child.kill("SIGTERM");
		assert.is(await second.ended, 0);
	}),
);
program(
	"a root key that others may read: it says so and does not start",
	act({}, async (scene) => {
		(await import("node:fs")).chmodSync(scene.paths.rootKeyPath, 0o644);
		const { said, ended } = await start(scene);
		assert.is(await ended, 1);
		assert.match(said(), /root.key: mode 644, not 600/);
	}),
);
program(
	"the case is opened: the root key is gone at once, and the vault answers that it is zeroised",
	act({}, async (scene) => {
		const { panel, child, ended } = await start(scene);
		const asker = scene.asker();
		assert.match(await asker.ask("mac", { data: "0200" }), /^ok/);
		const opened = performance.now();
		panel.set("a:5", 1);
		while (existsSync(scene.paths.rootKeyPath) && performance.now() - opened < 3000)
			await new Promise((done) => setTimeout(done, 1));
		const took = performance.now() - opened;
		assert.ok(took < 500, `${took} ms on a loaded machine`);
		assert.is(await asker.ask("mac", { data: "0200" }), "vault.zeroised keys");
		child.kill("SIGTERM");
		assert.is(await ended, 0);
	}),
);
program.run();
