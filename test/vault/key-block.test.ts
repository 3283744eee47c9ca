import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, latin, unhex } from "../../src/kit/bytes.ts";
import { aesFor } from "../../src/runtime/aes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { cmac } from "../../src/spec/keys/cmac.ts";
import { desKcv } from "../../src/spec/keys/kcv.ts";
import { wrapKeyBlock } from "../../src/spec/keys/tr31.ts";
import { type KeyBlockHeader, optionalBlock } from "../../src/spec/keys/tr31-header.ts";
import { act, type Scene, standsIn, tmk, withStore } from "./scene.ts";

const kbpk = "00112233445566778899AABBCCDDEEFF0123456789ABCDEFFEDCBA9876543210";
const tdesKbpk = "89E88CF7931444F334BD7547FC3F380C";
const key = "F039121BEC83D26B169BDCD5B22AAF8F";
const plain: KeyBlockHeader = {
	version: "D",
	usage: "P0",
	algorithm: "T",
	mode: "E",
	keyVersion: "00",
	exportability: "N",
	reserved: "00",
	optional: [],
};
/** What the key host sends. */
function block(more: Partial<KeyBlockHeader> = {}, its = key, under = kbpk): string {
	const order = { random: systemRandom, spread: 2, legacy: true } as const;
	const made = wrapKeyBlock(
		{ desFor, aesFor },
		unhex(under),
		{ header: { ...plain, ...more }, key: unhex(its) },
		order,
	);
	if (!made.ok) throw new Error(made.error.at);
	return made.value;
}
const withKbpk = (play: (scene: Scene) => Promise<void>, its = kbpk): (() => Promise<void>) =>
	act({}, async (scene) => {
		await scene.vault.close();
		const algorithm = its === kbpk ? "A" : "T";
		withStore(scene, (store) => store.put([{ slot: "kbpk", key: unhex(its), algorithm }]));
		await scene.restart();
		await play(scene);
	});
const loaded = (its: string): string => `ok {"kcv":"${hex(desKcv(desFor(unhex(its))))}"}`;

const load = suite("TR-31 blocks under the key-block protection key");
load(
	"a PIN key, a MAC key and a data key land in their slots, and no other",
	withKbpk(async (scene) => {
		const asker = scene.asker();
		assert.is(await asker.ask("load-block", { slot: "pik", block: block() }), loaded(key));
		const mac = "2B7E151628AED2A6ABF7158809CF4F3C";
		const wrapped = block({ usage: "M6", algorithm: "A", mode: "C", keyVersion: "03" }, mac);
		assert.match(await asker.ask("load-block", { slot: "m6", block: wrapped }), /^ok \{"kcv":"\w{6}"\}$/);
		const data = unhex("6BC1BEE22E409F96E93D7E117393172A");
		assert.is(
			await asker.ask("mac", { data: hex(data), slot: "m6" }),
			'ok {"mac":"070A16B46B4D4144F79BDD9DD04A287C"}',
		);
		assert.is(
			hex(cmac(aesFor(unhex(mac)), 16, data)),
			"070A16B46B4D4144F79BDD9DD04A287C",
			"NIST SP 800-38B, D.1",
		);
		const report = await scene.asker({ hello: "technician" }).ask("key-report");
		assert.match(report, '"slot":"m6","usage":"M6","algorithm":"A","keySet":"0","version":"03"');
		await scene.vault.close();
		for (const secret of [key, mac, kbpk]) assert.not(standsIn(scene.files(), unhex(secret)));
	}),
);
load(
	"version B under a TDES key",
	withKbpk(async (scene) => {
		const wrapped = block({ version: "B" }, key, tdesKbpk);
		assert.is(await scene.asker().ask("load-block", { slot: "pik", block: wrapped }), loaded(key));
	}, tdesKbpk),
);

