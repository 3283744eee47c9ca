import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { limits } from "../../../src/kit/limits.ts";
import { systemRandom } from "../../../src/runtime/random.ts";
import { type Database, openDatabase } from "../../../src/runtime/sqlite.ts";
import { DamagedLedger, Ledger } from "../../../src/terminal/ledger/ledger.ts";
import type { HostAnswer, SlipFacts } from "../../../src/terminal/payment/ports.ts";

const dir = mkdtempSync(join(tmpdir(), "gl-"));
let files = 0;
const fresh = (): string => {
	files += 1;
	return join(dir, `${files}.db`);
};
async function opened(path = fresh()): Promise<Ledger> {
	const ledger = new Ledger(path, systemRandom);
	await ledger.open();
	return ledger;
}
const sale = (intent: string) => ({
	...{ intent, attempt: 1, amount: 100n, at: "2026-11-24T09:41:02", operator: "01" },
});
const chip = {
	...{ sealed: "AA", card: "621797******5090", scheme: "unionpay", cardSequence: 1, pin: true },
	reversalData: "",
};
const event = { type: "sign-in", batch: "000001", at: "2026-11-24T09:41:02" } as const;
const answer: HostAnswer = { code: "00", chipData: new Uint8Array(0), wants: 0 };
const facts = { amount: "100" } as SlipFacts;
const rejected = async (opening: Promise<unknown>): Promise<Error> => {
	const error: unknown = await opening.then(
		() => undefined,
		(e: unknown) => e,
	);
	assert.instance(error, Error);
	return error as Error;
};

const life = suite("the ledger's file");

life("held by one terminal: a second one is refused, and is not told that the file is bad", async () => {
	const path = fresh();
	const first = await opened(path);
	const error = await rejected(new Ledger(path, systemRandom).open());
	assert.not.instance(error, DamagedLedger);
	assert.match(error.message, /another terminal/);
	await first.close();
	await (await opened(path)).close();
});

life("of noise, cut short, or with a page overwritten: damaged, and let go again", async () => {
	const good = fresh();
	const ledger = await opened(good);
	for (let n = 0; n < 200; n += 1) ledger.noteOpened(sale(`s${n}`));
	await ledger.close();
	const whole = readFileSync(good);
	const spoil: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
		(bytes) => bytes.map((b, n) => b ^ (n * 31) ^ 0x5a),
		(bytes) => bytes.subarray(0, bytes.length >> 1),
		(bytes) => bytes.map((b, n) => (n >= 8192 && n < 12_288 ? 0xff : b)),
	];
	for (const bend of spoil) {
		const path = fresh();
		writeFileSync(path, bend(whole));
		const bad = new Ledger(path, systemRandom);
		assert.instance(await rejected(bad.open()), DamagedLedger);
		assert.not(bad.isOpen);
		// Nothing of it is held: the mended file can be opened at once.
		copyFileSync(good, path);
		for (const more of ["-wal", "-shm"]) rmSync(path + more, { force: true });
		await (await opened(path)).close();
	}
});

life("written by a newer program: of no use to this one", async () => {
	const path = fresh();
	const db = openDatabase(path);
	db.pragma("user_version = 99");
	db.close();
	assert.instance(await rejected(new Ledger(path, systemRandom).open()), DamagedLedger);
});

life("of the first program: its rows are kept when the indexes change", async () => {
	const path = fresh();
	const ledger = await opened(path);
	const id = ledger.noteOpened(sale("kept"));
	ledger.noteSent(id, chip);
	await ledger.close();
	const again = await opened(path);
	assert.is(again.unfinished().length, 1);
	await again.close();
});

life.run();

const rows = suite("rows of a sale");

rows("an end is noted once: a second one throws and changes nothing", async () => {
	const ledger = await opened();
	const id = ledger.noteOpened(sale("a"));
	ledger.noteSent(id, chip);
	ledger.noteApproved(id, answer, facts, event);
	const head = ledger.head();
	for (const again of [
		() => ledger.noteDeclined(id, answer, event),
		() => ledger.noteNotSent(id),
		() => ledger.noteCancelled(id),
		() => ledger.armReversal(id, "98", undefined, event),
		() => ledger.noteReversed(id, "00", event),
		() => ledger.noteApproved(id, answer, facts, event),
		() => ledger.noteSent(id, chip),
	])
		assert.throws(again);
	assert.is(ledger.row(id).state, "approved");
	assert.is(ledger.head(), head);
	assert.is(ledger.slipsOf(id).length, 2);
	await ledger.close();
});

