/** Lamps, buzzer and case switch over a real socket, and the kernel's numbers for a line. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CaseSwitch, PanelLights, type PanelNeeds } from "../../../drivers/lights/driver.ts";
import { GpioEmulator } from "../../../drivers/lights/emulator.ts";
import { sounds } from "../../../drivers/lights/sounds-table.ts";
import { globalNumber, openGpio } from "../../../drivers/transport/gpio.ts";
import type { Sound } from "../../../src/contract/device.ts";
import { HandClock, sleep } from "../../../src/kit/clock.ts";
import { silent } from "../../../src/kit/log.ts";
import { seeded } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

const lines = {
	lamps: { ready: "panel:0", working: "panel:1", good: "panel:2", bad: "panel:3" },
	buzzer: "panel:4",
	tamper: "panel:5",
} as const;

interface Bench {
	readonly gpio: GpioEmulator;
	readonly clock: HandClock;
	readonly needs: PanelNeeds;
	readonly lit: () => string;
	/** Buzzer edges: "on", or "off" with what was on before. */
	readonly edges: string[];
	close(): Promise<void>;
}
const open = new Set<() => Promise<void>>();
/** Closes what a failed test left open: a socket would keep the process alive. */
async function closeBenches(): Promise<void> {
	for (const close of open) await close();
}
async function bench(): Promise<Bench> {
	const folder = mkdtempSync(join(tmpdir(), "panel-"));
	const path = join(folder, "gpio");
	const gpio = new GpioEmulator({ path, log: silent });
	await gpio.open();
	const clock = new HandClock();
	const edges: string[] = [];
	gpio.listen(({ line, level }) => {
		if (line === lines.buzzer) edges.push(level === 1 ? "on" : "off");
	});
	const close = async (): Promise<void> => {
		open.delete(close);
		await gpio.close();
		rmSync(folder, { recursive: true });
	};
	open.add(close);
	return {
		gpio,
		clock,
		edges,
		needs: { openLines: () => openGpio(`unix:${path}`), lines, clock, random: seeded(5), log: silent },
		lit: () =>
			Object.entries(lines.lamps)
				.filter(([, line]) => gpio.level(line) === 1)
				.map(([lamp]) => lamp)
				.join(" "),
		close,
	};
}
const until = async (what: () => boolean): Promise<void> => {
	for (let n = 0; !what(); n += 1) {
		if (n > 500) throw new Error("waited 1 s for nothing");
		await sleep(systemClock, 2);
	}
};

const panel = suite("lamps and buzzer");
panel.after.each(closeBenches);
panel("lamps light and go out; close leaves everything dark", async () => {
	const { gpio, needs, lit, close } = await bench();
	const lights = new PanelLights(needs);
	await lights.open();
	lights.lamp("ready", true);
	lights.lamp("bad", true);
	await until(() => lit() === "ready bad");
	lights.lamp("bad", false);
	await until(() => lit() === "ready");
	lights.sound("refused");
	await until(() => gpio.level(lines.buzzer) === 1);
	await lights.close();
	await until(() => lit() === "" && gpio.level(lines.buzzer) === 0);
	await close();
});
panel("good is three times 60 ms", async () => {
	const { gpio, needs, clock, edges, close } = await bench();
	const lights = new PanelLights(needs);
	await lights.open();
	lights.sound("good");
	await until(() => gpio.level(lines.buzzer) === 1);
	for (const level of [0, 1, 0, 1, 0]) {
		clock.pass(59);
		await sleep(systemClock, 2);
		assert.is(gpio.level(lines.buzzer), level === 0 ? 1 : 0, "not before its time");
		clock.pass(1);
		await until(() => gpio.level(lines.buzzer) === level);
	}
	clock.pass(10_000);
	await sleep(systemClock, 5);
	assert.is(edges.join(" "), "on off on off on off");
	await lights.close();
	await close();
});
panel("a new sound ends the one before", async () => {
	const { gpio, needs, clock, edges, close } = await bench();
	const lights = new PanelLights(needs);
	await lights.open();
	lights.sound("refused");
	clock.pass(500);
	lights.sound("click");
	clock.pass(15);
	clock.pass(60_000);
	await until(() => edges.length >= 4);
	await sleep(systemClock, 5);
	assert.is(edges.join(" "), "on off on off");
	assert.is(gpio.level(lines.buzzer), 0);
	await lights.close();
	await close();
});
panel("the sounds that cashiers know", () => {
	const on = (which: Sound): string => sounds[which].filter((_, n) => n % 2 === 0).join(" ");
	assert.is(on("good"), "60 60 60");
	assert.is(on("wrong-key"), "200");
	assert.is(on("refused"), "1000 1000 1000");
	for (const pattern of Object.values(sounds)) assert.is(pattern.length % 2, 1, "ends with the buzzer off");
});
panel("a program that dies leaves the lamps dark and the buzzer still", async () => {
	const { gpio, needs, lit, close } = await bench();
	const lost = await needs.openLines();
	await lost.claimOutput(lines.lamps.good, 0);
	await lost.claimOutput(lines.buzzer, 0);
	lost.write(lines.lamps.good, 1);
	lost.write(lines.buzzer, 1);
	await until(() => lit() === "good" && gpio.level(lines.buzzer) === 1);
	gpio.cut();
	await until(() => lit() === "" && gpio.level(lines.buzzer) === 0);
	await close();
});
panel("the wire is cut: what was lit is lit again when it is back", async () => {
	const { gpio, needs, clock, lit, close } = await bench();
	const lights = new PanelLights(needs);
	await lights.open();
	lights.lamp("working", true);
	await until(() => lit() === "working");
	gpio.cut();
	await until(() => lit() === "" && clock.next() !== undefined);
	lights.lamp("good", true);
	clock.pass(300);
	await until(() => lit() === "working good");
	await lights.close();
	await close();
});
panel("no lines at all: nothing breaks, and they are taken when they come", async () => {
	const { gpio, needs, clock, lit, close } = await bench();
	await gpio.close();
	const lights = new PanelLights(needs);
	await lights.open();
	lights.lamp("ready", true);
	lights.sound("good");
	await gpio.open();
	clock.pass(2000);
	await until(() => lit() === "ready");
	await lights.close();
	await close();
});
panel("a line the board does not have is not granted", async () => {
	const { needs, close } = await bench();
	const some = await needs.openLines();
	const end = await some.claimInput("17").catch((error: unknown) => error);
	assert.instance(end, Error);
	await some.close();
	await close();
});
panel.run();

