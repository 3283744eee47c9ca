/** The screen on a real panel file: what is written there, and what the log is told. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FrameDisplay } from "../../../drivers/display/driver.ts";
import { atlasPath, freshAtlas } from "../../../scripts/atlas.ts";
import type { Rect } from "../../../src/contract/device.ts";
import { type Language, languages } from "../../../src/contract/settings.ts";
import { type Atlas, readAtlas } from "../../../src/terminal/screen/atlas.ts";
import type { Page, Status } from "../../../src/terminal/screen/page.ts";
import { Screen } from "../../../src/terminal/screen/screen.ts";
import { draw, panel } from "./drawn.ts";
import { commonDay, extremes, type Sample } from "./samples.ts";

const everything = [...commonDay, ...extremes];
const status: Status = {
	...{ operator: "01", time: "09:41", date: "2026-11-24", weekday: 2 },
	...{ cloud: true, host: true, unresolved: 0, unprinted: 0 },
};
interface Told {
	readonly event: string;
	readonly page: unknown;
	readonly text: unknown;
}

let atlas: Atlas;
let folder: string;
let shows: Rect[][];
let told: Told[];

/** A screen in front of a panel that also counts what it is given. */
async function screen(
	language: Language,
): Promise<{ screen: Screen; file: string; close: () => Promise<void> }> {
	const file = join(folder, "frame");
	const display = new FrameDisplay({ path: file, ...panel });
	await display.open();
	shows = [];
	told = [];
	const counting = {
		...{ name: display.name, width: display.width, height: display.height },
		open: () => display.open(),
		close: () => display.close(),
		show: (frame: Uint16Array, dirty: readonly Rect[]) => {
			shows.push([...dirty]);
			display.show(frame, dirty);
		},
	};
	return {
		screen: new Screen({
			...{ display: counting, atlas, language },
			log: (_level, event, facts) => {
				const { page, text } = facts ?? {};
				told.push({ event, page, text });
			},
		}),
		file,
		close: () => display.close(),
	};
}
const bytesOf = (sample: Sample, language: Language): Uint8Array =>
	new Uint8Array(draw(sample, language, atlas).canvas.pixels.buffer);

const shown = suite("screen: on the panel");
shown.before(async () => {
	await freshAtlas();
	atlas = readAtlas(atlasPath);
	folder = mkdtempSync(join(tmpdir(), "screen-"));
});
shown.after(() => rmSync(folder, { recursive: true }));

shown("whatever pages came before, the panel holds exactly the last one", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom(...languages),
			fc.array(fc.nat(everything.length - 1), { minLength: 1, maxLength: 8 }),
			async (language, picks) => {
				const { screen: on, file, close } = await screen(language);
				for (const pick of picks) {
					const sample = everything[pick];
					if (sample === undefined) continue;
					on.show(sample.page, sample.status);
					assert.equal(Buffer.compare(readFileSync(file), bytesOf(sample, language)), 0, sample.name);
				}
				await close();
			},
		),
		{ numRuns: 20 },
	);
});

shown("the same page again writes nothing, and a second less only its figure", async () => {
	const { screen: on, close } = await screen("zh-CN");
	const page = (seconds: number): Page => ({
		page: "contacting",
		amount: 12_850n,
		phase: "waiting",
		seconds,
	});
	on.show(page(52), status);
	on.show(page(52), status);
	on.show(page(51), status);
	await close();
	assert.is(shows.length, 2);
	assert.equal(shows[0], [{ x: 0, y: 0, ...panel }]);
	const pixels = (shows[1] ?? []).reduce((sum, { width, height }) => sum + width * height, 0);
	assert.ok(pixels > 0 && pixels < 400, `${pixels} pixels for one figure`);
});

shown("a digit of an amount writes less than a fifth of the panel", async () => {
	const { screen: on, close } = await screen("zh-CN");
	on.show({ page: "amount", amount: 1_285n }, status);
	on.show({ page: "amount", amount: 12_850n }, status);
	await close();
	const pixels = (shows[1] ?? []).reduce((sum, { width, height }) => sum + width * height, 0);
	assert.ok(pixels < (panel.width * panel.height) / 5, `${pixels} pixels`);
});

const logged = suite("screen: in the log");
logged.before(async () => {
	await freshAtlas();
	atlas = readAtlas(atlasPath);
	folder = mkdtempSync(join(tmpdir(), "screen-"));
});
logged.after(() => rmSync(folder, { recursive: true }));

logged("a page is told once, with what it says; seconds and digits of a PIN are not told", async () => {
	const { screen: on, close } = await screen("zh-CN");
	on.show({ page: "amount", amount: 0n }, status);
	on.show({ page: "amount", amount: 12_850n }, status);
	for (const seconds of [60, 59, 58])
		on.show({ page: "insert-card", amount: 12_850n, seconds, again: false }, status);
	const shopper = { card: "621797******5090", scheme: "PBOC DEBIT", emptyAllowed: true };
	const pin = { page: "pin", amount: 12_850n, ...shopper } as const;
	for (const digits of [0, 1, 2, 3, 4, 5, 6]) on.show({ ...pin, digits }, status);
	on.show({ ...pin, digits: 0, triesLeft: 2 }, { ...status, time: "09:42" });
	await close();
	assert.equal(
		told.map(({ event, page }) => `${event} ${String(page)}`),
		["page amount", "page amount", "page insert-card", "page pin", "page pin"],
	);
	assert.match(String(told[1]?.text), /消费 \/ 01 {2}09:41 \/ 请输入金额 \/ ¥ \/ 128\.50/);
	assert.match(String(told[4]?.text), /密码错，还可输入 2 次/);
});

logged("what the log holds is what stands on the panel", async () => {
	const { screen: on, close } = await screen("en");
	const page = { page: "declined", amount: 12_850n, code: "51", cardIn: true } as const;
	on.show(page, status);
	await close();
	assert.is(told[0]?.text, on.text().join(" / "));
	assert.ok(on.text().includes("51  Insufficient funds"));
});

shown.run();
logged.run();
