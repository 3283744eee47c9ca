import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Broker } from "../../../src/cloud/broker.ts";
import type { Platform } from "../../../src/cloud/platform.ts";
import type { Leaf, OutboxRow } from "../../../src/contract/fleet.ts";
import { type Log, silent } from "../../../src/kit/log.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { systemRandom } from "../../../src/runtime/random.ts";
import { Fleet, type FleetNeeds } from "../../../src/terminal/fleet/fleet.ts";
import { Ledger } from "../../../src/terminal/ledger/ledger.ts";
import { makeCertificate } from "../../../src/world/provision/certificates.ts";
import {
	at,
	authority,
	device,
	emptyFolder,
	openPlatform,
	own,
	pause,
	settingsAt,
	shop,
	strangeAuthority,
	until,
	Wire,
} from "../../cloud/scene.ts";
import { SqliteOutbox, saleEvent, salesEvents } from "./sqlite-outbox.ts";

const test = suite("the fleet link, over TLS and a real broker");
const closing: { close(): Promise<void> }[] = [];
const keep = <T extends { close(): Promise<void> }>(part: T): T => {
	closing.push(part);
	return part;
};
test.after.each(async () => {
	for (const part of closing.splice(0).toReversed()) await part.close();
});

const needs = (port: number, outbox: SqliteOutbox, more: Partial<FleetNeeds> = {}): FleetNeeds => ({
	...{ settings: settingsAt(port), identity: own, outbox, session: outbox.session, version: "0.1.0" },
	...{ clock: systemClock, random: systemRandom, log: silent },
	...more,
});
async function opened(port: number, outbox: SqliteOutbox, more: Partial<FleetNeeds> = {}): Promise<Fleet> {
	const fleet = keep(new Fleet(needs(port, outbox, more)));
	await fleet.open();
	return fleet;
}
const seqs = (platform: Platform, terminal = shop.terminal): readonly number[] =>
	platform.rows(terminal).map(({ seq }) => seq);
const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);

/** Notes what the link logs. */
function listening(): { readonly log: Log; readonly events: string[] } {
	const events: string[] = [];
	return { events, log: (_level, event) => events.push(event) };
}

/** A platform played by the test: it hears, and says only what it is told to. */
interface Played {
	readonly broker: Broker;
	readonly heard: { readonly leaf: Leaf; readonly body: unknown }[];
	readonly say: (body: unknown) => void;
	readonly batches: () => readonly (readonly OutboxRow[])[];
}
async function played(answer: (leaf: Leaf, say: (body: unknown) => void) => void): Promise<Played> {
	const heard: { leaf: Leaf; body: unknown }[] = [];
	const say = (body: unknown): void => broker.send(shop.terminal, "down/ack", body as { through: number });
	const read = (name: string): string => readFileSync(at("cloud", name), "utf8");
	const broker: Broker = keep(
		new Broker({
			...{ port: 0, tenant: shop.tenant, log: silent },
			...{ ca: read("ca.crt"), cert: read("server.crt"), key: read("server.key") },
			heard: async (_terminal, leaf, bytes) => {
				heard.push({ leaf, body: JSON.parse(new TextDecoder().decode(bytes)) });
				await Promise.resolve();
				answer(leaf, say);
			},
		}),
	);
	await broker.open();
	const batches = (): readonly (readonly OutboxRow[])[] =>
		heard
			.filter(({ leaf }) => leaf === "up/ev")
			.map(({ body }) => (body as { rows: readonly OutboxRow[] }).rows);
	return { broker, heard, say, batches };
}

test("what was posted is applied, and delivered only then", async () => {
	const platform = keep(await openPlatform());
	const outbox = new SqliteOutbox();
	outbox.postAll(salesEvents(3));
	const states: boolean[] = [];
	const fleet = keep(new Fleet(needs(platform.mqttPort(), outbox)));
	fleet.listen((connected) => states.push(connected));
	assert.is(fleet.connected(), false);
	await fleet.open();
	await until("three rows delivered", () => outbox.waiting === 0);
	outbox.post(saleEvent("later"));
	await until("a fourth", () => outbox.waiting === 0);
	assert.equal(seqs(platform), upTo(4));
	assert.is(platform.sales(shop.terminal, 10).length, 4);
	await fleet.close();
	assert.equal(states, [true, false]);
	assert.is(outbox.count("session"), 1, "one birth, one number");
});

test("a terminal is there from its birth to its death, or until it vanishes", async () => {
	const platform = keep(await openPlatform());
	const wire = keep(new Wire(platform.mqttPort));
	await wire.open();
	const outbox = new SqliteOutbox();
	const online = (): number | undefined => platform.terminals()[0]?.online;
	const fleet = await opened(wire.port, outbox);
	await until("online", () => online() === 1);
	await fleet.close();
	await until("offline after a farewell", () => online() === 0);
	const again = await opened(wire.port, outbox);
	await until("online again", () => online() === 1);
	await wire.close();
	await until("offline by its will", () => online() === 0);
	await again.close();
	assert.is(platform.terminals()[0]?.session, 2);
});

