/** The terminal's link to its cloud: one MQTT connection at a time, made anew with a growing wait, never in a sale's way. */
import { readFileSync } from "node:fs";
import type { SecureVersion } from "node:tls";
import type { IClientOptions, MqttClient } from "mqtt";
import { type Bodies, type Leaf, topic } from "../../contract/fleet.ts";
import type { Settings } from "../../contract/settings.ts";
import { backoff } from "../../kit/backoff.ts";
import { type Clock, within } from "../../kit/clock.ts";
import type { Log } from "../../kit/log.ts";
import type { Part } from "../../kit/part.ts";
import type { Random } from "../../kit/random.ts";
import { readAck } from "./ack.ts";
import { Delivery } from "./delivery.ts";
import type { Outbox } from "./outbox.ts";

/** Paths of PEM files: the device's own key and certificate, and the one authority that it believes. */
export interface FleetIdentity {
	readonly key: string;
	readonly cert: string;
	readonly ca: string;
}
export interface FleetNeeds {
	readonly settings: Pick<Settings, "tenant" | "terminal" | "cloud">;
	readonly identity: FleetIdentity;
	readonly outbox: Outbox;
	/** The next session number: durable, higher than every one before. Taken once a connection, not once a try. */
	readonly session: () => number;
	readonly version: string;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
}

/** A connection that stood this long forgets the failures before it (fleet/sync.md, Reconnect). */
const stableMs = 60_000;
const waits = { connectMs: 10_000, keepaliveS: 30, farewellMs: 500 } as const;

type MqttConnect = (options: IClientOptions) => MqttClient;

export class Fleet implements Part {
	readonly name = "fleet";
	readonly #needs: FleetNeeds;
	readonly #listeners = new Set<(connected: boolean) => void>();
	#connect: MqttConnect | undefined;
	#client: MqttClient | undefined;
	#delivery: Delivery | undefined;
	#session: number | undefined;
	#failures = 0;
	#connected = false;
	#closed = true;
	#offWait: () => void = () => {};
	#offNew: () => void = () => {};

	constructor(needs: FleetNeeds) {
		this.#needs = needs;
	}

	/** Whether the platform answers: false until it has acknowledged the birth. */
	readonly connected = (): boolean => this.#connected;
	/** Told each time that changes. */
	readonly onState = (listener: (connected: boolean) => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};

