import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sleep } from "../../../src/kit/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { Surroundings } from "../../world/shop/surroundings.ts";
import { Counter } from "./world.ts";

const street = new Surroundings({ answerMs: 700 });
let at: Counter;

const start = suite("a terminal that cannot serve");
start.before(async () => {
	await street.open();
	at = new Counter(street.place);
});
start.after.each(async () => {
	await at.leave();
});
start.after(() => street.close());

start("a second terminal on the same ledger refuses to start, and the first one goes on", async () => {
	await at.startIdle();
	const second = new Counter(street.place);
	const error: unknown = await second.start().then(
		() => undefined,
		(e: unknown) => e,
	);
	assert.match(String(error), /another terminal holds the ledger/);
	assert.not.ok(second.said.some(({ page }) => page === "idle"));
	await second.stop();
	await at.press("1");
	await at.sees("amount");
});

start("a damaged ledger: the page says so and stays; no key is taken, and it can be ended", async () => {
	const path = join(street.dir, "bad.db");
	writeFileSync(path, "no ledger ".repeat(2000));
	await at.start({ ledgerPath: path });
	await at.sees("out-of-service", /流水无法读写.*请联系客服/);
	assert.not(at.place.wires.keypad.press("1"));
	await at.stays("out-of-service");
	assert.equal(at.fatal, []);
	assert.ok(at.events.some(({ level, event }) => level === "bug" && event === "ledger-damaged"));
	assert.ok((await at.stop()) < 500);
	rmSync(path);
});

start("a ledger on a folder that is not there: the same page", async () => {
	const path = join(street.dir, "nowhere", "ledger.db");
	assert.not(existsSync(path));
	await at.start({ ledgerPath: path });
	await at.sees("out-of-service", /流水/);
});

start("the case opened while it serves: it ends at once", async () => {
	await at.startIdle();
	at.place.wires.gpio.set("bench:5", 1);
	await at.settles("ended", () => at.fatal.length > 0);
	assert.match(String(at.fatal[0]), /tampered/);
});

start("the case open at the start: the page says so, no key is taken, no ledger is opened", async () => {
	await at.start();
	await at.sees("out-of-service", /机壳被打开.*请联系客服/);
	assert.not(at.place.wires.keypad.press("1"));
	await sleep(systemClock, 200);
	await at.stays("out-of-service");
	assert.ok((await at.stop()) < 500);
	at.place.wires.gpio.set("bench:5", 0);
});

start("the case closed again: the keys are gone from the vault, and nothing is sold", async () => {
	await street.place.vaultThere(false);
	await street.place.vaultThere(true);
	await at.start();
	await at.sees("sign-in-failed", /密钥/);
	await at.press("confirm");
	await at.sees("idle");
	await at.press("1");
	await at.sees("amount");
	await at.press("100 confirm");
	await at.sees("not-charged");
});

start.run();