rows("the sealed account stays exactly until the end is known", async () => {
	const ledger = await opened();
	const id = ledger.noteOpened(sale("a"));
	ledger.noteSent(id, chip);
	ledger.armReversal(id, "98", "123456", event);
	assert.is(ledger.row(id).sealed, "AA");
	ledger.noteReversed(id, "00", event);
	assert.is(ledger.row(id).sealed, "");
	assert.is(ledger.row(id).authorisation, "123456");
	await ledger.close();
});

rows("a trace is taken with its row or not at all, and 1 follows 999999", async () => {
	const path = fresh();
	let ledger = await opened(path);
	const id = ledger.noteOpened(sale("a"));
	assert.is(ledger.noteSent(id, chip).trace, 1);
	assert.throws(() => ledger.noteSent(id, chip));
	assert.is(ledger.takeTrace(), 2);
	await ledger.close();
	const db = openDatabase(path);
	db.prepare("update counter set value = 999999 where name = 'trace'").run();
	db.close();
	ledger = await opened(path);
	assert.is(ledger.takeTrace(), 1);
	await ledger.close();
});

rows("room for a sale ends before the outbox is full, and comes back", async () => {
	const ledger = await opened();
	const fill = limits.outboxRows - ledger.head();
	for (let n = 0; n < fill; n += 1) ledger.noteSignedIn(1, 20_261_124, event);
	assert.not(ledger.roomForSale());
	ledger.acknowledged(100, []);
	assert.ok(ledger.roomForSale());
	await ledger.close();
});

rows.run();

/** A year of sales, all of them done: what is asked at every page must not look at each. */
const large = suite("100,000 sales");
const many = 100_000;
let path = "";

large.before(async () => {
	path = fresh();
	await (await opened(path)).close();
	const db = openDatabase(path);
	fill(db);
	db.close();
});
large.after(() => rmSync(dir, { recursive: true, force: true }));

function fill(db: Database): void {
	const row = db.prepare(
		`insert into sale (intent, attempt, state, amount, at, operator, told, trace, batch)
			values (?, 1, 'approved', 100, '2026-11-24T09:41:02', '01', 1, ?, 1)`,
	);
	const slip = db.prepare("insert into slip (sale, copy, state, facts) values (?, ?, 'printed', '{}')");
	const posted = db.prepare("insert into outbox (seq, id, event, state) values (?, ?, '{}', 'waiting')");
	db.transaction(() => {
		for (let n = 1; n <= many; n += 1) {
			row.run(`i${n}`, n);
			slip.run(n, "merchant");
			slip.run(n, "cardholder");
		}
		for (let n = 1; n < limits.outboxRows; n += 1) posted.run(n, `o${n}`);
	})();
}

large("room for a sale is one count of what waits", async () => {
	const ledger = await opened(path);
	const began = process.hrtime.bigint();
	assert.not(ledger.roomForSale());
	const ms = Number(process.hrtime.bigint() - began) / 1e6;
	assert.ok(ms < 50, `${ms} ms`);
	await ledger.close();
});

large("no question of the till looks at every sale, slip or posted row", async () => {
	const asked: string[] = [];
	const ledger = new Ledger(() => listening(openDatabase(path), asked), systemRandom);
	await ledger.open();
	ledger.unfinished();
	ledger.untold();
	ledger.pendingReversals();
	ledger.row(7);
	ledger.unprinted();
	ledger.slipsOf(7);
	ledger.openCounts();
	ledger.lastApproved();
	ledger.head();
	ledger.pending(17, 50);
	ledger.acknowledged(20, [{ seq: 19, code: "x" }]);
	await ledger.close();
	const db = openDatabase(path);
	for (const sql of asked.filter((text) => /\b(sale|slip|outbox)\b/.test(text))) {
		const plan = db
			.prepare<unknown[], { detail: string }>(`explain query plan ${sql}`)
			.all(...Array.from({ length: sql.split("?").length - 1 }, () => 1))
			.map(({ detail }) => detail);
		// Through an index of open rows alone it may go from end to end.
		const scans = plan.filter(
			(step) => step.startsWith("SCAN") && !/CONSTANT ROW|INDEX (sale_unfinished|sale_reversing)/.test(step),
		);
		assert.equal(scans, [], sql);
	}
	db.close();
});

/** The database, noting what it is asked to prepare. */
const listening = (db: Database, asked: string[]): Database =>
	new Proxy(db, {
		get: (on, name) => {
			const value: unknown = Reflect.get(on, name, on);
			if (typeof value !== "function") return value;
			return (...args: unknown[]) => {
				if (name === "prepare") asked.push(String(args[0]));
				return Reflect.apply(value, on, args);
			};
		},
	});

large.run();
