import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { PadSlot } from "../../../src/contract/device.ts";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { seeded } from "../../../src/kit/random.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { wrapKeyBlock } from "../../../src/spec/keys/tr31.ts";
import { type OptionalBlock, optionalBlock } from "../../../src/spec/keys/tr31-header.ts";
import { openFormat0 } from "../../../src/spec/pin/block.ts";
import {
	account,
	ask,
	ciphers,
	closeBenches,
	keyedBench,
	macKey,
	masterKey,
	type PadBench,
	said,
	until,
	workingKey,
} from "./rig.ts";

const loadingKey = unhex("89E88CF7931444F334BD7547FC3F380C");
const attributes = {
	version: "B",
	algorithm: "T",
	mode: "N",
	keyVersion: "00",
	exportability: "N",
	reserved: "00",
} as const;
function block(
	usage: string,
	key: Uint8Array,
	optional: readonly OptionalBlock[] = [],
	under = loadingKey,
): string {
	const order = { random: seeded(9), spread: 0 };
	const made = wrapKeyBlock(ciphers, under, { header: { ...attributes, usage, optional }, key }, order);
	if (!made.ok) throw new Error(`no block: ${made.error.at}`);
	return made.value;
}
const kcv = (key: Uint8Array): string => hex(desFor(key).encrypt(new Uint8Array(8)).slice(0, 3));

/** Keys the PIN when the pad asks for it. */
async function keyed({ emulator }: PadBench, pin: "1234" | "98765"): Promise<void> {
	await until(() => emulator.entering());
	emulator.press(
		...(pin === "1234" ? (["1", "2", "3", "4"] as const) : (["9", "8", "7", "6", "5"] as const)),
	);
	emulator.press("confirm");
}

const loads = suite("PIN pad: keys as TR-31 blocks");
loads("under the key-loading key: a master key enciphers, a MAC key has its check value", async () => {
	const bench = await keyedBench("F", loadingKey);
	const { pad, close } = bench;
	assert.is(said(await pad.loadKey("1", block("K0", masterKey))), "done");
	assert.is(said(await pad.loadKey("B", block("M3", macKey))), "done");
	assert.is(said(await pad.loaded("1")), "true");
	assert.is(said(await pad.loaded("2")), "false");
	assert.is(said(await pad.checkValue("B")), kcv(macKey));
	const entry = pad.enterPin(ask);
	await keyed(bench, "98765");
	const [, sealed = ""] = said(await entry).split(" ");
	const opened = openFormat0(desFor(workingKey).decrypt(unhex(sealed)), account);
	assert.is(opened.ok && [...opened.value].join(""), "98765");
	await close();
});
loads("what the pad refuses, each by its own reason, and what it held stays", async () => {
	const { pad, close } = await keyedBench("F", loadingKey);
	assert.is(said(await pad.loadKey("B", block("M3", macKey))), "done");
	const good = block("K0", masterKey);
	const flipped = `${good.slice(0, 40)}${good[40] === "0" ? "1" : "0"}${good.slice(41)}`;
	const longer = unhex("0123456789ABCDEFFEDCBA98765432100011223344556677");
	const rows: readonly (readonly [PadSlot, string, string])[] = [
		["1", flipped, "pad.key-block 02:C"],
		["1", block("K0", masterKey, [], masterKey), "pad.key-block 02:C"],
		["1", `${good.slice(0, -2)}`, "pad.key-block 02:A"],
		["1", block("D0", masterKey), "pad.key-usage 02:E"],
		["C", block("K0", masterKey), "pad.key-usage 02:E"],
		["G", block("P0", masterKey), "pad.key-usage 02:E"],
		["C", block("M3", macKey), "pad.key-duplicate 02:2"],
		["1", block("K0", longer), "pad.key-too-strong 02:B"],
		["1", "0123", "pad.key-format 02:7"],
	];
	for (const [slot, text, wanted] of rows) assert.is(said(await pad.loadKey(slot, text)), wanted);
	assert.is(said(await pad.loaded("1")), "false");
	assert.is(said(await pad.checkValue("B")), kcv(macKey));
	await close();
});
loads(
	"without a key-loading key; a clear key without custodians; a clear key erases the others",
	async () => {
		const { emulator, pad, close } = await keyedBench("B", macKey);
		assert.is(said(await pad.loadKey("1", block("K0", masterKey))), "pad.no-key 02:D");
		assert.is(said(await pad.loadClearKey("F", Uint8Array.from(loadingKey))), "pad.not-authorised 02");
		assert.is(said(await pad.loaded("B")), "true");
		emulator.authorise();
		assert.is(said(await pad.loadClearKey("F", Uint8Array.from(loadingKey))), "done");
		assert.is(said(await pad.loaded("B")), "false");
		assert.is(said(await pad.loadClearKey("B", Uint8Array.from(macKey))), "pad.not-authorised 02");
		await close();
	},
);
loads("a pad that was opened has no key anywhere", async () => {
	const { emulator, pad, close } = await keyedBench("F", loadingKey);
	await pad.loadKey("1", block("K0", masterKey));
	await pad.loadKey("B", block("M3", macKey));
	await pad.loadInitialKey(initialBlock);
	emulator.tamper();
	assert.is(said(await pad.enterPin(ask)), "pad.no-key 08:1");
	assert.is(said(await pad.enterPin(dukptAsk)), "pad.no-key 70:A");
	assert.is(said(await pad.checkValue("B")), "pad.key-slot Z66:3");
	assert.is(said(await pad.loadKey("1", block("K0", masterKey))), "pad.no-key 02:D");
	await close();
});
loads.after(closeBenches);

