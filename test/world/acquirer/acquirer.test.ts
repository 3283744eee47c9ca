import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { AcquirerDesk } from "../../../src/terminal/acquirer/acquirer-desk.ts";
import type { HostEnd } from "../../../src/terminal/payment/ports.ts";
import type { AcquirerEvent } from "../../../src/world/acquirer/door.ts";
import { RemoteAcquirer } from "../../../src/world/acquirer/remote.ts";
import { deck } from "../../../src/world/cards/deck.ts";
import {
	atCounter,
	type Counter,
	card,
	chipData,
	expired,
	Keys,
	reversalOf,
	saleOf,
	settingsFor,
	tmk,
} from "./bank.ts";

const quiet = (): void => {};
const codeOf = (end: HostEnd): string =>
	end.end === "answered" ? end.answer.code : `${end.end} ${end.code}`;
const balance = async (acquirer: Counter["acquirer"]): Promise<string | undefined> =>
	(await acquirer.books()).balances.find((b) => b.card === "621797******5090")?.fen;

const host = suite("the acquirer's books");

host("a sale is booked once: the same message again gets the same answer", () =>
	atCounter(async ({ signIn, sale, acquirer }) => {
		await signIn();
		const first = await sale(2, 30_000n);
		const again = await sale(2, 30_000n);
		assert.is(codeOf(first), "00");
		assert.equal(again, first);
		assert.is(codeOf(await sale(2, 40_000n)), "94", "another sale under the same number");
		assert.is((await acquirer.books()).transactions.length, 1);
		assert.is(await balance(acquirer), "70000");
	}),
);

host("a reversal gives the money back once, however often it comes", () =>
	atCounter(async ({ signIn, sale, reverse, acquirer }) => {
		await signIn();
		await sale(2, 30_000n);
		assert.is(codeOf(await reverse(2, 29_999n)), "64", "not this amount");
		for (let i = 0; i < 3; i += 1) assert.is(codeOf(await reverse(2, 30_000n)), "00");
		const books = await acquirer.books();
		assert.is(books.net, "0");
		assert.is(await balance(acquirer), "100000");
		assert.equal(books.reversals, [
			{
				...{ terminal: "10016919", stan: "000002", batch: "000001", reason: "98", code: "00" },
				...{ times: 3, gaveBack: true },
			},
		]);
		assert.is(books.transactions[0]?.state, "reversed");
		assert.is(codeOf(await sale(2, 30_000n)), "00", "a repeat hears what the first one heard");
		assert.is((await acquirer.books()).net, "0", "and moves nothing");
	}),
);

host("a reversal before its original: 25, and the late original is no money", () =>
	atCounter(async ({ signIn, sale, reverse, acquirer }) => {
		await signIn();
		assert.is(codeOf(await reverse(2, 30_000n)), "25");
		assert.is(codeOf(await sale(2, 30_000n)), "12");
		assert.is(codeOf(await reverse(2, 30_000n)), "25");
		const books = await acquirer.books();
		assert.is(books.net, "0");
		assert.is(books.transactions[0]?.state, "reversed");
		assert.is(await balance(acquirer), "100000");
	}),
);

host("a reversal of a refused sale gives nothing back", () =>
	atCounter(async ({ signIn, sale, reverse, acquirer }) => {
		await signIn();
		assert.is(codeOf(await sale(2, 100_001n)), "51");
		assert.is(codeOf(await reverse(2, 100_001n)), "00");
		assert.is(await balance(acquirer), "100000");
	}),
);

