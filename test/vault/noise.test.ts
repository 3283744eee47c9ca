import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { mayAsk } from "../../src/contract/vault.ts";
import { act, threeKeys } from "./scene.ts";

const noise = suite("noise at the vault's door");
const ops: readonly string[] = [...mayAsk.terminal, "decrypt", "constructor", "toString", ""];
const pan = "6212345678901232";
const bodies: readonly object[] = [
	threeKeys,
	{ data: "0200", mac: "3030303030303030" },
	{ pan, least: 4, most: 12, emptyAllowed: true, firstMs: 1000, betweenMs: 1000 },
	{ account: { pan, expiry: "3012" }, context: "x" },
];

noise(
	"whatever is asked is answered by its number, and the vault stays as it was",
	act({}, async (scene) => {
		const asker = scene.asker();
		const before = await asker.ask("status");
		const bent = fc.oneof(
			fc.jsonValue(),
			// A good body with one field of it replaced.
			fc.tuple(fc.constantFrom(...bodies), fc.nat(5), fc.jsonValue()).map(([body, at, value]) => {
				const name = Object.keys(body)[at];
				return name === undefined ? body : { ...body, [name]: value };
			}),
		);
		await fc.assert(
			fc.asyncProperty(fc.constantFrom(...ops), bent, async (op, ask) => {
				// These change the vault when they are asked well.
				if (["drop-working-keys", "enter-pin", "import-working-keys"].includes(op)) return;
				assert.match(await asker.ask(op, ask), /^(ok \{|vault\.(bad-request|refused|unsealable) )/);
			}),
			{ numRuns: 300 },
		);
		assert.is(await asker.ask("status"), before);
	}),
);

noise(
	"bytes of any kind end their own connection at the most",
	act({}, async (scene) => {
		const watch = scene.asker();
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, greeted) => {
				const asker = scene.asker(greeted ? { hello: "terminal" } : undefined);
				asker.raw(bytes);
				assert.match(await watch.ask("status"), /^ok/);
				asker.end();
			}),
			{ numRuns: 60 },
		);
	}),
);

noise(
	"JSON frames of any kind too",
	act({}, async (scene) => {
		const watch = scene.asker();
		await fc.assert(
			fc.asyncProperty(fc.jsonValue(), async (message) => {
				const asker = scene.asker();
				asker.send(message);
				assert.match(await watch.ask("status"), /^ok/);
				asker.end();
			}),
			{ numRuns: 60 },
		);
	}),
);
noise.run();