/** ANSI X9.24-1:2009, annex A.4: initial key, serial number, account, and the blocks of PIN 1234. */
const initialKey = unhex("6AC292FAA1315B4D858AB3A3D7D5933A");
const initialNumber = "FFFF9876543210E00000";
const initialBlock = block("B1", initialKey, [optionalBlock("KS", initialNumber)]);
const dukptAsk = { account: "4012345678909", under: { keys: "dukpt" }, amount: 1000 } as const;
const blocks = [
	["1B9C1845EB993A7A", "FFFF9876543210E00001"],
	["10A01C8D02C69107", "FFFF9876543210E00002"],
	["18DC07B94797B466", "FFFF9876543210E00003"],
] as const;
const dukpt = suite("PIN pad: DUKPT");
for (const dialect of ["uic", "verifone"] as const)
	dukpt(`the standard's own blocks, with and without an amount, ${dialect}`, async () => {
		const bench = await keyedBench("F", loadingKey, { dialect });
		const { pad, close } = bench;
		assert.is(said(await pad.enterPin(dukptAsk)), `pad.no-key 70:${dialect === "uic" ? "A" : "1"}`);
		assert.is(said(await pad.loadInitialKey(initialBlock)), "done");
		for (const [at, [sealed, number]] of blocks.entries()) {
			const { amount: _, ...plain } = dukptAsk;
			const entry = pad.enterPin(at === 1 ? plain : dukptAsk);
			await keyed(bench, "1234");
			assert.is(said(await entry), `entered ${sealed} ${number}`);
		}
		await close();
	});
dukpt("a key for something else, a block without its serial number, no key-loading key", async () => {
	const bench = await keyedBench("F", loadingKey);
	assert.is(said(await bench.pad.loadInitialKey(block("B1", initialKey))), "pad.key-format 90:2");
	const other = block("P0", initialKey, [optionalBlock("KS", initialNumber)]);
	assert.is(said(await bench.pad.loadInitialKey(other)), "pad.key-format 90:2");
	await bench.close();
	const empty = await keyedBench("B", macKey);
	assert.is(said(await empty.pad.loadInitialKey(initialBlock)), "pad.no-key 90:D");
	await empty.close();
});
dukpt.after(closeBenches);

const verifone = suite("PIN pad: Verifone's dialect");
verifone(
	"selects in silence, shows plain lines, bounds by Z63, and tells of a missing key with the PIN",
	async () => {
		const bench = await keyedBench("1", masterKey, { dialect: "verifone" });
		const { emulator, pad, close } = bench;
		const { amount: _, ...plain } = ask;
		const entry = pad.enterPin({
			...plain,
			digits: { least: 5, most: 5, bypass: false },
			prompts: ["wrong"],
		});
		await until(() => emulator.entering());
		assert.equal(emulator.heard(), ["08", "Z2", "Z63"]);
		assert.equal(emulator.screen(), ["WRONG PIN", ""]);
		await keyed(bench, "98765");
		assert.match(said(await entry), /^entered [0-9A-F]{16}$/);
		const absent = { keys: "master-session", slot: "2", workingKey } as const;
		assert.is(said(await pad.enterPin({ ...ask, under: absent })), "pad.no-key 70:1");
		await close();
	},
);
verifone("a single-length master key, and a working key that is longer", async () => {
	const { pad, close } = await keyedBench("1", masterKey.slice(0, 8), { dialect: "verifone" });
	assert.is(said(await pad.enterPin(ask)), "pad.key-usage 70:6");
	await close();
});
verifone.after(closeBenches);

loads.run();
dukpt.run();
verifone.run();
