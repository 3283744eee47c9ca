import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rowsOf } from "../../src/cloud/bodies.ts";
import { type Ack, Inbox } from "../../src/cloud/inbox.ts";
import type { FleetEvent, OutboxRow } from "../../src/contract/fleet.ts";
import { saleEvent } from "../terminal/fleet/sqlite-outbox.ts";

const test = suite("the platform's inbox");
const now = "2026-11-24T10:00:00";
const t = "T10016919";

async function books(): Promise<{
	readonly inbox: Inbox;
	readonly apply: (...rows: unknown[]) => Ack;
	readonly born: (session: number, head: number, tail?: number) => Ack;
}> {
	const inbox = new Inbox(":memory:");
	await inbox.open();
	return {
		inbox,
		apply: (...rows) => {
			const read = rowsOf({ rows });
			if (read === undefined) throw new Error("no rows");
			return inbox.write(() => inbox.apply(t, read.rows, now));
		},
		born: (session, head, tail) =>
			inbox.write(() =>
				inbox.birth(t, { session, version: "1", head, ...(tail === undefined ? {} : { tail }) }, now),
			),
	};
}
const row = (seq: number, event: FleetEvent = saleEvent(`i${seq}`), id = `r${seq}`): OutboxRow => ({
	seq,
	id,
	event,
});
const kinds = (inbox: Inbox): readonly string[] => inbox.alarms(50).map(({ kind }) => kind);

test("a row is applied once, however often it comes", async () => {
	const { inbox, apply } = await books();
	assert.equal(apply(row(1), row(2)), { through: 2 });
	assert.equal(apply(row(2), row(1), row(2), row(3)), { through: 3 });
	assert.is(inbox.sales(t, 10).length, 3);
	assert.equal(kinds(inbox), []);
});

test("the mark waits at a gap and passes when it is filled", async () => {
	const { apply } = await books();
	assert.equal(apply(row(1), row(3), row(4)), { through: 1 });
	assert.equal(apply(row(6)), { through: 1 });
	assert.equal(apply(row(2)), { through: 4 });
	assert.equal(apply(row(5)), { through: 6 });
});

test("the mark goes over thousands of rows at once", async () => {
	const { apply } = await books();
	for (let from = 2; from <= 2502; from += 100)
		apply(...Array.from({ length: 100 }, (_, i) => row(from + i)));
	assert.equal(apply(row(1)), { through: 2601 });
});

test("a repeated number with another content is alarmed and refused, and overwrites nothing", async () => {
	const { inbox, apply } = await books();
	apply(row(1, saleEvent("mine", "approved", "100")));
	const again = row(1, saleEvent("other", "approved", "999"), "other");
	assert.equal(apply(again), { through: 1, reject: [{ seq: 1, code: "seq-reused" }] });
	apply(again);
	assert.equal(kinds(inbox), ["seq-reused"], "noted once");
	assert.equal(
		inbox.sales(t, 10).map(({ intent, amount }) => [intent, amount]),
		[["mine", "100"]],
	);
	assert.equal(inbox.rows(t), [{ seq: 1, id: "r1" }]);
});

test("what cannot be read is refused, kept, told again, and passed", async () => {
	const { inbox, apply, born } = await books();
	const bad = { seq: 2, id: "r2", event: { type: "sale", state: "nonsense" } };
	assert.equal(apply(row(1), bad, row(3)), { through: 3, reject: [{ seq: 2, code: "row-invalid" }] });
	assert.equal(apply(bad), { through: 3, reject: [{ seq: 2, code: "row-invalid" }] });
	assert.equal(born(1, 3), { through: 3, reject: [{ seq: 2, code: "row-invalid" }] });
	assert.is(inbox.sales(t, 10).length, 2);
	assert.ok(inbox.refused(t)[0]?.text.includes("nonsense"));
});

test("events that must not be believed", async () => {
	const good = saleEvent("x") as unknown as Record<string, unknown>;
	const bad: readonly Record<string, unknown>[] = [
		{ ...good, amount: "0" },
		{ ...good, amount: "-100" },
		{ ...good, amount: 100 },
		{ ...good, amount: "1.00" },
		{ ...good, amount: "1234567890123" },
		{ ...good, state: "paid" },
		{ ...good, intent: "" },
		{ ...good, trace: "12" },
		{ ...good, card: "6217970000005090" },
		{ ...good, card: "<b>" },
		{ ...good, at: "yesterday" },
		{ ...good, operator: "1" },
		{ ...good, responseCode: "5" },
		{ ...good, scheme: "x".repeat(30) },
		{ type: "refund" },
		{},
	];
	for (const event of bad) {
		const { inbox, apply } = await books();
		const name = JSON.stringify(event);
		assert.equal(
			apply({ seq: 1, id: "r1", event }),
			{ through: 1, reject: [{ seq: 1, code: "row-invalid" }] },
			name,
		);
		assert.is(inbox.sales(t, 10).length, 0, name);
	}
	const { inbox, apply } = await books();
	apply({ seq: 1, id: "r1", event: { ...good, card: "6217970000005090" } });
	assert.not.match(inbox.refused(t)[0]?.text ?? "", /6217970000005090/);
});

