/**
 * Stands before the broker: measures each MQTT message by its head, and ends the connection before a
 * long one is held.
 */
import { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

/** Bytes of a length that may go on, and the bit that says that it does (MQTT 3.1.1, 2.2.3). */
const lengthBytes = 4;
const goesOn = 0x80;

/** Follows the messages of a stream, wherever it is cut. */
export class PacketMeasure {
	readonly #most: number;
	#left = 0;
	#size = 0;
	/** Bytes of the head seen: 0 before its first, then one more than the length's. */
	#head = 0;

	/** `most`: bytes of a message after its head. */
	constructor(most: number) {
		this.#most = most;
	}

	/** Whether every message in the bytes is short enough. After false it is of no use. */
	take(bytes: Uint8Array): boolean {
		for (let i = 0; i < bytes.length; ) {
			if (this.#left > 0) {
				const step = Math.min(this.#left, bytes.length - i);
				this.#left -= step;
				i += step;
			} else {
				if (!this.#headByte(bytes[i] ?? 0)) return false;
				i += 1;
			}
		}
		return true;
	}

	#headByte(byte: number): boolean {
		if (this.#head > 0) this.#size += (byte & ~goesOn) * 128 ** (this.#head - 1);
		this.#head += 1;
		const ended = this.#head > 1 && byte < goesOn;
		if (this.#size > this.#most || (!ended && this.#head > lengthBytes)) return false;
		if (ended) {
			this.#left = this.#size;
			this.#size = 0;
			this.#head = 0;
		}
		return true;
	}
}

/** The socket as the broker sees it. */
export class Gate extends Duplex {
	readonly socket: TLSSocket;

	constructor(socket: TLSSocket, most: number) {
		super();
		this.socket = socket;
		const measure = new PacketMeasure(most);
		socket.on("data", (chunk: Uint8Array) => {
			if (!measure.take(chunk)) this.destroy(new Error("message too long"));
			else if (!this.push(chunk)) socket.pause();
		});
		socket.on("end", () => this.push(null));
		socket.on("error", (error) => this.destroy(error));
		socket.on("close", () => this.destroy());
	}

	override _read(): void {
		this.socket.resume();
	}
	override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
		this.socket.write(chunk, done);
	}
	override _final(done: (error?: Error | null) => void): void {
		this.socket.end(done);
	}
	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		this.socket.destroy();
		done(error);
	}
}
