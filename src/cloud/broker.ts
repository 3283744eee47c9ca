/**
 * The platform's MQTT broker: TLS 1.3 with mutual certificates; a terminal reaches its own topics and
 * nothing else.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client } from "aedes";
import { type Bodies, type Leaf, leaves, topic } from "../contract/fleet.ts";
import { limits } from "../kit/limits.ts";
import type { Log } from "../kit/log.ts";
import type { Part } from "../kit/part.ts";
import { Gate } from "./gate.ts";

export interface BrokerNeeds {
	/** 0 takes a free one. */
	readonly port: number;
	readonly tenant: string;
	/** PEM: the authority whose devices are believed, and our own pair. */
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
	readonly log: Log;
	/** A message of a terminal that may say it. Until it resolves, that terminal's next waits. */
	readonly heard: (terminal: string, leaf: Leaf, bytes: Uint8Array) => Promise<void>;
}

/** Milliseconds: to shake hands, to say CONNECT, for a slow reader. */
const waits = { handshake: 10_000, connect: 10_000, drain: 20_000 } as const;
/** A topic and what stands around it. */
const headBytes = 256;
const connectionsMost = 1000;

export class Broker implements Part {
	readonly name = "broker";
	readonly #needs: BrokerNeeds;
	readonly #sockets = new Set<TLSSocket>();
	#aedes: Aedes | undefined;
	#server: Server | undefined;

	constructor(needs: BrokerNeeds) {
		this.#needs = needs;
	}

	/** Resolves when terminals may call. */
	async open(): Promise<void> {
		const { port, ca, cert, key, log, tenant } = this.#needs;
		// Without this a server with a key that is none would open, and refuse every call.
		if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
			throw new Error("the server's key is not its certificate's");
		const aedes = await Aedes.createBroker({
			connectTimeout: waits.connect,
			drainTimeout: waits.drain,
			maxTopicLevels: 8,
			authenticate: (client, _name, _password, done) => done(...this.#judge(client)),
			authorizePublish: (client, packet, done) => done(this.#mayPublish(client, packet)),
			authorizeSubscribe: (client, subscription, done) =>
				done(null, this.#maySubscribe(client, subscription.topic) ? subscription : null),
			authorizeForward: (client, packet) =>
				packet.topic.startsWith(topic(tenant, client.id, "down/ack")) ? packet : null,
		});
		this.#aedes = aedes;
		aedes.on("clientError", (client: Client, error: Error) =>
			log("fault", "client-failed", { terminal: client.id, kind: error.name }),
		);
		aedes.on("connectionError", (_client: Client, error: Error) =>
			log("fault", "connection-failed", { kind: error.name }),
		);
		await new Promise<void>((done) => {
			aedes.subscribe(`pos/v1/${tenant}/+/up/#`, this.#deliver, done);
		});
		const server = createServer(
			{
				...{ key, cert, ca, minVersion: "TLSv1.3", requestCert: true, rejectUnauthorized: true },
				handshakeTimeout: waits.handshake,
				noDelay: true,
			},
			(socket) => this.#take(socket, aedes),
		);
		server.maxConnections = connectionsMost;
		server.on("tlsClientError", (error) =>
			log("fault", "tls-refused", { code: "code" in error ? String(error.code) : error.name }),
		);
		this.#server = server;
		await new Promise<void>((done, fail) => {
			server.once("error", fail);
			server.listen(port, "127.0.0.1", done);
		});
	}

	async close(): Promise<void> {
		const [server, aedes] = [this.#server, this.#aedes];
		this.#server = undefined;
		this.#aedes = undefined;
		const closed = new Promise<void>((done) => {
			if (server === undefined) done();
			else server.close(() => done());
		});
		for (const socket of this.#sockets) socket.destroy();
		await closed;
		await new Promise<void>((done) => {
			if (aedes === undefined) done();
			else aedes.close(() => done());
		});
	}

	/** The port in use. */
	port(): number {
		const address = this.#server?.address();
		return typeof address === "object" && address !== null ? address.port : 0;
	}

	/** To one terminal; lost when it is away: it asks again by its birth. */
	send<L extends Leaf>(terminal: string, leaf: L, body: Bodies[L]): void {
		this.#aedes?.publish(
			{
				cmd: "publish",
				qos: 1,
				retain: false,
				dup: false,
				topic: topic(this.#needs.tenant, terminal, leaf),
				payload: JSON.stringify(body),
			},
			() => {},
		);
	}

	#take(socket: TLSSocket, aedes: Aedes): void {
		this.#sockets.add(socket);
		socket.on("close", () => this.#sockets.delete(socket));
		socket.setNoDelay(true);
		aedes.handle(new Gate(socket, limits.fleetMessageBytes + headBytes));
	}

	/** Who a terminal is stands in its certificate; what it calls itself must be the same. */
	#judge(client: Client): [AuthenticateError | null, boolean] {
		const name = nameOf(client.conn);
		if (name !== undefined && name === client.id) return [null, true];
		this.#needs.log("fault", "identity-refused", { certificate: name });
		return [null, false];
	}

	/**
	 * Undefined lets it pass. Of a terminal that says what it may not, the connection ends, and only that
	 * one.
	 */
	#mayPublish(
		client: Client | null,
		packet: { topic: string; retain?: boolean; payload: unknown },
	): Error | undefined {
		const { tenant, log } = this.#needs;
		if (client === null) return undefined;
		const own = leaves.some(
			(leaf) => leaf.startsWith("up/") && packet.topic === topic(tenant, client.id, leaf),
		);
		const size = packet.payload instanceof Uint8Array ? packet.payload.length : String(packet.payload).length;
		if (own && packet.retain !== true && size <= limits.fleetMessageBytes) return undefined;
		log("fault", "publish-refused", { terminal: client.id, own, size });
		return new Error("not authorized");
	}

	#maySubscribe(client: Client, wanted: string): boolean {
		const may = wanted === topic(this.#needs.tenant, client.id, "down/ack");
		if (!may) this.#needs.log("fault", "subscribe-refused", { terminal: client.id });
		return may;
	}

	readonly #deliver = (packet: AedesPublishPacket, done: () => void): void => {
		const [, , , terminal = "", ...rest] = packet.topic.split("/");
		const leaf = leaves.find((one) => one === rest.join("/"));
		if (leaf === undefined || !(packet.payload instanceof Uint8Array)) {
			done();
			return;
		}
		this.#needs.heard(terminal, leaf, packet.payload).then(done, done);
	};
}

/** The common name, when it can stand in a topic; undefined for any other. */
function nameOf(conn: Client["conn"]): string | undefined {
	if (!(conn instanceof Gate) || !conn.socket.authorized) return undefined;
	const name: unknown = conn.socket.getPeerCertificate().subject?.CN;
	return typeof name === "string" && /^[A-Za-z0-9-]{1,32}$/.test(name) ? name : undefined;
}
