/**
 * The marker test: a whole run of the real shop, and then a search for its secrets in everything that it has
 * written, said, shown and kept (fleet/security.md, 1, 2, 4, 11, 14).
 *
 * Outside of the claim: the acquirer and the cards, which are other people's (their files, and the acquirer's
 * line, on which UnionPay's clear dialect carries account and track, never a clear PIN or a key); the root
 * key in its own file and in the vault's memory; the private key of the device's TLS certificate; the PINs
 * of the deck, which are printed on its cards and so on the bench (the cards of this test are not on the
 * tray).
 *
 * Of account and track in the terminal's memory only so much is claimed: no text and no object of a
 * finished sale can still be reached. What the collector has freed, or a reader's buffer has held, stands
 * in memory until it is written over, as in any program on V8; PIN and keys never come there. That the
 * search finds what is there is proved in control.test.ts.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sleep } from "../../src/kit/clock.ts";
import { systemCalendar, systemClock } from "../../src/runtime/clock.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { format0 } from "../../src/spec/pin/block.ts";
import { Bench } from "../../src/world/bench/bench.ts";
import { type Played, Player } from "../../src/world/play/player.ts";
import type { FaultId } from "../../src/world/shop/faults-table.ts";
import type { Logged } from "../../src/world/shop/floor.ts";
import { textOf } from "../../src/world/shop/logged.ts";
import { Shop } from "../../src/world/shop.ts";
import { bytesNeedles, digitForms, type Needle, panNeedles, trackNeedles } from "./forms.ts";
import { type Heap, heapOf, inHeap, inMemory, snapshotFlags } from "./images.ts";
import { bytesIn, masterKeyOf, messagesOf, vaultKeysOf, workingKeysOf } from "./keys.ts";
import { coresIn, inDatabase, inFolder } from "./places.ts";
import { acts, cards, pins, tailOf } from "./script.ts";
import { Search, told } from "./search.ts";
import { type Taps, tapInto } from "./taps.ts";

const root = resolve(import.meta.dirname, "../..");
const stateDir = mkdtempSync(join(tmpdir(), "marker-"));
const heaps = mkdtempSync(join(tmpdir(), "heaps-"));

const said: string[] = [];
const logged: Logged[] = [];
const stream: string[] = [];
const played: Played[] = [];
const pids = new Map<string, number>();
let taps: Taps | undefined;

const shop = new Shop({
	...{ root, stateDir, fresh: true, answerMs: 3000, clock: systemClock, calendar: systemCalendar },
	random: systemRandom,
	cards: Object.values(cards),
	nodeFlags: { terminal: snapshotFlags(heaps) },
	prepared: async (made) => {
		taps = await tapInto(made);
	},
	said: (text) => said.push(text),
});
const bench = new Bench({ floor: shop, port: 0, root });
const quietMs = 30_000;
/** The page between sales. */
async function idle(): Promise<void> {
	const until = systemClock.now() + quietMs;
	while (shop.state().page !== "idle") {
		if (systemClock.now() > until) throw new Error(`the terminal stays at ${shop.state().page}`);
		await sleep(systemClock, 50);
	}
}
/** Processes that this one has started, by their own names; boot tells its children's. */
function pidOf(name: string): number {
	const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8")
		.trim()
		.split(" ")
		.map(Number);
	const named = (pid: number): boolean =>
		readFileSync(`/proc/${pid}/comm`, "utf8").startsWith(`guitai-${name}`);
	const pid = pids.get(name) ?? children.find(named);
	if (pid === undefined) throw new Error(`no process ${name}`);
	return pid;
}

const clearBlocks = (): readonly Needle[] =>
	Object.entries(pins).flatMap(([which, pin]) =>
		Object.values(cards).flatMap(({ id, pan }) => {
			const block = format0(Uint8Array.from(pin, Number), pan);
			return block.ok ? bytesNeedles(`clear PIN block of ${id}, ${which}`, block.value) : [];
		}),
	);
