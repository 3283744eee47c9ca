/** A PIN pad's bench for tests: the real driver on a real pseudo-terminal, the emulator at its other end. */
import { type PadPin, type PadWaits, SerialPinPad, serialSettings } from "../../../drivers/pin-pad/driver.ts";
import { PadEmulator, type PadEmulatorNeeds } from "../../../drivers/pin-pad/emulator.ts";
import type { Dialect } from "../../../drivers/pin-pad/protocol.ts";
import { openSerial } from "../../../drivers/transport/serial.ts";
import type { DeviceFault, PadPinAsk, PadPinEnd } from "../../../src/contract/device.ts";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { sleep } from "../../../src/kit/clock.ts";
import { silent } from "../../../src/kit/log.ts";
import { seeded } from "../../../src/kit/random.ts";
import type { Result } from "../../../src/kit/result.ts";
import { aesFor } from "../../../src/runtime/aes.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { openPty, type Pty } from "../../../src/world/wires/pty.ts";

/** Nothing is lost on the line: a machine that is slow for a moment must not look like a silent pad. */
const calm = { ackMs: 1000, answerMs: 1000, byteMs: 1000, graceMs: 1000, quietMs: 5, probeMs: 10_000 };
/** For tests in which something is lost, and waited for in vain. */
export const quick: PadBenchNeeds = {
	ackMs: 150,
	waits: { ackMs: 120, answerMs: 180, byteMs: 40, quietMs: 10 },
};

export const ciphers = { desFor, aesFor };

/** A PAN of the world, and the keys that the pads of these tests hold. */
export const account = "6217850000000001233";
export const masterKey = unhex("0123456789ABCDEFFEDCBA9876543210");
export const macKey = unhex("A1B2C3D4E5F60718293A4B5C6D7E8F90");
export const workingKey = unhex("1111222233334444AAAABBBBCCCCDDDD");
export const sealedKey = desFor(masterKey).encrypt(workingKey);

export interface PadBench {
	readonly pty: Pty;
	readonly emulator: PadEmulator;
	readonly pad: SerialPinPad;
	readonly told: string[];
	/** Takes the pad off its line: another one may be put between. */
	readonly detach: () => void;
	pinned: PadPin | undefined;
	close(): Promise<void>;
}
export interface PadBenchNeeds extends Partial<PadEmulatorNeeds> {
	readonly pinned?: PadPin;
	readonly waits?: Partial<PadWaits>;
}

const open = new Set<() => Promise<void>>();
/** Closes what a failed test left open: a line would keep the process alive. */
export async function closeBenches(): Promise<void> {
	for (const close of open) await close();
}

export async function padBench(needs: PadBenchNeeds = {}): Promise<PadBench> {
	const pty = await openPty();
	const emulator = new PadEmulator({ clock: systemClock, ciphers, ackMs: 1000, ...needs });
	const detach = emulator.attach(pty.line);
	const told: string[] = [];
	const dialect: Dialect = needs.dialect ?? "uic";
	const pad: SerialPinPad = new SerialPinPad({
		openLine: () => openSerial(pty.path, serialSettings),
		clock: systemClock,
		random: seeded(3),
		log: silent,
		dialect,
		pinned: () => bench.pinned,
		waits: { ...calm, ...needs.waits },
	});
	pad.links((event) =>
		told.push(event.on === "gone" ? `gone ${event.fault.code} ${event.fault.at}` : "ready"),
	);
	const close = async (): Promise<void> => {
		open.delete(close);
		await pad.close();
		emulator.setPower(false);
		pty.close();
	};
	open.add(close);
	const bench: PadBench = { pty, emulator, pad, told, detach, pinned: needs.pinned, close };
	return bench;
}

/** A bench whose driver has greeted its pad. */
export async function readyBench(needs: PadBenchNeeds = {}): Promise<PadBench> {
	const bench = await padBench(needs);
	await bench.pad.open();
	await until(() => bench.told.includes("ready"), "ready");
	return bench;
}

/** A pad with one clear key in a slot: the custodians stood at it. */
export async function keyedBench(
	slot: "1" | "B" | "F",
	key: Uint8Array,
	needs: PadBenchNeeds = {},
): Promise<PadBench> {
	const bench = await readyBench(needs);
	bench.emulator.authorise();
	const loaded = await bench.pad.loadClearKey(slot, Uint8Array.from(key));
	if (!loaded.ok) throw new Error(`no key: ${loaded.error.code}`);
	bench.emulator.forget();
	return bench;
}

export const until = async (what: () => boolean, why = "what was waited for"): Promise<void> => {
	for (let n = 0; !what(); n += 1) {
		if (n > 1500) throw new Error(`3 s without ${why}`);
		await sleep(systemClock, 2);
	}
};

export const ask: PadPinAsk = {
	account,
	under: { keys: "master-session", slot: "1", workingKey: sealedKey },
	amount: 12_850,
};

/** "cancelled", "entered 0123…", or a fault's code and place. */
export const said = (end: Result<PadPinEnd | Uint8Array | boolean | undefined, DeviceFault>): string => {
	if (!end.ok) return `${end.error.code} ${end.error.at}`;
	if (end.value instanceof Uint8Array) return hex(end.value);
	if (typeof end.value !== "object") return String(end.value ?? "done");
	if (end.value.end !== "entered") return end.value.end;
	const { block, serialNumber } = end.value;
	return `entered ${hex(block)}${serialNumber === undefined ? "" : ` ${hex(serialNumber)}`}`;
};
