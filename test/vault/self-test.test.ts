import { existsSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Random } from "../../src/kit/random.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { knownAnswers, selfTest, selfTestMs } from "../../src/vault/self-test.ts";
import { act, TamperLine, threeKeys } from "./scene.ts";

const known = suite("known answers");
known("every algorithm gives its published numbers", () => {
	assert.equal(selfTest(knownAnswers, systemRandom), []);
	assert.ok(knownAnswers.length >= 11);
});
for (const { algorithm } of knownAnswers)
	known(`${algorithm}: one wrong bit of the answer is seen, and so is a throw`, () => {
		const bent = (run: (answer: Uint8Array) => Uint8Array): readonly string[] =>
			selfTest(
				knownAnswers.map((k) => (k.algorithm === algorithm ? { ...k, run: () => run(k.run()) } : k)),
				systemRandom,
			);
		assert.equal(
			bent((answer) =>
				answer.length === 0 ? Uint8Array.of(0) : answer.map((b, i) => (i === 0 ? b ^ 1 : b)),
			),
			[algorithm],
		);
		const broken = (): never => {
			throw new Error("no such cipher");
		};
		assert.equal(bent(broken), [algorithm]);
	});
known("chance that repeats itself is none", () => {
	const stuck: Random = { bytes: (count) => new Uint8Array(count), below: () => 0 };
	assert.equal(selfTest(knownAnswers, stuck), ["random"]);
});
known.run();

const daily = suite("self-test of a running vault");
let wrong = false;
const mayBend = knownAnswers.map((known, i) =>
	i === 3 ? { ...known, run: () => (wrong ? new Uint8Array(16) : known.run()) } : known,
);
const pin = {
	pan: "6212345678901232",
	least: 4,
	most: 12,
	emptyAllowed: true,
	firstMs: 1000,
	betweenMs: 1000,
};
const asks: readonly (readonly [string, object])[] = [
	["mac", { data: "0200" }],
	["import-working-keys", threeKeys],
	["drop-working-keys", {}],
	["enter-pin", pin],
	["seal-account", { account: { pan: "6212345678901232", expiry: "" }, context: "x" }],
	["open-account", { sealed: "00".repeat(40), context: "x" }],
];

daily(
	"well each day: nothing is seen of it; wrong after a day: no key is used until it starts and passes",
	act({ knownAnswers: mayBend }, async (scene) => {
		wrong = false;
		const asker = scene.asker();
		for (let day = 0; day < 3; day += 1) {
			scene.clock.pass(selfTestMs);
			assert.match(await asker.ask("mac", { data: "0200" }), /^ok/);
		}
		wrong = true;
		scene.clock.pass(selfTestMs - 1);
		assert.match(await asker.ask("mac", { data: "0200" }), /^ok/);
		scene.clock.pass(1);
		for (const [op, ask] of asks) assert.is(await asker.ask(op, ask), "vault.failed keys", op);
		assert.match(await asker.ask("status"), /"state":"failed","keys":\[\],.*"reason":"self-test"/);
		scene.clock.pass(selfTestMs);
		await scene.restart();
		assert.is(
			await scene.asker().ask("mac", { data: "0200" }),
			"vault.failed keys",
			"wrong at the start too",
		);
		wrong = false;
		await scene.restart();
		assert.match(await scene.asker().ask("mac", { data: "0200" }), /^ok/, "the keys were not erased");
	}),
);

daily(
	"a failed vault asks for no PIN: an entry under way ends",
	act({ knownAnswers: mayBend }, async (scene) => {
		wrong = false;
		const asker = scene.asker();
		scene.clock.pass(selfTestMs - 1000);
		const id = asker.start("enter-pin", { ...pin, firstMs: 60_000 });
		await asker.until(() => asker.digits(id)[0]);
		wrong = true;
		scene.clock.pass(1000);
		wrong = false;
		const { fault } = await asker.answer(id);
		assert.equal(fault, { code: "vault.failed", at: "enter-pin" });
	}),
);

const line = new TamperLine();
daily(
	"a failed vault still erases itself when the case is opened",
	act({ knownAnswers: mayBend, tamper: line }, async (scene) => {
		wrong = true;
		scene.clock.pass(selfTestMs);
		wrong = false;
		line.pull();
		assert.not(existsSync(scene.paths.rootKeyPath));
		assert.match(await scene.asker().ask("status"), /"state":"zeroised".*"reason":"tamper"/);
	}),
);
daily.run();

const erase = suite("zeroise by the technician");
erase(
	"erases everything durably before it answers, says why, and only the technician may",
	act({}, async (scene) => {
		assert.is(await scene.asker().ask("zeroise"), "vault.refused zeroise");
		const technician = scene.asker({ hello: "technician" });
		assert.is(await technician.ask("zeroise"), "ok {}");
		assert.not(existsSync(scene.paths.rootKeyPath));
		const gone = /"state":"zeroised","keys":\[\],.*"reason":"technician"/;
		assert.match(await scene.asker().ask("status"), gone);
		await scene.restart();
		assert.match(await scene.asker().ask("status"), gone);
		assert.is(await scene.asker().ask("mac", { data: "0200" }), "vault.zeroised keys");
		assert.is(await scene.asker({ hello: "technician" }).ask("zeroise"), "ok {}", "twice does no harm");
	}),
);
const later = new TamperLine();
erase(
	"the first reason stays: a technician who erases a tampered vault hides nothing",
	act({ tamper: later }, async (scene) => {
		later.pull();
		assert.is(await scene.asker({ hello: "technician" }).ask("zeroise"), "ok {}");
		assert.match(await scene.asker().ask("status"), /"reason":"tamper"/);
	}),
);
erase(
	"a root key that is gone is its own reason",
	act({}, async (scene) => {
		await scene.vault.close();
		(await import("node:fs")).rmSync(scene.paths.rootKeyPath);
		await scene.restart();
		assert.match(await scene.asker().ask("status"), /"state":"zeroised".*"reason":"no-root-key"/);
	}),
);
erase.run();