const pinNeedles = (): readonly Needle[] => [
	...Object.entries(pins).flatMap(([which, pin]) => digitForms(`${which} PIN`, pin)),
	...clearBlocks(),
];
const cardNeedles = (): readonly Needle[] =>
	Object.values(cards).flatMap((card) => [
		...panNeedles(`PAN of ${card.id}`, card.pan),
		...trackNeedles(`track of ${card.id}`, tailOf(card)),
	]);
function keyNeedles(): readonly Needle[] {
	const tmk = masterKeyOf(stateDir);
	const working = workingKeysOf(messagesOf(taps?.acquirer.answered() ?? new Uint8Array(0)), tmk);
	const { root: rootKey, seal } = vaultKeysOf(stateDir);
	return [
		...bytesNeedles("master key", tmk),
		...working.flatMap(({ slot, key }, n) => bytesNeedles(`${slot} ${n}`, key)),
		...bytesNeedles("sealing key", seal),
		...bytesNeedles("root key", rootKey),
	];
}
/** Enciphered PIN blocks as they went to the acquirer: after the answer nobody keeps them. */
const blockNeedles = (): readonly Needle[] =>
	bytesIn(messagesOf(taps?.acquirer.said() ?? new Uint8Array(0)), 52).flatMap((block, n) =>
		bytesNeedles(`PIN block ${n}`, block),
	);

const everything = (): Search =>
	new Search([...pinNeedles(), ...cardNeedles(), ...keyNeedles(), ...blockNeedles()]);
function heard(): Taps {
	if (taps === undefined) throw new Error("the shop was not opened");
	return taps;
}

/** What was seen while a sale waited for its answer. */
const during = { secrets: [] as readonly string[], card: [] as readonly string[], bytes: 0 };
let heapDuring: Promise<Heap> | undefined;
/** Looked at between sales, before the power cut ends that process. */
let heapBetween: Heap | undefined;
let cloudBetween: readonly string[] | undefined;
/**
 * Objects of a sale, which hold the card's data as bytes: a heap snapshot shows that they live, not what
 * they hold.
 */
const ofOneSale = ["SaleRun", "ChipRun"] as const;
const run = suite("a whole run of the shop");

run.before(async () => {
	shop.listen((event) => {
		if (event.on !== "logged") return;
		logged.push(event.line);
		if (event.line.event === "program-started")
			pids.set(textOf(event.line, "name"), Number(textOf(event.line, "pid")));
	});
	await shop.open();
	await bench.open();
	const socket = new WebSocket(bench.address.replace("http", "ws").concat("live"));
	socket.addEventListener("message", ({ data }) => {
		if (typeof data === "string") stream.push(data);
	});
});

run.after(async () => {
	await bench.close();
	await shop.close();
	await taps?.acquirer.close();
	await taps?.mqtt.close();
	for (const folder of [stateDir, heaps]) rmSync(folder, { recursive: true, force: true });
});

/**
 * As the page says that an answer is waited for: PIN taken, request sent, everything that a sale needs in
 * memory.
 */
function lookDuring(line: Logged): void {
	if (line.event !== "page" || !textOf(line, "text").includes("等待应答")) return;
	const pid = pidOf("terminal");
	// In one pass, for it is stopped meanwhile and its answer is due.
	const all = new Search([...pinNeedles(), ...keyNeedles(), ...cardNeedles()]);
	const { bytes, hits } = inMemory(all, "terminal", pid);
	const ofCard = (hit: string): boolean => /^terminal: (PAN|track) of /.test(hit);
	during.bytes = bytes;
	during.card = hits.filter(ofCard);
	during.secrets = hits.filter((hit) => !ofCard(hit));
	heapDuring = heapOf(pid, heaps, systemClock);
}

