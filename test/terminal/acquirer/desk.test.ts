import { createServer } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex } from "../../../src/kit/bytes.ts";
import { HandClock } from "../../../src/kit/clock.ts";
import { type Fields, scrub } from "../../../src/kit/log.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { objects } from "../../../src/spec/tlv/tlv.ts";
import { AcquirerDesk } from "../../../src/terminal/acquirer/acquirer-desk.ts";
import type { HostEnd } from "../../../src/terminal/payment/ports.ts";
import type { Misbehaviour } from "../../../src/world/acquirer/door.ts";
import {
	atCounter,
	card,
	dialect,
	Keys,
	reversalOf,
	saleOf,
	settingsFor,
} from "../../world/acquirer/bank.ts";

const told = (end: HostEnd): string =>
	end.end === "answered"
		? `answered ${end.answer.code}`
		: end.end === "not-sent"
			? `not-sent ${end.code}`
			: `unknown ${end.code} ${end.reason}`;

const said = (line: { readonly fields: Fields } | undefined, name: string): string =>
	String(line?.fields[name]);

const day = suite("the acquirer's desk");

day("signs in and sells: connecting, sending, waiting; the answer says everything a slip needs", () =>
	atCounter(async ({ signIn, sale, acquirer, phases }) => {
		assert.equal(await signIn(), {
			end: "signed-in",
			what: { batch: 1, time: "094102", date: "1124" },
		});
		assert.equal(phases.splice(0), ["connecting", "sending", "waiting"]);
		const end = await sale(2, 12_850n);
		assert.ok(end.end === "answered", told(end));
		const { chipData, authorisation, ...rest } = end.answer;
		assert.match(authorisation ?? "", /^\d{6}$/);
		assert.equal(rest, {
			code: "00",
			wants: 0,
			reference: "094102000002",
			time: "094102",
			date: "1124",
			settlementDate: "1124",
			issuer: "邮储银行",
		});
		const tags = objects(chipData, "strict");
		assert.ok(tags.ok);
		assert.equal(
			[...tags.value].map(([tag, value]) => [tag, value.length, hex(value.subarray(8))]),
			[["91", 10, "3030"]],
		);
		assert.equal(phases, ["connecting", "sending", "waiting"]);
		const books = await acquirer.books();
		assert.equal(books.transactions[0]?.verified, { mac: true, pin: true, arqc: true });
		assert.is(books.net, "12850");
	}),
);

day("one row a fault of the host: what the terminal then knows, and what the acquirer booked", async () => {
	const rows: readonly [Misbehaviour, string, string][] = [
		[{ on: "sale", do: "silent" }, "unknown host.silent 98", "booked"],
		[{ on: "sale", do: "late", ms: 2000 }, "unknown host.silent 98", "booked"],
		[{ on: "sale", do: "cut-before-answer" }, "unknown host.cut 98", "booked"],
		[{ on: "sale", do: "cut-mid-answer" }, "unknown host.cut 98", "booked"],
		[{ on: "sale", do: "wrong-mac" }, "unknown host.wrong-mac A0", "booked"],
		[{ on: "sale", do: "garbage" }, "unknown host.garbled 06", "booked"],
		[{ on: "sale", do: "wrong-stan" }, "unknown host.silent 98", "booked"],
		[{ on: "sale", do: "delay", ms: 30 }, "answered 00", "booked"],
		[{ on: "sale", do: "decline", code: "51" }, "answered 51", "declined"],
		[{ on: "sale", do: "decline", code: "05" }, "answered 05", "declined"],
	];
	await atCounter(
		async ({ signIn, sale, acquirer }) => {
			await signIn();
			for (const [i, [rule, end, state]] of rows.entries()) {
				await acquirer.behave({ ...rule, times: 1 });
				assert.is(told(await sale(10 + i, 100n)), end, rule.do);
				assert.is((await acquirer.books()).transactions.at(-1)?.state, state, rule.do);
			}
			assert.is(told(await sale(99, 100n)), "answered 00", "a rule for once holds once");
		},
		{ more: { answerMs: 400 } },
	);
});

