import { get, request } from "node:http";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rowsOf } from "../../src/cloud/bodies.ts";
import { Inbox, type SaleRow } from "../../src/cloud/inbox.ts";
import { page } from "../../src/cloud/portal/page.ts";
import { Portal } from "../../src/cloud/portal/portal.ts";
import { wordsTable } from "../../src/cloud/portal/words-table.ts";
import type { FleetEvent } from "../../src/contract/fleet.ts";
import { saleEvent } from "../terminal/fleet/sqlite-outbox.ts";

const test = suite("the platform's page");
const inbox = new Inbox(":memory:");
const portal = new Portal({ port: 0, books: inbox, names: { T1: "晨光便利店 <&>" } });
const now = "2026-11-24T10:00:00";

test.before(async () => {
	await inbox.open();
	const events: readonly FleetEvent[] = [
		{ ...saleEvent("a", "approved", "123456789"), reference: "123456789012" } as FleetEvent,
		{ ...saleEvent("b", "declined", "500"), responseCode: "51" } as FleetEvent,
		saleEvent("c", "unresolved", "1"),
		saleEvent("d", "reversed", "4200"),
	];
	const read = rowsOf({ rows: events.map((event, i) => ({ seq: i + 1, id: `r${i}`, event })) });
	inbox.write(() => {
		inbox.birth("T1", { session: 3, version: "0.1.0", head: 6 }, now);
		return inbox.apply("T1", read?.rows ?? [], now);
	});
	await portal.open();
});
test.after(async () => {
	await portal.close();
	await inbox.close();
});

const url = (path: string): string => `http://127.0.0.1:${portal.port()}${path}`;
const html = async (path = "/"): Promise<string> => await (await fetch(url(path))).text();
/** What a person reads of it. */
const words = (text: string): string =>
	text
		.replaceAll(/<(style|script|title)[\s\S]*?<\/\1>/g, "")
		.replaceAll(/<[^>]*>/g, " ")
		.replaceAll(/\s+/g, " ");

test("terminals and their sales, Chinese first", async () => {
	const read = words(await html());
	for (const part of [
		"晨光便利店 &lt;&amp;&gt;",
		"在线",
		"已同步 4 行",
		"待同步 2 行",
		"¥ 1,234,567.89 已收款 1 笔 · 未收款 1 · 已冲正 1 · 结果未知 1",
		"11-24 09:41:20 000002 621797******5090 银联 123456789012 收款成功 ¥ 1,234,567.89",
		"未收款 51 ¥ 5.00",
		"结果未知 ¥ 0.01",
		"已冲正 ¥ 42.00",
	])
		assert.ok(read.includes(part), `${part} in ${read}`);
	assert.match(await html(), /^<!doctype html>\n<html lang="zh-CN">/);
});

test("in the other two languages, and Chinese for one that is none", async () => {
	assert.match(await html("/?lang=zh-TW"), /收款成功[\s\S]*結果未知|結果未知[\s\S]*收款成功/);
	const english = await html("/?lang=en");
	for (const part of ["Paid", "Not paid", "Result unknown", "Reversed", "Online", '<html lang="en">'])
		assert.ok(english.includes(part), part);
	assert.match(await html("/?lang=<script>"), /<html lang="zh-CN">/);
	assert.match(await html("/?lang=en&lang=zh-TW"), /<html lang="zh-CN">/);
});

test("every state has a word, a shape of its own and a colour", async () => {
	const text = await html();
	const chips = [...text.matchAll(/<span class="state (\w+)">(<svg.*?<\/svg>)(.*?)<\/span>/g)];
	assert.is(chips.length, 4);
	assert.is(new Set(chips.map(([, , shape]) => shape)).size, 4);
	assert.is(new Set(chips.map(([, , , word]) => word)).size, 4);
	const css = await (await fetch(url("/portal.css"))).text();
	for (const [, name] of chips) assert.ok(css.includes(`.${name} {`), name);
});

test("the languages have the same words, none empty but one", () => {
	const keys = Object.keys(wordsTable["zh-CN"]);
	for (const [language, table] of Object.entries(wordsTable)) {
		assert.equal(Object.keys(table), keys, language);
		const empty = Object.entries(table).filter(([key, word]) => word === "" && key !== "rows");
		assert.equal(empty, [], language);
	}
});

test("nothing of a terminal's is read as HTML", () => {
	const evil = '<img src=x onerror="1">';
	const sale: SaleRow = {
		...{
			intent: evil,
			state: "approved" as const,
			amount: "1",
			trace: evil,
			batch: "1",
			card: evil,
			scheme: evil,
		},
		...{ code: evil, reference: evil, authorisation: evil, at: evil, operator: evil },
	};
	const text = page({
		language: "en",
		terminals: [
			{
				...{ id: evil, name: evil, through: 1, session: 1, online: 1, version: evil, head: 1, seen: evil },
				...{ sales: [sale, { ...sale, state: "declined" }], totals: [] },
			},
		],
		alarms: [{ number: 1, terminal: evil, kind: "unreadable", about: evil, at: evil }],
	});
	assert.not.ok(text.includes("<img"), text);
});

test("before the first terminal it says what to do", () => {
	const text = page({ language: undefined, terminals: [], alarms: [] });
	assert.ok(text.includes(wordsTable["zh-CN"].noTerminals));
});

test("the page lets no other script or style in, and answers to no other name", async () => {
	const { headers } = await fetch(url("/"));
	assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
	const status = await new Promise((done) => {
		const asked = request(url("/api/terminals"), { headers: { host: "evil.example" } }, (answer) => {
			answer.resume();
			done(answer.statusCode);
		});
		asked.end();
	});
	assert.is(status, 403);
});

test("JSON for the world", async () => {
	const json = async (path: string): Promise<unknown> => await (await fetch(url(path))).json();
	assert.equal(await json("/api/terminals"), [
		{ id: "T1", through: 4, session: 3, version: "0.1.0", head: 6, seen: now, online: true },
	]);
	const sales = (await json("/api/terminals/T1/sales")) as Record<string, unknown>[];
	assert.equal(
		sales.map(({ intent, state, amount, trace }) => [intent, state, amount, trace]),
		[
			["a", "approved", "123456789", "000002"],
			["b", "declined", "500", "000002"],
			["c", "unresolved", "1", "000002"],
			["d", "reversed", "4200", "000002"],
		],
	);
	assert.equal(await json("/api/terminals/none/sales"), []);
	assert.is((await fetch(url("/other"))).status, 404);
});

test("an open page is told when something has changed", async () => {
	const told = await new Promise<string>((done, fail) => {
		const asked = get(url("/events"), (answer) => {
			answer.setEncoding("utf8");
			let text = "";
			answer.on("data", (chunk: string) => {
				text += chunk;
				if (text.includes("data:")) {
					asked.destroy();
					done(text);
				} else portal.changed();
			});
		});
		asked.on("error", (error) => fail(error));
	});
	assert.match(told, /data: changed\n\n/);
});

test.run();
