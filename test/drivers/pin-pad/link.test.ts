import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
	dukptErrors,
	type ErrorTable,
	initialKeyErrors,
	loadErrors,
	macErrors,
	pinErrors,
} from "../../../drivers/pin-pad/errors-table.ts";
import type { Line } from "../../../drivers/transport/line.ts";
import { hex } from "../../../src/kit/bytes.ts";
import { sleep } from "../../../src/kit/clock.ts";
import { seeded } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { retailMac } from "../../../src/spec/keys/issuer.ts";
import {
	ask,
	closeBenches,
	keyedBench,
	macKey,
	masterKey,
	type PadBench,
	padBench,
	quick,
	readyBench,
	said,
	until,
} from "./rig.ts";

const message = Uint8Array.from({ length: 40 }, (_, at) => at);
const mac = hex(retailMac(desFor, macKey, message, "00"));

const repeats = suite("PIN pad: repeats");
for (const deed of ["spoil-answer", "cut-answer"] as const)
	repeats(`${deed}, twice: asked for again by NAK, and the PIN is there`, async () => {
		const { emulator, pad, close } = await keyedBench("1", masterKey, quick);
		const entry = pad.enterPin(ask);
		await until(() => emulator.entering());
		emulator.teach({ on: "70", do: deed, times: 2 });
		emulator.press("1", "2", "3", "4", "confirm");
		assert.match(said(await entry), /^entered [0-9A-F]{16}$/);
		await close();
	});
repeats(
	"an answer that is spoilt for ever: EOT after the third, and the pad is of use afterwards",
	async () => {
		const { emulator, pad, close } = await keyedBench("B", macKey, quick);
		emulator.teach({ on: "Z66", do: "spoil-answer", times: 3 });
		assert.is(said(await pad.mac({ slot: "B", message })), "device.garbled Z66");
		emulator.forget();
		assert.is(said(await pad.mac({ slot: "B", message })), mac);
		assert.equal(emulator.heard(), ["72", "Z66"]);
		await close();
	},
);
repeats("a storm of NAKs: the same bytes three times, then EOT; the next ask begins anew", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey, quick);
	emulator.teach({ on: "70", do: "nak", times: 2 });
	const entry = pad.enterPin(ask);
	await until(() => emulator.entering());
	emulator.press("1", "2", "3", "4", "confirm");
	assert.match(said(await entry), /^entered/);
	emulator.forget();
	emulator.teach({ on: "70", do: "nak", times: 50 });
	assert.is(said(await pad.enterPin(ask)), "device.garbled 70");
	assert.equal(emulator.heard(), ["08", "70", "70", "70", "72"]);
	await close();
});
repeats("silence: a question is repeated, a PIN and a load never", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey, quick);
	emulator.teach({ on: "04", do: "go-silent", times: 2 });
	assert.is(said(await pad.loaded("1")), "true");
	assert.equal(emulator.heard(), ["04", "04", "04"]);
	emulator.forget();
	emulator.teach({ on: "70", do: "go-silent", times: 1 });
	assert.is(said(await pad.enterPin(ask)), "device.silent 70");
	emulator.teach({ on: "02", do: "go-silent", times: 1 });
	assert.is(said(await pad.loadKey("2", "B0080K0TE00E0000")), "device.silent 02");
	assert.equal(emulator.heard(), ["08", "70", "72", "02"]);
	await close();
});
repeats("its ACK is lost: the entry that nobody waits for is ended at once", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey, quick);
	emulator.teach({ on: "70", do: "lose-ack", times: 1 });
	assert.is(said(await pad.enterPin(ask)), "device.silent 70");
	assert.not(emulator.entering());
	assert.equal(emulator.heard(), ["08", "70", "72"]);
	emulator.forget();
	const next = pad.enterPin(ask);
	await until(() => emulator.heard().includes("70"));
	assert.equal(emulator.heard(), ["08", "70"]);
	emulator.press("1", "2", "3", "4", "confirm");
	assert.match(said(await next), /^entered/);
	await close();
});
repeats("EOT in place of an answer is a refusal, for a load the want of custodians", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey, quick);
	emulator.teach({ on: "06", do: "give-up", times: 1 });
	emulator.teach({ on: "04", do: "give-up", times: 1 });
	assert.is(said(await pad.loaded("1")), "device.refused 04");
	assert.is(said(await pad.loadClearKey("1", Uint8Array.from(macKey))), "pad.not-authorised 02");
	assert.is(said(await pad.loaded("1")), "true");
	await close();
});
repeats("an echo of another key is answered by EOT, and nothing is stored", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey, quick);
	emulator.authorise();
	emulator.teach({ on: "02", do: { answer: `02B${hex(masterKey)}` }, times: 1 });
	assert.is(said(await pad.loadClearKey("B", Uint8Array.from(macKey))), "device.garbled 02");
	assert.is(said(await pad.loaded("B")), "false");
	await close();
});
repeats.after(closeBenches);
repeats.run();

