import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GemCoreReader, serialSettings } from "../../../drivers/card-reader/driver.ts";
import { type Deed, ReaderEmulator } from "../../../drivers/card-reader/emulator.ts";
import type { AskName } from "../../../drivers/card-reader/protocol.ts";
import { openSerial } from "../../../drivers/transport/serial.ts";
import type { DeviceFault, ReaderEvent } from "../../../src/contract/device.ts";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { sleep } from "../../../src/kit/clock.ts";
import { silent } from "../../../src/kit/log.ts";
import { seeded } from "../../../src/kit/random.ts";
import type { Result } from "../../../src/kit/result.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { desFor } from "../../../src/runtime/des.ts";
import type { ChipCard } from "../../../src/world/cards/chip-card.ts";
import { cardFor, deck } from "../../../src/world/cards/deck.ts";
import { openPty, type Pty } from "../../../src/world/wires/pty.ts";

const waits = { readerMs: 300, powerMs: 300, cardMs: 200, byteMs: 30, probeMs: 20 };
const selectPse = unhex("00A404000E315041592E5359532E444446303100");

interface Rig {
	readonly wire: Pty;
	readonly emulator: ReaderEmulator;
	readonly reader: GemCoreReader;
	readonly events: string[];
	card(id?: string): ChipCard;
	until(what: () => boolean): Promise<void>;
	close(): Promise<void>;
}
const text = (event: ReaderEvent): string => (event.on === "gone" ? `gone ${event.fault.code}` : event.on);

/** A real driver on a real serial port object; the emulator holds the other end of the pseudo-terminal. */
async function rig(probeMs = waits.probeMs): Promise<Rig> {
	const wire = await openPty();
	const emulator = new ReaderEmulator({ clock: systemClock });
	emulator.plug(wire.line);
	const reader = new GemCoreReader({
		openLine: () => openSerial(wire.path, serialSettings),
		clock: systemClock,
		random: seeded(3),
		log: silent,
		waits: { ...waits, probeMs },
	});
	const events: string[] = [];
	reader.listen((event) => events.push(text(event)));
	const until = async (what: () => boolean): Promise<void> => {
		for (let left = 5000; left > 0; left -= 2) {
			if (what()) return;
			await sleep(systemClock, 2);
		}
		assert.unreachable(`it did not happen in time; so far: ${events.join(", ")}`);
	};
	return {
		wire,
		emulator,
		reader,
		events,
		card: (id = "unionpay-debit") => {
			const found = deck.find((each) => each.id === id);
			assert.ok(found);
			return cardFor(found, { desFor, random: seeded(5) });
		},
		until,
		close: async () => {
			await reader.close();
			wire.close();
		},
	};
}
async function ready(probeMs = waits.probeMs): Promise<Rig> {
	const made = await rig(probeMs);
	await made.reader.open();
	await made.until(() => made.events.includes("ready"));
	return made;
}
/** With a card in the slot, powered. */
async function powered(probeMs = waits.probeMs): Promise<Rig> {
	const made = await rig(probeMs);
	made.emulator.insert(made.card());
	await made.reader.open();
	await made.until(() => made.reader.present() && made.events.includes("inserted"));
	assert.ok((await made.reader.powerOn()).ok);
	return made;
}
const said = (end: Result<Uint8Array | undefined, DeviceFault>): string =>
	end.ok ? `ok ${hex(end.value ?? new Uint8Array(0))}` : end.error.code;

