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

amount("a sale by chip and PIN: paid, two slips, books agree", async () => {
	await at.sell("1234");
	await at.sees("approved", /收款成功/);
	await at.finish();
	assert.is(at.last().state, "approved");
	assert.is(at.place.wires.printer.slips().length, 2);
});

amount.run();
