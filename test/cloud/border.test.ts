import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TLSSocket, connect as tlsConnect } from "node:tls";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Platform } from "../../src/cloud/platform.ts";
import { topic } from "../../src/contract/fleet.ts";
import { within } from "../../src/kit/clock.ts";
import type { Log } from "../../src/kit/log.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { FleetIdentity } from "../../src/terminal/fleet/fleet.ts";
import { makeCertificate } from "../../src/world/provision/certificates.ts";
import {
	at,
	authority,
	device,
	emptyFolder,
	openPlatform,
	own,
	pause,
	shop,
	strangeAuthority,
	until,
} from "./scene.ts";

/** What a terminal with a good certificate, and one without, may do at the platform's border. */
const test = suite("the platform's border");

const said: string[] = [];
const log: Log = (_level, event) => said.push(event);
const neighbour = device("T2");
let platform: Platform;
const clients: MqttClient[] = [];

test.before(async () => {
	platform = await openPlatform({ log });
});
test.after(async () => {
	await platform.close();
});
test.before.each(() => {
	said.length = 0;
});
test.after.each(async () => {
	for (const client of clients.splice(0)) await client.endAsync(true);
});

function client(identity: FleetIdentity, id: string, more: IClientOptions = {}): MqttClient {
	const made = mqtt.connect({
		...{ protocol: "mqtts", host: "127.0.0.1", port: platform.mqttPort(), protocolVersion: 4 },
		...{ clientId: id, reconnectPeriod: 0, connectTimeout: 3000 },
		key: readFileSync(identity.key),
		cert: readFileSync(identity.cert),
		ca: readFileSync(identity.ca),
		...more,
	});
	made.on("error", () => {});
	clients.push(made);
	return made;
}
const ended = (one: MqttClient): Promise<string> =>
	new Promise((done) => {
		one.once("connect", () => done("connected"));
		one.once("error", (error) => done("code" in error ? String(error.code) : error.message));
		one.once("close", () => done("closed"));
	});
async function admitted(identity: FleetIdentity, id: string, more: IClientOptions = {}): Promise<MqttClient> {
	const one = client(identity, id, more);
	assert.is(await ended(one), "connected");
	return one;
}
const rows = (seq: number): string =>
	JSON.stringify({
		rows: [{ seq, id: `x${seq}`, event: { type: "sign-in", batch: "000001", at: "2026-11-24T09:00:00" } }],
	});
const of = (terminal: string): number => platform.rows(terminal).length;

test("a terminal publishes to its own topics", async () => {
	const one = await admitted(own, shop.terminal);
	await one.publishAsync(topic(shop.tenant, shop.terminal, "up/ev"), rows(1), { qos: 1 });
	await until("applied", () => of(shop.terminal) === 1);
});

test("to a topic that is not its own nothing arrives, and its own line ends", async () => {
	for (const forbidden of [
		topic(shop.tenant, "T2", "up/ev"),
		topic("others", shop.terminal, "up/ev"),
		`pos/v1/${shop.tenant}/${shop.terminal}/up/other`,
		`pos/v1/${shop.tenant}/${shop.terminal}/up/ev/more`,
		topic(shop.tenant, shop.terminal, "down/ack"),
		topic(shop.tenant, "T2", "down/ack"),
		"$SYS/x",
	]) {
		said.length = 0;
		const one = await admitted(own, shop.terminal);
		const closed = new Promise<void>((done) => one.once("close", () => done()));
		one.publish(forbidden, rows(77), { qos: 1 }, () => {});
		assert.is(await within(systemClock, 2000, closed, "open"), undefined, forbidden);
	}
	assert.is(of("T2"), 0);
	assert.not.ok(platform.rows(shop.terminal).some(({ seq }) => seq === 77));
	assert.not.ok(platform.terminals().some(({ id }) => id === "T2"));
});