test("while the cloud is away rows wait, no session number is used up, and all arrive", async () => {
	const stateDir = emptyFolder();
	const platform = await openPlatform({ stateDir });
	const port = platform.mqttPort();
	await platform.close();
	const outbox = new SqliteOutbox();
	const { log, events } = listening();
	await opened(port, outbox, { log });
	outbox.postAll(salesEvents(120));
	await until("several tries", () => events.filter((event) => event === "fleet-retry").length > 3);
	assert.is(outbox.waiting, 120);
	const back = keep(await openPlatform({ stateDir, mqttPort: port }));
	await until("all delivered", () => outbox.waiting === 0);
	assert.equal(seqs(back), upTo(120));
	assert.is(outbox.count("session"), 1);
});

test("under a line that is cut again and again each row is applied once", async () => {
	const platform = keep(await openPlatform());
	const wire = keep(new Wire(platform.mqttPort));
	await wire.open();
	const outbox = new SqliteOutbox();
	outbox.postAll(salesEvents(200, "early"));
	await opened(wire.port, outbox, { waits: { ackMs: 500 } });
	const whole = 600;
	let posted = 200;
	const cutting = setInterval(() => wire.cut(), 70);
	while (posted < whole || wire.cuts < 5) {
		await pause(10);
		if (posted < whole) outbox.postAll(salesEvents(10, `late${posted}-`));
		posted += 10;
	}
	clearInterval(cutting);
	await until("all delivered", () => outbox.waiting === 0);
	assert.equal(seqs(platform), upTo(whole));
	assert.is(platform.sales(shop.terminal, 1000).length, 600);
	assert.equal(platform.alarms(10), []);
	assert.equal(outbox.refused, []);
});

test("when the platform's word is lost the rows are sent again and still applied once", async () => {
	const platform = keep(await openPlatform());
	const wire = keep(new Wire(platform.mqttPort));
	await wire.open();
	const outbox = new SqliteOutbox();
	const { log, events } = listening();
	const fleet = await opened(wire.port, outbox, { log, waits: { ackMs: 200 } });
	await until("connected", () => fleet.connected());
	wire.deaf = true;
	outbox.postAll(salesEvents(5));
	await until("applied there", () => seqs(platform).length === 5);
	assert.is(outbox.waiting, 5, "nothing is delivered before it is acknowledged");
	await until("given up", () => events.includes("fleet-unheard"));
	wire.deaf = false;
	await until("delivered", () => outbox.waiting === 0);
	assert.equal(seqs(platform), upTo(5));
	assert.is(platform.sales(shop.terminal, 10).length, 5);
});

test("the broker's PUBACK alone delivers nothing", async () => {
	const { broker, batches } = await played((leaf, say) => {
		if (leaf === "up/birth") say({ through: 0 });
	});
	const outbox = new SqliteOutbox();
	outbox.postAll(salesEvents(2));
	await opened(broker.port(), outbox);
	await until("heard", () => batches().length > 0);
	await pause(100);
	assert.is(outbox.waiting, 2);
});

test("no row goes up before the birth is answered; then from where the platform stands", async () => {
	const { broker, heard, batches, say } = await played(() => {});
	const outbox = new SqliteOutbox();
	outbox.postAll(salesEvents(10));
	outbox.forget(2);
	const fleet = await opened(broker.port(), outbox);
	await until("born", () => heard.length > 0);
	await pause(60);
	assert.equal(heard, [{ leaf: "up/birth", body: { session: 1, version: "0.1.0", head: 10, tail: 3 } }]);
	assert.is(fleet.connected(), false);
	say({ through: 7 });
	await until("sent", () => batches().length > 0);
	assert.equal(
		batches()[0]?.map(({ seq }) => seq),
		[8, 9, 10],
	);
	assert.is(outbox.waiting, 3, "rows up to the platform's mark are delivered");
});

test("sixteen batches of fifty are under way, no more", async () => {
	const { broker, batches, say } = await played((leaf, answer) => {
		if (leaf === "up/birth") answer({ through: 0 });
	});
	const outbox = new SqliteOutbox();
	outbox.postAll(salesEvents(1000));
	await opened(broker.port(), outbox);
	await until("a full window", () => batches().length === 16);
	await pause(60);
	assert.equal(
		batches().map((rows) => rows.length),
		Array.from({ length: 16 }, () => 50),
	);
	say({ through: 100 });
	await until("two more", () => batches().length === 18);
	await pause(30);
	assert.is(batches().length, 18);
	assert.is(outbox.waiting, 900);
});