day("an answer that was read as far as F38 gives it to the reversal, although its MAC is wrong", () =>
	atCounter(async ({ signIn, sale, acquirer }) => {
		await signIn();
		await acquirer.behave({ on: "sale", do: "wrong-mac" });
		const end = await sale(2, 100n);
		assert.ok(end.end === "unknown");
		assert.is(end.authorisation, (await acquirer.books()).transactions[0]?.authorisation);
	}),
);

day("the late answer to a sale is heard during its reversal, dropped and counted", () =>
	atCounter(
		async ({ signIn, sale, reverse, acquirer, desk, logged }) => {
			await signIn();
			await acquirer.behave({ on: "sale", do: "late", ms: 350, times: 1 });
			const late = new Promise<void>((done) => {
				acquirer.events((e) => {
					if (e.on === "late") done();
				});
			});
			assert.is(told(await sale(2, 5000n)), "unknown host.silent 98");
			await late;
			assert.is(told(await reverse(2, 5000n)), "answered 00");
			assert.is(desk.lateAnswers, 1);
			assert.equal(logged.find((l) => l.event === "host-late")?.fields, {
				mti: "0210",
				stan: "000002",
				count: 1,
			});
			assert.is((await acquirer.books()).net, "0");
		},
		{ more: { answerMs: 300 } },
	),
);

day("nobody listens: nothing was sent, nothing is to be reversed", async () => {
	const server = createServer();
	await new Promise<void>((done) => {
		server.listen(0, "127.0.0.1", done);
	});
	const address = server.address();
	const port = typeof address === "object" && address !== null ? address.port : 0;
	await new Promise((done) => {
		server.close(done);
	});
	const keys = new Keys();
	const desk = new AcquirerDesk({ settings: settingsFor(port), keys, clock: systemClock, log: () => {} });
	assert.equal(await desk.signIn(1, 1, () => {}), { end: "fault", code: "host.unreachable" });
	assert.equal(await desk.sale(saleOf(2, 100n), () => {}), { end: "not-sent", code: "vault.no-key" });
	await atCounter(async (other) => {
		await other.signIn();
		const far = new AcquirerDesk({
			...{ settings: settingsFor(port), keys: other.keys, clock: systemClock },
			log: () => {},
		});
		assert.equal(await far.sale(saleOf(2, 100n), () => {}), { end: "not-sent", code: "host.unreachable" });
	});
});

day("sixty seconds is sixty seconds: at 59,999 ms it still waits", () => {
	const clock = new HandClock();
	return atCounter(
		async ({ acquirer, signIn, sale, phases }) => {
			await signIn();
			await acquirer.behave({ on: "sale", do: "silent" });
			phases.length = 0;
			let end: HostEnd | undefined;
			const selling = sale(2, 100n).then((e) => {
				end = e;
			});
			while (phases.at(-1) !== "waiting")
				await new Promise<void>((done) => {
					systemClock.after(2, done);
				});
			clock.pass(59_999);
			await new Promise<void>((done) => {
				systemClock.after(20, done);
			});
			assert.is(end, undefined);
			clock.pass(1);
			await selling;
			assert.equal(end, { end: "unknown", code: "host.silent", reason: "98" });
			assert.is(clock.next(), undefined, "no timer stays behind");
		},
		{ clock, more: { answerMs: 60_000 } },
	);
});

