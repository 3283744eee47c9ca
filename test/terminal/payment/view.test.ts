import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandClock } from "../../../src/kit/clock.ts";
import { Arrivals } from "../../../src/terminal/payment/arrivals.ts";
import type { JournalRow } from "../../../src/terminal/payment/books.ts";
import { pages } from "../../../src/terminal/payment/pages.ts";
import { View } from "../../../src/terminal/payment/view.ts";
import type { Page } from "../../../src/terminal/screen/page.ts";

/** The words of a page that change: its name, its phase, its seconds, whether a card is asked for. */
const brief = (page: Page): string =>
	[
		page.page,
		"phase" in page ? page.phase : undefined,
		"attempt" in page ? page.attempt : undefined,
		"seconds" in page ? page.seconds : undefined,
		"cardIn" in page ? (page.cardIn ? "card in" : "card out") : undefined,
	]
		.filter((word) => word !== undefined)
		.join(" ");

function scene() {
	const clock = new HandClock();
	const shown: string[] = [];
	let cardIn = true;
	const view = new View(clock, (page) => shown.push(brief(page)));
	const news = pages({
		...{ view, reached: () => {} },
		reader: { present: () => cardIn },
		settings: { acquirer: { connectMs: 5000, answerMs: 60_000 } },
	});
	const heard = (): string[] => shown.splice(0);
	const pull = (): void => {
		cardIn = false;
	};
	return { clock, view, news, heard, pull };
}
const row: JournalRow = {
	...{ id: 1, intent: "i", attempt: 1, amount: 100n, at: "2026-11-24T09:41:02", operator: "01", trace: 7 },
	...{ batch: 1, sealed: "", card: "", scheme: "", cardSequence: 0, pin: false, reversalData: "" },
	...{ state: "reversing", reason: "98", authorisation: undefined, code: undefined, attempts: 0 },
};

const seconds = suite("the seconds on a page");

seconds("run down once each, and stop with the next page", () => {
	const { clock, view, heard } = scene();
	view.counting(2500, (left) => ({ page: "insert-card", amount: 1n, seconds: left, again: false }));
	clock.pass(1600);
	assert.equal(heard(), ["insert-card 3", "insert-card 2", "insert-card 1"]);
	view.show({ page: "menu" });
	clock.pass(5000);
	assert.equal(heard(), ["menu"]);
	assert.is(clock.next(), undefined);
});

seconds("promise the most that is left, and never more than before", () => {
	const { clock, news, heard } = scene();
	news.sale({ news: "contacting" }, 100n, 1);
	clock.pass(1000);
	news.phase("sending");
	news.phase("waiting");
	clock.pass(1000);
	assert.equal(heard(), [
		...["contacting connecting 65", "contacting connecting 64"],
		...["contacting sending 60", "contacting waiting 60", "contacting waiting 59"],
	]);
});

seconds("of a reversal do not begin anew with each phase", () => {
	const { clock, news, heard } = scene();
	news.reversal({ news: "asking", attempt: 2 }, row);
	news.phase("sending");
	clock.pass(2000);
	news.phase("waiting");
	assert.equal(heard().at(-1), "reversing 2 58 card in");
});

seconds("end at nought without a timer left", () => {
	const { clock, view, heard } = scene();
	view.counting(1000, (left) => ({ page: "insert-card", amount: 1n, seconds: left, again: false }));
	clock.pass(60_000);
	assert.equal(heard(), ["insert-card 1", "insert-card 0"]);
	assert.is(clock.next(), undefined);
});

seconds.run();

const again = suite("a page drawn once more");

again("says what is so now: a card that was taken is not asked for any more", () => {
	const { view, news, heard, pull } = scene();
	news.sale({ news: "declined", code: "51" }, 100n, 1);
	pull();
	view.refresh();
	assert.equal(heard(), ["declined card in", "declined card out"]);
	news.reversal({ news: "unresolved" }, row);
	assert.equal(heard(), ["unresolved card out"]);
});

again.run();

const arrivals = suite("what arrives at the till");

arrivals("in its order, and nothing after its wait", async () => {
	const clock = new HandClock();
	const line = new Arrivals(clock);
	line.push({ on: "key", key: "1" });
	line.push({ on: "card", present: true });
	assert.equal(await line.next(1), { on: "key", key: "1" });
	assert.equal(await line.next(1), { on: "card", present: true });
	const none = line.next(1000);
	clock.pass(1000);
	assert.is(await none, undefined);
});

arrivals("a second asker is a bug and does not take the first one's", async () => {
	const line = new Arrivals(new HandClock());
	const first = line.next(1000);
	await line.next(1000).then(
		() => assert.unreachable(),
		(error: Error) => assert.match(error.message, /two/),
	);
	line.push({ on: "paper" });
	assert.equal(await first, { on: "paper" });
});

arrivals("the end is heard at once and for ever, also by who waits for something else", async () => {
	const clock = new HandClock();
	const line = new Arrivals(clock);
	const never = new Promise<"answer">(() => {});
	const asker = line.next(1000);
	const other = line.orEnd(never, "ended");
	line.push({ on: "close" });
	assert.equal(await asker, { on: "close" });
	assert.equal(await line.next(1), { on: "close" });
	assert.is(await other, "ended");
	assert.is(await line.orEnd(never, "ended"), "ended");
	assert.is(clock.next(), undefined);
});

arrivals.run();