test("a batch is shorter where fifty rows would be too long for one message", async () => {
	const { broker, heard } = await played((leaf, answer) => {
		if (leaf === "up/birth") answer({ through: 0 });
	});
	const outbox = new SqliteOutbox();
	outbox.postAll(Array.from({ length: 50 }, (_, i) => saleEvent(`${i}-${"x".repeat(3000)}`)));
	await opened(broker.port(), outbox);
	await until("all fifty", () => {
		const rows = heard.filter(({ leaf }) => leaf === "up/ev");
		return rows.reduce((n, { body }) => n + (body as { rows: unknown[] }).rows.length, 0) === 50;
	});
	const sizes = heard.map(({ body }) => JSON.stringify(body).length);
	assert.ok(Math.max(...sizes) <= 65_536, `${Math.max(...sizes)} bytes`);
});

test("an acknowledgement twice, one that lags, one beyond what was sent, and noise", async () => {
	const { broker, batches, say } = await played((leaf, answer) => {
		if (leaf === "up/birth") answer({ through: 0 });
	});
	const outbox = new SqliteOutbox();
	outbox.postAll(salesEvents(3));
	const { log, events } = listening();
	const fleet = await opened(broker.port(), outbox, { log });
	await until("sent", () => batches().length === 1);
	for (const noise of [{}, { through: -1 }, { through: 1.5 }, { through: "3" }, [], null, "x"]) say(noise);
	await until("noise is noticed", () => events.filter((event) => event === "fleet-garbled").length === 7);
	assert.is(outbox.waiting, 3);
	for (const through of [2, 2, 1, 0]) say({ through });
	await until("heard", () => events.filter((event) => event === "fleet-acknowledged").length === 5);
	assert.is(outbox.waiting, 1);
	say({ through: 999 });
	await until("three", () => outbox.waiting === 0);
	outbox.post(saleEvent("fourth"));
	await until("the fourth is sent", () => batches().length === 2);
	assert.is(outbox.waiting, 1, "what was not sent cannot have been acknowledged");
	assert.is(fleet.connected(), true);
});

test("a refused row stays shown and holds up nobody", async () => {
	const platform = keep(await openPlatform());
	const outbox = new SqliteOutbox();
	outbox.postAll([
		saleEvent("good"),
		{ ...(saleEvent("bad") as object), card: "6217970000005090" } as ReturnType<typeof saleEvent>,
		saleEvent("also-good"),
	]);
	await opened(platform.mqttPort(), outbox);
	await until("settled", () => outbox.waiting === 0);
	assert.equal(outbox.refused, [[2, "row-invalid"]]);
	assert.is(platform.sales(shop.terminal, 10).length, 2);
	assert.not.ok(JSON.stringify(platform.refused(shop.terminal)).includes("6217970000005090"));
});

test("a ledger that was set back goes on: what the platform knows otherwise is refused", async () => {
	const platform = keep(await openPlatform());
	const first = new SqliteOutbox("first");
	first.postAll(salesEvents(10));
	const before = await opened(platform.mqttPort(), first);
	await until("ten rows", () => first.waiting === 0);
	await before.close();
	const second = new SqliteOutbox("second");
	second.postAll(salesEvents(4, "other"));
	const { log, events } = listening();
	const fleet = await opened(platform.mqttPort(), second, { log });
	await until("answered", () => second.waiting === 0);
	assert.equal(
		second.refused.map(([seq]) => seq),
		[1, 2, 3, 4],
	);
	assert.ok(events.includes("fleet-outbox-behind"));
	assert.ok(fleet.connected());
	const kinds = new Set(platform.alarms(20).map(({ kind }) => kind));
	assert.equal([...kinds].sort(), ["head-behind", "seq-reused"]);
	assert.is(platform.rows(shop.terminal)[0]?.id, "first-1", "nothing is overwritten");
	second.postAll(salesEvents(8, "new"));
	await until("past the old end", () => second.waiting === 0);
	assert.equal(
		second.refused.map(([seq]) => seq),
		upTo(10),
	);
	assert.equal(seqs(platform), upTo(12));
});

test("a platform from an old copy is told again what it lacks", async () => {
	const outbox = new SqliteOutbox();
	outbox.postAll(salesEvents(60));
	const platform = await openPlatform();
	const fleet = await opened(platform.mqttPort(), outbox);
	await until("all delivered", () => outbox.waiting === 0);
	await fleet.close();
	await platform.close();
	const old = keep(await openPlatform());
	await opened(old.mqttPort(), outbox);
	await until("told again", () => seqs(old).length === 60);
	assert.is(old.terminals()[0]?.through, 60);
});

