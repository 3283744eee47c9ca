/**
 * Measures the real shop and prints what it found: start, key to pixel, a sale by its parts, memory, fsyncs.
 * Run: node scripts/figures.ts [--quick] [--json]
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { systemCalendar, systemClock } from "../src/runtime/clock.ts";
import { systemRandom } from "../src/runtime/random.ts";
import { Shop } from "../src/world/shop.ts";
import { Counter, sleep } from "./figures/counter.ts";
import { fsyncsOf, type StepFsyncs } from "./figures/fsyncs.ts";
import { keyToPixel, startToIdle } from "./figures/pixels.ts";
import { type Memory, memoryOf } from "./figures/process.ts";
import { type Part, parts, type SaleTimes, timedSale } from "./figures/sale.ts";
import { asObject, asRow, type Figure } from "./figures/table.ts";

const { values: options } = parseArgs({
	options: { quick: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});
const { quick, json } = options;
const runs = quick
	? { starts: 3, keyRounds: 3, sales: 3, cycle: 20 }
	: { starts: 7, keyRounds: 12, sales: 9, cycle: 200 };
/**
 * Of the sales of the long run one in so many is approved and prints; the others are declined, which is
 * quicker.
 */
const approvedEach = 10;
/** After its start, so that the cloud's client is loaded and at rest. */
const settleMs = 4000;

const root = resolve(import.meta.dirname, "..");
const say = (text: string): void => void process.stderr.write(`figures: ${text}\n`);

const figure = (name: string, unit: Figure["unit"], values: readonly number[], note = ""): Figure => ({
	...{ name, unit, values, note },
});

const saleNotes: Readonly<Record<Part, readonly [name: string, note: string]>> = {
	keys: ["sale: the amount's keys", "software: seven keys, key to page"],
	noticed: ["sale: card in to card noticed", "line: the reader, which is asked four times a second"],
	card: ["sale: card noticed to PIN page", "software and the card; the bench's wire has no baud rate"],
	pin: ["sale: the PIN's digits", "software: six digits, key to first changed byte, through the vault"],
	request: ["sale: PIN confirmed to request sent", "software: PIN block, first GENERATE AC, MAC, one fsync"],
	host: ["sale: request sent to answer heard", "line: the acquirer, which checks MAC, PIN and ARQC"],
	result: ["sale: answer heard to paid", "software and the card: MAC, second GENERATE AC, one fsync"],
	slips: ["sale: both slips", "line: the printer"],
};
const software: readonly Part[] = ["keys", "card", "pin", "request", "result"];
const line: readonly Part[] = ["noticed", "host", "slips"];

function saleFigures(sales: readonly SaleTimes[]): readonly Figure[] {
	const sum = (of: readonly Part[], pick: "clock" | "processor"): readonly number[] =>
		sales.map((sale) => of.reduce((ms, part) => ms + sale[part][pick], 0));
	return [
		figure(
			"sale: software time",
			"ms",
			sum(software, "clock"),
			"by the clock, without reader, acquirer and printer",
		),
		figure("sale: line time", "ms", sum(line, "clock"), "by the clock: reader, acquirer and printer"),
		figure("sale: work", "ms", sum(parts, "processor"), "terminal and vault on a processor, all of the sale"),
		...parts.map((part) => {
			const [name, note] = saleNotes[part];
			return figure(
				name,
				"ms",
				sales.map((sale) => sale[part].clock),
				note,
			);
		}),
	];
}

const memoryFigures = (when: string, terminal: Memory, vault: Memory): readonly Figure[] => [
	figure(
		`memory ${when}: terminal`,
		"MiB",
		[terminal.resident],
		`resident; ${terminal.own.toFixed(0)} its own`,
	),
	figure(`memory ${when}: vault`, "MiB", [vault.resident], `resident; ${vault.own.toFixed(0)} its own`),
];

/** Many sales with a card that asks for no PIN; most are declined by the host. */
async function manySales(counter: Counter, shop: Shop, count: number): Promise<void> {
	for (let n = 1; n <= count; n += 1) {
		if (n % approvedEach === 1) await shop.setFault("declined-51", true);
		if (n % approvedEach === 0) await shop.setFault("declined-51", false);
		const wanted = n % approvedEach === 0 ? "approved" : "declined";
		const ended = await counter.quickSale("visa", "100");
		if (ended !== wanted) throw new Error(`sale ${n} was ${ended}, not ${wanted}`);
		if (n % 50 === 0) say(`${n} sales`);
	}
}

interface Measured {
	readonly figures: readonly Figure[];
	readonly fsyncs: readonly StepFsyncs[] | undefined;
}

