/** Ears on the shop's two lines to the outside: the acquirer's TCP, and MQTT as its broker deciphers it. */
import { readFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer, connect as tlsConnect } from "node:tls";
import { concat } from "../../src/kit/bytes.ts";
import { readJson, writeAtomic } from "../../src/runtime/files.ts";
import type { Provisioned } from "../../src/world/provision/provision.ts";

export interface Tap {
	/** What the terminal said, and what it was answered: the bytes of all connections, one after the other. */
	readonly said: () => Uint8Array;
	readonly answered: () => Uint8Array;
	close(): Promise<void>;
}
export interface Taps {
	readonly acquirer: Tap;
	readonly mqtt: Tap;
}

/**
 * Stands between the terminal and its two far ends, by the addresses in the terminal's settings. To hear
 * MQTT it has the broker's own certificate towards the terminal, and the terminal's towards the broker:
 * both ends check as ever.
 */
export async function tapInto({ stateDir, ports }: Provisioned): Promise<Taps> {
	const pem = (...path: string[]): string => readFileSync(join(stateDir, ...path), "utf8");
	const acquirer = new LineTap(ports.acquirer, connect);
	const ca = pem("terminal/ca.crt");
	const device = { key: pem("terminal/device.key"), cert: pem("terminal/device.crt"), ca };
	const server = { key: pem("cloud/server.key"), cert: pem("cloud/server.crt"), ca };
	const mqtt = new LineTap(
		ports.mqtt,
		(port) => tlsConnect({ ...device, host: "127.0.0.1", port }),
		(heard) => createTlsServer({ ...server, requestCert: true, minVersion: "TLSv1.3" }, heard),
	);
	const path = join(stateDir, "terminal/settings.json");
	const file = readJson(path);
	if (!file.ok) throw new Error(file.error.at);
	const settings = file.value as Provisioned["settings"];
	writeAtomic(
		path,
		JSON.stringify({
			...settings,
			acquirer: { ...settings.acquirer, port: await acquirer.open() },
			cloud: { ...settings.cloud, port: await mqtt.open() },
		}),
	);
	return { acquirer, mqtt };
}

class LineTap implements Tap {
	readonly #port: number;
	readonly #call: (port: number) => Socket;
	readonly #server: Server;
	readonly #open = new Set<Socket>();
	readonly #said: Uint8Array[] = [];
	readonly #answered: Uint8Array[] = [];

	constructor(
		port: number,
		call: (port: number) => Socket,
		make: (heard: (near: Socket) => void) => Server = createServer,
	) {
		this.#port = port;
		this.#call = call;
		this.#server = make((near) => this.#serve(near));
	}

	/** Gives the port on which it listens. */
	async open(): Promise<number> {
		await new Promise<void>((done, fail) => {
			this.#server.once("error", fail);
			this.#server.listen(0, "127.0.0.1", done);
		});
		const address = this.#server.address();
		return typeof address === "object" && address !== null ? address.port : 0;
	}

	readonly said = (): Uint8Array => concat(...this.#said);
	readonly answered = (): Uint8Array => concat(...this.#answered);

	close(): Promise<void> {
		return new Promise((done) => {
			for (const socket of this.#open) socket.destroy();
			this.#server.close(() => done());
		});
	}

	#serve(near: Socket): void {
		const far = this.#call(this.#port);
		this.#join(near, far, this.#said);
		this.#join(far, near, this.#answered);
	}

	/** What one end says is heard and passed on; when it ends, so does the other. */
	#join(from: Socket, to: Socket, heard: Uint8Array[]): void {
		this.#open.add(from);
		from.on("data", (chunk: Uint8Array) => {
			heard.push(Uint8Array.from(chunk));
			to.write(chunk);
		});
		from.on("error", () => to.destroy());
		from.on("close", () => {
			this.#open.delete(from);
			to.end();
		});
	}
}
