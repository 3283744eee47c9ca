import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, latin, unhex, unlatin } from "../../src/kit/bytes.ts";
import { limits } from "../../src/kit/limits.ts";
import { desFor } from "../../src/runtime/des.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { openDatabase } from "../../src/runtime/sqlite.ts";
import { unionPayMac } from "../../src/spec/keys/mac.ts";
import { KeyStore } from "../../src/vault/key-store.ts";
import { readRootKey } from "../../src/vault/root-key.ts";
import { provisionVault } from "../../src/vault/vault.ts";
import { act, mak, pik, standsIn, TamperLine, tdk, threeKeys, tmk, under } from "./scene.ts";

const door = suite("the vault's door");

door(
	"a terminal may ask for the state, a technician too and for nothing else",
	act({}, async (scene) => {
		const technician = scene.asker({ hello: "technician" });
		const state = await technician.ask("status");
		assert.match(state, /"state":"ready"/);
		assert.match(state, /"slot":"pik","kcv":"8D0A74B8"/);
		assert.match(state, /"slot":"mak","kcv":"AB7153CA"/);
		for (const op of [
			"mac",
			"enter-pin",
			"import-working-keys",
			"drop-working-keys",
			"open-account",
			"cancel-pin",
		])
			assert.is(await technician.ask(op), `vault.refused ${op}`);
	}),
);

const strangers: readonly (readonly [string, unknown])[] = [
	["a name that is on no list", { hello: "cloud" }],
	["a request before its name", { id: 1, op: "status", ask: {} }],
	["a name with something more", { hello: "terminal", and: 1 }],
	["no object at all", 7],
];
for (const [what, first] of strangers)
	door(
		`${what}: the connection ends, and what came behind it is not heard`,
		act({}, async (scene) => {
			const asker = scene.asker(undefined);
			asker.send(first);
			asker.send({ hello: "terminal" });
			asker.send({ id: 2, op: "status", ask: {} });
			assert.ok(await asker.ended());
			assert.equal(asker.heard, []);
		}),
	);

const malformed: readonly (readonly [string, Uint8Array])[] = [
	["a frame that is not JSON", unhex("00000003 7B7B7B")],
	["a frame that is not UTF-8", unhex("00000003 22FF22")],
	["an empty frame", unhex("00000000")],
	["a frame over the bound", unhex("00010001 7B7D")],
	["a frame of four gigabytes", unhex("FFFFFFFF")],
	["a request without a number", latin('\0\0\0\x0f{"op":"status"}')],
];
for (const [what, bytes] of malformed)
	door(
		`${what} ends the connection, and the vault lives on`,
		act({}, async (scene) => {
			const asker = scene.asker();
			asker.raw(bytes);
			assert.ok(await asker.ended());
			assert.match(await scene.asker().ask("status"), /^ok/);
		}),
	);

const refused: readonly (readonly [string, unknown, string])[] = [
	["decrypt", {}, "vault.bad-request op"],
	["export-key", { slot: "tmk" }, "vault.bad-request op"],
	["__proto__", {}, "vault.bad-request op"],
	["status", { more: 1 }, "vault.bad-request status.more"],
	["mac", {}, "vault.bad-request mac.data"],
	["mac", { data: "0" }, "vault.bad-request mac.data"],
	["mac", { data: "abcd" }, "vault.bad-request mac.data"],
	["mac", { data: "00".repeat(4097) }, "vault.bad-request mac.data"],
	["verify-mac", { data: "00", mac: "00" }, "vault.bad-request verify-mac.mac"],
	["import-working-keys", { keys: [] }, "vault.bad-request import-working-keys.keys"],
	[
		"import-working-keys",
		{ keys: [{ ...under("pik", pik), slot: "tmk" }] },
		"vault.bad-request import-working-keys.keys.0.slot",
	],
	[
		"import-working-keys",
		{ keys: [{ ...under("pik", pik), slot: "seal" }] },
		"vault.bad-request import-working-keys.keys.0.slot",
	],
	[
		"import-working-keys",
		{ keys: [under("pik", pik), under("pik", tdk)] },
		"vault.bad-request import-working-keys.keys",
	],
	[
		"enter-pin",
		{ pan: "6212A", least: 4, most: 12, emptyAllowed: true, firstMs: 30_000, betweenMs: 10_000 },
		"vault.bad-request enter-pin.pan",
	],
	[
		"enter-pin",
		{ pan: "6212345678901232", least: 1, most: 12, emptyAllowed: true, firstMs: 30_000, betweenMs: 10_000 },
		"vault.bad-request enter-pin.least",
	],
	[
		"seal-account",
		{ account: { pan: "1", expiry: "" }, context: "x" },
		"vault.bad-request seal-account.account.pan",
	],
	["open-account", { sealed: "00", context: "x" }, "vault.bad-request open-account.sealed"],
];
door(
	"says where a request is wrong, and never what stood there",
	act({}, async (scene) => {
		const asker = scene.asker();
		for (const [op, ask, says] of refused) assert.is(await asker.ask(op, ask), says, `${op} ${says}`);
	}),
);

