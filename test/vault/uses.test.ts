import { suite } from "uvu";
import * as assert from "uvu/assert";
import { macSlots, mayAsk, type Operation, type Slot, slotNames } from "../../src/contract/vault.ts";
import { hex, latin, unhex } from "../../src/kit/bytes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { openDatabase } from "../../src/runtime/sqlite.ts";
import { retailMac } from "../../src/spec/keys/issuer.ts";
import type { KeyStore } from "../../src/vault/key-store.ts";
import { type Algorithm, sizesOf, slots, uses } from "../../src/vault/slots-table.ts";
import { act, type Scene, threeKeys, tmk, withStore } from "./scene.ts";

const pan = "6212345678901232";
const pin = { pan, least: 4, most: 12, emptyAllowed: true, firstMs: 1000, betweenMs: 1000 };
const algorithms = ["T", "A"] as const;
const sizeOf = (slot: Slot, algorithm: Algorithm): number | undefined => sizesOf(slot, algorithm)[0];

/** A key in every slot that takes one; the last that the slot's table names when it takes both. */
const fill = (store: KeyStore): void => {
	for (const slot of slotNames)
		for (const algorithm of algorithms) {
			const size = sizeOf(slot, algorithm);
			if (size !== undefined && !["tmk", "seal"].includes(slot))
				store.put([{ slot, key: systemRandom.bytes(size), algorithm }]);
		}
	assert.ok(store.dukpt.put(systemRandom.bytes(16), unhex("FFFF9876543210E00000")).ok);
};
const filled = (play: (scene: Scene) => Promise<void>): (() => Promise<void>) =>
	act({}, async (scene) => {
		await scene.vault.close();
		withStore(scene, fill);
		await scene.restart();
		await play(scene);
	});

const separation = suite("every usage against every operation");

separation(
	"over the wire: an operation that names a slot of another usage is refused, whatever the slot",
	filled(async (scene) => {
		const asker = scene.asker();
		const asks: readonly (readonly [Operation, object, RegExp])[] = [
			["mac", { data: "0200" }, /^ok \{"mac":"(?:[0-9A-F]{16}){1,2}"(,"ksn":"[0-9A-F]{20}")?\}$/],
			["verify-mac", { data: "0200", mac: "0000000000000000" }, /^ok \{"good":false\}$/],
		];
		for (const [op, ask, good] of asks)
			for (const slot of slotNames) {
				const says = await asker.ask(op, { ...ask, slot });
				if (uses[op]?.includes(slots[slot].usage)) assert.match(says, good, `${op} ${slot}`);
				else assert.is(says, `vault.refused ${slot}`, op);
			}
		for (const slot of slotNames.filter((s) => !["P0", "B1"].includes(slots[s].usage)))
			assert.is(await asker.ask("enter-pin", { ...pin, slot }), `vault.refused ${slot}`);
	}),
);

separation("exactly these pairs are allowed, and no operation takes two kinds of work", () => {
	const allowed = [...new Set([...mayAsk.terminal, ...mayAsk.technician])].flatMap((op) =>
		(uses[op] ?? []).map((usage) => `${op} ${usage}`),
	);
	assert.equal(allowed, [
		"import-working-keys K0",
		"mac 10",
		"mac M0",
		"mac M3",
		"mac M6",
		"mac B1",
		"verify-mac 10",
		"verify-mac M0",
		"verify-mac M3",
		"verify-mac M6",
		"enter-pin P0",
		"enter-pin B1",
		"seal-account 11",
		"open-account 11",
		"load-block K1",
	]);
});

separation(
	"a key in the file under another usage, set or version does not open",
	filled(async (scene) => {
		await scene.vault.close();
		const db = openDatabase(scene.paths.storePath);
		db.exec("update keys set version = '01' where slot = 'mak'");
		db.exec("update keys set key_set = '1' where slot = 'pik'");
		db.exec("update keys set algorithm = 'A' where slot = 'tdk'");
		db.exec("update keys set usage = 'M3' where slot = 'm0'");
		db.exec("update keys set sealed = (select sealed from keys where slot = 'm1') where slot = 'm3'");
		db.close();
		await scene.restart();
		const asker = scene.asker();
		assert.is(await asker.ask("mac", { data: "0200" }), "vault.unsealable mak");
		assert.is(await asker.ask("mac", { data: "0200", slot: "m3" }), "vault.unsealable m3");
		assert.is(await asker.ask("enter-pin", pin), "vault.unsealable pik");
		const state = await asker.ask("status");
		for (const slot of ["mak", "pik", "tdk", "m0", "m3"]) assert.not.match(state, `"${slot}"`);
	}),
);

