/** The keypad's driver and its emulator at the two ends of a real socket, and the reports between them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HidKeypad } from "../../../drivers/keypad/driver.ts";
import { KeypadEmulator } from "../../../drivers/keypad/emulator.ts";
import { downIn, Presses, ReportCutter, report, usageName } from "../../../drivers/keypad/protocol.ts";
import { openHid } from "../../../drivers/transport/hid.ts";
import type { Key } from "../../../src/contract/device.ts";
import { unhex } from "../../../src/kit/bytes.ts";
import { sleep } from "../../../src/kit/clock.ts";
import { silent } from "../../../src/kit/log.ts";
import { seeded } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

const reports = suite("boot reports");
const pressed = (...lines: readonly string[]): string => {
	const presses = new Presses();
	return lines.flatMap((line) => presses.feed(unhex(line)).map(usageName)).join(" ");
};

reports("a press is a key that was not in the report before", () => {
	assert.is(pressed("00001E0000000000", "0000000000000000", "00001E0000000000"), "1E 1E");
	assert.is(pressed("00001E0000000000", "00001E0000000000"), "1E", "a held key is one press");
	assert.is(
		pressed("00001E0000000000", "00001E1F00000000", "00001F0000000000"),
		"1E 1F",
		"fast fingers overlap",
	);
	assert.is(pressed("0000282900000000", "0000000000000000"), "28 29", "two at once, both gone at once");
});
reports("roll-over and other errors say nothing about keys", () => {
	assert.is(pressed("00001E0000000000", "0000010101010101", "00001E0000000000"), "1E", "still held");
	assert.is(downIn(unhex("0000020000000000")), undefined);
	assert.is(downIn(unhex("00001E00")), undefined, "a short report");
	assert.equal(report([4, 5, 6, 7, 8, 9, 10]), unhex("0000010101010101"));
});
reports("a modifier alone is no press", () =>
	assert.is(pressed("0200000000000000", "02001E0000000000"), "1E"),
);
reports("the same reports come out wherever the stream is cut", () => {
	const bytes = fc.array(fc.uint8Array({ minLength: 8, maxLength: 8 }), { maxLength: 6 });
	return fc.assert(
		fc.property(bytes, fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 1 }), (sent, cuts) => {
			const cutter = new ReportCutter();
			const stream = sent.flatMap((each) => [...each]);
			const heard: Uint8Array[] = [];
			for (let i = 0, n = 0; i < stream.length; n += 1) {
				const size = cuts[n % cuts.length] ?? 1;
				heard.push(...cutter.feed(Uint8Array.from(stream.slice(i, i + size))));
				i += size;
			}
			assert.equal(heard, sent);
		}),
	);
});
reports("keys told equal the keys pressed, for any fingers", () => {
	const fingers = fc.array(fc.uniqueArray(fc.integer({ min: 4, max: 231 }), { maxLength: 6 }), {
		maxLength: 12,
	});
	return fc.assert(
		fc.property(fingers, (held) => {
			const presses = new Presses();
			let before: readonly number[] = [];
			for (const down of held) {
				assert.equal(
					[...presses.feed(report(down))],
					down.filter((usage) => !before.includes(usage)),
				);
				before = down;
			}
		}),
	);
});
reports.run();

const map: Readonly<Record<string, Key>> = {
	...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [usageName(0x1d + n), String(n) as Key])),
	"27": "0",
	"62": "0",
	"28": "confirm",
	"58": "confirm",
	"29": "cancel",
	"2a": "clear",
	"3A": "function",
};

interface Bench {
	readonly emulator: KeypadEmulator;
	readonly keypad: () => HidKeypad;
	readonly path: string;
	close(): Promise<void>;
}
const open = new Set<() => Promise<void>>();
/** Closes what a failed test left open: a socket would keep the process alive. */
async function closeBenches(): Promise<void> {
	for (const close of open) await close();
}
async function bench(): Promise<Bench> {
	const folder = mkdtempSync(join(tmpdir(), "keypad-"));
	const path = join(folder, "keys");
	const emulator = new KeypadEmulator({ path, map, log: silent });
	await emulator.open();
	const made: HidKeypad[] = [];
	const keypad = (): HidKeypad => {
		const openLine = () => openHid(`unix:${path}`);
		const one = new HidKeypad({ openLine, map, clock: systemClock, random: seeded(7), log: silent });
		made.push(one);
		return one;
	};
	const close = async (): Promise<void> => {
		open.delete(close);
		for (const one of made) await one.close();
		await emulator.close();
		rmSync(folder, { recursive: true });
	};
	open.add(close);
	return {
		emulator,
		keypad,
		path,
		close,
	};
}
const until = async (what: () => boolean): Promise<void> => {
	for (let n = 0; !what(); n += 1) {
		if (n > 1000) throw new Error("waited 2 s for nothing");
		await sleep(systemClock, 2);
	}
};
const record = (keypad: HidKeypad): { readonly keys: string[]; readonly links: string[] } => {
	const heard = { keys: [] as string[], links: [] as string[] };
	keypad.listen((key) => heard.keys.push(key));
	keypad.links((event) => heard.links.push(event.on === "gone" ? event.fault.code : event.on));
	return heard;
};