day("sign-in: refused, wrong check value, each layout, and the keys of yesterday", async () => {
	await atCounter(async ({ acquirer, signIn, sale }) => {
		await acquirer.behave({ on: "sign-in", do: "decline", code: "99", times: 1 });
		assert.equal(await signIn(), { end: "refused", code: "99" });
		await acquirer.behave({ on: "sign-in", do: "wrong-kcv", times: 1 });
		assert.equal(await signIn(), { end: "fault", code: "vault.wrong-kcv" });
		await acquirer.behave({ on: "sign-in", do: "silent", times: 1 });
		assert.equal(await signIn(), { end: "fault", code: "host.silent" });
		await acquirer.behave({ on: "sign-in", do: "garbage", times: 1 });
		assert.equal(await signIn(), { end: "fault", code: "host.garbled" });
		assert.is((await signIn()).end, "signed-in");
		assert.is(told(await sale(2, 100n)), "answered 00");
		// The host has new keys, the terminal did not hear of them: its MAC is refused, in an answer without F64.
		await acquirer.behave({ on: "sign-in", do: "cut-before-answer", times: 1 });
		assert.equal(await signIn(), { end: "fault", code: "host.cut" });
		assert.is(told(await sale(3, 100n)), "answered A0");
	});
	for (const signInCode of ["001", "003", "004"] as const)
		await atCounter(
			async ({ signIn, sale }) => {
				assert.is((await signIn()).end, "signed-in", signInCode);
				assert.is(told(await sale(2, 100n)), "answered 00", signInCode);
			},
			{ more: { dialect: { ...dialect, signInCode } } },
		);
});

day("an acquirer that is not in the list of those without MAC is not believed without one", () =>
	atCounter(
		async ({ signIn, sale, acquirer }) => {
			await signIn();
			await acquirer.behave({ on: "sign-in", do: "cut-before-answer", times: 1 });
			await signIn();
			assert.is(told(await sale(3, 100n)), "unknown host.wrong-mac A0");
		},
		{ more: { dialect: { ...dialect, macless: [] } } },
	),
);

day("the log tells both messages field by field, and nothing secret in any form", () =>
	atCounter(async ({ signIn, sale, reverse, keys, logged }) => {
		await signIn();
		await sale(2, 12_850n);
		await reverse(2, 12_850n);
		assert.equal(
			logged.map((l) => `${l.event} ${said(l, "mti")} ${said(l, "stan")}`),
			[
				...["host-sent 0800 000001", "host-heard 0810 000001"],
				...["host-sent 0200 000002", "host-heard 0210 000002"],
				...["host-sent 0400 000002", "host-heard 0410 000002"],
			],
		);
		const sent = said(logged[2], "fields");
		assert.is(
			sent
				.split("\n")
				.map((l) => l.slice(0, 4).trim())
				.join(" "),
			"MTI F002 F003 F004 F011 F014 F022 F023 F025 F026 F035 F041 F042 F049 F052 F053 F055 F060",
		);
		assert.match(sent, "F022 entry mode: 051");
		assert.match(sent, "F060 message type, batch, network: type 22, batch 000001, network 000, capability 5");
		const reversal = said(logged[4], "fields");
		assert.is(
			reversal
				.split("\n")
				.map((l) => l.slice(0, 4).trim())
				.join(" "),
			"MTI F002 F003 F004 F011 F014 F022 F023 F025 F039 F041 F042 F049 F055 F060",
		);
		const all = JSON.stringify(logged);
		const block = keys.pinBlock(card.pin, card.pan);
		for (const secret of [card.pan, "D30122201", card.pin, block, block.toLowerCase(), card.expiry])
			assert.not.match(all, secret);
		assert.is(scrub(all), all);
	}),
);

day("what cannot be written is never sent", () =>
	atCounter(async ({ signIn, desk, keys, acquirer }) => {
		await signIn();
		const much = saleOf(2, 1_000_000_000_000n, keys.pinBlock(card.pin, card.pan));
		assert.equal(await desk.sale(much, () => {}), { end: "not-sent", code: "settings.invalid" });
		assert.equal(await desk.reverse({ ...reversalOf(2, 1n), trace: 1_000_000 }, () => {}), {
			end: "not-sent",
			code: "settings.invalid",
		});
		assert.is((await acquirer.books()).transactions.length, 0);
	}),
);
day.run();