	/** Resolves when the client is loaded and trying; a platform that is away does not keep it from opening. */
	async open(): Promise<void> {
		if (!this.#closed) return;
		this.#closed = false;
		const { connect } = await import("mqtt");
		if (this.#closed) return;
		this.#connect = connect;
		this.#offNew = this.#needs.outbox.onNew(() => this.#guard(() => this.#delivery?.pump()));
		this.#wait();
	}

	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		this.#offWait();
		this.#offNew();
		const client = this.#client;
		if (client === undefined) return;
		const { settings, clock } = this.#needs;
		const gone = new Promise<void>((done) => client.once("close", done));
		if (client.connected && this.#session !== undefined) {
			const body: Bodies["up/death"] = { session: this.#session };
			client.publish(topic(settings.tenant, settings.terminal, "up/death"), JSON.stringify(body), { qos: 0 });
		}
		client.end(!client.connected);
		await within(clock, waits.farewellMs, gone, undefined);
		this.#gone(client);
		client.end(true);
	}

	#wait(): void {
		const { clock, random, settings } = this.#needs;
		const { least, most } = settings.cloud.retryMs;
		const ms = backoff(random, this.#failures, least, most);
		this.#failures += 1;
		this.#offWait = clock.after(ms, () => this.#try());
	}

	#try(): void {
		if (this.#closed || this.#connect === undefined) return;
		const { settings, log } = this.#needs;
		let client: MqttClient;
		try {
			this.#session ??= this.#needs.session();
			client = this.#connect(this.#options(this.#session));
		} catch (error) {
			log("fault", "fleet-unreachable", { at: whyOf(error) });
			this.#wait();
			return;
		}
		this.#client = client;
		const { stream } = client as { stream?: { setNoDelay?: (on: boolean) => unknown } };
		stream?.setNoDelay?.(true);
		client.on("error", (error) => log("fault", "fleet-unreachable", { at: whyOf(error) }));
		client.on("connect", () => this.#greet(client));
		client.on("message", (name, body) => {
			if (name === topic(settings.tenant, settings.terminal, "down/ack")) this.#heard(client, body);
		});
		client.on("close", () => this.#gone(client));
	}

	#options(session: number): IClientOptions & { readonly minVersion: SecureVersion } {
		const { settings, identity } = this.#needs;
		const death: Bodies["up/death"] = { session };
		return {
			protocol: "mqtts",
			host: settings.cloud.host,
			port: settings.cloud.port,
			protocolVersion: 4,
			clientId: settings.terminal,
			clean: true,
			keepalive: waits.keepaliveS,
			connectTimeout: waits.connectMs,
			// Both are ours: the outbox is the queue, and the wait grows and is random.
			reconnectPeriod: 0,
			queueQoSZero: false,
			resubscribe: false,
			minVersion: "TLSv1.3",
			rejectUnauthorized: true,
			key: readFileSync(identity.key),
			cert: readFileSync(identity.cert),
			ca: readFileSync(identity.ca),
			will: {
				topic: topic(settings.tenant, settings.terminal, "up/death"),
				// The client writes the text as it stands.
				payload: JSON.stringify(death) as unknown as NonNullable<IClientOptions["will"]>["payload"],
				qos: 1,
				retain: false,
			},
		};
	}

	/** Subscribed first, so that the answer to the birth cannot pass by. */
	#greet(client: MqttClient): void {
		const { settings, outbox, version, clock, log } = this.#needs;
		client.subscribe(topic(settings.tenant, settings.terminal, "down/ack"), { qos: 1 }, (error, granted) => {
			if (client !== this.#client || this.#closed) return;
			if (error !== null || granted?.[0]?.qos === 128) {
				log("fault", "fleet-unreachable", { at: "subscribe" });
				client.end(true);
				return;
			}
			this.#guard(() => {
				const head = outbox.head();
				const tail = outbox.pending(0, 1)[0]?.seq ?? head + 1;
				this.#publish(client, "up/birth", { session: this.#session ?? 0, version, head, tail });
				this.#delivery = new Delivery({
					...{ outbox, clock, log },
					send: (rows) => {
						this.#publish(client, "up/ev", { rows });
						log("trace", "fleet-sent", { from: rows[0]?.seq, to: rows.at(-1)?.seq });
					},
					silent: () => client.end(true),
				});
				this.#delivery.begin();
			});
		});
	}

	/** Only ever on a connection that stands: what could not go now is still in the outbox. */
	#publish<L extends Leaf>(client: MqttClient, leaf: L, body: Bodies[L]): void {
		if (!client.connected) return;
		const { tenant, terminal } = this.#needs.settings;
		client.publish(topic(tenant, terminal, leaf), JSON.stringify(body), { qos: 1 });
	}

	#heard(client: MqttClient, bytes: Uint8Array): void {
		if (client !== this.#client || this.#delivery === undefined) return;
		const { log, clock } = this.#needs;
		const ack = readAck(bytes);
		if (!ack.ok) {
			log("fault", "fleet-garbled", { at: ack.error.at });
			return;
		}
		if (!this.#connected) {
			log("note", "fleet-connected", { session: this.#session });
			this.#offWait = clock.after(stableMs, () => {
				this.#failures = 0;
			});
			this.#tell(true);
		}
		this.#guard(() => this.#delivery?.heard(ack.value));
	}

	/** The connection is over, however it ended: wait, then another. */
	#gone(client: MqttClient): void {
		if (client !== this.#client) return;
		this.#client = undefined;
		this.#delivery?.end();
		this.#delivery = undefined;
		this.#offWait();
		client.removeAllListeners();
		// A late error of a dead connection has nobody to tell, and must not end the process.
		client.on("error", () => {});
		client.end(true);
		if (this.#connected) {
			this.#session = undefined;
			this.#needs.log("note", "fleet-gone");
			this.#tell(false);
		}
		if (!this.#closed) this.#wait();
	}

	#tell(connected: boolean): void {
		this.#connected = connected;
		for (const listener of this.#listeners) listener(connected);
	}

	/** A ledger that cannot be read is the till's to judge; the link only stops. */
	#guard(act: () => void): void {
		try {
			act();
		} catch {
			this.#needs.log("fault", "fleet-stopped", { at: "outbox" });
			this.#client?.end(true);
		}
	}
}

/** A code of the system or of TLS. The words of an error may quote what was sent. */
function whyOf(error: unknown): string {
	const { code } = error as { readonly code?: unknown };
	if (typeof code === "string") return code;
	return typeof code === "number" ? `connack-${code}` : "connection";
}