const ksn = optionalBlock("KS", "FFFF9876543210E00000");
const refused: readonly (readonly [string, string, () => string, string])[] = [
	["another usage", "mak", () => block(), "block.usage"],
	["a base derivation key", "ipek", () => block({ usage: "B0", mode: "X", optional: [ksn] }), "block.usage"],
	["a protection key in a working slot", "pik", () => block({ usage: "K1", mode: "D" }), "block.usage"],
	["another algorithm", "pik", () => block({ algorithm: "A" }), "block.algorithm"],
	["a key that may only decipher PINs", "pik", () => block({ mode: "D" }), "block.mode"],
	["a key for any use", "pik", () => block({ mode: "N" }), "block.mode"],
	["an exportable key", "pik", () => block({ exportability: "E" }), "block.exportability"],
	["a component", "pik", () => block({ keyVersion: "c1" }), "block.key-version"],
	["a PIN key of 24 bytes", "pik", () => block({}, `${key}0011223344556677`), "block.key-length"],
	["another protection key", "pik", () => block({}, key, kbpk.replace("00", "01")), "block.mac"],
	["an old version of block", "pik", () => block({ version: "A" }, key, tdesKbpk), "block.version"],
	[
		"an initial key without its number",
		"ipek",
		() => block({ usage: "B1", mode: "X" }),
		"block.optional-block",
	],
	["a key that stands in another slot", "pik", () => block({}, tmk), "pik"],
];
for (const [what, slot, make, at] of refused)
	load(
		`${what}: refused at ${at}, and nothing has changed`,
		withKbpk(async (scene) => {
			const asker = scene.asker();
			const before = await asker.ask("status");
			assert.is(await asker.ask("load-block", { slot, block: make() }), `vault.refused ${at}`);
			assert.is(await asker.ask("status"), before);
		}),
	);
load(
	"every character of a block bent: refused, and the old key stays",
	withKbpk(async (scene) => {
		const asker = scene.asker();
		const good = block({ keyVersion: "01" });
		const before = await asker.ask("status");
		for (const [at, char] of [...good].entries()) {
			const bent = good.slice(0, at) + (char === "0" ? "1" : "0") + good.slice(at + 1);
			assert.match(
				await asker.ask("load-block", { slot: "pik", block: bent }),
				/^vault\.refused block\./,
				`at ${at}`,
			);
		}
		assert.is(await asker.ask("status"), before);
		assert.is(await asker.ask("load-block", { slot: "pik", block: good }), loaded(key));
	}),
);
load(
	"a counted version is never taken back",
	withKbpk(async (scene) => {
		const asker = scene.asker();
		const other = "1A2B3C4D5E6F70819A2B3C4D5E6F7081";
		const at = (keyVersion: string, its: string): Promise<string> =>
			asker.ask("load-block", { slot: "pik", block: block({ keyVersion }, its) });
		assert.is(await at("07", key), loaded(key));
		assert.is(await at("06", other), "vault.refused block.key-version");
		assert.is(await at("00", other), "vault.refused block.key-version");
		assert.is(await at("08", other), loaded(other));
	}),
);
load(
	"an initial DUKPT key works from its first number on, and the same block a second time is refused",
	withKbpk(async (scene) => {
		const asker = scene.asker();
		const initial = "6AC292FAA1315B4D858AB3A3D7D5933A";
		const sent = block({ usage: "B1", mode: "X", optional: [ksn] }, initial);
		assert.is(await asker.ask("load-block", { slot: "ipek", block: sent }), loaded(initial));
		const data = hex(latin("4012345678909D987"));
		assert.match(
			await asker.ask("mac", { data, slot: "ipek" }),
			/^ok \{"mac":"9CCC7817\w{8}","ksn":"FFFF9876543210E00001"\}$/,
		);
		assert.is(await asker.ask("load-block", { slot: "ipek", block: sent }), "vault.refused key-id");
		assert.match(await asker.ask("mac", { data, slot: "ipek" }), "FFFF9876543210E00002");
	}),
);
load(
	"no protection key, no block; and neither it nor the sealing key comes in one",
	act({}, async (scene) => {
		const asker = scene.asker();
		assert.is(await asker.ask("load-block", { slot: "pik", block: block() }), "vault.no-key kbpk");
		for (const slot of ["kbpk", "seal"])
			assert.is(await asker.ask("load-block", { slot, block: block() }), "vault.bad-request load-block.slot");
	}),
);
load.run();
