import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sleep } from "../../../src/kit/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { Surroundings } from "../../world/shop/surroundings.ts";
import { Counter } from "./world.ts";

/** SIGTERM at each page: within two seconds, but for a sale that is out. */
const street = new Surroundings({ answerMs: 8000 });
let at: Counter;

const end = suite("asked to end");
end.before(async () => {
	await street.open();
	at = new Counter(street.place);
});
end.before.each(() => at.startIdle());
end.after.each(async () => {
	await at.leave();
	await street.acquirer.clear();
	assert.equal(at.fatal, []);
});
end.after(() => street.close());

const within = async (ms: number): Promise<void> => {
	const took = await at.stop();
	assert.ok(took < ms, `${Math.round(took)} ms at ${at.now.page}`);
};

end("at idle", () => within(2000));

end("at the menu, the amount, the card", async () => {
	await at.press("function");
	await at.sees("menu");
	await within(2000);
	await at.startIdle();
	await at.press("1");
	await at.sees("amount");
	await within(2000);
	await at.startIdle();
	await at.amount("100");
	await within(2000);
});

end("while the PIN is keyed: the vault lets go, nothing is sent, and the restart tells of it", async () => {
	await at.toPin("100");
	await at.press("12");
	await within(2000);
	assert.is(at.last().state, "cancelled");
	assert.is(at.last().told, 0);
	at.remove();
	await at.start();
	await at.sees("after-restart", /未收款.*没有向银行发送/);
	await at.press("confirm");
	await at.sees("idle");
	assert.is(at.last().told, 1);
});

end("while a sale is out: its answer is waited for, and not thrown away", async () => {
	await street.acquirer.behave({ on: "sale", do: "delay", ms: 2500, times: 1 });
	await at.sell("101");
	await within(4500);
	assert.is(at.last().state, "approved");
	at.remove();
	await at.start();
	await at.sees("after-restart", /收款成功/);
	await at.press("confirm");
	await at.sees("idle", /(?:)/);
	assert.is(at.last().told, 1);
});

end("while a reversal is asked for: it stays armed, and the next start sends it", async () => {
	await street.acquirer.behave({ on: "sale", do: "cut-before-answer", times: 1 });
	await street.acquirer.behave({ on: "reversal", do: "silent", times: 1 });
	await at.sell("102");
	await at.sees("reversing");
	await sleep(systemClock, 200);
	await within(2000);
	assert.is(at.last().state, "reversing");
	at.remove();
	await at.start();
	await at.sees("after-restart", /未收款.*已冲正/);
	await at.press("confirm");
	await at.sees("idle");
	assert.is(at.last().state, "reversed");
});

end("while signing in with a host that does not answer", async () => {
	await street.acquirer.behave({ on: "sign-in", do: "silent", times: 1 });
	await at.press("function");
	await at.sees("menu");
	await at.press("8");
	await at.sees("sign-in", /接收/);
	await within(2000);
});

end("while the restart still finishes the journal", async () => {
	await at.stop();
	await street.acquirer.behave({ on: "sign-in", do: "silent", times: 1 });
	await at.withLedger((ledger) => ledger.noteSignedOff());
	await at.start();
	await at.sees("sign-in", /接收/);
	await within(2000);
});

end("at the result, at the approval, at the card that is left in", async () => {
	await at.amount("103");
	await at.press("cancel");
	await at.sees("not-charged");
	await within(2000);
	await at.startIdle();
	await at.sell("104");
	await at.sees("approved", /打印持卡人联/);
	await within(2000);
	at.remove();
	await at.start();
	await at.sees("after-restart", /收款成功.*将补打/);
	await at.press("confirm");
	await at.sees("idle");
	await at.prints(/持卡人联|持卡人存根/);
	await at.sell("105");
	await at.finishToCard();
	await within(2000);
});

end("while a printer never says how the job ended: the slip comes again as a reprint", async () => {
	at.place.wires.printer.setSlow(2000);
	await at.sell("106");
	await at.sees("approved", /正在打印商户联/);
	await within(2600);
	at.place.wires.printer.setSlow(0);
	at.remove();
	at.place.wires.printer.powerCycle();
	at.place.wires.printer.tear();
	await at.start();
	await at.sees("after-restart", /将补打/);
	await at.press("confirm");
	await at.sees("idle");
	await at.prints(/重打印|DUPLICATED/);
});

end("with no paper", async () => {
	at.place.wires.printer.setPaper("out");
	await at.sell("107");
	await at.sees("paper-out");
	await within(1500);
});

end("before it has opened: nothing goes on afterwards", async () => {
	await at.stop();
	const opening = at.start();
	await at.stop();
	await opening;
	const pages = at.said.length;
	await sleep(systemClock, 300);
	assert.is(at.said.length, pages);
});

end("twice", async () => {
	await Promise.all([at.stop(), at.stop()]);
});

end.run();