const keypads = suite("keypad driver and emulator over a socket");
keypads.after.each(closeBenches);
keypads("an amount and its confirmation arrive in order", async () => {
	const { emulator, keypad, close } = await bench();
	const one = keypad();
	const heard = record(one);
	await one.open();
	assert.ok(emulator.type("12850"));
	assert.ok(emulator.press("confirm"));
	await until(() => heard.keys.length === 6);
	assert.is(heard.keys.join(" "), "1 2 8 5 0 confirm");
	assert.equal(heard.links, ["ready"]);
	await close();
});
keypads("usages of the board's map in either case, and those of no key", async () => {
	const { emulator, keypad, close } = await bench();
	const one = keypad();
	const heard = record(one);
	await one.open();
	for (const usage of [0x04, 0x2a, 0x58, 0x62]) emulator.send(report([usage]));
	await until(() => heard.keys.length === 3);
	assert.is(heard.keys.join(" "), "clear confirm 0");
	await close();
});
keypads("nothing pressed without a reader is kept for the next one", async () => {
	const { emulator, keypad, close } = await bench();
	assert.not(emulator.press("1"), "nobody reads");
	const one = keypad();
	const heard = record(one);
	await one.open();
	emulator.press("2");
	await until(() => heard.keys.length > 0);
	assert.equal(heard.keys, ["2"]);
	await close();
});
keypads("while one reads, another is refused; the keys change hands when close has ended", async () => {
	const { emulator, keypad, close } = await bench();
	const [terminal, vault] = [keypad(), keypad()];
	const heardByTerminal = record(terminal);
	const heardByVault = record(vault);
	await terminal.open();
	await vault.open();
	assert.equal(heardByVault.links, ["device.gone"]);
	assert.is(emulator.refused() > 0, true);
	await vault.close();
	for (let hand = 0; hand < 20; hand += 1) {
		await terminal.close();
		assert.not(emulator.read(), "free as soon as close resolves");
		await vault.open();
		emulator.press("5");
		await until(() => heardByVault.keys.length === hand + 1);
		await vault.close();
		await terminal.open();
		emulator.press("6");
		await until(() => heardByTerminal.keys.length === hand + 1);
	}
	assert.is(heardByVault.links.filter((event) => event === "device.gone").length, 1, "never refused again");
	assert.is(new Set(heardByVault.keys).size, 1, "the vault heard its digits alone");
	assert.is(new Set(heardByTerminal.keys).size, 1, "the terminal heard none of them");
	await close();
});
keypads("the cable comes out and goes in again", async () => {
	const { emulator, keypad, close } = await bench();
	const one = keypad();
	const heard = record(one);
	await one.open();
	emulator.unplug();
	await until(() => heard.links.at(-1) === "device.gone");
	await until(() => heard.links.at(-1) === "ready");
	emulator.press("cancel");
	await until(() => heard.keys.length === 1);
	assert.equal(heard.links, ["ready", "device.gone", "ready"]);
	await close();
});
keypads("a keypad that is not there is told as gone and found when it comes", async () => {
	const { emulator, keypad, close } = await bench();
	await emulator.close();
	const one = keypad();
	const heard = record(one);
	await one.open();
	assert.equal(heard.links, ["device.gone"]);
	await emulator.open();
	await until(() => heard.links.at(-1) === "ready");
	await close();
});
keypads("a path of another kind is refused", async () => {
	const end = await openHid("keys").catch((error: unknown) => error);
	assert.instance(end, Error);
});
keypads.run();
