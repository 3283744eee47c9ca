import { suite } from "uvu";
import * as assert from "uvu/assert";
import { mayAsk, slotNames } from "../../src/contract/vault.ts";
import { concat, hex, latin, unhex } from "../../src/kit/bytes.ts";
import type { Log } from "../../src/kit/log.ts";
import { type Random, seeded } from "../../src/kit/random.ts";
import { act, mak, pik, standsIn, tdk, threeKeys, tmk, withStore } from "./scene.ts";

const lines: string[] = [];
const log: Log = (level, event, fields) => lines.push(`${level} ${event} ${JSON.stringify(fields ?? {})}`);

/** These end the play, or wait for a hand: they are asked with bodies that do not fit alone. */
const grave = new Set([
	"zeroise",
	"enter-pin",
	"enter-components",
	"drop-working-keys",
	"import-working-keys",
]);
const ops: readonly string[] = [
	...new Set([...mayAsk.terminal, ...mayAsk.technician]),
	...["decrypt", "export-key", "constructor", "__proto__", "toString", ""],
];
const words: readonly unknown[] = [
	...slotNames,
	...["0200", "00".repeat(16), "", "D0112P0TE00N0000", "6212345678901232", "x", "\u0000", "A".repeat(5000)],
	...[0, 1, -1, 4, 12, 16, 1e9, 1.5, null, true, false, [], {}, ["mak"], { slot: "mak" }],
];
const names = [
	"data",
	"mac",
	"slot",
	"block",
	"keys",
	"pan",
	"kcv",
	"sealed",
	"context",
	"account",
	"bytes",
	"__proto__",
];
const one = <T>(random: Random, of: readonly T[]): T | undefined => of[random.below(of.length)];

const account = { account: { pan: "6212345678901232", expiry: "3012" }, context: "x" };
const right: readonly (readonly [string, unknown])[] = [
	["mac", { data: "0200" }],
	["verify-mac", { data: "0200", mac: "00".repeat(8) }],
	["seal-account", account],
	["status", {}],
];
/** Mostly nearly right. */
function body(random: Random): unknown {
	if (random.below(6) === 0) return one(random, words);
	const fields = Array.from(
		{ length: random.below(4) },
		() => [one(random, names), one(random, words)] as const,
	);
	const some = Object.fromEntries(fields);
	return random.below(3) === 0 ? { data: hex(random.bytes(1 + random.below(40))), ...some } : some;
}

function request(random: Random): readonly [string, unknown] {
	const good = random.below(6) === 0 ? one(random, right) : undefined;
	if (good !== undefined) return good;
	const op = one(random, ops) ?? "";
	return [op, grave.has(op) ? { more: body(random) } : body(random)];
}

const fuzz = suite("ten thousand requests by chance");
fuzz(
	"each is answered or refused, none brings the vault down, and no answer and no log line holds a secret",
	act({ log }, async (scene) => {
		await scene.vault.close();
		const kbpk = "89E88CF7931444F334BD7547FC3F380C";
		withStore(scene, (store) => store.put([{ slot: "kbpk", key: unhex(kbpk) }]));
		await scene.restart();
		const random = seeded(10_000);
		const askers = [scene.asker(), scene.asker({ hello: "technician" })] as const;
		const before = await askers[0].ask("status");
		const asked: number[][] = [[], []];
		for (let n = 0; n < 10_000; n += 1) {
			const who = random.below(2);
			const [op, ask] = request(random);
			asked[who]?.push((askers[who] ?? askers[0]).start(op, ask));
			// Not more at once than a reader's queue holds.
			if (n % 500 === 499)
				for (const [i, asker] of askers.entries()) await asker.answer(asked[i]?.at(-1) ?? 1);
		}
		for (const [i, asker] of askers.entries()) {
			const answered = new Set(asker.heard.filter((m) => m.ok !== undefined).map((m) => m.id));
			assert.equal(
				asked[i]?.filter((id) => !answered.has(id)),
				[],
			);
			assert.not(asker.closed);
		}
		assert.is(await scene.asker().ask("status"), before);
		const said = concat(...askers.flatMap((asker) => asker.heard.map((m) => latin(JSON.stringify(m)))));
		const logged = new TextEncoder().encode(lines.join("\n"));
		for (const secret of [tmk, pik, mak, tdk, kbpk])
			for (const where of [said, logged]) assert.not(standsIn(where, unhex(secret)));
		assert.ok(standsIn(concat(said, latin(pik)), unhex(pik)), "it would have been found");

		const good = askers.flatMap((asker) => asker.heard.filter((m) => m.ok === true)).length;
		assert.ok(good > 500, `${good} were done`);
		const refusals = askers.flatMap((asker) =>
			asker.heard.filter((m) => /^vault\.(refused|bad-request)$/.test(m.fault?.code ?? "")),
		).length;
		const [, refused] = /"refused":(\d+)/.exec(await askers[1].ask("key-report")) ?? [];
		assert.is(Number(refused), refusals, "each refusal is counted");
		assert.is(lines.filter((line) => line.includes("vault-refused")).length, refusals, "and logged");
		assert.is(await askers[0].ask("import-working-keys", threeKeys), 'ok {"slots":["pik","mak","tdk"]}');
	}),
);
fuzz.run();