door(
	"its socket and its store are its owner's alone; too many connections are closed",
	act({}, async (scene) => {
		for (const path of Object.values(scene.paths)) assert.is(statSync(path).mode & 0o777, 0o600, path);
		const askers = Array.from({ length: limits.socketConnections + 1 }, () => scene.asker());
		assert.ok(await askers.at(-1)?.ended());
		assert.match((await askers[0]?.ask("status")) ?? "", /^ok/);
	}),
);
door.run();

const keys = suite("working keys");

keys(
	"a sign-in's three keys are taken under the master key; a MAC key of one length stays single",
	act({ keys: false }, async (scene) => {
		const asker = scene.asker();
		assert.is(await asker.ask("mac", { data: "0200" }), "vault.no-key mak");
		assert.is(await asker.ask("import-working-keys", threeKeys), 'ok {"slots":["pik","mak","tdk"]}');
		const data = unhex("0200302004C020C09811");
		const expected = unionPayMac(desFor(unhex(mak)), data);
		assert.is(await asker.ask("mac", { data: hex(data) }), `ok {"mac":"${hex(expected)}"}`);
		assert.is(await asker.ask("verify-mac", { data: hex(data), mac: hex(expected) }), 'ok {"good":true}');
		const wrong = hex(latin(unlatin(expected).replace(/.$/, (c) => (c === "0" ? "1" : "0"))));
		assert.is(await asker.ask("verify-mac", { data: hex(data), mac: wrong }), 'ok {"good":false}');
	}),
);

keys(
	"keys of the day replace those of yesterday, all of them",
	act({}, async (scene) => {
		const asker = scene.asker();
		const other = "1A2B3C4D5E6F70819A2B3C4D5E6F7081";
		assert.match(
			await asker.ask("import-working-keys", { keys: [under("pik", other), under("mak", mak)] }),
			/^ok/,
		);
		const state = await asker.ask("status");
		assert.not.match(state, "8D0A74B8");
		assert.not.match(state, "tdk");
	}),
);

for (const at of [0, 1, 2])
	keys(
		`a wrong check value on key ${at + 1}: none is taken, the old ones are dropped`,
		act({}, async (scene) => {
			const asker = scene.asker();
			const bad = threeKeys.keys.map((key, i) => (i === at ? { ...key, kcv: "00000000" } : key));
			assert.match(await asker.ask("import-working-keys", { keys: bad }), /^vault.wrong-kcv (pik|mak|tdk)$/);
			assert.match(
				await asker.ask("status"),
				/"keys":\[\{"slot":"tmk","kcv":"\w{8}"\},\{"slot":"seal","kcv":"\w{6}"\}\]/,
			);
		}),
	);

keys(
	"one key for two purposes is refused, and so is the master key as a working key",
	act({}, async (scene) => {
		const asker = scene.asker();
		const twice = { keys: [under("pik", pik), under("mak", pik)] };
		assert.is(await asker.ask("import-working-keys", twice), "vault.refused mak");
		assert.is(await asker.ask("import-working-keys", { keys: [under("pik", tmk)] }), "vault.refused pik");
	}),
);

