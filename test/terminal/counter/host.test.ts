import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Calendar, stamp } from "../../../src/kit/calendar.ts";
import { sleep } from "../../../src/kit/clock.ts";
import { limits } from "../../../src/kit/limits.ts";
import { systemCalendar, systemClock } from "../../../src/runtime/clock.ts";
import { Surroundings } from "../../world/shop/surroundings.ts";
import { Counter } from "./world.ts";

const street = new Surroundings({ answerMs: 400 });
let at: Counter;
let signIns: string[] = [];
let off = (): void => {};

const host = suite("the acquirer and the vault");
host.before(async () => {
	await street.open();
	at = new Counter(street.place);
});
host.before.each(() => {
	signIns = [];
	off();
	off = street.acquirer.events((event) => {
		if (event.on === "heard" && event.mti === "0800") signIns.push(event.stan);
	});
});
host.after.each(async () => {
	await street.reach(true);
	await street.place.vaultThere(true);
	await street.acquirer.clear();
	await at.leave();
	assert.equal(at.fatal, []);
});
host.after(() => street.close());

/** Fen that stand at the acquirer for a trace. */
async function charged(trace: number): Promise<number> {
	const stan = String(trace).padStart(6, "0");
	const { transactions } = await street.acquirer.books();
	return transactions
		.filter((t) => t.stan === stan && t.state === "booked")
		.reduce((n, t) => n + Number(t.amount), 0);
}
async function read(page: Parameters<Counter["sees"]>[0], words: RegExp): Promise<void> {
	await at.sees(page, words);
	await at.press("confirm");
}

host("refused at sign-in: the reason is shown, no sale is made, and it may be tried again", async () => {
	await street.acquirer.behave({ on: "sign-in", do: "decline", code: "97" });
	await at.start();
	await at.sees("sign-in-failed", /97/);
	await at.press("confirm");
	await at.sees("idle");
	await at.press("1");
	await at.sees("amount");
	await at.press("100 confirm");
	await at.sees("sign-in-failed", /97/);
	await read("not-charged", /还没有签到/);
	await at.sees("idle");
	await street.acquirer.clear();
	await at.press("function");
	await at.sees("menu");
	await at.press("8");
	await at.sees("sign-in", /签到成功/);
	await at.sees("idle");
	await at.sell("100");
	await at.sees("approved");
	await at.finish();
});

host("wrong check values: none of the keys is taken", async () => {
	await at.startIdle();
	await at.stop();
	await at.withLedger((ledger) => ledger.noteSignedOff());
	await street.acquirer.behave({ on: "sign-in", do: "wrong-kcv", times: 1 });
	await at.start();
	await at.sees("sign-in-failed");
	await at.press("confirm");
	await at.sees("idle");
	await at.sell("111");
	await at.sees("approved");
	await at.finish();
});

host("away at boot: idle all the same; back: the next sale signs in by itself", async () => {
	await at.startIdle();
	await at.stop();
	await at.withLedger((ledger) => ledger.noteSignedOff());
	await street.reach(false);
	await at.start();
	await at.sees("sign-in-failed");
	await at.press("confirm");
	await at.sees("idle");
	await street.reach(true);
	await at.sell("112");
	assert.ok(at.said.some((s) => s.page === "sign-in" && /签到成功/.test(s.text)));
	await at.sees("approved");
	await at.finish();
});

host("the line refused for a sale: not charged, nothing was sent, and the next one goes", async () => {
	await at.startIdle();
	await at.toPin("113");
	await street.reach(false);
	await at.press("123456 confirm");
	await read("not-charged", /没有发送/);
	await at.home();
	assert.is(at.last().state, "not-sent");
	await street.reach(true);
	await at.sell("114");
	await at.sees("approved");
	await at.finish();
});

host("the vault away: no sale, and said so; back: the next one goes", async () => {
	await at.startIdle();
	const rows = at.rows().length;
	await at.place.vaultThere(false);
	await at.press("1");
	await at.sees("amount");
	await at.press("115 confirm");
	await at.sees("sign-in-failed", /密钥/);
	await read("not-charged", /(?:)/);
	await at.sees("idle");
	assert.is(at.rows().length, rows);
	assert.is(signIns.length, 0);
	await at.place.vaultThere(true);
	await sleep(systemClock, 100);
	await at.sell("115");
	await at.sees("approved");
	await at.finish();
});

host("the vault gone while the PIN is keyed: not charged, and the keys come back", async () => {
	await at.startIdle();
	await at.toPin("116");
	await at.place.vaultThere(false);
	await read("not-charged", /密码键盘不可用|已取消/);
	await at.home();
	await at.place.vaultThere(true);
	await at.press("1");
	await at.sees("amount");
});

host("no answer: unknown, reversed, and only then not charged", async () => {
	await at.startIdle();
	await street.acquirer.behave({ on: "sale", do: "silent", times: 1 });
	await at.sell("117");
	await at.sees("reversing", /结果未知.*请勿交货/);
	await read("reversed", /未收款.*已冲正/);
	await at.home();
	assert.is(at.last().state, "reversed");
	assert.is(await charged(at.last().trace), 0);
});