const tamper = suite("case switch");
tamper.after.each(closeBenches);
const record = (one: CaseSwitch): string[] => {
	const heard: string[] = [];
	one.listen((event) => heard.push(event.on));
	return heard;
};
tamper("a whole case", async () => {
	const { needs, close } = await bench();
	const one = new CaseSwitch(needs);
	const heard = record(one);
	await one.open();
	assert.is(one.tampered(), false);
	assert.equal(heard, []);
	await one.close();
	await close();
});
tamper("an open case is known before open returns, and closing it changes nothing", async () => {
	const { gpio, needs, close } = await bench();
	gpio.set(lines.tamper, 1);
	const one = new CaseSwitch(needs);
	await one.open();
	assert.is(one.tampered(), true);
	gpio.set(lines.tamper, 0);
	await sleep(systemClock, 5);
	assert.is(one.tampered(), true);
	await one.close();
	await close();
});
tamper("opened while the terminal runs: told once", async () => {
	const { gpio, needs, close } = await bench();
	const one = new CaseSwitch(needs);
	const heard = record(one);
	await one.open();
	gpio.set(lines.tamper, 1);
	await until(() => one.tampered());
	gpio.set(lines.tamper, 0);
	gpio.set(lines.tamper, 1);
	await sleep(systemClock, 5);
	assert.equal(heard, ["tampered"]);
	await one.close();
	await close();
});
tamper("a switch that cannot be read is tampered", async () => {
	const { gpio, needs, close } = await bench();
	await gpio.close();
	const one = new CaseSwitch(needs);
	await one.open();
	assert.is(one.tampered(), true);
	await one.close();
	await close();
});
tamper("lost for a moment it is not; lost for longer it is", async () => {
	const { gpio, needs, clock, close } = await bench();
	const one = new CaseSwitch(needs);
	await one.open();
	gpio.cut();
	await until(() => clock.next() !== undefined);
	clock.pass(300);
	await sleep(systemClock, 20);
	clock.pass(5000);
	assert.is(one.tampered(), false, "it came back in time");
	await gpio.close();
	await until(() => clock.next() !== undefined);
	clock.pass(2999);
	await sleep(systemClock, 5);
	assert.is(one.tampered(), false);
	clock.pass(1);
	assert.is(one.tampered(), true);
	await one.close();
	await close();
});
tamper("closing it by ourselves is no tampering", async () => {
	const { needs, clock, close } = await bench();
	const one = new CaseSwitch(needs);
	const heard = record(one);
	await one.open();
	await one.close();
	clock.pass(60_000);
	assert.equal(heard, []);
	assert.is(one.tampered(), false);
	await close();
});
tamper.run();

const kernel = suite("the kernel's number of a line");
kernel("base of the labelled chip and offset, whatever the base is today", () => {
	const root = mkdtempSync(join(tmpdir(), "gpio-"));
	for (const [name, label, base, count] of [
		["gpiochip512", "pinctrl-bcm2711", 512, 58],
		["gpiochip570", "panel", 570, 8],
	] as const) {
		mkdirSync(join(root, name));
		for (const [file, text] of Object.entries({ label, base, ngpio: count }))
			writeFileSync(join(root, name, file), `${text}\n`);
	}
	assert.is(globalNumber("pinctrl-bcm2711:17", root), 529);
	assert.is(globalNumber("panel:7", root), 577);
	for (const bad of ["panel:8", "other:1", "17", ":1", "panel:", "panel:-1", "panel:x"])
		assert.throws(() => globalNumber(bad, root), RangeError);
	rmSync(root, { recursive: true });
});
kernel("a path of another kind is refused", async () => {
	assert.instance(await openGpio("lamps").catch((error: unknown) => error), Error);
});
kernel.run();
