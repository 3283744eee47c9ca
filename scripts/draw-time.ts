/**
 * How long each page takes from its facts to changed pixels, coming from the idle page. Run: node
 * scripts/draw-time.ts
 */
import type { Display, Rect } from "../src/contract/device.ts";
import { silent } from "../src/kit/log.ts";
import { readAtlas } from "../src/terminal/screen/atlas.ts";
import { Screen } from "../src/terminal/screen/screen.ts";
import { commonDay } from "../test/terminal/screen/samples.ts";
import { atlasPath, freshAtlas } from "./atlas.ts";

const rounds = 40;

await freshAtlas();
const began = performance.now();
const atlas = readAtlas(atlasPath);
const read = performance.now() - began;

let changed = 0;
const display: Display = {
	...{ name: "counting", width: 320, height: 240 },
	open: () => Promise.resolve(),
	close: () => Promise.resolve(),
	show: (_frame, dirty: readonly Rect[]) => {
		changed = dirty.reduce((n, r) => n + r.width * r.height, 0);
	},
};
const screen = new Screen({ display, atlas, language: "zh-CN", log: silent });
const idle = commonDay.find(({ page }) => page.page === "idle") ?? commonDay[0];
const timed = (sample: (typeof commonDay)[number]): number => {
	const from = performance.now();
	screen.show(sample.page, sample.status);
	return performance.now() - from;
};

const first = idle === undefined ? 0 : timed(idle);
const rows = commonDay.map((sample) => {
	const times: number[] = [];
	for (let n = 0; n < rounds; n += 1) {
		if (idle !== undefined) screen.show(idle.page, idle.status);
		times.push(timed(sample));
	}
	times.sort((a, b) => a - b);
	return { name: sample.name, middle: times[rounds >> 1] ?? 0, most: times.at(-1) ?? 0, changed };
});
const ms = (n: number): string => n.toFixed(2).padStart(7);
for (const { name, middle, most, changed: pixels } of rows.toSorted((a, b) => b.middle - a.middle))
	process.stdout.write(`${name.padEnd(32)} ${ms(middle)} ms  most ${ms(most)}  ${pixels} pixels sent\n`);
const all = rows.reduce((n, { middle }) => n + middle, 0) / rows.length;
process.stdout.write(
	`\natlas read ${ms(read)} ms, very first page ${ms(first)} ms, mean of the pages ${ms(all)} ms\n`,
);