test("and what the terminal no longer keeps is alarmed, not waited for", async () => {
	const outbox = new SqliteOutbox();
	outbox.postAll(salesEvents(60));
	outbox.forget(20);
	const platform = keep(await openPlatform());
	await opened(platform.mqttPort(), outbox);
	await until("delivered", () => outbox.waiting === 0);
	assert.is(platform.terminals()[0]?.through, 60);
	assert.equal(
		platform.alarms(10).map(({ kind, about }) => [kind, about]),
		[["rows-lost", "1 to 20"]],
	);
});

test("the terminal's own ledger fits the port", async () => {
	const platform = keep(await openPlatform());
	const ledger = new Ledger(join(emptyFolder(), "ledger.db"), systemRandom);
	await ledger.open();
	keep(ledger);
	const fleet = keep(
		new Fleet({
			...{ settings: settingsAt(platform.mqttPort()), identity: own, outbox: ledger, version: "0.1.0" },
			...{ session: () => ledger.nextFleetSession(), clock: systemClock, random: systemRandom, log: silent },
		}),
	);
	await fleet.open();
	ledger.noteSignedIn(1, 20_261_124, { type: "sign-in", batch: "000001", at: "2026-11-24T09:00:00" });
	await until("applied", () => seqs(platform).length === 1);
	await fleet.close();
});

test("a listener's step does no work in the sale's own", async () => {
	const platform = keep(await openPlatform());
	const outbox = new SqliteOutbox();
	const fleet = await opened(platform.mqttPort(), outbox);
	await until("connected", () => fleet.connected());
	const pending = outbox.pending.bind(outbox);
	let inStep = false;
	let worked = false;
	outbox.pending = (after, most) => {
		if (inStep) worked = true;
		return pending(after, most);
	};
	inStep = true;
	outbox.post(saleEvent("one"));
	inStep = false;
	await until("delivered", () => outbox.waiting === 0);
	assert.is(worked, false);
});

test("an outbox that fails ends the call, not the process", async () => {
	const platform = keep(await openPlatform());
	const outbox = new SqliteOutbox();
	const { log, events } = listening();
	const fleet = await opened(platform.mqttPort(), outbox, { log });
	await until("connected", () => fleet.connected());
	const pending = outbox.pending.bind(outbox);
	outbox.pending = () => {
		outbox.pending = pending;
		throw new Error("disk");
	};
	outbox.post(saleEvent("one"));
	await until("noticed", () => events.includes("fleet-stopped"));
	await until("delivered on the next call", () => outbox.waiting === 0);
});

test("a server of another authority, or with a device's certificate, hears nothing", async () => {
	const strange = strangeAuthority();
	const stranger = makeCertificate({ kind: "server", name: "localhost", by: strange });
	const posing = makeCertificate({ kind: "device", name: "localhost", by: authority });
	for (const [name, pair] of [
		["strange", stranger],
		["posing", posing],
	] as const) {
		const folder = emptyFolder();
		writeFileSync(join(folder, "crt"), pair.cert);
		writeFileSync(join(folder, "key"), pair.key);
		const platform = keep(
			await openPlatform({
				stateDir: folder,
				certFile: join(folder, "crt"),
				keyFile: join(folder, "key"),
			}),
		);
		const outbox = new SqliteOutbox();
		outbox.post(saleEvent("one"));
		const { log, events } = listening();
		const fleet = await opened(platform.mqttPort(), outbox, { log });
		await until("tries", () => events.filter((event) => event === "fleet-retry").length > 1);
		assert.is(fleet.connected(), false, name);
		assert.equal(platform.terminals(), [], name);
	}
});

test("a link that is closed while it calls stays closed", async () => {
	const platform = keep(await openPlatform());
	const outbox = new SqliteOutbox();
	const fleet = await opened(platform.mqttPort(), outbox);
	await fleet.close();
	await fleet.close();
	await pause(80);
	assert.is(fleet.connected(), false);
	assert.is(platform.terminals().filter(({ online }) => online === 1).length, 0);
	await fleet.open();
	await until("opened again", () => fleet.connected());
});

test("two terminals are kept apart", async () => {
	const platform = keep(await openPlatform());
	const [one, two] = [new SqliteOutbox("one"), new SqliteOutbox("two")];
	one.postAll(salesEvents(3));
	two.postAll(salesEvents(5));
	await opened(platform.mqttPort(), one);
	await opened(platform.mqttPort(), two, {
		settings: settingsAt(platform.mqttPort(), "T2"),
		identity: device("T2"),
	});
	await until("both", () => one.waiting === 0 && two.waiting === 0);
	assert.equal(seqs(platform), upTo(3));
	assert.equal(seqs(platform, "T2"), upTo(5));
});

test.run();