host("one row a refusal", () =>
	atCounter(async ({ signIn, keys, desk, acquirer }) => {
		await signIn();
		const pin = keys.pinBlock(card.pin, card.pan);
		const good = saleOf(1, 100n, pin);
		const rows: readonly [string, Parameters<AcquirerDesk["sale"]>[0], string][] = [
			["card nobody issued", { ...good, pan: "6217970000000000018" }, "14"],
			["card expired", { ...good, pan: expired.pan, expiry: expired.expiry }, "54"],
			["another expiry than the issuer's", { ...good, expiry: "3101" }, "54"],
			["nothing to pay", saleOf(1, 0n, pin), "13"],
			["more than there is", saleOf(1, 100_001n, pin), "51"],
			["cryptogram of another card", { ...good, chipData: chipData(100n, true) }, "59"],
			["cryptogram over another amount", { ...good, chipData: chipData(1n) }, "13"],
			["no chip data", { ...good, chipData: new Uint8Array(0) }, "30"],
			["a batch that is not open", { ...good, batch: 2 }, "77"],
			["PIN block of another account", { ...good, pinBlock: keys.pinBlock(card.pin, expired.pan) }, "99"],
			["no PIN where the issuer wants one", saleOf(1, 100n), "55"],
		];
		for (const [i, [why, request, code]] of rows.entries())
			assert.is(codeOf(await desk.sale({ ...request, trace: 10 + i }, quiet)), code, why);
		assert.is((await acquirer.books()).net, "0");
	}),
);

host("three wrong PINs, then 38 even for the right one; a right one in between forgives", () =>
	atCounter(async ({ signIn, sale, acquirer }) => {
		await signIn();
		const tries = ["000000", "111111", card.pin, "000000", "111111", "222222", card.pin];
		const heard: string[] = [];
		for (const [i, pin] of tries.entries()) heard.push(codeOf(await sale(10 + i, 100n, pin)));
		assert.equal(heard, ["55", "55", "00", "55", "55", "55", "38"]);
		assert.equal(
			(await acquirer.books()).transactions.map((t) => t.verified.pin),
			[false, false, true, false, false, false, undefined],
		);
	}),
);

host("a terminal that is not enrolled, or not under this merchant, is told so", () =>
	atCounter(async ({ acquirer }) => {
		const settings = settingsFor(acquirer.port());
		for (const wrong of [
			{ ...settings, terminalNumber: "99999999" },
			{ ...settings, merchant: { ...settings.merchant, number: "898290070110002" } },
		]) {
			const parts = { keys: new Keys(), clock: systemClock, log: quiet };
			const stranger = new AcquirerDesk({ settings: wrong, ...parts });
			assert.equal(await stranger.signIn(1, 1, quiet), { end: "refused", code: "97" });
		}
	}),
);

host("the newest rule holds, as often as it may", () =>
	atCounter(async ({ signIn, sale, acquirer }) => {
		await signIn();
		await acquirer.behave({ on: "sale", do: "decline", code: "91" });
		await acquirer.behave({ on: "sale", do: "decline", code: "61", times: 2 });
		const heard: string[] = [];
		for (let i = 0; i < 4; i += 1) heard.push(codeOf(await sale(10 + i, 100n)));
		await acquirer.clear();
		heard.push(codeOf(await sale(20, 100n)));
		assert.equal(heard, ["61", "61", "91", "91", "00"]);
	}),
);

host("every fault of a reversal's answer leaves the money given back once", () =>
	atCounter(
		async ({ signIn, sale, reverse, acquirer }) => {
			await signIn();
			const ways = ["silent", "cut-before-answer", "cut-mid-answer", "wrong-mac", "garbage"] as const;
			for (const [i, way] of ways.entries()) {
				assert.is(codeOf(await sale(10 + i, 100n)), "00");
				await acquirer.behave({ on: "reversal", do: way, times: 1 });
				assert.match(codeOf(await reverse(10 + i, 100n)), /^unknown/, way);
				assert.is(await balance(acquirer), "100000", way);
				assert.is(codeOf(await reverse(10 + i, 100n)), "00", way);
				assert.is(await balance(acquirer), "100000", way);
			}
		},
		{ more: { answerMs: 400 } },
	),
);

