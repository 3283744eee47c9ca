/**
 * A pseudo-terminal as the far end of a serial cable: an emulator holds this end, a real driver opens the
 * path.
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { ReadStream } from "node:tty";
import * as nodePty from "node-pty";
import { Audience } from "../../../drivers/transport/audience.ts";
import type { Line, LineEvent } from "../../../drivers/transport/line.ts";
import type { Clock } from "../../kit/clock.ts";
import { systemClock } from "../../runtime/clock.ts";

export interface Pty {
	/** What the host opens: /dev/pts/N. It may close it and open it again. */
	readonly path: string;
	/** The device's end. It lives until `close`, whatever the host does. */
	readonly line: Line;
	/**
	 * Ends the host's connection as a pulled USB cable does: its reads give nothing and its writes EIO. The path
	 * can be opened again at once. Needs root; otherwise the wire is closed for good.
	 */
	hangUp(): void;
	/** The path is gone afterwards. May be called twice. */
	close(): void;
}

/** What node-pty's typings leave out: a pair of ends without a child process. */
interface Pair {
	readonly _fd: number;
	readonly _pty: string;
	readonly _socket: ReadStream;
	readonly _slave: ReadStream;
}
const opened = nodePty as unknown as { open(options: { encoding: null }): Pair };

/** Between two tries to write into a full line, and most bytes held for it; more are lost as on a cable. */
const full = { retryMs: 2, mostBytes: 65_536 } as const;

export function openPty(clock: Clock = systemClock): Promise<Pty> {
	const pair = opened.open({ encoding: null });
	const path = pair._pty;
	// It would read what the host is to read.
	pair._slave.destroy();
	// Without an open slave end the master reads EIO; nobody ever reads from this one.
	let keeper = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
	const raw = (): void => {
		execFileSync("stty", ["-F", path, "raw", "-echo"]);
	};
	raw();
	const line = lineOn(pair, clock);
	const close = (): void => {
		line.close();
		if (keeper >= 0) closeSync(keeper);
		keeper = -1;
	};
	const hangUp = (): void => {
		if (keeper < 0) return;
		try {
			// TIOCVHANGUP on the slave's end (devices/09, Hang-up test).
			execFileSync("perl", ["-e", 'open(F,"+<",$ARGV[0]) or exit 2; ioctl(F,0x5437,0) or exit 3', path]);
			closeSync(keeper);
			keeper = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
			raw();
		} catch {
			close();
		}
	};
	return Promise.resolve({ path, line, hangUp, close });
}

function lineOn(pair: Pair, clock: Clock): Line {
	const audience = new Audience<LineEvent>();
	let held: Uint8Array[] = [];
	let ended = false;
	let off: (() => void) | undefined;
	const end = (): void => {
		if (ended) return;
		ended = true;
		off?.();
		held = [];
		pair._socket.destroy();
		audience.tell({ on: "closed" });
	};
	const pour = (): void => {
		off = undefined;
		for (let first = held.shift(); first !== undefined; first = held.shift()) {
			const written = writeSome(pair._fd, first);
			if (written === undefined) {
				end();
				return;
			}
			if (written < first.length) held.unshift(first.subarray(written));
			if (written === 0) {
				off = clock.after(full.retryMs, pour);
				return;
			}
		}
	};
	pair._socket.on("data", (chunk: Uint8Array) => {
		if (!ended) audience.tell({ on: "data", bytes: Uint8Array.from(chunk) });
	});
	pair._socket.on("error", end);
	pair._socket.on("close", end);
	return {
		write: (bytes) => {
			if (ended || held.reduce((n, each) => n + each.length, 0) > full.mostBytes) return;
			held.push(Uint8Array.from(bytes));
			if (off === undefined) pour();
		},
		listen: audience.listen,
		close: end,
	};
}

/** Bytes taken by the line; 0 when it is full; undefined when it has ended. */
function writeSome(fd: number, bytes: Uint8Array): number | undefined {
	try {
		return writeSync(fd, bytes);
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		return code === "EAGAIN" || code === "EINTR" ? 0 : undefined;
	}
}