host(
	"a reversal three times without an answer: unknown, no new sale, and resolved in the background",
	async () => {
		await at.startIdle({ acquirer: { reversalPauseMs: 1500 } });
		await street.acquirer.behave({ on: "sale", do: "silent", times: 1 });
		await street.acquirer.behave({ on: "reversal", do: "silent" });
		await at.sell("118");
		await at.sees("reversing", /第 1 次/);
		await at.sees("reversing", /第 3 次/);
		await at.sees("unresolved", /结果未知 冲正未完成.*请勿交货/);
		const { trace } = at.last();
		await at.press("confirm");
		await at.home();
		assert.match(at.now.text, /冲正1/);
		// A new one is refused while the old one is open.
		await at.press("1");
		await at.sees("amount");
		await at.press("200 confirm");
		await at.sees("unresolved");
		assert.is(at.last().trace, trace);
		await at.press("confirm");
		await at.sees("idle");
		await street.acquirer.clear();
		await at.sees("after-restart", /已冲正/);
		await at.press("confirm");
		await at.sees("idle");
		assert.not.match(at.now.text, /冲正1/);
		assert.is(at.last().state, "reversed");
		assert.is(at.last().told, 1);
		assert.is(await charged(trace), 0);
	},
);

host("an open reversal that the next sale resolves is told before that sale goes on", async () => {
	await at.startIdle({ acquirer: { reversalPauseMs: 60_000 } });
	await street.acquirer.behave({ on: "sale", do: "silent", times: 1 });
	await street.acquirer.behave({ on: "reversal", do: "silent", times: 3 });
	await at.sell("126");
	await at.sees("unresolved");
	await at.press("confirm");
	await at.home();
	await at.press("1");
	await at.sees("amount");
	await at.press("126 confirm");
	await at.sees("after-restart", /1\.26.*未收款.*已冲正/);
	await at.press("confirm");
	await at.sees("insert-card");
	await at.press("cancel");
	await at.sees("not-charged");
	await at.press("confirm");
	await at.sees("idle");
	assert.ok(at.rows().every(({ told }) => told === 1));
});

host("an open reversal survives the restart, and the restart tells how it ended", async () => {
	await at.startIdle();
	await street.acquirer.behave({ on: "sale", do: "cut-mid-answer", times: 1 });
	await street.acquirer.behave({ on: "reversal", do: "silent" });
	await at.sell("119");
	await at.sees("unresolved");
	await at.press("confirm");
	await at.stop();
	at.remove();
	await at.start();
	await at.sees("after-restart", /结果未知 正在冲正.*请勿交货/);
	await at.press("confirm");
	await street.acquirer.clear();
	await at.sees("after-restart", /未收款.*已冲正/);
	await at.press("confirm");
	await at.sees("idle");
});

host("a reversal answered with another code stays open", async () => {
	await at.startIdle({ acquirer: { reversalPauseMs: 60_000 } });
	await street.acquirer.behave({ on: "sale", do: "silent", times: 1 });
	await street.acquirer.behave({ on: "reversal", do: "decline", code: "96" });
	await at.sell("120");
	await at.sees("unresolved");
	assert.is(at.last().state, "reversing");
});

host("the acquirer with other keys: refused with A0, and the next sale signs in first", async () => {
	await at.startIdle();
	const keys = signIns.length;
	await street.acquirer.behave({ on: "sale", do: "decline", code: "A0", times: 1 });
	await at.sell("121");
	await read("declined", /A0/);
	await at.home();
	await at.sell("121");
	assert.is(signIns.length, keys + 1);
	await at.sees("approved");
	await at.finish();
});

host("another day: the first sale of it signs in first, the second does not", async () => {
	let days = 0;
	const calendar: Calendar = {
		now: () => {
			const now = systemCalendar.now();
			return { ...now, day: now.day + days };
		},
	};
	await at.startIdle({ calendar });
	await at.sell("122");
	await at.sees("approved");
	await at.finish();
	days = 1;
	assert.match(stamp(calendar.now()), /T/);
	const keys = signIns.length;
	await at.sell("123");
	assert.is(signIns.length, keys + 1);
	await at.sees("approved");
	await at.finish();
	await at.sell("124");
	assert.is(signIns.length, keys + 1);
	await at.sees("approved");
	await at.finish();
});

host("the outbox full: no sale is opened, and the page says what to do", async () => {
	await at.startIdle();
	await at.stop();
	const event = { type: "sign-in", batch: "000001", at: "2026-11-24T09:41:02" } as const;
	await at.withLedger((ledger) => {
		const day = ledger.signedInOn;
		const missing = limits.outboxRows - ledger.pending(0, 20_000).length;
		for (let n = 0; n < missing; n += 1) ledger.noteSignedIn(ledger.batch, day, event);
	});
	await at.startIdle();
	const rows = at.rows().length;
	await at.press("1");
	await at.sees("amount");
	await at.press("125 confirm");
	await read("not-charged", /待上送的记录已满.*云平台/);
	await at.sees("idle");
	assert.is(at.rows().length, rows);
	await at.stop();
	await at.withLedger((ledger) => ledger.acknowledged(ledger.head(), []));
});

host.run();
