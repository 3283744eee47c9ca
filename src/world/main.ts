/**
 * The whole shop on one machine: `main.ts [--play NAME [--json]] [--fresh] [--port N] [--state DIR]
 * [--list]`.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { systemCalendar, systemClock } from "../runtime/clock.ts";
import { systemRandom } from "../runtime/random.ts";
import { Bench } from "./bench/bench.ts";
import { Player } from "./play/player.ts";
import { readScenario, scenarioNames } from "./play/scenario.ts";
import { summary } from "./play/summary.ts";
import { Shop } from "./shop.ts";

const root = resolve(import.meta.dirname, "../..");
const scenarios = join(root, "src/world/scenarios");
/** The bench's own port, unless told; plays take free ones. */
const usualPort = 8080;
/**
 * How long the terminal waits for the acquirer: at the bench, so that a fault is seen soon, and in a play.
 */
const answerMs = { bench: 8000, play: 3000 } as const;

/** The path of a local socket ends at 107 bytes, and the longest under a state folder takes 40 of them. */
const longestFolder = 60;

const say = (text: string): void => {
	process.stdout.write(`${text}\n`);
};
const complain = (text: string): void => {
	process.stderr.write(`${text}\n`);
};

function shopIn(stateDir: string, fresh: boolean, waitMs: number): Shop {
	return new Shop({
		root,
		stateDir,
		fresh,
		answerMs: waitMs,
		clock: systemClock,
		calendar: systemCalendar,
		random: systemRandom,
		said: complain,
	});
}

/** Ends the shop on Ctrl-C and on any way this process may go; a second Ctrl-C does not wait. */
function endWith(close: () => Promise<void>, onSignal: number): void {
	let ending = false;
	const end = (code: number): void => {
		if (ending) process.exit(code);
		ending = true;
		close().then(
			() => process.exit(code),
			() => process.exit(1),
		);
	};
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end(onSignal));
	process.on("uncaughtException", (error) => {
		complain(String(error.stack ?? error));
		end(1);
	});
	process.on("unhandledRejection", (reason) => {
		complain(reason instanceof Error ? String(reason.stack) : String(reason));
		end(1);
	});
}

const shopFolder = (): string => {
	const usual = join(root, ".state/shop");
	return usual.length < longestFolder ? usual : join(tmpdir(), "guitai-shop");
};

async function bench(stateDir: string, fresh: boolean, port: number): Promise<void> {
	const shop = shopIn(stateDir, fresh, answerMs.bench);
	const page = new Bench({ floor: shop, port, root });
	endWith(async () => {
		await page.close();
		await shop.close();
	}, 0);
	say("柜台 Guitai · 正在开店 opening the shop …");
	await shop.open();
	await page.open();
	say(`  台架 bench   ${page.address}`);
	say(`  云平台 cloud  ${shop.portal()}`);
	say("  Ctrl-C 关店 closes the shop");
}

async function play(name: string, json: boolean, stateDir: string | undefined): Promise<number> {
	const read = readScenario(scenarios, name);
	if (!read.ok) {
		complain(`${name}: ${read.error.at}. 可用的 There are: ${scenarioNames(scenarios).join(", ")}`);
		return 2;
	}
	const home = join(root, ".state/play");
	const near = home.length < longestFolder ? home : join(tmpdir(), "guitai-play");
	mkdirSync(near, { recursive: true });
	const dir = stateDir ?? mkdtempSync(join(near, "p-"));
	const shop = shopIn(dir, true, answerMs.play);
	endWith(() => shop.close(), 130);
	try {
		await shop.open();
		const played = await new Player(shop, read.value, systemClock).play();
		say(json ? JSON.stringify(played, null, "\t") : summary(read.value, played));
		return played.wrong.length === 0 ? 0 : 1;
	} finally {
		await shop.close();
		if (stateDir === undefined) rmSync(dir, { recursive: true, force: true });
	}
}

async function main(): Promise<void> {
	process.title = "guitai-world";
	const { values } = parseArgs({
		options: {
			play: { type: "string" },
			json: { type: "boolean", default: false },
			fresh: { type: "boolean", default: false },
			list: { type: "boolean", default: false },
			port: { type: "string", default: String(usualPort) },
			state: { type: "string" },
		},
	});
	if (values.list) say(scenarioNames(scenarios).join("\n"));
	else if (values.play === undefined)
		await bench(resolve(values.state ?? shopFolder()), values.fresh, Number(values.port));
	else process.exit(await play(values.play, values.json, values.state && resolve(values.state)));
}

main().catch((error: unknown) => {
	complain(error instanceof Error ? String(error.stack) : String(error));
	process.exit(1);
});
