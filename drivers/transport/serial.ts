/**
 * A serial line by serialport: one new port object for each connection, and a look at the line that finds a
 * hang-up.
 */
import { SerialPort } from "serialport";
import { Audience } from "./audience.ts";
import type { Line, LineEvent } from "./line.ts";

export interface SerialOptions {
	readonly baudRate: number;
	/** 1 unless told. */
	readonly stopBits?: 1 | 2;
	/**
	 * Low after opening, so that a smart-card reader sends no plug-and-play string. Otherwise it stays as the
	 * kernel raises it: a printer with a line for "may send" waits for it.
	 */
	readonly rts?: "low";
}

/**
 * Between two looks at the line, ms. A hang-up that the read did not see is found then (devices/09,
 * serialport 1).
 */
const lookMs = 1000;
/** What `get` says on a line that is gone; a pseudo-terminal's "Inappropriate ioctl" is no such word. */
const gone = /input\/output error|bad file descriptor|no such (device|file)|not open/i;

/**
 * Opens 8-N-`stopBits`, no flow control, advisory lock, DTR and RTS kept when closed (hupcl off). Rejects
 * when the path cannot be opened; the reason is the error's `cause`. Bytes written after the end go nowhere:
 * serialport would keep them for a next opening, so its `write` is never reached then.
 */
export async function openSerial(path: string, options: SerialOptions): Promise<Line> {
	const port = new SerialPort({
		path,
		baudRate: options.baudRate,
		dataBits: 8,
		parity: "none",
		stopBits: options.stopBits ?? 1,
		lock: true,
		hupcl: false,
		autoOpen: false,
	});
	await new Promise<void>((done, fail) =>
		port.open((error) =>
			error === null || error === undefined
				? done()
				: fail(new Error(`serial line ${path} did not open`, { cause: error })),
		),
	);
	const line = lineOn(port);
	// A pseudo-terminal has no RTS: it says so and the line is as good without.
	if (options.rts === "low") port.set({ rts: false }, () => {});
	return line;
}

function lineOn(port: SerialPort): Line {
	const audience = new Audience<LineEvent>();
	let ended = false;
	const end = (): void => {
		if (port.isOpen) port.close(() => {});
	};
	const look = setInterval(
		() =>
			port.get((error) => {
				if (error !== null && error !== undefined && gone.test(error.message)) end();
			}),
		lookMs,
	);
	port.on("data", (chunk: Uint8Array) => {
		if (!ended) audience.tell({ on: "data", bytes: Uint8Array.from(chunk) });
	});
	port.on("error", end);
	port.on("close", () => {
		clearInterval(look);
		if (ended) return;
		ended = true;
		audience.tell({ on: "closed" });
	});
	return {
		write: (bytes) => {
			if (!ended && port.isOpen) port.write(bytes);
		},
		listen: audience.listen,
		close: () => {
			clearInterval(look);
			end();
		},
	};
}
