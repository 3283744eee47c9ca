/** One MQTT 3.1.1 connection over TLS 1.3 with the device's certificate: from the call to its end. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type TLSSocket, connect as tlsConnect } from "node:tls";
import type { IClientOptions, MqttClient } from "mqtt";
import type { Bodies, Leaf } from "../../contract/fleet.ts";
import { topic } from "../../contract/fleet.ts";

/** PEM files. */
export interface FleetIdentity {
	readonly key: string;
	readonly cert: string;
	/** The platform's authority: the only one that is believed. */
	readonly ca: string;
}
export interface Call {
	readonly host: string;
	readonly port: number;
	readonly tenant: string;
	readonly terminal: string;
	readonly session: number;
	readonly identity: FleetIdentity;
	/** The broker has let us in and listens to us. */
	readonly up: () => void;
	/** Bytes of a down/ack. */
	readonly heard: (bytes: Uint8Array) => void;
	/** Once, however it ended; `why` is a code. */
	readonly down: (why: string) => void;
}
export interface Line {
	send<L extends Leaf>(leaf: L, body: Bodies[L]): void;
	/** Ends it at once. */
	drop(): void;
	/** Says what was sent and a proper farewell, then ends it. */
	end(): Promise<void>;
}

const seconds = { keepalive: 30 } as const;
const connectMs = 10_000;

/** The client is loaded on the first call, so that it is in nobody's way at start. */
export async function callCloud(call: Call): Promise<Line> {
	const { MqttClient: Client } = await import("mqtt");
	const to = (leaf: Leaf): string => topic(call.tenant, call.terminal, leaf);
	const options: IClientOptions = {
		clientId: call.terminal,
		protocolVersion: 4,
		clean: true,
		keepalive: seconds.keepalive,
		connectTimeout: connectMs,
		reconnectPeriod: 0,
		resubscribe: false,
		queueQoSZero: false,
		manualConnect: true,
		will: { topic: to("up/death"), payload: willOf({ session: call.session }), qos: 1, retain: false },
	};
	let why = "closed";
	let over = false;
	const failed = (error: Error): void => {
		why = codeOf(error);
	};
	const client: MqttClient = new Client(() => secured(call, failed), options);
	const drop = (reason: string): void => {
		why = reason;
		client.end(true);
	};
	client.on("error", failed);
	client.on("close", () => {
		if (over) return;
		over = true;
		client.end(true);
		call.down(why);
	});
	client.on("message", (at, bytes) => {
		if (at === to("down/ack")) call.heard(bytes);
	});
	client.on("connect", () => {
		client.subscribe(to("down/ack"), { qos: 1 }, (error, granted) => {
			if (error !== null || granted?.[0]?.qos === 128) drop("refused");
			else call.up();
		});
	});
	client.connect();
	return {
		send: (leaf, body) => {
			// Nothing waits in the client: what does not leave now is sent again by the outbox.
			if (client.connected) client.publish(to(leaf), JSON.stringify(body), { qos: 1 }, () => {});
		},
		drop: () => drop("dropped"),
		end: () =>
			new Promise((done) => {
				client.end(false, {}, () => done());
			}),
	};
}

/** Reads the files anew for every call, so that a renewed certificate is taken up. */
function secured({ host, port, identity }: Call, failed: (error: Error) => void): TLSSocket {
	const socket = tlsConnect({
		host,
		port,
		key: readFileSync(identity.key),
		cert: readFileSync(identity.cert),
		ca: readFileSync(identity.ca),
		minVersion: "TLSv1.3",
		rejectUnauthorized: true,
		// The name that the certificate is checked for; an address is checked as one.
		...(isIP(host) === 0 ? { servername: host } : {}),
	});
	// Acknowledgements are small: held back by Nagle they would cost a hundredfold (fleet/sync.md, 1).
	socket.setNoDelay(true);
	socket.on("error", failed);
	return socket;
}

/** The client takes text too, but its types do not say so. */
const willOf = (body: Bodies["up/death"]): NonNullable<IClientOptions["will"]>["payload"] =>
	JSON.stringify(body) as unknown as NonNullable<IClientOptions["will"]>["payload"];

const codeOf = (error: Error): string =>
	"code" in error && (typeof error.code === "string" || typeof error.code === "number")
		? String(error.code)
		: "failed";
