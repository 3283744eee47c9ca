import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Surroundings } from "../../world/shop/surroundings.ts";
import { Counter } from "./world.ts";

const street = new Surroundings({ answerMs: 700 });
let at: Counter;

const amount = suite("from idle to the card");
amount.before(async () => {
	await street.open();
	at = new Counter(street.place);
});
amount.before.each(() => at.startIdle());
amount.after.each(() => at.leave());
amount.after(() => street.close());

amount("a sale by chip and PIN: paid, two slips, no row left open", async () => {
	await at.sell("1234");
	await at.sees("approved", /收款成功/);
	await at.finish();
	assert.is(at.last().state, "approved");
	assert.is(at.last().told, 1);
	assert.is(at.place.wires.printer.slips().length, 2);
});

amount(
	"money is typed in fen; 清除 rubs one digit out; a leading nought and a digit too many change nothing",
	async () => {
		await at.press("1");
		await at.sees("amount", /0\.00/);
		await at.press("0");
		await at.stays("amount", 50);
		await at.press("3900");
		await at.sees("amount", /39\.00/);
		await at.press("clear");
		await at.sees("amount", /3\.90/);
		await at.press("clear clear clear");
		await at.sees("amount", /0\.00/);
		await at.press("clear confirm");
		await at.stays("amount", 50);
		await at.press("12345678909");
		await at.sees("amount", /12,345,678\.90|12345678\.90/);
		await at.press("9 star hash function");
		await at.stays("amount", 50);
		assert.match(at.now.text, /12,?345,?678\.90/);
		await at.press("cancel");
		await at.sees("idle");
	},
);

amount("nobody types: the amount page goes home after its wait, and no row was opened", async () => {
	await at.leave();
	await at.startIdle({ waits: { keyMs: 300 } });
	const rows = at.rows().length;
	await at.press("1");
	await at.sees("amount");
	await at.sees("idle");
	assert.is(at.rows().length, rows);
});

amount("a card put in at idle begins a sale, and is not asked for again", async () => {
	at.insert("unionpay-debit");
	await at.sees("amount");
	await at.press("500 confirm");
	await at.sees("pin", /5\.00/);
	assert.not.ok(at.said.some((s) => s.page === "insert-card"));
	await at.press("cancel");
	await at.sees("not-charged", /已取消/);
	await at.press("confirm");
	await at.home();
});

amount("a card taken after the approval is not asked for any more", async () => {
	await at.sell("501");
	await at.sees("approved", /请取回卡片.*打印持卡人联/);
	at.remove();
	const text = await at.sees("approved", /打印持卡人联/);
	assert.not.match(text, /请取回卡片/);
	await at.press("confirm");
	await at.sees("approved", /完成/);
	await at.press("confirm");
	await at.sees("idle");
});

amount("a card that came and went again while the last sale ended begins nothing", async () => {
	await at.amount("502");
	await at.press("cancel");
	await at.sees("not-charged");
	at.insert("visa");
	await at.stays("not-charged", 600);
	at.remove();
	await at.stays("not-charged", 600);
	await at.press("confirm");
	await at.sees("idle");
	await at.stays("idle");
});

amount("cancel at the card page: nothing is sent, and the row says so", async () => {
	await at.amount("600");
	await at.press("cancel");
	await at.sees("not-charged", /已取消/);
	await at.press("confirm");
	await at.sees("idle");
	assert.is(at.last().state, "cancelled");
	assert.is(at.last().told, 1);
});

amount("other keys at the card page change nothing", async () => {
	await at.amount("600");
	await at.press("1 confirm clear function");
	await at.stays("insert-card");
	await at.press("cancel");
	await at.sees("not-charged");
	await at.press("confirm");
	await at.sees("idle");
});

amount("no card: the sale ends by itself", async () => {
	await at.leave();
	await at.startIdle({ waits: { cardMs: 400 } });
	await at.amount("700");
	await at.sees("not-charged", /没有等到卡片/);
	await at.press("confirm");
	await at.sees("idle");
});

amount("what is not there yet says so and goes home", async () => {
	await at.press("2");
	await at.sees("not-available");
	await at.press("cancel");
	await at.sees("idle");
	await at.press("function");
	await at.sees("menu");
	await at.press("3");
	await at.sees("not-available");
	await at.press("cancel");
	await at.sees("idle");
});

amount.run();
