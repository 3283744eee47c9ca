import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type PrintEffect, printEffects } from "../../../src/terminal/payment/print.ts";
import { type ReversalEffect, reversalEffects } from "../../../src/terminal/payment/reversal.ts";
import { type SaleEffect, saleEffects } from "../../../src/terminal/payment/sale.ts";
import { Counter, type Row } from "./rig.ts";

/**
 * kill -9 of the terminal before, after and within every effect of the money machines. The cases
 * come from the machines' own lists: an effect without a way to reach it does not compile, and one
 * that is not reached fails.
 */
type Effect = `sale:${SaleEffect["do"]}` | `reversal:${ReversalEffect["do"]}` | `print:${PrintEffect["do"]}`;
/** What has to happen around a sale so that it comes by this effect. */
type Path = "approved" | "declined" | "silent" | "unreachable" | "cancelled" | "reversal-silent";
const reachedBy: Readonly<Record<Effect, Path>> = {
	"sale:note-opened": "approved",
	"sale:note-sent": "approved",
	"sale:send": "approved",
	"sale:finish-card": "approved",
	"sale:note-approved": "approved",
	"sale:note-declined": "declined",
	"sale:note-not-sent": "unreachable",
	"sale:note-cancelled": "cancelled",
	"sale:arm-reversal": "silent",
	"sale:tell": "approved",
	"reversal:send-reversal": "silent",
	"reversal:note-reversed": "silent",
	"reversal:note-unresolved": "reversal-silent",
	"reversal:tell-reversal": "silent",
	"print:note-printing": "approved",
	"print:print": "approved",
	"print:note-printed": "approved",
};
const all: readonly Effect[] = [
	...saleEffects.map((effect) => `sale:${effect}` as const),
	...reversalEffects.map((effect) => `reversal:${effect}` as const),
	...printEffects.map((effect) => `print:${effect}` as const),
];
const moments = all.flatMap((effect) => [
	{ effect, moment: `before ${effect}` },
	...(effect === "sale:send" || effect === "reversal:send-reversal"
		? [{ effect, moment: `during ${effect}` }]
		: []),
	{ effect, moment: `after ${effect}` },
]);

const kill = suite("kill -9 at every step of a sale");
const counter = new Counter();

kill.before(() => counter.open());
kill.after(() => counter.close());

async function setUp(path: Path): Promise<void> {
	await counter.acquirer.clear();
	if (path === "declined") await counter.acquirer.behave({ on: "sale", do: "decline", code: "51", times: 1 });
	if (path === "silent" || path === "reversal-silent")
		await counter.acquirer.behave({ on: "sale", do: "silent", times: 1 });
	if (path === "reversal-silent") await counter.acquirer.behave({ on: "reversal", do: "silent" });
}

/** What a cashier may have read about a row that ended so. */
const words: Readonly<Record<string, RegExp>> = {
	approved: /收款成功/,
	declined: /未收款/,
	reversed: /未收款.*冲正|冲正.*未收款/,
	cancelled: /未收款/,
	"not-sent": /未收款/,
};

for (const { effect, moment } of moments)
	kill(moment, async () => {
		const path = reachedBy[effect];
		const rowsBefore = (await booksOrNone()).length;
		await setUp(path);
		counter.start(path === "unreachable" ? "" : moment);
		if (path === "unreachable") {
			// It has signed in while the line was there; then the line is refused for the sale.
			await counter.recovered();
			await counter.stop();
			await counter.reach(false);
			counter.start(moment);
		}
		const end = await counter.serve({ cancel: path === "cancelled" });
		assert.is(end, "killed", `${moment} was never reached: ${counter.said.map((s) => s.page).join(" ")}`);
		assert.is(await counter.ended(), "SIGKILL");
		const heard = counter.said;

		if (path === "unreachable") await counter.reach(true);
		await counter.acquirer.clear();
		counter.start();
		await counter.recovered();
		const rows = (await counter.books()).slice(rowsBefore);
		const pages = [...heard, ...counter.said];
		assert.ok(rows.length <= 1, `one sale, ${rows.length} rows`);
		for (const row of await counter.books()) agree(row);
		for (const row of rows) {
			assert.ok(
				pages.some(({ text }) => (words[row.state] ?? /$^/).test(text)),
				`${row.state}, but the cashier read: ${pages.map((p) => p.text).join("\n")}`,
			);
			assert.is(row.told, 1, "and the books say that it was told");
		}
		await counter.stop();
	});

async function booksOrNone(): Promise<readonly Row[]> {
	try {
		return await counter.books();
	} catch {
		return [];
	}
}

function agree(row: Row): void {
	assert.ok(
		["approved", "declined", "reversed", "cancelled", "not-sent"].includes(row.state),
		`still ${row.state}`,
	);
	assert.is(row.charged, row.state === "approved" ? row.amount : 0, `${row.state} under ${row.trace}`);
	assert.ok(row.times <= 1, "charged twice");
}

kill.run();