host("noise on the line ends that line and nothing else", () =>
	atCounter(async ({ signIn, sale, acquirer }) => {
		await signIn();
		for (const noise of ["0004DEADBEEF", "FFFF", `0015${"00".repeat(21)}`, "00"]) {
			await new Promise<void>((done) => {
				const socket = connect(acquirer.port(), "127.0.0.1", () => socket.end(unhex(noise)));
				socket.on("error", quiet);
				socket.on("close", () => done());
			});
		}
		assert.is(codeOf(await sale(2, 100n)), "00");
	}),
);

host("events tell what was heard and answered, masked, with what was proved", () =>
	atCounter(async ({ signIn, sale, acquirer }) => {
		const events: AcquirerEvent[] = [];
		const off = acquirer.events((e) => events.push(e));
		await signIn();
		await acquirer.behave({ on: "sale", do: "cut-before-answer", times: 1 });
		await sale(2, 100n);
		off();
		await sale(3, 100n);
		assert.equal(
			events.map(({ on, mti, stan, code, rule }) => [on, mti, stan, code ?? "", rule ?? ""].join(" ").trim()),
			[
				...["heard 0800 000001", "answered 0810 000001 00"],
				...["heard 0200 000002", "cut 0210 000002 00 cut-before-answer"],
			],
		);
		assert.equal(events[3]?.verified, { mac: true, pin: true, arqc: true });
		assert.not.match(JSON.stringify(events), card.pan);
	}),
);
host.run();

const process_ = suite("the acquirer as a process");
const folder = mkdtempSync(join(tmpdir(), "guitai-acquirer-"));
process_.after(() => rmSync(folder, { recursive: true, force: true }));

process_("killed and started again it knows its books and the keys of the day", async () => {
	const configPath = join(folder, "acquirer.json");
	const books = join(folder, "books.db");
	const enrolled = { terminal: "10016919", merchant: "898290070110001", tmk: hex(tmk) };
	writeFileSync(configPath, JSON.stringify({ port: 0, books: "books.db", terminals: [enrolled] }), {
		mode: 0o600,
	});
	const acquirer = new RemoteAcquirer({ configPath, clock: systemClock });
	await acquirer.open();
	try {
		const keys = new Keys();
		const deskAt = (port: number): AcquirerDesk =>
			new AcquirerDesk({ settings: settingsFor(port), keys, clock: systemClock, log: quiet });
		assert.is((await deskAt(acquirer.port()).signIn(1, 1, quiet)).end, "signed-in");
		await acquirer.behave({ on: "sale", do: "decline", code: "61", times: 1 });
		const debit = deck.find((each) => each.id === "unionpay-debit");
		assert.is(debit?.pan, card.pan, "the bank of this test issues a card of the deck");
		const request = saleOf(2, 100n, keys.pinBlock(card.pin, card.pan));
		assert.is(codeOf(await deskAt(acquirer.port()).sale(request, quiet)), "61");
		await acquirer.kill();
		await acquirer.open();
		assert.is(codeOf(await deskAt(acquirer.port()).sale(request, quiet)), "61", "the same answer");
		assert.is(codeOf(await deskAt(acquirer.port()).reverse(reversalOf(2, 100n), quiet)), "00");
		const all = await acquirer.books();
		assert.is(all.transactions[0]?.state, "declined");
		assert.is(all.transactions[0]?.verified.mac, true);
		assert.is(all.transactions[0]?.verified.arqc, false, "the deck's own keys are others");
		assert.is(statSync(books).mode & 0o777, 0o600);
		assert.not.match(readFileSync(books, "latin1"), card.pan);
	} finally {
		await acquirer.close();
	}
	assert.is(acquirer.pid(), undefined);
});

process_("a configuration that is none ends the start", async () => {
	const configPath = join(folder, "wrong.json");
	writeFileSync(configPath, JSON.stringify({ port: "0" }));
	const acquirer = new RemoteAcquirer({ configPath, clock: systemClock });
	let why = "";
	await acquirer.open().catch((error: unknown) => {
		why = error instanceof Error ? error.message : "";
	});
	assert.is(why, "the acquirer did not start");
});
process_.run();