const refusals = suite("PIN pad: every reason of every table");
const each = (table: ErrorTable): readonly (readonly [string, string])[] => [
	...Object.entries(table),
	["Y", "pad.unknown"],
];
for (const dialect of ["uic", "verifone"] as const)
	refusals(`PIN, ${dialect}`, async () => {
		const { emulator, pad, close } = await keyedBench("1", masterKey, { dialect });
		for (const [reason, code] of each(pinErrors[dialect])) {
			emulator.teach({ on: "70", do: { answer: `71${reason}` }, times: 1 });
			assert.is(said(await pad.enterPin(ask)), `${code} 70:${reason}`);
		}
		for (const [reason, code] of each(dukptErrors[dialect])) {
			emulator.teach({ on: "70", do: { answer: `71${reason}` }, times: 1 });
			assert.is(said(await pad.enterPin({ ...ask, under: { keys: "dukpt" } })), `${code} 70:${reason}`);
		}
		await close();
	});
refusals("MAC, loads, self-test, prompts", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey);
	for (const [reason, code] of each(macErrors)) {
		emulator.teach({ on: "Z66", do: { answer: `Z67${reason}` }, times: 1 });
		assert.is(said(await pad.mac({ slot: "B", message })), `${code} Z66:${reason}`);
	}
	for (const [reason, code] of each(loadErrors)) {
		emulator.teach({ on: "02", do: { answer: `02?${reason}` }, times: 1 });
		assert.is(said(await pad.loadKey("1", "B0080K0TE00E0000")), `${code} 02:${reason}`);
	}
	for (const [reason, code] of each(initialKeyErrors)) {
		emulator.teach({ on: "90", do: { answer: `911${reason}` }, times: 1 });
		assert.is(said(await pad.loadInitialKey("B0080B1TX00E0000")), `${code} 90:${reason}`);
	}
	assert.is(said(await pad.selfTest()), "done");
	emulator.fail("25");
	assert.is(said(await pad.selfTest()), "pad.self-test 16:rom,key-check");
	emulator.teach({ on: "Z2", do: { answer: "Z21" }, times: 1 });
	const { amount: _, ...plain } = ask;
	assert.is(said(await pad.enterPin(plain)), "pad.request Z2:1");
	await close();
});
refusals.after(closeBenches);
refusals.run();