for (const scenario of acts())
	run(`plays ${scenario.name}`, async () => {
		await idle();
		const silent = scenario.name === "host-silent";
		const off = shop.listen((event) => {
			if (silent && event.on === "logged" && during.bytes === 0) lookDuring(event.line);
		});
		const report = await new Player(shop, scenario, systemClock).play();
		off();
		for (const fault of scenario.faults) await shop.setFault(fault as FaultId, false);
		played.push(report);
		assert.equal(report.wrong, []);
		if (!silent) return;
		await idle();
		await heapDuring;
		cloudBetween = inMemory(everything(), "cloud", pidOf("cloud")).hits;
		heapBetween = await heapOf(pidOf("terminal"), heaps, systemClock);
	});

run(
	"was heard with its secrets on the acquirer's line: account and track in clear, PIN and keys never",
	async () => {
		await idle();
		const { acquirer } = heard();
		const says = told("line", new Search(cardNeedles()).find(acquirer.said()));
		for (const [, card] of Object.entries(cards)) {
			assert.ok(
				says.some((hit) => hit.startsWith(`line: PAN of ${card.id} as BCD`)),
				`${card.id} is on the line`,
			);
			assert.ok(
				says.some((hit) => hit.startsWith(`line: track of ${card.id} as BCD`)),
				`its track too`,
			);
		}
		assert.is(bytesIn(messagesOf(acquirer.said()), 52).length, 7, "enciphered PIN blocks");
		const secrets = new Search([...pinNeedles(), ...keyNeedles()]);
		assert.equal(told("said", secrets.find(acquirer.said())), []);
		assert.equal(told("answered", secrets.find(acquirer.answered())), []);
	},
);

run("left no secret in a log line or on an output, of any program", () => {
	const programs = new Set(logged.map(({ program }) => program));
	for (const program of ["boot", "vault", "terminal", "cloud"]) assert.ok(programs.has(program), program);
	assert.ok(logged.length > 300, `${logged.length} lines`);
	const text = logged.map((line) => JSON.stringify(line)).join("\n");
	assert.match(text, /621797\*{6}/, "masked, the account is there");
	assert.equal(told("log", everything().findText(text)), []);
	assert.equal(told("said", everything().findText(said.join("\n"))), []);
});

run(
	"left none in a file: journal, database, settings, frame buffer, table of programs, logs of the databases",
	() => {
		// The acquirer's folder is the acquirer's; the root key's file is looked at for everything but the root
		// key.
		const { looked, hits } = inFolder(everything(), stateDir, ["acquirer", "vault/root.key"]);
		for (const path of [
			"terminal/ledger.db",
			"vault/vault.db",
			"cloud/inbox.db",
			"run/frame.rgb565",
			"run/board.json",
		])
			assert.ok(looked.includes(path), path);
		assert.ok(
			looked.some((path) => path.endsWith("ledger.db-wal")),
			"with the journal's own log",
		);
		assert.equal(hits, []);
		const others = new Search([...pinNeedles(), ...cardNeedles()]);
		assert.equal(told("root.key", others.find(readFileSync(join(stateDir, "vault/root.key")))), []);
		for (const name of ["terminal/ledger.db", "vault/vault.db", "cloud/inbox.db"]) {
			const { values, hits: rows } = inDatabase(everything(), join(stateDir, name));
			assert.ok(values > 10, `${name}: ${values} values`);
			assert.equal(rows, []);
		}
	},
);

run("left none in MQTT as the broker deciphers it, in either direction", () => {
	const { mqtt } = heard();
	const text = new TextDecoder("latin1").decode(mqtt.said());
	assert.match(text, /up\/birth/, "the tap hears");
	assert.match(text, /621797\*{6}/, "masked, the account is there");
	assert.equal(told("mqtt up", everything().find(mqtt.said())), []);
	assert.equal(told("mqtt down", everything().find(mqtt.answered())), []);
});

