import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sleep } from "../../../src/kit/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { Surroundings } from "../../world/shop/surroundings.ts";
import { Counter, card } from "./world.ts";

const street = new Surroundings({ answerMs: 700 });
let at: Counter;

const pulled = suite("a card pulled out");
pulled.before(async () => {
	await street.open();
	at = new Counter(street.place);
});
pulled.before.each(() => at.startIdle());
pulled.after.each(async () => {
	await at.leave();
	await street.acquirer.clear();
});

async function refused(why: RegExp): Promise<void> {
	await at.sees("not-charged", why);
	await at.press("confirm");
	await at.home();
}
/** Fen that stand at the acquirer for the last row's trace. */
async function charged(): Promise<number> {
	const { transactions } = await street.acquirer.books();
	const stan = String(at.last().trace).padStart(6, "0");
	return transactions
		.filter((t) => t.stan === stan && t.state === "booked")
		.reduce((n, t) => n + Number(t.amount), 0);
}

pulled("while it is read: not charged, nothing was sent", async () => {
	await at.amount("800");
	card("unionpay-debit").behave({ do: "pull", at: 3 });
	at.insert("unionpay-debit");
	await refused(/卡片被拔出/);
	assert.is(at.last().state, "cancelled");
});

pulled("while the PIN is keyed: the entry ends, and the page says why", async () => {
	await at.toPin("800");
	await at.press("12");
	at.remove();
	await refused(/卡片被拔出/);
	assert.is(at.last().state, "cancelled");
});

pulled("while the bank is asked and approves: undone, and the customer is not charged", async () => {
	await street.acquirer.behave({ on: "sale", do: "delay", ms: 400, times: 1 });
	await at.sell("800");
	at.remove();
	await at.sees("reversing", /请勿交货/);
	await at.sees("reversed", /未收款.*已冲正/);
	await at.press("confirm");
	await at.home();
	assert.is(at.last().state, "reversed");
	assert.is(await charged(), 0);
});

pulled("after the approval: paid, whatever becomes of the card", async () => {
	await at.sell("800");
	await at.sees("approved", /打印持卡人联/);
	at.remove();
	await at.finish();
	assert.is(at.last().state, "approved");
	assert.is(await charged(), 800);
});

pulled("a card that refuses after the approval is believed: undone", async () => {
	card("unionpay-debit").behave({ do: "mute", at: 40 });
	await at.toPin("801");
	card("unionpay-debit").behave({ do: "aac" });
	await at.press("123456 confirm");
	await at.sees("not-charged", /卡片拒绝了这笔交易/);
	await at.press("confirm");
	await at.home();
	assert.is(await charged(), 0);
});

pulled("a card put in the wrong way round can be put in again for the next sale", async () => {
	await at.amount("800");
	card("visa").behave({ do: "mute", at: 0 });
	at.insert("visa");
	await refused(/卡片读不出来/);
	await at.amount("800");
	card("visa").mend();
	at.insert("visa");
	await at.sees("approved", /打印持卡人联/);
	await at.finish();
});

pulled("a card left in is asked for until it is taken", async () => {
	await at.sell("802");
	await at.sees("approved", /打印持卡人联/);
	await at.press("confirm");
	await at.sees("approved", /完成/);
	await at.press("confirm");
	await at.sees("take-card");
	await at.press("1 confirm cancel");
	await at.stays("take-card");
	at.remove();
	await at.sees("idle");
});

pulled.run();

const pin = suite("the PIN");
pin.before.each(() => at.startIdle());
pin.after.each(async () => {
	await at.leave();
	await street.acquirer.clear();
});
pin.after(() => street.close());

pin("cancel: not charged, and the keys are the terminal's again", async () => {
	await at.toPin("900");
	await at.press("1 cancel");
	await refused(/已取消/);
	await at.press("1");
	await at.sees("amount");
});

pin("too short: confirm does nothing until there are four digits", async () => {
	await at.toPin("900", "mastercard");
	await at.press("123 confirm");
	await at.stays("pin");
	await at.press("4 confirm");
	await at.sees("approved", /收款成功/);
	await at.finish();
});

pin("empty on a UnionPay credit card: the slip asks for a signature", async () => {
	await at.toPin("900", "unionpay-credit");
	assert.match(at.now.text, /无密码请直接按确认/);
	await at.press("confirm");
	await at.sees("approved");
	await at.finish();
	assert.match(at.place.wires.printer.text(), /签名|SIGNATURE/);
});

pin("empty on a Mastercard: signature takes its place", async () => {
	await at.toPin("900", "mastercard");
	await at.press("confirm");
	await at.sees("approved");
	await at.finish();
	assert.match(at.place.wires.printer.text(), /签名|SIGNATURE/);
});

pin("a Visa card asks for none: its slip has the line to sign on", async () => {
	await at.amount("901");
	at.insert("visa");
	await at.sees("approved");
	await at.finish();
	assert.not.ok(at.said.some((s) => s.page === "pin"));
	assert.match(at.place.wires.printer.text(), /签名|SIGNATURE/);
});

pin("nobody keys it: it times out and nothing was sent", async () => {
	await at.leave();
	await at.startIdle({ waits: { pinFirstMs: 1000 } });
	await at.toPin("900");
	await refused(/密码输入超时/);
	assert.is(at.last().state, "cancelled");
});

pin("wrong once, then right: two attempts, one charge", async () => {
	const before = at.rows().length;
	await at.sell("903", "unionpay-debit", "111111");
	await at.sees("wrong-pin", /2 次/);
	await at.sees("pin", /密码错，还可输入 2 次/);
	await at.press("123456 confirm");
	await at.sees("approved");
	await at.finish();
	assert.equal(
		at
			.rows()
			.slice(before)
			.map((r) => r.state),
		["declined", "approved"],
	);
});

pin("wrong three times: the sale ends with 55", async () => {
	await at.sell("904", "mastercard", "9999");
	await at.sees("wrong-pin", /2 次/);
	await at.sees("pin");
	await at.press("9999 confirm");
	await at.sees("wrong-pin", /1 次/);
	await at.sees("pin");
	await at.press("9999 confirm");
	await at.sees("declined", /55|密码错/);
	await at.press("confirm");
	await at.home();
	assert.is(at.last().code, "55");
});

pin("cancelled at the page that says it was wrong: no other PIN is asked for", async () => {
	await at.sell("905", "unionpay-credit", "111111");
	await at.sees("wrong-pin");
	await at.press("cancel");
	await at.sees("declined");
	await at.press("confirm");
	await at.home();
});

pin("the card taken at the page that says it was wrong: the sale ends, and says why", async () => {
	await at.sell("905", "unionpay-credit", "111111");
	await at.sees("wrong-pin");
	at.remove();
	await refused(/卡片被拔出/);
});

pin("cancel while the bank is asked changes nothing: only the answer ends the wait", async () => {
	await street.acquirer.behave({ on: "sale", do: "delay", ms: 400, times: 1 });
	await at.sell("906");
	await at.press("cancel cancel");
	await sleep(systemClock, 100);
	await at.stays("contacting", 100);
	await at.sees("approved");
	await at.finish();
	assert.is(await charged(), 906);
});

pin.run();