test("a forbidden publish ends no other's line", async () => {
	const good = await admitted(neighbour, "T2");
	let closed = false;
	good.once("close", () => {
		closed = true;
	});
	const bad = await admitted(own, shop.terminal);
	const over = new Promise<void>((done) => bad.once("close", () => done()));
	bad.publish(topic(shop.tenant, "T2", "up/ev"), rows(1), { qos: 1 }, () => {});
	await over;
	await until("logged", () => said.includes("publish-refused"));
	await good.publishAsync(topic(shop.tenant, "T2", "up/ev"), rows(1), { qos: 1 });
	await until("the neighbour's row", () => of("T2") === 1);
	assert.is(closed, false);
});

test("a retained message is refused", async () => {
	const one = await admitted(own, shop.terminal);
	const closed = new Promise<void>((done) => one.once("close", () => done()));
	one.publish(topic(shop.tenant, shop.terminal, "up/ev"), rows(50), { qos: 1, retain: true }, () => {});
	await closed;
	assert.ok(said.includes("publish-refused"));
	assert.not.ok(platform.rows(shop.terminal).some(({ seq }) => seq === 50));
});

test("to others' topics and to patterns it cannot subscribe, and hears nothing of them", async () => {
	const spy = await admitted(own, shop.terminal);
	const heard: string[] = [];
	spy.on("message", (name) => heard.push(name));
	for (const wanted of [
		topic(shop.tenant, "T2", "down/ack"),
		topic(shop.tenant, "T2", "up/ev"),
		`pos/v1/${shop.tenant}/+/down/ack`,
		"pos/v1/#",
		"#",
		"$SYS/#",
		topic(shop.tenant, shop.terminal, "up/ev"),
	]) {
		const granted = await spy.subscribeAsync(wanted, { qos: 1 }).catch(() => "refused");
		const qos = granted === "refused" ? 128 : (granted as { qos: number }[])[0]?.qos;
		assert.is(qos, 128, wanted);
	}
	assert.is(said.filter((event) => event === "subscribe-refused").length, 7);
	const other = await admitted(neighbour, "T2");
	await other.subscribeAsync(topic(shop.tenant, "T2", "down/ack"), { qos: 1 });
	const answered = new Promise((done) => other.once("message", done));
	await other.publishAsync(topic(shop.tenant, "T2", "up/ev"), rows(1), { qos: 1 });
	await answered;
	await pause(50);
	assert.equal(heard, []);
});

test("its will cannot go to another's topic either", async () => {
	const one = await admitted(own, shop.terminal, {
		will: {
			topic: topic(shop.tenant, "T2", "up/ev"),
			payload: rows(99) as unknown as NonNullable<IClientOptions["will"]>["payload"],
			qos: 1,
			retain: false,
		},
	});
	const stream = one.stream as unknown as { readonly destroy: () => void };
	stream.destroy();
	await until("refused", () => said.includes("publish-refused"));
	await pause(30);
	assert.not.ok(platform.rows("T2").some(({ seq }) => seq === 99));
});

test("a name that is not the certificate's is refused", async () => {
	assert.is(await ended(client(own, "T2")), "5");
	assert.is(await ended(client(own, `${shop.terminal}x`)), "5");
	assert.ok(said.includes("identity-refused"));
});

test("a name that could be a pattern of topics is refused, though our authority signed it", async () => {
	const plus = device("+");
	assert.is(await ended(client(plus, "+")), "5");
});

test("the same terminal twice: the second takes over", async () => {
	const first = await admitted(own, shop.terminal);
	const gone = new Promise<void>((done) => first.once("close", () => done()));
	await admitted(own, shop.terminal);
	await gone;
});

/** The end of a bare TLS connection: whether the other end let it stay, and by which version. */
const shaken = (options: object): Promise<string> =>
	new Promise((done) => {
		const socket: TLSSocket = tlsConnect({
			...{ host: "127.0.0.1", port: platform.mqttPort(), ca: readFileSync(own.ca) },
			...options,
		});
		socket.on("error", (error) => done("code" in error ? String(error.code) : error.message));
		socket.on("close", () => done("closed"));
		socket.on("secureConnect", () => {
			const version = socket.getProtocol() ?? "";
			// The server's refusal of our certificate comes after our end has finished (RFC 8446, 4.4.2).
			setTimeout(() => {
				if (!socket.destroyed) done(version);
				socket.destroy();
			}, 80);
		});
	});
