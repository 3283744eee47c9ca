import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { PadMacSlot } from "../../../src/contract/device.ts";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { HandClock } from "../../../src/kit/clock.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { retailMac } from "../../../src/spec/keys/issuer.ts";
import { openFormat0 } from "../../../src/spec/pin/block.ts";
import {
	account,
	ask,
	closeBenches,
	keyedBench,
	macKey,
	masterKey,
	readyBench,
	said,
	sealedKey,
	until,
	workingKey,
} from "./rig.ts";

/** What the acquirer would find in an entered block. */
const pinIn = (text: string, key = workingKey): string => {
	const [, block = ""] = /^entered ([0-9A-F]{16})/.exec(text) ?? [];
	const opened = openFormat0(desFor(key).decrypt(unhex(block)), account);
	return opened.ok ? [...opened.value].join("") : opened.error.at;
};

const normal = suite("PIN pad: driver and emulator over a pseudo-terminal");
normal(
	"greets the pad: agrees that nothing is under way, sees that it lives, asks its serial number",
	async () => {
		const { emulator, pad, close } = await readyBench();
		assert.equal(emulator.heard(), ["72", "11", "06"]);
		assert.is(pad.serial(), "PP791-000117");
		await close();
		assert.is(said(await pad.enterPin(ask)), "device.gone pin");
	},
);
normal("a sale's PIN: amount and stars on the pad, its block under the session key to the host", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey);
	const entry = pad.enterPin(ask);
	await until(emulator.entering.bind(emulator));
	assert.equal(emulator.heard(), ["08", "70"]);
	emulator.press("1", "2", "3", "4", "9", "clear");
	assert.equal(emulator.screen(), ["128.50", "ENTER PIN", "****"]);
	emulator.press("confirm");
	assert.is(pinIn(said(await entry)), "1234");
	await close();
});
normal("a PIN of three digits is not taken, one of twelve is, a thirteenth digit is not", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey);
	const entry = pad.enterPin(ask);
	await until(() => emulator.entering());
	emulator.press("1", "2", "3", "confirm");
	assert.ok(emulator.entering());
	emulator.press("4", "5", "6", "7", "8", "9", "0", "1", "2", "3", "confirm");
	assert.is(pinIn(said(await entry)), "123456789012");
	await close();
});
normal("lines of the pad's table are shown before Z60; Z62 brings bounds and its own lines", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey);
	const { amount: _, ...plain } = ask;
	const again = pad.enterPin({ ...plain, prompts: ["wrong", "last-try"], seconds: 60 });
	await until(() => emulator.entering());
	assert.equal(emulator.heard(), ["08", "Z3", "Z60"]);
	assert.equal(emulator.screen(), ["WRONG PIN", "LAST TRY", ""]);
	emulator.press("4", "3", "2", "1", "confirm");
	assert.is(pinIn(said(await again)), "4321");
	emulator.forget();
	const bounded = pad.enterPin({ ...plain, digits: { least: 6, most: 6, bypass: true } });
	await until(() => emulator.entering());
	assert.equal(emulator.heard(), ["08", "Z62"]);
	emulator.press("1", "2", "3", "4", "confirm");
	assert.ok(emulator.entering());
	emulator.press("5", "6", "7", "confirm");
	assert.is(pinIn(said(await bounded)), "123456");
	const bypassed = pad.enterPin({ ...plain, digits: { least: 4, most: 12, bypass: true } });
	await until(() => emulator.entering());
	emulator.press("confirm");
	assert.is(said(await bypassed), "bypassed");
	await close();
});
normal("the cardholder cancels", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey);
	const entry = pad.enterPin(ask);
	await until(() => emulator.entering());
	emulator.press("1", "2", "cancel");
	assert.is(said(await entry), "cancelled");
	assert.equal(emulator.screen(), ["WELCOME"]);
	await close();
});
normal("a single-length working key under a double-length master key makes a DES block", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey);
	const single = workingKey.slice(0, 8);
	const under = {
		...ask.under,
		keys: "master-session",
		slot: "1",
		workingKey: sealedKey.slice(0, 8),
	} as const;
	const entry = pad.enterPin({ ...ask, under });
	await until(() => emulator.entering());
	emulator.press("1", "2", "3", "4", "confirm");
	assert.is(pinIn(said(await entry), single), "1234");
	await close();
});
normal(
	"a slot without a key is refused before anything is shown; what no packet can carry is not sent",
	async () => {
		const { emulator, pad, close } = await keyedBench("1", masterKey);
		assert.is(
			said(await pad.enterPin({ ...ask, under: { ...ask.under, slot: "2" } as never })),
			"pad.no-key 08:1",
		);
		emulator.forget();
		const rows = [
			[{ account: "123456" }, "account"],
			[{ account: "62178500000000X" }, "account"],
			[{ amount: 10_000_000 }, "amount"],
			[{ amount: 1.5 }, "amount"],
			[{ prompts: ["enter"] }, "amount"],
			[{ amount: undefined, prompts: [] }, "prompts"],
			[{ seconds: 45 }, "seconds"],
			[{ seconds: 300 }, "seconds"],
			[{ amount: undefined, digits: { least: 3, most: 12, bypass: false } }, "digits"],
			[{ amount: undefined, digits: { least: 4, most: 13, bypass: false } }, "digits"],
			[{ under: { keys: "master-session", slot: "1", workingKey: new Uint8Array(24) } }, "working-key"],
		] as const;
		for (const [wrong, at] of rows)
			assert.is(said(await pad.enterPin({ ...ask, ...wrong } as never)), `pad.request ${at}`);
		assert.equal(emulator.heard(), []);
		await close();
	},
);
normal(
	"more PINs than the hour allows are refused by the pad, until the first of them is an hour old",
	async () => {
		const clock = new HandClock();
		const { emulator, pad, close } = await keyedBench("1", masterKey, { hourly: 1, clock });
		const entered = async (): Promise<string> => {
			const entry = pad.enterPin(ask);
			await until(() => emulator.entering());
			emulator.press("1", "2", "3", "4", "confirm");
			return pinIn(said(await entry));
		};
		assert.is(await entered(), "1234");
		assert.is(said(await pad.enterPin(ask)), "pad.too-many-pins 70:7");
		clock.pass(3_599_999);
		assert.is(said(await pad.enterPin(ask)), "pad.too-many-pins 70:7");
		clock.pass(1);
		assert.is(await entered(), "1234");
		await close();
	},
);
normal("the pad gives up by itself after the time that the ask names, else after 270 s", async () => {
	const clock = new HandClock();
	const { emulator, pad, close } = await keyedBench("1", masterKey, { clock });
	for (const seconds of [30, 120, undefined]) {
		const entry = pad.enterPin(seconds === undefined ? ask : { ...ask, seconds });
		await until(() => emulator.entering());
		clock.pass((seconds ?? 270) * 1000 - 1);
		assert.ok(emulator.entering());
		clock.pass(1);
		assert.is(said(await entry), "cancelled");
	}
	await close();
});
normal("a MAC working key that is no key, and a slot that only MACs, are refused", async () => {
	const { pad, close } = await keyedBench("B", macKey);
	assert.is(
		said(await pad.mac({ slot: "B", message: new Uint8Array(8), workingKey: new Uint8Array(24) })),
		"pad.key-format Z66:8",
	);
	assert.is(said(await pad.enterPin(ask)), "pad.no-key 08:1");
	await close();
});
normal.after(closeBenches);
normal.run();