const normal = suite("card reader: driver and emulator over a pseudo-terminal");
normal("greets the reader, hears a card come, powers it, asks it, lets it go", async () => {
	const { emulator, reader, events, card, until, close } = await ready();
	assert.is(reader.present(), false);
	assert.equal(reader.state(), { link: "ready", firmware: "GemCore-POS-Pro-V1.10" });
	assert.equal(emulator.heard().slice(0, 3), ["escape", "escape", "slotStatus"]);
	emulator.insert(card());
	await until(() => events.includes("inserted"));
	assert.is(said(await reader.powerOn()), "ok 3B6A000047554954414954455354");
	assert.ok(emulator.powered());
	const pse = await reader.exchange(selectPse);
	assert.match(said(pse), /^ok 6F.*840E315041592E5359532E4444463031.*9000$/);
	assert.match(said(await reader.exchange(unhex("00B2010C00"))), /^ok 70.*9000$/);
	assert.is(said(await reader.exchange(unhex("00B2020C00"))), "ok 6A83");
	assert.is(said(await reader.powerOff()), "ok ");
	assert.not(emulator.powered());
	emulator.remove();
	await until(() => events.includes("removed"));
	assert.equal(events, ["ready", "inserted", "removed"]);
	await close();
});
normal("a card that is in the slot when the reader comes is told after ready", async () => {
	const { emulator, reader, events, card, until, close } = await rig();
	emulator.insert(card());
	await reader.open();
	await until(() => events.includes("inserted"));
	assert.equal(events, ["ready", "inserted"]);
	await close();
});
normal("no card: every command with a card says so; off is off", async () => {
	const { reader, close } = await ready();
	assert.is(said(await reader.powerOn()), "reader.no-card");
	assert.is(said(await reader.exchange(selectPse)), "reader.no-card");
	assert.is(said(await reader.powerOff()), "ok ");
	await close();
	assert.is(said(await reader.exchange(selectPse)), "device.gone");
});
normal("many APDUs at once wait for each other, and each gets its own answer", async () => {
	const { reader, close } = await powered();
	const ends = await Promise.all(
		Array.from({ length: 12 }, (_, i) => reader.exchange(i % 2 === 0 ? selectPse : unhex("00B2010C00"))),
	);
	for (const [i, end] of ends.entries()) assert.match(said(end), i % 2 === 0 ? /^ok 6F/ : /^ok 70/);
	await close();
});
normal("an extended or broken APDU never reaches the card", async () => {
	const { emulator, reader, close } = await powered(10_000);
	emulator.forget();
	assert.is(said(await reader.exchange(unhex("00A40400"))), "ok 6A82");
	assert.is(said(await reader.exchange(unhex("00A4040005AA"))), "device.refused");
	assert.equal(emulator.heard(), ["transfer"]);
	await close();
});
normal.run();

const faults = suite("card reader: what may go wrong");
const deeds: readonly (readonly [string, AskName, Deed, RegExp])[] = [
	["NAK once: sent again", "transfer", { do: "nak" }, /^ok 6F/],
	["noise before the answer", "transfer", { do: "garbage", bytes: unhex("00 31 03 06 99 50 07") }, /^ok 6F/],
	[
		"the beginning of a frame before the answer",
		"transfer",
		{ do: "garbage", bytes: unhex("0306800A000000") },
		/^ok 6F/,
	],
	[
		"the card asks for time, longer than the deadline",
		"transfer",
		{ do: "time", requests: 5, everyMs: 90 },
		/^ok 6F/,
	],
	["the answer in single bytes", "transfer", { do: "split", bytes: 1, everyMs: 1 }, /^ok 6F/],
	["the answer cut in its header", "transfer", { do: "cut", bytes: 7 }, /^device\.garbled/],
	["the answer cut in its data", "transfer", { do: "cut", bytes: 13 }, /^device\.garbled/],
	["the answer cut before its LRC", "transfer", { do: "cut", bytes: 14 }, /^device\.garbled/],
	["a wrong LRC", "transfer", { do: "wrong-lrc" }, /^device\.garbled/],
	["no answer", "transfer", { do: "silent" }, /^device\.silent/],
	["the number of another command", "transfer", { do: "wrong-seq" }, /^device\.silent/],
	["an answer that is too late", "transfer", { do: "late", ms: 230 }, /^device\.silent/],
	["the reader refuses", "transfer", { do: "refuse", error: 0xfb }, /^device\.refused/],
	["the card is taken out meanwhile", "transfer", { do: "remove-card" }, /^reader\.card-removed/],
];
for (const [what, on, deed, expected] of deeds)
	faults(`${what}: ${expected.source.replaceAll(/[\\^]/g, "")}`, async () => {
		const { emulator, reader, close } = await powered(10_000);
		emulator.behave({ ...deed, on, times: 1 });
		assert.match(said(await reader.exchange(selectPse)), expected);
		// The next command is not harmed by what is still on its way.
		const next = said(await reader.exchange(selectPse));
		assert.match(next, deed.do === "remove-card" ? /^reader\.no-card/ : /^ok 6F/);
		await close();
	});