test("rows without a number are lost and counted; what is no list is nothing", () => {
	assert.equal(rowsOf({ rows: [1, null, { seq: 0 }, { seq: 1.5 }, {}] }), { rows: [], lost: 5 });
	for (const noise of [undefined, null, 1, [], {}, { rows: {} }, { rows: Array.from({ length: 201 }) }])
		assert.is(rowsOf(noise), undefined);
});

test("noise never throws and never makes a sale", () => {
	void fc.assert(
		fc.property(fc.jsonValue(), (json) => {
			const read = rowsOf({ rows: [json] });
			assert.ok(read === undefined || read.rows.every((one) => !one.good));
		}),
	);
});

test("a sale is one row, whatever is told of it, and in whatever order it comes", async () => {
	const told: readonly OutboxRow[] = [
		row(1, { ...saleEvent("a", "declined"), responseCode: "55" } as FleetEvent),
		row(2, { ...saleEvent("a", "unresolved"), trace: "000003" } as FleetEvent),
		row(3, { ...saleEvent("a", "reversed"), trace: "000003", responseCode: "00" } as FleetEvent),
		row(4, saleEvent("b", "unresolved")),
		row(5, { ...saleEvent("b", "approved"), reference: "123456789012" } as FleetEvent),
	];
	const inOrder = await books();
	inOrder.apply(...told);
	const expected = inOrder.inbox.sales(t, 10);
	assert.equal(
		expected.map(({ intent, state, code, trace, reference }) => [intent, state, code, trace, reference]),
		[
			["b", "approved", null, "000002", "123456789012"],
			["a", "reversed", "00", "000003", null],
		],
	);
	await fc.assert(
		fc.asyncProperty(fc.shuffledSubarray([...told, ...told], { minLength: 10 }), async (shuffled) => {
			const { inbox, apply } = await books();
			for (const one of shuffled) apply(one);
			assert.equal(inbox.sales(t, 10), expected);
			assert.equal(apply(), { through: 5 });
			await inbox.close();
		}),
		{ numRuns: 60 },
	);
});

test("totals are by state", async () => {
	const { inbox, apply } = await books();
	apply(
		row(1, saleEvent("a", "approved", "99999999999")),
		row(2, saleEvent("b", "approved", "1")),
		row(3, saleEvent("c", "declined", "500")),
		row(4, saleEvent("a", "reversed", "99999999999")),
	);
	assert.equal(inbox.totals(t), [
		{ state: "approved", count: 1, sum: "1" },
		{ state: "declined", count: 1, sum: "500" },
		{ state: "reversed", count: 1, sum: "99999999999" },
	]);
});

test("births and deaths: an older session's death says nothing", async () => {
	const { inbox, born } = await books();
	const online = (): number | undefined => inbox.terminal(t)?.online;
	assert.equal(born(5, 0), { through: 0 });
	assert.is(online(), 1);
	inbox.write(() => inbox.death(t, 4, now));
	assert.is(online(), 1);
	inbox.write(() => inbox.death(t, 5, now));
	assert.is(online(), 0);
});

test("a session number that goes back is alarmed", async () => {
	const { inbox, born } = await books();
	born(9, 0);
	born(9, 0);
	assert.equal(kinds(inbox), []);
	born(3, 0);
	assert.equal(kinds(inbox), ["session-back"]);
});

test("an old copy of a terminal is asked for all its rows, so that none is taken for another", async () => {
	const { apply, born } = await books();
	born(9, 2);
	apply(row(1), row(2));
	assert.equal(born(10, 2), { through: 2 });
	assert.equal(born(4, 2), { through: 0 });
	assert.equal(born(5, 2), { through: 0 }, "also at its next birth, below the highest ever");
	assert.equal(born(11, 2), { through: 2 });
});

test("books shorter than ours, and rows that are gone, are alarmed", async () => {
	const { inbox, apply, born } = await books();
	apply(row(1), row(2));
	born(1, 1);
	assert.equal(kinds(inbox), ["head-behind"]);
	apply(row(9));
	assert.equal(born(2, 20, 8), { through: 7 });
	assert.equal(inbox.alarms(1)[0]?.about, "3 to 7");
	assert.equal(apply(row(8)), { through: 9 });
});

test.run();