const pair = (identity: FleetIdentity): object => ({
	key: readFileSync(identity.key),
	cert: readFileSync(identity.cert),
});

test("TLS 1.3 with our own certificate stays", async () => {
	assert.is(await shaken(pair(own)), "TLSv1.3");
});

test("TLS 1.2 is refused", async () => {
	assert.match(await shaken({ ...pair(own), maxVersion: "TLSv1.2" }), /PROTOCOL_VERSION/);
});

/** Refused before a byte of MQTT: our end may hear the alert, or find the line reset. */
async function refused(options: object): Promise<void> {
	said.length = 0;
	assert.not.match(await shaken(options), /^TLS/);
	await until("the refusal is noted", () => said.includes("tls-refused"));
}

test("no certificate, and one of another authority with our terminal's name, are refused", async () => {
	await refused({});
	await refused(pair(device(shop.terminal, strangeAuthority())));
});

test("an expired certificate, and a server's certificate as a terminal's, are refused", async () => {
	const day = 86_400_000;
	const old = makeCertificate({
		...{ kind: "device", name: shop.terminal, by: authority },
		validity: { notBefore: new Date(Date.now() - 9 * day), notAfter: new Date(Date.now() - day) },
	});
	await refused(old);
	const server = {
		key: readFileSync(at("cloud", "server.key")),
		cert: readFileSync(at("cloud", "server.crt")),
	};
	await refused(server);
});

test("a message that says it is too long is cut off before it is sent", async () => {
	const socket = tlsConnect({
		...{ host: "127.0.0.1", port: platform.mqttPort(), ca: readFileSync(own.ca) },
		...pair(own),
	});
	await new Promise((done) => socket.once("secureConnect", done));
	const closed = new Promise<void>((done) => socket.once("close", () => done()));
	socket.on("error", () => {});
	// A PUBLISH of 256 MiB, of which only the head is sent.
	socket.write(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f));
	await closed;
});

test("noise instead of MQTT ends only that line", async () => {
	const good = await admitted(neighbour, "T2");
	for (const noise of [
		[0x00, 0x00],
		[0xf0, 0x01, 0x00],
		[0x10, 0x80, 0x80, 0x80, 0x80, 0x01],
		[0x16, 3, 1],
	]) {
		const socket = tlsConnect({
			...{ host: "127.0.0.1", port: platform.mqttPort(), ca: readFileSync(own.ca) },
			...pair(own),
		});
		socket.on("error", () => {});
		await new Promise((done) => socket.once("secureConnect", done));
		socket.write(Uint8Array.from(noise));
		await pause(20);
		socket.destroy();
	}
	await good.publishAsync(topic(shop.tenant, "T2", "up/ev"), rows(2), { qos: 1 });
	await until("still served", () => of("T2") === 2);
});

test("JSON that is none and rows that are none are alarmed, and nothing stops", async () => {
	const one = await admitted(own, shop.terminal);
	const up = topic(shop.tenant, shop.terminal, "up/ev");
	for (const noise of ["", "{", "[]", '{"rows":1}', '{"rows":[1,null,{}]}', "\u0000"])
		await one.publishAsync(up, noise, { qos: 1 });
	await one.publishAsync(topic(shop.tenant, shop.terminal, "up/birth"), '{"session":-1}', { qos: 1 });
	await one.publishAsync(up, rows(2), { qos: 1 });
	await until("the good row", () => of(shop.terminal) === 2);
	assert.ok(platform.alarms(50).some(({ kind }) => kind === "unreadable"));
});

test("a key that is none, or another's, keeps the platform from opening", async () => {
	const folder = emptyFolder();
	writeFileSync(join(folder, "empty"), "");
	for (const keyFile of [join(folder, "empty"), own.key, join(folder, "none")]) {
		let failed = false;
		await openPlatform({ stateDir: folder, keyFile }).catch(() => {
			failed = true;
		});
		assert.ok(failed, keyFile);
	}
});

test.run();
