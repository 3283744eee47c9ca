/** A printer's bench for tests: the real driver on a real pseudo-terminal, the emulator at its other end. */
import { EscPosPrinter } from "../../../drivers/printer/driver.ts";
import { fullTraits, PrinterEmulator, type PrinterTraits } from "../../../drivers/printer/emulator.ts";
import type { PrinterWaits } from "../../../drivers/printer/session.ts";
import { openSerial } from "../../../drivers/transport/serial.ts";
import type { PrinterEvent, PrintJob, PrintLine } from "../../../src/contract/device.ts";
import { sleep } from "../../../src/kit/clock.ts";
import { silent } from "../../../src/kit/log.ts";
import { seeded } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openPty, type Pty } from "../../../src/world/wires/pty.ts";

const quick: PrinterWaits = { answerMs: 150, sliceMs: 600, lookMs: 60, confirmMs: 500, probeMs: 60 };

export interface PrinterBench {
	readonly pty: Pty;
	readonly emulator: PrinterEmulator;
	readonly printer: EscPosPrinter;
	readonly events: PrinterEvent[];
	/** "ready", "gone device.silent", "ok online", "out offline cover". */
	readonly told: () => readonly string[];
	close(): Promise<void>;
}

const words = (event: PrinterEvent): string => {
	if (event.on === "ready") return "ready";
	if (event.on === "gone") return `gone ${event.fault.code}`;
	const { paper, online, coverOpen } = event.status;
	return `${paper} ${online ? "online" : "offline"}${coverOpen ? " cover" : ""}`;
};

const open = new Set<() => Promise<void>>();
/** Closes what a failed test left open: a line would keep the process alive. */
export async function closeBenches(): Promise<void> {
	for (const close of open) await close();
}

export async function printerBench(traits: PrinterTraits = fullTraits): Promise<PrinterBench> {
	const pty = await openPty();
	const emulator = new PrinterEmulator({ clock: systemClock, log: silent, traits });
	emulator.attach(pty.line);
	const printer = new EscPosPrinter({
		openLine: () => openSerial(pty.path, { baudRate: 115_200 }),
		clock: systemClock,
		random: seeded(3),
		log: silent,
		waits: quick,
	});
	const events: PrinterEvent[] = [];
	printer.listen((event) => events.push(event));
	const close = async (): Promise<void> => {
		open.delete(close);
		await printer.close();
		pty.close();
	};
	open.add(close);
	return {
		pty,
		emulator,
		printer,
		events,
		told: () => events.map(words),
		close,
	};
}

export const until = async (what: () => boolean, why = "what was waited for"): Promise<void> => {
	for (let n = 0; !what(); n += 1) {
		if (n > 1500) throw new Error(`3 s without ${why}`);
		await sleep(systemClock, 2);
	}
};

/** A bench whose driver has greeted its printer. */
export async function readyBench(traits?: PrinterTraits): Promise<PrinterBench> {
	const bench = await printerBench(traits);
	await bench.printer.open();
	await until(() => bench.told().includes("ready"), "ready");
	return bench;
}

export const job = (id: string, ...lines: readonly (string | PrintLine)[]): PrintJob => ({
	id,
	lines: lines.map((line) => (typeof line === "string" ? { kind: "text", text: line } : line)),
});
