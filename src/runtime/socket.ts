import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { concat } from "../kit/bytes.ts";
import { limits } from "../kit/limits.ts";

/**
 * Frames on a local socket: 4 bytes of length, big endian, then that many bytes of JSON. A longer frame than
 * `limits.socketFrameBytes`, or one that is not JSON, ends the connection.
 */
export interface Wire {
	send(message: unknown): void;
	close(): void;
}
export interface WireEnd {
	/** One whole message. What it throws ends the connection. */
	heard(message: unknown, wire: Wire): void;
	closed?(wire: Wire): void;
}

function attach(socket: Socket, end: WireEnd): Wire {
	let held: Uint8Array = new Uint8Array(0);
	const wire: Wire = {
		send: (message) => {
			if (socket.destroyed) return;
			const body = new TextEncoder().encode(JSON.stringify(message));
			const head = new Uint8Array(4);
			new DataView(head.buffer).setUint32(0, body.length);
			if (socket.writableLength > limits.socketWaitingBytes) socket.destroy();
			else socket.write(concat(head, body));
		},
		close: () => socket.destroy(),
	};
	socket.on("data", (chunk: Uint8Array) => {
		held = held.length === 0 ? chunk : concat(held, chunk);
		try {
			// What `heard` closes is closed: frames behind it are not heard.
			while (held.length >= 4 && !socket.destroyed) {
				const size = new DataView(held.buffer, held.byteOffset).getUint32(0);
				if (size > limits.socketFrameBytes) throw new RangeError("frame too long");
				if (held.length < 4 + size) return;
				const body = held.subarray(4, 4 + size);
				held = held.slice(4 + size);
				end.heard(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)), wire);
				body.fill(0);
			}
		} catch {
			socket.destroy();
		}
	});
	socket.on("error", () => socket.destroy());
	socket.on("close", () => end.closed?.(wire));
	return wire;
}

/** Listens on a path that only its owner may open (mode 0600). Resolves when it listens. */
export async function listenLocal(
	path: string,
	end: WireEnd,
	onOpen?: (wire: Wire) => void,
): Promise<{ close(): Promise<void> }> {
	rmSync(path, { force: true });
	const open = new Set<Socket>();
	const server: Server = createServer((socket) => {
		if (open.size >= limits.socketConnections) {
			socket.destroy();
			return;
		}
		open.add(socket);
		socket.on("close", () => open.delete(socket));
		const wire = attach(socket, end);
		onOpen?.(wire);
	});
	await new Promise<void>((done, fail) => {
		server.once("error", fail);
		// The path is bound within this call: at no time may another open it.
		const before = process.umask(0o177);
		server.listen(path, done);
		process.umask(before);
	});
	chmodSync(path, 0o600);
	return {
		close: () =>
			new Promise((done) => {
				for (const socket of open) socket.destroy();
				server.close(() => done());
			}),
	};
}

/** Connects to a local socket; rejects when nobody listens there. */
export const connectLocal = (path: string, end: WireEnd): Promise<Wire> =>
	new Promise((done, fail) => {
		const socket = connect(path);
		socket.once("error", fail);
		socket.once("connect", () => {
			socket.off("error", fail);
			done(attach(socket, end));
		});
	});