const macs = suite("PIN pad: MAC");
macs(
	"a message of one part, of many parts, and of a part's last byte, as ISO 9797-1 algorithm 3 makes it",
	async () => {
		const { emulator, pad, close } = await keyedBench("B", macKey);
		for (const [length, parts] of [
			[1, 1],
			[8, 1],
			[112, 1],
			[113, 2],
			[1000, 9],
		] as const) {
			emulator.forget();
			const message = Uint8Array.from({ length }, (_, at) => (at * 7) & 0xff);
			const wanted = hex(retailMac(desFor, macKey, message, "00"));
			assert.is(said(await pad.mac({ slot: "B", message })), wanted);
			assert.is(emulator.heard().length, parts);
		}
		await close();
	},
);
macs("under a working key, and the check value of a slot's key", async () => {
	const { pad, close } = await keyedBench("B", macKey);
	const session = unhex("3132333435363738A1A2A3A4A5A6A7A8");
	const message = unhex("0102030405060708090A");
	const sealed = desFor(macKey).encrypt(session);
	const wanted = hex(retailMac(desFor, session, message, "00"));
	assert.is(said(await pad.mac({ slot: "B", message, workingKey: sealed })), wanted);
	assert.is(said(await pad.checkValue("B")), hex(desFor(macKey).encrypt(new Uint8Array(8)).slice(0, 3)));
	await close();
});
macs("an empty slot, an empty message, one that is too long", async () => {
	const { emulator, pad, close } = await keyedBench("B", macKey);
	for (const slot of ["C", "D", "E"] satisfies PadMacSlot[])
		assert.is(said(await pad.mac({ slot, message: new Uint8Array(8) })), "pad.key-slot Z66:3");
	emulator.forget();
	for (const length of [0, 11_201])
		assert.is(said(await pad.mac({ slot: "B", message: new Uint8Array(length) })), "pad.request message");
	assert.equal(emulator.heard(), []);
	const longest = new Uint8Array(11_200);
	assert.is(
		said(await pad.mac({ slot: "B", message: longest })),
		hex(retailMac(desFor, macKey, longest, "00")),
	);
	await close();
});
macs("a pad that loses count in the middle: the fault names it, and the next message is whole", async () => {
	const { emulator, pad, close } = await keyedBench("B", macKey);
	const message = Uint8Array.from({ length: 300 }, (_, at) => at & 0xff);
	emulator.teach({ on: "Z66", do: { answer: "Z672" }, times: 1 });
	assert.is(said(await pad.mac({ slot: "B", message })), "pad.mac-sequence Z66:2");
	assert.is(said(await pad.mac({ slot: "B", message })), hex(retailMac(desFor, macKey, message, "00")));
	await close();
});
macs.after(closeBenches);
macs.run();