faults("what reaches the card is never sent twice on silence", async () => {
	const { emulator, reader, close } = await powered(10_000);
	emulator.forget();
	emulator.behave({ do: "silent", on: "transfer", times: 1 });
	await reader.exchange(selectPse);
	assert.equal(emulator.heard(), ["transfer"]);
	await close();
});
faults("NAK for ever: refused after two repetitions", async () => {
	const { emulator, reader, close } = await powered(10_000);
	emulator.forget();
	emulator.behave({ do: "nak", on: "transfer" });
	assert.is(said(await reader.exchange(selectPse)), "device.refused");
	assert.is(emulator.heard().length, 3);
	await close();
});
faults("a mute card: two voltages, then mute; before anybody looked at the slot", async () => {
	const { emulator, reader, card, close } = await ready(10_000);
	const mute = card();
	mute.behave({ do: "mute", at: 0 });
	emulator.insert(mute);
	emulator.forget();
	assert.is(said(await reader.powerOn()), "reader.mute");
	assert.equal(emulator.heard(), ["powerOn", "powerOn"]);
	await close();
});
faults("a card that falls silent in a command is mute, and still in the slot", async () => {
	const { emulator, reader, card, until, close } = await ready();
	const tired = card();
	tired.behave({ do: "mute", at: 2 });
	emulator.insert(tired);
	await until(() => reader.present());
	await reader.powerOn();
	assert.match(said(await reader.exchange(selectPse)), /^ok/);
	assert.is(said(await reader.exchange(unhex("00B2010C00"))), "reader.mute");
	assert.ok(reader.present());
	await close();
});
faults("a card pulled at its third command: removed, told once", async () => {
	const { emulator, reader, events, card, until, close } = await ready();
	const pulled = card();
	pulled.behave({ do: "pull", at: 3 });
	emulator.insert(pulled);
	await until(() => reader.present());
	await reader.powerOn();
	await reader.exchange(selectPse);
	await reader.exchange(unhex("00B2010C00"));
	assert.is(said(await reader.exchange(selectPse)), "reader.card-removed");
	await until(() => events.includes("removed"));
	assert.not(reader.present());
	assert.is(events.filter((event) => event === "removed").length, 1);
	await close();
});
faults(
	"a card taken out and put in again between two commands is not asked as if it were the one before",
	async () => {
		const { emulator, reader, card, close } = await powered(10_000);
		emulator.remove();
		emulator.insert(card());
		assert.is(said(await reader.exchange(selectPse)), "reader.card-removed");
		await close();
	},
);
faults.run();

const link = suite("card reader: the line comes and goes");
link("cable pulled: gone, then found again by itself, and a card is there as before", async () => {
	const { wire, reader, events, until, close } = await powered();
	const waiting = reader.exchange(selectPse);
	wire.hangUp();
	const end = said(await waiting);
	assert.ok(end.startsWith("ok") || end === "device.gone", end);
	await until(() => events.filter((event) => event === "ready").length === 2);
	await until(() => events.filter((event) => event === "inserted").length === 2);
	assert.equal(events, ["ready", "inserted", "gone device.gone", "ready", "inserted"]);
	assert.ok((await reader.powerOn()).ok);
	assert.match(said(await reader.exchange(selectPse)), /^ok 6F/);
	await close();
});
link("a command under way when the line goes ends at once as gone", async () => {
	const { wire, emulator, reader, close } = await powered(10_000);
	emulator.behave({ do: "silent", on: "transfer" });
	const waiting = reader.exchange(selectPse);
	await sleep(systemClock, 20);
	wire.close();
	assert.is(said(await waiting), "device.gone");
	await close();
});
link("a reader that falls silent is given up after two looks and comes back", async () => {
	const { emulator, events, until, close } = await ready();
	emulator.behave({ do: "silent", on: "any" });
	await until(() => events.includes("gone device.silent"));
	emulator.calm();
	await until(() => events.filter((event) => event === "ready").length === 2);
	await close();
});
link("another reader on the same line is not taken for the one before", async () => {
	const { wire, emulator, events, until, close } = await ready();
	const stranger = new ReaderEmulator({ clock: systemClock, firmware: "Somebody-Else-V9" });
	wire.hangUp();
	stranger.plug(wire.line);
	emulator.plug({ write: () => {}, listen: () => () => {}, close: () => {} });
	await until(() => events.includes("gone device.changed"));
	stranger.plug({ write: () => {}, listen: () => () => {}, close: () => {} });
	emulator.plug(wire.line);
	await until(() => events.filter((event) => event === "ready").length === 2);
	await close();
});
link("no reader at the path: gone once, no matter how often it is tried", async () => {
	const reader = new GemCoreReader({
		openLine: () => openSerial("/dev/pts/not-there", serialSettings),
		clock: systemClock,
		random: seeded(1),
		log: silent,
	});
	const events: string[] = [];
	reader.listen((event) => events.push(text(event)));
	await reader.open();
	await sleep(systemClock, 400);
	assert.equal(events, ["gone device.gone"]);
	assert.is(reader.state().link, "backoff");
	await reader.close();
	await reader.close();
});
link("closed: the line is free for another process at once, and no event comes any more", async () => {
	const { wire, emulator, reader, events, close } = await ready();
	await reader.close();
	const other = await openSerial(wire.path, serialSettings);
	other.close();
	const before = events.length;
	emulator.remove();
	await sleep(systemClock, 60);
	assert.is(events.length, before);
	await close();
});
link.run();
