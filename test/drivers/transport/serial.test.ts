import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Line } from "../../../drivers/transport/line.ts";
import { openSerial } from "../../../drivers/transport/serial.ts";
import { sleep } from "../../../src/kit/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openPty } from "../../../src/world/wires/pty.ts";

const serial = suite("serial line over a pseudo-terminal");
const pause = (ms: number): Promise<void> => sleep(systemClock, ms);

/** What a line has given so far, and whether it has ended. */
function record(line: Line): { readonly bytes: number[]; closed: number } {
	const heard = { bytes: [] as number[], closed: 0 };
	line.listen((event) => {
		if (event.on === "data") heard.bytes.push(...event.bytes);
		else heard.closed += 1;
	});
	return heard;
}
async function until(what: () => boolean, ms = 3000): Promise<void> {
	for (let left = ms; left > 0; left -= 5) {
		if (what()) return;
		await pause(5);
	}
	assert.unreachable("it did not happen in time");
}
const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);

serial("every byte value passes in both directions, as it is", async () => {
	const wire = await openPty();
	const host = await openSerial(wire.path, { baudRate: 115_200, stopBits: 2 });
	const [atHost, atDevice] = [record(host), record(wire.line)];
	host.write(everyByte);
	wire.line.write(everyByte);
	await until(() => atHost.bytes.length >= 256 && atDevice.bytes.length >= 256);
	assert.equal(atHost.bytes, [...everyByte]);
	assert.equal(atDevice.bytes, [...everyByte]);
	host.close();
	wire.close();
	await until(() => atHost.closed === 1);
});

serial("more bytes than the line holds arrive whole and in order", async () => {
	const wire = await openPty();
	const host = await openSerial(wire.path, { baudRate: 115_200 });
	const atHost = record(host);
	const much = Uint8Array.from({ length: 40_000 }, (_, i) => (i * 7) & 0xff);
	wire.line.write(much);
	await until(() => atHost.bytes.length >= much.length);
	assert.equal(atHost.bytes, [...much]);
	host.close();
	wire.close();
});

serial("the host closes and opens again: a new line each time, the device's end lives on", async () => {
	const wire = await openPty();
	const atDevice = record(wire.line);
	for (const n of [1, 2, 3]) {
		const host = await openSerial(wire.path, { baudRate: 9600 });
		const atHost = record(host);
		host.write(Uint8Array.of(n));
		await until(() => atDevice.bytes.length === n);
		wire.line.write(Uint8Array.of(0x40 + n));
		await until(() => atHost.bytes.length === 1);
		assert.equal(atHost.bytes, [0x40 + n]);
		host.close();
		host.close();
		await until(() => atHost.closed === 1);
		host.write(Uint8Array.of(0xee));
	}
	await pause(30);
	assert.equal(atDevice.bytes, [1, 2, 3], "what was written to a closed line is never replayed");
	assert.is(atDevice.closed, 0);
	wire.close();
});

const hangUps: readonly (readonly [string, (host: Line, device: Line) => Promise<void>])[] = [
	["before the first look", () => Promise.resolve()],
	["when idle", () => pause(60)],
	[
		"while bytes stream in",
		async (_, device) => {
			for (let i = 0; i < 40; i += 1) {
				device.write(everyByte);
				await pause(1);
			}
		},
	],
];
for (const [when, before] of hangUps)
	serial(
		`a cable pulled ${when}: the line says closed within two seconds and can be opened again`,
		async () => {
			const wire = await openPty();
			const host = await openSerial(wire.path, { baudRate: 115_200 });
			const atHost = record(host);
			await before(host, wire.line);
			wire.hangUp();
			await until(() => atHost.closed === 1, 4000);
			const again = await openSerial(wire.path, { baudRate: 115_200 });
			const atAgain = record(again);
			wire.line.write(Uint8Array.of(0x5a));
			await until(() => atAgain.bytes.includes(0x5a));
			await pause(20);
			assert.is(atHost.closed, 1, "closed is told once");
			again.close();
			wire.close();
		},
	);

serial("the device's end goes away: closed, and the path does not open any more", async () => {
	const wire = await openPty();
	const host = await openSerial(wire.path, { baudRate: 115_200 });
	const atHost = record(host);
	wire.close();
	wire.close();
	await until(() => atHost.closed === 1, 4000);
	const end = await openSerial(wire.path, { baudRate: 115_200 }).catch((error: unknown) => error);
	assert.instance(end, Error);
});

serial("a second opener of the same path is refused: the line is locked", async () => {
	const wire = await openPty();
	const host = await openSerial(wire.path, { baudRate: 115_200 });
	const end = await openSerial(wire.path, { baudRate: 115_200 }).catch((error: unknown) => error);
	assert.instance(end, Error);
	host.close();
	wire.close();
});

serial.run();