const races = suite("PIN pad: cancel");
races("an entry under way ends, and so does one that waits", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey);
	const ends = [pad.enterPin(ask), pad.enterPin(ask)];
	await until(() => emulator.entering());
	emulator.press("1", "2");
	await pad.cancel();
	assert.equal((await Promise.all(ends)).map(said), ["cancelled", "cancelled"]);
	assert.not(emulator.entering());
	assert.is(emulator.heard().filter((id) => id === "70").length, 1);
	await close();
});
races("cancelled before anything was sent; nothing to cancel", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey);
	await pad.cancel();
	const entry = pad.enterPin(ask);
	const cancelled = pad.cancel();
	assert.is(said(await entry), "cancelled");
	await cancelled;
	assert.equal(emulator.heard(), []);
	await close();
});
races("72 is not heard well: it is said again; not answered at all: the entry ends as silent", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey, quick);
	emulator.teach({ on: "72", do: "go-silent", times: 2 });
	const entry = pad.enterPin(ask);
	await until(() => emulator.entering());
	await pad.cancel();
	assert.is(said(await entry), "cancelled");
	const deaf = pad.enterPin(ask);
	await until(() => emulator.entering());
	emulator.setPower(false);
	await pad.cancel();
	assert.is(said(await deaf), "device.silent 72");
	await close();
});
races("at any moment around the last key: every entry ends, and the next one is its own", async () => {
	const { emulator, pad, close } = await keyedBench("1", masterKey);
	const random = seeded(11);
	const ends = new Map<string, number>();
	for (let n = 0; n < 25; n += 1) {
		let over = false;
		emulator.forget();
		const entry = pad.enterPin(ask);
		const last = random.below(2) === 0 ? "confirm" : "cancel";
		const keyed = until(() => over || emulator.entering()).then(() => {
			if (!over) emulator.press("1", "2", "3", "4", last);
		});
		if (random.below(2) === 0) await until(() => emulator.heard().includes("70"));
		await sleep(systemClock, random.below(4));
		await pad.cancel();
		const end = said(await entry).replace(/ .*/, "");
		over = true;
		await keyed;
		ends.set(end, (ends.get(end) ?? 0) + 1);
		const next = pad.enterPin(ask);
		await until(() => emulator.entering());
		emulator.press("9", "9", "9", "9", "confirm");
		assert.match(said(await next), /^entered/);
	}
	assert.equal(
		[...ends.keys()].filter((end) => end !== "entered" && end !== "cancelled"),
		[],
	);
	assert.ok((ends.get("cancelled") ?? 0) > 5);
	await close();
});
races.after(closeBenches);
races.run();

const lines = suite("PIN pad: bad lines");
/** A line on which a byte tips over, is lost, or is joined by another one, one in so many. */
function noisy(line: Line, oneIn: number): Line {
	const random = seeded(7);
	const spoil = (bytes: Uint8Array): Uint8Array =>
		Uint8Array.from(
			[...bytes].flatMap((byte) => {
				if (random.below(oneIn) > 0) return [byte];
				const what = random.below(3);
				return what === 0 ? [byte ^ (1 << random.below(8))] : what === 1 ? [] : [byte, random.below(256)];
			}),
		);
	return {
		write: (bytes) => line.write(spoil(bytes)),
		listen: (to) =>
			line.listen((event) => to(event.on === "data" ? { on: "data", bytes: spoil(event.bytes) } : event)),
		close: () => line.close(),
	};
}
lines("noise both ways: a MAC is right or a fault, and a quiet line makes all good again", async () => {
	const waits = { ackMs: 15, answerMs: 20, byteMs: 8, quietMs: 4 };
	const { pty, emulator, pad, detach, close } = await keyedBench("B", macKey, { waits, ackMs: 15 });
	detach();
	const quiet = emulator.attach(noisy(pty.line, 300));
	const ends: string[] = [];
	for (let n = 0; n < 60; n += 1) ends.push(said(await pad.mac({ slot: "B", message })));
	const right = ends.filter((end) => end === mac).length;
	assert.ok(right > 10 && right < 60, `${right} of 60`);
	for (const end of ends.filter((each) => each !== mac)) assert.match(end, /^(device|pad)\.[a-z-]+ /);
	quiet();
	emulator.attach(pty.line);
	await pad.mac({ slot: "B", message });
	assert.is(said(await pad.mac({ slot: "B", message })), mac);
	await close();
});
lines(
	"the host's ACK of a block is lost: the block that comes again is nobody's, and the next is its own",
	async () => {
		const { pty, emulator, pad, detach, close } = await keyedBench("1", masterKey, quick);
		detach();
		let losing = false;
		let lost = 0;
		const off = emulator.attach({
			...pty.line,
			listen: (to) =>
				pty.line.listen((event) => {
					const ack = event.on === "data" && event.bytes.length === 1 && event.bytes[0] === 0x06;
					if (ack && losing) lost += 1;
					else to(event);
				}),
		});
		const first = pad.enterPin(ask);
		await until(() => emulator.entering());
		losing = true;
		emulator.press("1", "2", "3", "4", "confirm");
		const block = said(await first);
		await until(() => lost === 2, "the block again");
		losing = false;
		const second = pad.enterPin(ask);
		await until(() => emulator.entering());
		emulator.press("9", "9", "9", "9", "confirm");
		assert.match(said(await second), /^entered/);
		assert.is.not(said(await second), block);
		off();
		await close();
	},
);
lines("the cable is pulled during an entry: gone, and greeted again", async () => {
	const { pty, emulator, pad, told, close } = await keyedBench("1", masterKey);
	const entry = pad.enterPin(ask);
	await until(() => emulator.entering());
	pty.hangUp();
	assert.is(said(await entry), "device.gone 70");
	await until(() => told.length === 3, "ready again");
	assert.equal(told, ["ready", "gone device.gone ready", "ready"]);
	assert.not(emulator.entering());
	await close();
});
lines("a pad that is switched off is missed by its looks, and found again", async () => {
	const { emulator, pad, told, close } = await readyBench({
		waits: { ...quick.waits, probeMs: 20, ackMs: 60 },
	});
	emulator.setPower(false);
	await until(() => told.length === 2, "gone");
	assert.equal(told, ["ready", "gone device.silent 11"]);
	assert.is(said(await pad.loaded("1")), "device.gone 04");
	emulator.setPower(true);
	await until(() => told.at(-1) === "ready", "ready again");
	await close();
});
lines.after(closeBenches);
lines.run();