keys(
	"dropped keys are gone",
	act({}, async (scene) => {
		const asker = scene.asker();
		assert.is(await asker.ask("drop-working-keys"), "ok {}");
		assert.is(await asker.ask("mac", { data: "0200" }), "vault.no-key mak");
	}),
);

keys(
	"a slot lends its key for its own usage only, whatever is tried",
	act({}, async (scene) => {
		await scene.vault.close();
		const root = readRootKey(scene.paths.rootKeyPath);
		assert.ok(root);
		const store = KeyStore.open(scene.paths.storePath, root, systemRandom);
		const own = { tmk: "K0", pik: "P0", mak: "10", tdk: "D0", seal: "11" } as const;
		const slots = ["tmk", "pik", "mak", "tdk", "seal"] as const;
		for (const slot of slots)
			for (const usage of slots.map((s) => own[s])) {
				const lent = store.use(slot, usage, () => "lent");
				assert.is(
					lent.ok ? lent.value : `${lent.error.code} ${lent.error.at}`,
					usage === own[slot] ? "lent" : `vault.refused ${slot}`,
				);
			}
		store.close();
	}),
);

keys(
	"a row moved to another slot in the file does not open",
	act({}, async (scene) => {
		await scene.vault.close();
		const db = openDatabase(scene.paths.storePath);
		db.exec("update keys set sealed = (select sealed from keys where slot = 'pik') where slot = 'tdk'");
		db.exec("update keys set sealed = (select sealed from keys where slot = 'tdk') where slot = 'mak'");
		db.close();
		await scene.restart();
		const asker = scene.asker();
		assert.is(await asker.ask("mac", { data: "0200" }), "vault.unsealable mak");
		assert.not.match(await asker.ask("status"), /"tdk"|"mak"/);
	}),
);
keys.run();

const accounts = suite("sealed accounts");
accounts(
	"open in their own context, and in no other",
	act({}, async (scene) => {
		const asker = scene.asker();
		const account = { pan: "6212345678901232", expiry: "3012" };
		const sealed = await asker.ask("seal-account", { account, context: "reversal 000042" });
		const [, box = ""] = /"sealed":"([0-9A-F]+)"/.exec(sealed) ?? [];
		assert.not(standsIn(latin(box), latin(account.pan)));
		assert.is(
			await asker.ask("open-account", { sealed: box, context: "reversal 000042" }),
			`ok ${JSON.stringify(account)}`,
		);
		assert.is(
			await asker.ask("open-account", { sealed: box, context: "reversal 000043" }),
			"vault.unsealable open-account",
		);
		const bent = box.replace(/.$/, (c) => (c === "0" ? "1" : "0"));
		assert.is(
			await asker.ask("open-account", { sealed: bent, context: "reversal 000042" }),
			"vault.unsealable open-account",
		);
		assert.is.not(await asker.ask("seal-account", { account, context: "reversal 000042" }), sealed);
	}),
);
accounts(
	"open after a restart and after a new master key",
	act({}, async (scene) => {
		const account = { pan: "6212345678901232", expiry: "" };
		const sealed = await scene.asker().ask("seal-account", { account, context: "x" });
		const [, box = ""] = /"sealed":"([0-9A-F]+)"/.exec(sealed) ?? [];
		await scene.vault.close();
		provisionVault({ ...scene.paths, tmk: unhex(tdk) });
		await scene.restart();
		assert.is(
			await scene.asker().ask("open-account", { sealed: box, context: "x" }),
			`ok ${JSON.stringify(account)}`,
		);
	}),
);
accounts.run();