async function measure(shop: Shop, counter: Counter, stateDir: string): Promise<Measured> {
	const frameFile = join(stateDir, "run/frame.rgb565");
	const memory = (when: string): readonly Figure[] =>
		memoryFigures(when, memoryOf(counter.pid("terminal")), memoryOf(counter.pid("vault")));

	say("start to idle screen");
	const start = await startToIdle(counter, frameFile, runs.starts);
	await sleep(settleMs);
	const atIdle = memory("at idle");
	say("key to pixel");
	const key = await keyToPixel(counter, frameFile, runs.keyRounds);
	say("chip-and-PIN sales");
	const sales: SaleTimes[] = [];
	for (let n = 0; n < runs.sales; n += 1) sales.push(await timedSale(counter, shop, frameFile));
	say(`${runs.cycle} sales`);
	await manySales(counter, shop, runs.cycle);
	await sleep(settleMs);
	const after = memory(`after ${runs.cycle} sales`);
	say("fsyncs");
	const fsyncs = await fsyncsOf(counter.pid("terminal"), join(stateDir, "trace"), async () => {
		await timedSale(counter, shop, frameFile);
		await sleep(1000);
	});
	return {
		figures: [
			figure("start: first picture", "ms", start.firstPicture, "boot's start of the process to the frame"),
			figure("start: idle screen", "ms", start.idle, "devices opened, journal read, keys of the day there"),
			figure("start: work", "ms", start.processor, "the process on a processor until then"),
			figure("key to pixel: a digit", "ms", key.digit, "report on the socket to first changed byte"),
			figure("key to pixel: a page turned", "ms", key.turn, "the same"),
			...saleFigures(sales),
			...atIdle,
			...after,
		],
		fsyncs,
	};
}

const machine = (): string => {
	const processors = cpus();
	const load = loadavg()[0]?.toFixed(1) ?? "";
	const model = processors[0]?.model ?? "";
	return `${processors.length} cores of ${model}, Linux ${release()}, Node ${process.version}, load ${load}`;
};

/** What is made durable before a page is shown for the first time. */
const noted: Readonly<Record<string, string>> = {
	"page insert-card": "the sale is opened",
	"page contacting": "journal row, reversal row and trace number, before the first byte",
	"page approved": "result, cleared reversal, slips and the cloud's row",
};

/** And after that; the ledger's own file is synced when its log is copied into it, once in a few sales. */
const later = "slips begun and printed, told, cloud's row acknowledged";

function fsyncRows(fsyncs: readonly StepFsyncs[]): readonly string[] {
	const shown = new Set<string>();
	const rows = fsyncs.flatMap(({ after, before, files, count }) => {
		if (count === 0) return [];
		const what = (shown.has(before) ? undefined : noted[before]) ?? later;
		shown.add(before);
		const named = Object.entries(files).map(([file, n]) => (n > 1 ? `${file} × ${n}` : file));
		return [
			`  ${`${after} → ${before}`.padEnd(46)} ${String(count).padStart(10)}  ${named.join(", ").padEnd(30)} ${what}`,
		];
	});
	const all = fsyncs.reduce((sum, { count }) => sum + count, 0);
	return [...rows, `  ${"all".padEnd(46)} ${String(all).padStart(10)}`];
}

function print({ figures, fsyncs }: Measured, on: { readonly at: string; readonly machine: string }): void {
	const lines = json
		? [JSON.stringify({ ...on, quick, figures: figures.map(asObject), fsyncs: fsyncs ?? [] }, null, "\t")]
		: [
				...[`Figures of ${on.at} UTC`, `on ${on.machine}`, "Medians; all programs on one machine.", ""],
				...figures.map(asRow),
				...["", "  fsyncs of the terminal in one chip-and-PIN sale, by strace, between lines of its log"],
				...(fsyncs === undefined ? ["  strace is not here, or may not look"] : fsyncRows(fsyncs)),
			];
	for (const each of lines) process.stdout.write(`${each}\n`);
}

const home = join(root, ".state");
mkdirSync(home, { recursive: true });
const stateDir = mkdtempSync(join(home, "figures-"));
const shop = new Shop({
	...{ root, stateDir, fresh: true, answerMs: 5000 },
	...{ clock: systemClock, calendar: systemCalendar, random: systemRandom },
	said: say,
});
const counter = new Counter(shop);
const on = { at: new Date().toISOString().slice(0, 16), machine: machine() };
for (const signal of ["SIGINT", "SIGTERM"] as const)
	process.once(signal, () => void shop.close().finally(() => process.exit(130)));
try {
	await shop.open();
	print(await measure(shop, counter, stateDir), on);
} finally {
	await shop.close();
	rmSync(stateDir, { recursive: true, force: true });
}
