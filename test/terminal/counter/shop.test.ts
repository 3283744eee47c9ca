import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Platform } from "../../../src/cloud/platform.ts";
import { silent } from "../../../src/kit/log.ts";
import { systemCalendar, systemClock } from "../../../src/runtime/clock.ts";
import { Surroundings } from "../../world/shop/surroundings.ts";
import { Counter } from "./world.ts";

/** Three terminals, one cloud, one acquirer, in one process: nothing of one is seen by another. */
const street = new Surroundings({ answerMs: 700, counters: 3 });
let cloud: Platform;
let counters: Counter[] = [];

const shop = suite("a shop with three terminals");
shop.before(async () => {
	await street.open();
	const file = (name: string): string => join(street.dir, "cloud", name);
	cloud = new Platform({
		...{ stateDir: join(street.dir, "cloud"), tenant: street.place.settings.tenant },
		...{ mqttPort: street.ports.mqtt, httpPort: street.ports.http },
		...{ caFile: file("ca.crt"), certFile: file("server.crt"), keyFile: file("server.key") },
		...{ clock: systemClock, calendar: systemCalendar, log: silent },
	});
	await cloud.open();
	counters = street.places.map((place) => new Counter(place));
	for (const counter of counters) await counter.startIdle();
});
shop.after(async () => {
	for (const counter of counters) await counter.leave();
	await cloud.close();
	await street.close();
});

shop("selling at the same time: the three books agree, terminal by terminal", async () => {
	const cards = ["unionpay-debit", "unionpay-credit", "mastercard"];
	const pins = ["123456", "123456", "1234"];
	await Promise.all(
		counters.map(async (counter, n) => {
			for (let sale = 1; sale <= 3; sale += 1) {
				await counter.sell(`${n + 1}0${sale}`, cards[n], pins[n]);
				await counter.sees("approved");
				await counter.finish();
			}
		}),
	);
	const { transactions } = await street.acquirer.books();
	for (const [n, counter] of counters.entries()) {
		const { terminal, terminalNumber } = counter.place.settings;
		const mine = counter.rows().map(({ trace, amount }) => `${trace} ${amount}`);
		const theirs = transactions
			.filter((t) => t.terminal === terminalNumber && t.state === "booked")
			.map((t) => `${Number(t.stan)} ${t.amount}`);
		assert.is(mine.length, 3);
		assert.equal(mine, theirs);
		await counter.settles("in the cloud", () => cloud.sales(terminal, 10).length === 3);
		const copied = cloud.sales(terminal, 10).map((s) => `${Number(s.trace)} ${s.amount}`);
		assert.equal(copied.toSorted(), mine.toSorted());
		assert.equal(counter.fatal, []);
		assert.match(counter.place.wires.printer.text(), new RegExp(terminalNumber));
		assert.ok(counter.rows().every(({ amount }) => String(amount).startsWith(String(n + 1))));
	}
});

shop("one without a host answer and one without paper do not hold up the third", async () => {
	const [first, second, third] = counters as [Counter, Counter, Counter];
	second.place.wires.printer.setPaper("out");
	await street.acquirer.behave({ on: "sale", do: "silent", times: 1 });
	await first.sell("150");
	await Promise.all([
		first.sees("reversed"),
		second.sell("250", "unionpay-credit").then(() => second.sees("paper-out")),
		third
			.sell("350", "mastercard", "1234")
			.then(() => third.sees("approved"))
			.then(() => third.finish()),
	]);
	assert.equal(
		counters.map((counter) => counter.last().state),
		["reversed", "approved", "approved"],
	);
});

shop.run();