separation(
	"a slot takes its own algorithms and lengths alone",
	act({}, async (scene) => {
		await scene.vault.close();
		withStore(scene, (store) => {
			for (const slot of slotNames)
				for (const algorithm of algorithms)
					for (const size of [0, 8, 16, 24, 32, 40]) {
						const fits = sizesOf(slot, algorithm).includes(size);
						const put = (): void => store.put([{ slot, key: systemRandom.bytes(size), algorithm }]);
						if (fits) assert.not.throws(put, `${slot} ${algorithm} ${size}`);
						else assert.throws(put, /bytes of/, `${slot} ${algorithm} ${size}`);
					}
		});
	}),
);
separation.run();

const records = suite("what is told of a key");
records(
	"the technician reads usage, algorithm, set, version, check value; never the key",
	act({}, async (scene) => {
		await scene.vault.close();
		withStore(scene, (store) =>
			store.put([{ slot: "m6", key: unhex(tmk), algorithm: "A", keySet: "2", version: "1A" }]),
		);
		await scene.restart();
		const report = await scene.asker({ hello: "technician" }).ask("key-report");
		assert.match(
			report,
			/\{"slot":"m6","usage":"M6","algorithm":"A","keySet":"2","version":"1A","kcv":"\w{6}","exp\w{10}":"N"\}/,
		);
		assert.match(
			report,
			/\{"slot":"tmk","usage":"K0","algorithm":"T","keySet":"0","version":"00","kcv":"\w{8}"/,
		);
		assert.not.match(report, tmk);
		assert.is(await scene.asker().ask("key-report"), "vault.refused key-report");
	}),
);

records(
	"keys of a store from before there were sets and versions open as they did",
	act({}, async (scene) => {
		const asker = scene.asker();
		const before = await asker.ask("mac", { data: "0200" });
		await scene.vault.close();
		const { seal, unseal } = await import("../../src/vault/ciphers.ts");
		const { readRootKey } = await import("../../src/vault/root-key.ts");
		const root = readRootKey(scene.paths.rootKeyPath) ?? new Uint8Array(32);
		const db = openDatabase(scene.paths.storePath);
		const row = db.prepare<[], { sealed: Uint8Array }>("select sealed from keys where slot = 'mak'").get();
		const key = unseal(root, row?.sealed ?? new Uint8Array(0), latin("guitai key 2|mak|10|T|0|00|N"));
		assert.ok(key, "this is what a row binds today");
		db.prepare("update keys set binding = 1, sealed = ? where slot = 'mak'").run(
			seal(root, key, latin("guitai key 1|mak|10|T"), systemRandom),
		);
		db.close();
		await scene.restart();
		assert.is(await scene.asker().ask("mac", { data: "0200" }), before);
	}),
);

records(
	"M3 is the retail MAC, and the other MAC slots lend their key to nobody yet",
	filled(async (scene) => {
		await scene.vault.close();
		const key = unhex("0123456789ABCDEFFEDCBA9876543210");
		withStore(scene, (store) => store.put([{ slot: "m3", key: key.slice() }]));
		await scene.restart();
		const asker = scene.asker();
		const data = latin("Now is the time for all ");
		const whole = hex(retailMac(desFor, key, data, "00"));
		assert.match(whole, /^A1C72E74/);
		assert.is(await asker.ask("mac", { data: hex(data), slot: "m3" }), `ok {"mac":"${whole}"}`);
		const good = await asker.ask("verify-mac", { data: hex(data), mac: whole, slot: "m3" });
		assert.is(good, 'ok {"good":true}');
		for (const slot of macSlots.filter((s) => !["m0", "m3", "m6"].includes(s)))
			assert.is(await asker.ask("mac", { data: "00", slot }), `vault.refused ${slot}`);
	}),
);

records(
	"a working key that stands in a lasting slot already is refused",
	act({ keys: false }, async (scene) => {
		await scene.vault.close();
		const pik = unhex("807A23AD32B36D457AE91FDF927570EA");
		withStore(scene, (store) => store.put([{ slot: "kbpk", key: pik }]));
		await scene.restart();
		assert.is(await scene.asker().ask("import-working-keys", threeKeys), "vault.refused pik");
	}),
);
records.run();