const who = suite("PIN pad: who it is");
const checkValue = desFor(macKey).encrypt(new Uint8Array(8)).slice(0, 3);
const pin = { serial: "PP791-000117", key: { slot: "B", checkValue } } as const;
/** The line is closed and opened again: what is told of whoever is there now. */
async function again({ pad, told }: PadBench): Promise<string | undefined> {
	await pad.close();
	told.length = 0;
	await pad.open();
	await until(() => told.length > 0, "a greeting");
	return told[0];
}
who("the pinned pad is ready; after its keys are gone it is not the one of before", async () => {
	const bench = await keyedBench("B", macKey);
	bench.pinned = pin;
	assert.is(await again(bench), "ready");
	bench.emulator.tamper();
	assert.is(await again(bench), "gone device.changed check-value");
	assert.is(said(await bench.pad.enterPin(ask)), "device.gone pin");
	await bench.close();
});
who("another serial number, or another key under the same number", async () => {
	const rows = [
		[{ ...pin, serial: "PP791-000118" }, "gone device.changed serial"],
		[
			{ ...pin, key: { slot: "B", checkValue: checkValue.map((byte) => byte ^ 1) } },
			"gone device.changed check-value",
		],
		[{ ...pin, key: { slot: "C", checkValue } }, "gone device.changed check-value"],
	] as const;
	for (const [pinned, told] of rows) {
		const bench = await keyedBench("B", macKey);
		bench.pinned = pinned;
		assert.is(await again(bench), told);
		await bench.close();
	}
});
who("without a pin: another pad on the same line than the one greeted first", async () => {
	const bench = await readyBench();
	assert.is(said(await bench.pad.setSerial("PP791-000118")), "done");
	assert.is(await again(bench), "gone device.changed handshake");
	await bench.close();
});
who("a Verifone pad is known by the number burnt in", async () => {
	const bench = await padBench({ dialect: "verifone" });
	await bench.pad.open();
	await until(() => bench.told.includes("ready"));
	assert.is(bench.pad.serial(), "UNIT-000117");
	await bench.close();
});
who.after(closeBenches);
who.run();
