/** Every written scenario, played in a shop of its own: real processes, and books that agree in the end. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { systemCalendar, systemClock } from "../../src/runtime/clock.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { type Played, Player } from "../../src/world/play/player.ts";
import { readScenario, type Scenario, scenarioNames } from "../../src/world/play/scenario.ts";
import { summary } from "../../src/world/play/summary.ts";
import { Shop } from "../../src/world/shop.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = join(root, "src/world/scenarios");
const names = scenarioNames(folder);
/** Shops open at the same time: mostly they wait. */
const together = 2;

const scenarioOf = (name: string): Scenario => {
	const read = readScenario(folder, name);
	if (!read.ok) throw new Error(read.error.at);
	return read.value;
};
/** The refused sale, written as if it were a good one. */
const refused = scenarioOf("declined-51");
const otherwise: Scenario = {
	...refused,
	name: "otherwise",
	expect: { ...scenarioOf("chip-pin-sale").expect, slips: 0 },
};
interface Shown {
	readonly played: Played;
	readonly said: readonly string[];
	/** Every log line of the run as it came. */
	readonly log: string;
}
async function play(scenario: Scenario): Promise<Shown> {
	const stateDir = mkdtempSync(join(tmpdir(), "play-"));
	const said: string[] = [];
	const log: string[] = [];
	const shop = new Shop({
		...{ root, stateDir, fresh: true, answerMs: 3000, clock: systemClock, calendar: systemCalendar },
		random: systemRandom,
		said: (text) => said.push(text),
	});
	shop.listen((event) => {
		if (event.on === "logged") log.push(JSON.stringify(event.line));
	});
	try {
		await shop.open();
		return {
			played: await new Player(shop, scenario, systemClock).play(),
			said,
			log: log.join("\n"),
		};
	} finally {
		await shop.close();
		rmSync(stateDir, { recursive: true, force: true });
	}
}

const shown = new Map<string, Shown>();
const failed = new Map<string, unknown>();
const plays = suite("plays");

plays.before(async () => {
	const queue = [...names.map(scenarioOf), otherwise];
	const lane = async (): Promise<void> => {
		for (;;) {
			const one = queue.shift();
			if (one === undefined) return;
			await play(one).then(
				(came) => shown.set(one.name, came),
				(error: unknown) => failed.set(one.name, error),
			);
		}
	};
	await Promise.all(Array.from({ length: together }, lane));
});

const of = (name: string): Shown => {
	const came = shown.get(name);
	if (came === undefined)
		throw new Error(`${name} was not played: ${String(failed.get(name))}`, { cause: failed.get(name) });
	return came;
};

for (const name of names)
	plays(`${name} ends as written, and the books agree`, () => {
		const { played, said } = of(name);
		assert.equal(played.wrong, []);
		assert.is(played.ended, played.expected);
		assert.equal(said, []);
	});

plays("what a play shows has the PIN in stars, and no whole card number", () => {
	for (const name of names) {
		const { played, log } = of(name);
		const told = `${JSON.stringify(played)}\n${summary(scenarioOf(name), played)}\n${log}`;
		assert.not.match(told, /6217970000000005090/, name);
		assert.not.match(told, /\b(123456|654321)\b/, name);
		assert.ok(played.keyed.includes("*"), name);
	}
});

plays("both slips of the plain sale say what was paid, each for its reader", () => {
	const { merchant, cardholder } = of("chip-pin-sale").played.slips;
	for (const slip of [merchant, cardholder]) assert.match(slip, /RMB:128\.50/);
	assert.match(merchant, /商户存根 MERCHANT COPY/);
	assert.match(cardholder, /持卡人存根 CARDHOLDER COPY/);
});

plays("a play that ends otherwise than written says so", () => {
	const { played } = of("otherwise");
	assert.is(played.ended, "declined");
	assert.match(played.wrong.join("\n"), /ended: declined, expected approved/);
	assert.match(played.wrong.join("\n"), /terminal, fen: 0, expected 12850/);
	assert.match(summary(otherwise, played), /✗ 结果 declined，预期 expected approved/);
});
plays.run();