run("showed none: on slips, screens, the bench's stream, and in the account of a play", () => {
	const slips = shop.paper().flatMap(({ lines }) => lines.map((line) => JSON.stringify(line)));
	assert.ok(slips.length > 100, `${slips.length} lines of paper`);
	assert.ok(stream.length > 100, `${stream.length} messages to the page`);
	for (const [place, text] of [
		["slips", slips.join("\n")],
		["screens", played.flatMap(({ screens }) => screens).join("\n")],
		["stream", stream.join("\n")],
		["play", JSON.stringify(played, null, "\t")],
	] as const)
		assert.equal(told(place, everything().findText(text)), [], place);
});

run("never had a PIN or a key in the terminal's memory, nor anything in boot's or the cloud's", () => {
	assert.ok(during.bytes > 10_000_000, "the terminal was looked at while it waited for the host");
	assert.ok(
		during.card.some((hit) => hit.startsWith("terminal: PAN of marker-debit")),
		"and held the account, which it was sending",
	);
	assert.equal([...during.secrets], []);
	const secrets = new Search([...pinNeedles(), ...keyNeedles()]);
	assert.equal(inMemory(secrets, "terminal", pidOf("terminal")).hits, []);
	assert.equal(cloudBetween, [], "the cloud before it was away");
	for (const name of ["boot", "cloud"])
		assert.equal(inMemory(everything(), name, pidOf(name)).hits, [], name);
});

run("holds the account while its sale waits for the host, and no PIN and no key", async () => {
	const heap = await heapDuring;
	if (heap === undefined) throw new Error("nobody looked");
	for (const name of ofOneSale) assert.ok(heap.classes.has(name), `${name} lives`);
	const card = inHeap(new Search(cardNeedles()), "heap", heap);
	assert.ok(card.some((hit) => hit.startsWith("heap: PAN of marker-debit as ASCII")));
	assert.equal(inHeap(new Search([...pinNeedles(), ...keyNeedles()]), "heap", heap), []);
});

run("keeps nothing of a finished sale in the terminal's heap: no text, no object", async () => {
	await idle();
	const last = await heapOf(pidOf("terminal"), heaps, systemClock);
	for (const heap of [heapBetween, last]) {
		if (heap === undefined) throw new Error("nobody looked");
		assert.ok(heap.texts.length > 10_000, `${heap.texts.length} texts`);
		assert.ok(heap.texts.includes("晨光便利店"), "it is the terminal's");
		assert.ok(heap.classes.has("Checkout"), "and its classes have their names");
		for (const name of ofOneSale) assert.not(heap.classes.has(name), `${name} lives on`);
		assert.equal(inHeap(everything(), "heap", heap), []);
	}
});

run("wipes PIN and working keys in the vault's own memory: only its root key stays in clear", async () => {
	await idle();
	const { hits } = inMemory(new Search([...pinNeedles(), ...keyNeedles()]), "vault", pidOf("vault"));
	assert.ok(
		hits.some((hit) => hit.startsWith("vault: root key, part 1 as raw")),
		"the look sees it",
	);
	assert.equal(
		hits.filter((hit) => !hit.startsWith("vault: root key")),
		[],
	);
	assert.equal(
		hits.filter((hit) => !hit.includes(" as raw at ")),
		[],
		"and in no other form",
	);
});

run("puts none on a command line or into an environment", () => {
	for (const name of ["boot", "vault", "terminal", "cloud"])
		for (const part of ["cmdline", "environ"])
			assert.equal(told(name, everything().find(readFileSync(`/proc/${pidOf(name)}/${part}`))), [], name);
});

run("leaves no core file, and may not", () => {
	for (const name of ["terminal", "vault"])
		assert.match(readFileSync(`/proc/${pidOf(name)}/limits`, "utf8"), /^Max core file size +0 +0 /m, name);
	for (const folder of [root, stateDir, heaps]) assert.equal(coresIn(folder), []);
});

run.run();
