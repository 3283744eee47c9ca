/** A line of HID reports: by node-hid from a device, or the same reports over a local socket on the bench. */
import { connect } from "node:net";
import { ReportCutter } from "../keypad/protocol.ts";
import { Audience } from "./audience.ts";
import type { Line, LineEvent } from "./line.ts";

/** How long the bench's socket may take to let a reader in, ms. */
const admitMs = 1000;

/**
 * `hid:VVVV:PPPP` opens the first device of that vendor and product (hex); `unix:PATH` a socket of 8-byte
 * reports. Each data event is one input report. Rejects when it is not there or somebody else has it.
 * "closed" is told when the device is let go and another process may open it, not before.
 */
export function openHid(path: string): Promise<Line> {
	const device = /^hid:([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(path);
	if (device !== null)
		return openDevice(Number.parseInt(device[1] ?? "", 16), Number.parseInt(device[2] ?? "", 16));
	if (path.startsWith("unix:")) return openSocket(path.slice("unix:".length));
	return Promise.reject(new Error("a HID path is hid:VVVV:PPPP or unix:PATH"));
}

async function openDevice(vendor: number, product: number): Promise<Line> {
	const { HIDAsync } = await import("node-hid");
	const device = await HIDAsync.open(vendor, product);
	const audience = new Audience<LineEvent>();
	let open = true;
	const end = (): void => {
		if (!open) return;
		open = false;
		const told = (): void => audience.tell({ on: "closed" });
		device.close().then(told, told);
	};
	device.on("data", (bytes: Uint8Array) => {
		if (!open) return;
		audience.tell({ on: "data", bytes: Uint8Array.from(bytes) });
		bytes.fill(0);
	});
	// It says one error and reads no more: the device is gone.
	device.on("error", end);
	return {
		write: (bytes) => {
			if (open) device.write([...bytes]).catch(end);
		},
		listen: audience.listen,
		close: end,
	};
}

/** Let in at the first report, which the far end sends at once; refused when the socket ends without one. */
function openSocket(path: string): Promise<Line> {
	return new Promise((done, fail) => {
		const socket = connect(path);
		const audience = new Audience<LineEvent>();
		const cutter = new ReportCutter();
		let admitted = false;
		const late = setTimeout(() => socket.destroy(), admitMs);
		const line: Line = {
			write: (bytes) => {
				if (!socket.writableEnded) socket.write(bytes);
			},
			listen: audience.listen,
			// The far end answers our end with its own: only then are the keys free.
			close: () => {
				socket.end();
			},
		};
		const heard = (report: Uint8Array): void => {
			if (admitted) {
				if (!socket.writableEnded) audience.tell({ on: "data", bytes: report });
				return;
			}
			admitted = true;
			clearTimeout(late);
			done(line);
		};
		socket.on("data", (chunk: Uint8Array) => {
			for (const report of cutter.feed(chunk)) heard(report);
			chunk.fill(0);
		});
		socket.on("error", () => socket.destroy());
		socket.on("close", () => {
			clearTimeout(late);
			if (admitted) audience.tell({ on: "closed" });
			else fail(new Error("the keys are not there or somebody else has them"));
		});
	});
}