const rest = suite("keys at rest");
rest(
	"no file holds a key in any form, before and after the vault closes",
	act({}, async (scene) => {
		const all = [tmk, pik, mak, tdk].map(unhex);
		for (const key of all) assert.not(standsIn(scene.files(), key));
		await scene.vault.close();
		for (const key of all) assert.not(standsIn(scene.files(), key));
		const store = readFileSync(scene.paths.storePath);
		assert.not(
			standsIn(store, readFileSync(scene.paths.rootKeyPath)),
			"the root key is in its own file alone",
		);
	}),
);
rest("the search would have found them", () => {
	const key = unhex(pik);
	for (const form of [
		pik,
		pik.toLowerCase(),
		`x${Buffer.from(`..${unlatin(key)}`, "latin1").toString("base64")}`,
	])
		assert.ok(standsIn(latin(form), key), form);
	assert.ok(standsIn(key, key));
});
const bad: readonly (readonly [string, (path: string) => void, RegExp])[] = [
	["that others may read", (path) => chmodSync(path, 0o640), /mode 640/],
	["of another length", (path) => writeFileSync(path, new Uint8Array(31)), /31 bytes/],
	["behind a link", (path) => symlinkSync("elsewhere", path), /ELOOP|symbolic/],
];
for (const [what, spoil, says] of bad)
	rest(
		`a root key ${what} is refused`,
		act({}, async (scene) => {
			await scene.vault.close();
			if (what === "behind a link") (await import("node:fs")).rmSync(scene.paths.rootKeyPath);
			spoil(scene.paths.rootKeyPath);
			await scene.restart().then(
				() => assert.unreachable("it opened"),
				(error: Error) => assert.match(error.message, says),
			);
		}),
	);
rest.run();

const tamper = suite("tamper");
const line = new TamperLine();
tamper(
	"keys are erased, every operation is refused, and no restart brings them back",
	act({ tamper: line }, async (scene) => {
		const asker = scene.asker();
		assert.match(await asker.ask("mac", { data: "0200" }), /^ok/);
		const root = readFileSync(scene.paths.rootKeyPath);
		line.pull();
		assert.not(existsSync(scene.paths.rootKeyPath));
		const asks: readonly (readonly [string, unknown])[] = [
			["mac", { data: "0200" }],
			["verify-mac", { data: "0200", mac: "0000000000000000" }],
			["import-working-keys", threeKeys],
			["drop-working-keys", {}],
			["cancel-pin", {}],
			[
				"enter-pin",
				{ pan: "6212345678901232", least: 4, most: 12, emptyAllowed: true, firstMs: 1000, betweenMs: 1000 },
			],
			["seal-account", { account: { pan: "6212345678901232", expiry: "" }, context: "x" }],
			["open-account", { sealed: "00".repeat(40), context: "x" }],
		];
		for (const [op, ask] of asks) assert.is(await asker.ask(op, ask), "vault.zeroised keys", op);
		assert.match(await asker.ask("status"), /"state":"zeroised","keys":\[\]/);
		for (const what of [root, ...[tmk, pik, mak, tdk].map(unhex)]) assert.not(standsIn(scene.files(), what));
		await scene.restart();
		assert.is(await scene.asker().ask("mac", { data: "0200" }), "vault.zeroised keys");
		const db = openDatabase(scene.paths.storePath);
		assert.is(db.prepare<[], { n: number }>("select count(*) n from keys").get()?.n, 0);
		db.close();
	}),
);
tamper(
	"a line that was broken while the power was off is seen before anything else",
	act({}, async (scene) => {
		await scene.vault.close();
		const broken = new TamperLine();
		broken.pull();
		const { Vault } = await import("../../src/vault/vault.ts");
		const { silent } = await import("../../src/kit/log.ts");
		scene.vault = new Vault({
			...scene.paths,
			pinKeys: scene.keys(),
			tamper: broken,
			clock: scene.clock,
			random: systemRandom,
			log: silent,
		});
		await scene.vault.open();
		assert.not(existsSync(scene.paths.rootKeyPath));
		assert.match(await scene.asker().ask("status"), /zeroised/);
	}),
);
tamper(
	"a power cut between key file and rows leaves it zeroised; provisioning brings it back",
	act({}, async (scene) => {
		await scene.vault.close();
		(await import("node:fs")).rmSync(scene.paths.rootKeyPath);
		await scene.restart();
		assert.is(await scene.asker().ask("mac", { data: "0200" }), "vault.zeroised keys");
		await scene.vault.close();
		provisionVault({ ...scene.paths, tmk: unhex(tmk) });
		await scene.restart();
		assert.match(await scene.asker().ask("import-working-keys", threeKeys), /^ok/);
	}),
);
tamper.run();
