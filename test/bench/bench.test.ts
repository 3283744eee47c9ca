/** The bench in a real browser, the shop as real processes behind it: a chip-and-PIN sale by clicking. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { systemCalendar, systemClock } from "../../src/runtime/clock.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { Bench } from "../../src/world/bench/bench.ts";
import { Shop } from "../../src/world/shop.ts";

const root = resolve(import.meta.dirname, "../..");
const stateDir = mkdtempSync(join(tmpdir(), "bench-"));
const said: string[] = [];
const shop = new Shop({
	...{ root, stateDir, fresh: true, answerMs: 3000, clock: systemClock, calendar: systemCalendar },
	random: systemRandom,
	said: (text) => said.push(text),
});
const bench = new Bench({ floor: shop, port: 0, root });
const quiet = [
	...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
	...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
const waitMs = 20_000;
let browser: Browser;
let page: Page;
/** What the page itself complained of. */
const complaints: string[] = [];

const onScreen = (name: string): Promise<unknown> =>
	page.waitForSelector(`body[data-page="${name}"]`, { timeout: waitMs });
const key = (name: string): Promise<void> => page.click(`[data-key="${name}"]`);
async function keys(names: readonly string[]): Promise<void> {
	for (const name of names) await key(name);
}
const text = async (selector: string): Promise<string> => (await page.textContent(selector)) ?? "";
/** A picture of the panel: it must change when the page does. */
const frames = (): Promise<number> =>
	page.$eval("#screen", (canvas) => Number(canvas.getAttribute("data-frames") ?? 0));

const sale = suite("the bench");

sale.before(async () => {
	await shop.open();
	await bench.open();
	browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: quiet });
	page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
	page.on("console", (message) => {
		if (message.type() === "error") complaints.push(message.text());
	});
	page.on("pageerror", (error) => complaints.push(error.message));
	await page.goto(bench.address);
});

sale("opens on the idle screen, tells a stranger what to do, and fits 1280 pixels", async () => {
	await onScreen("idle");
	assert.ok((await frames()) > 0, "the panel is drawn");
	assert.match(await text("#hint"), /12850/);
	assert.is((await page.$$("[data-card]")).length, 4);
	assert.is(await page.evaluate("document.documentElement.scrollWidth"), 1280);
});

sale("sells by chip and PIN, by clicking", async () => {
	const before = await frames();
	await key("1");
	await onScreen("amount");
	await keys(["1", "2", "8", "5", "0", "confirm"]);
	await onScreen("insert-card");
	await page.click('[data-card="unionpay-debit"]');
	await onScreen("pin");
	// The keys go over to the vault as the page comes up.
	await page.waitForTimeout(500);
	await keys(["1", "2", "3", "4", "5", "6", "confirm"]);
	await onScreen("approved");
	assert.ok((await frames()) > before + 5, "the panel followed");
});

sale("prints both slips", async () => {
	const slip = await page.waitForSelector("#roll .slip .text", { timeout: waitMs });
	assert.ok(slip);
	await page.waitForTimeout(1500);
	await key("confirm");
	await page.waitForFunction("document.querySelectorAll('#roll .slip').length === 2", undefined, {
		timeout: waitMs,
	});
	await page.waitForTimeout(1500);
	const slips = await page.$$("#roll .slip");
	const [merchant = "", cardholder = ""] = await Promise.all(
		slips.map(async (one) => (await one.textContent()) ?? ""),
	);
	for (const text of [merchant, cardholder]) {
		assert.match(text, /128\.50/);
		assert.match(text, /621797\*+5090/);
	}
	assert.match(merchant, /MERCHANT COPY/);
	assert.match(cardholder, /CARDHOLDER COPY/);
	assert.not.match(merchant, /6217970000000005090|123456\b/);
});

sale("shows the way of the sale, the masked messages, and three books that agree", async () => {
	await page.waitForSelector('#books[data-verdict="agree"]', { timeout: waitMs });
	const steps = await page.$$eval("[data-step]", (all) =>
		all.map((step) => `${step.getAttribute("data-step")} ${step.className}`),
	);
	for (const done of ["select done", "read done", "pin done", "arqc done", "host done", "end done"])
		assert.ok(steps.includes(done), `${done} among ${steps.join(", ")}`);
	await page.click('[data-step="arqc"] button');
	assert.match(await text(".facts"), /TVR/);
	const messages = await text("#messages");
	for (const mti of ["0800", "0810", "0200", "0210"]) assert.match(messages, new RegExp(mti));
	const whole = await page.content();
	assert.not.match(whole, /6217970000000005090/);
});

sale("speaks English, goes dark, and takes the computer's keys", async () => {
	await page.click('[data-language="en"]');
	assert.match(await text("#books"), /all agree/);
	await page.click("#theme");
	assert.is(await page.getAttribute("html", "data-theme"), "dark");
	await page.keyboard.press("Enter");
	await page.click('[data-card="unionpay-debit"]');
	await onScreen("idle");
	await page.keyboard.press("1");
	await onScreen("amount");
	await page.keyboard.press("Escape");
	await onScreen("idle");
});

sale("another site's page may not press the keys", async () => {
	const refused = await fetch(`${bench.address}live`, { headers: { origin: "http://elsewhere.test" } });
	assert.is(refused.status, 403);
});

sale("nobody complained", () => {
	assert.equal(complaints, []);
	assert.equal(said, []);
});

sale.after(async () => {
	await browser?.close();
	await bench.close();
	await shop.close();
	rmSync(stateDir, { recursive: true, force: true });
});
sale.run();
