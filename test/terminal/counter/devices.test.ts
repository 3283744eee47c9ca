import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sleep } from "../../../src/kit/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { Surroundings } from "../../world/shop/surroundings.ts";
import { twoInOne } from "./two-cards.ts";
import { Counter, card } from "./world.ts";

const street = new Surroundings({ answerMs: 700 });
let at: Counter;

const devices = suite("devices at the counter");
devices.before(async () => {
	await street.open();
	at = new Counter(street.place);
});
devices.before.each(() => at.startIdle());
devices.after.each(async () => {
	await at.place.wires.plug("reader");
	await at.leave();
	assert.equal(at.fatal, []);
});
devices.after(() => street.close());

const printer = (): Counter["place"]["wires"]["printer"] => at.place.wires.printer;
const copies = (): number => printer().text().split("重打印").length - 1;

devices(
	"paper out in the second slip: paid, and said so; paper and 确认: it comes as a reprint",
	async () => {
		await at.sell("300");
		await at.stands("approved", /打印持卡人联/);
		printer().setPaperFor(3);
		await at.press("confirm");
		await at.sees("paper-out", /这笔收款有效.*缺纸.*持卡人联没有打完/);
		printer().setPaper("ok");
		await at.stands("approved", /完成/);
		await at.press("confirm");
		await at.home();
		assert.ok(copies() >= 1);
		assert.not.match(at.now.text, /待印/);
	},
);

devices("稍后补打: the sale goes home; at idle, when paper is back, it comes as a reprint", async () => {
	printer().setPaper("out");
	await at.sell("301");
	await at.sees("paper-out", /缺纸.*商户联/);
	await at.press("cancel");
	await at.home();
	assert.match(at.now.text, /待印2/);
	printer().setPaper("ok");
	await at.settles("both slips out", () => at.unprinted() === 0);
	assert.match(printer().text(), /重打印|DUPLICATED/);
});

devices("paper that comes back while somebody is served: the slips wait for idle, and come", async () => {
	printer().setPaper("out");
	await at.sell("302");
	await at.sees("paper-out");
	await at.press("cancel");
	await at.sees("take-card");
	printer().setPaper("ok");
	await sleep(systemClock, 300);
	assert.is(at.unprinted(), 2);
	at.remove();
	await at.settles("both slips out", () => at.unprinted() === 0);
});

devices("the printer's cover open: said as that; closed and 确认: it comes", async () => {
	printer().setCover(true);
	await at.sell("303");
	await at.sees("paper-out", /盖没有盖好/);
	printer().setCover(false);
	await at.stands("approved", /打印持卡人联/);
	await at.finish();
});

devices("a printer without a word: paid all the same, and the sale can be left", async () => {
	printer().setMute(true);
	await at.sell("304");
	await at.sees("paper-out", /没有应答/, 12_000);
	await at.press("cancel");
	await at.home();
	assert.is(at.last().state, "approved");
});

devices("重打印: the last sale's slips once more, marked as such", async () => {
	await at.sell("305");
	await at.sees("approved");
	await at.finish();
	printer().tear();
	await at.press("function");
	await at.sees("menu");
	await at.press("6");
	await at.prints(/重打印[\s\S]*重打印/);
	await at.sees("idle");
	assert.match(printer().text(), /3\.05/);
});

devices("the reader unplugged at the card page: said at once; plugged in again: it reads", async () => {
	await at.amount("306");
	at.place.wires.unplug("reader");
	await at.sees("not-charged", /读卡器没有连接/);
	await at.press("confirm");
	await at.sees("idle");
	await at.press("1");
	await at.sees("amount");
	await at.press("306 confirm");
	await at.sees("not-charged", /读卡器没有连接/);
	await at.press("confirm");
	await at.sees("idle");
	await at.place.wires.plug("reader");
	await sleep(systemClock, 2500);
	await at.sell("306");
	await at.sees("approved");
	await at.finish();
});

devices("the reader unplugged while the bank is asked: undone", async () => {
	await street.acquirer.behave({ on: "sale", do: "delay", ms: 400, times: 1 });
	await at.sell("307");
	at.place.wires.unplug("reader");
	await at.sees("reversed", /已冲正/);
	at.place.wires.reader.remove();
	await at.place.wires.plug("reader");
	await at.press("confirm");
	await at.sees("idle");
	assert.is(at.last().state, "reversed");
});

devices("keys pulled and put in again: the counter goes on where it was", async () => {
	await at.press("1");
	await at.sees("amount");
	at.place.wires.keypad.unplug();
	await at.press("45");
	await at.sees("amount", /0\.45/);
	await at.press("cancel");
	await at.sees("idle");
});

devices("two applications on a card: the cashier chooses, and that one pays", async () => {
	const both = twoInOne(
		{ card: card("unionpay-debit"), aid: "A000000333010101" },
		{ card: card("unionpay-credit"), aid: "A000000333010102" },
	);
	await at.amount("308");
	at.place.wires.reader.insert(both);
	const text = await at.sees("choose-application", /Debit.*Credit|DEBIT.*CREDIT/);
	assert.match(text, /1.*2/);
	await at.press("9");
	await at.stays("choose-application", 50);
	await at.press("2");
	await at.sees("pin", /625807/);
	await at.press("123456 confirm");
	await at.sees("approved");
	await at.finish();
});

devices("two applications, and 取消: not charged", async () => {
	const both = twoInOne(
		{ card: card("unionpay-debit"), aid: "A000000333010101" },
		{ card: card("unionpay-credit"), aid: "A000000333010102" },
	);
	await at.amount("309");
	at.place.wires.reader.insert(both);
	await at.sees("choose-application");
	await at.press("cancel");
	await at.sees("not-charged", /已取消/);
	await at.press("confirm");
	await at.home();
});

devices.run();
