import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, latin, unhex } from "../../src/kit/bytes.ts";
import { seeded } from "../../src/kit/random.ts";
import { desFor } from "../../src/runtime/des.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { transactionKey } from "../../src/spec/keys/dukpt.ts";
import { readTdesKsn, tdesDukpt, tdesInitialKey, tdesWorkingKey } from "../../src/spec/keys/dukpt-tdes.ts";
import { retailMac } from "../../src/spec/keys/issuer.ts";
import { KeyStore } from "../../src/vault/key-store.ts";
import { provisionVault } from "../../src/vault/vault.ts";
import { act, type Scene, standsIn, tmk, withStore } from "./scene.ts";

interface Vector {
	readonly input: { readonly ksn: string; readonly data_ascii?: string };
	readonly expected: { readonly encrypted_pin_block?: string; readonly mac_request?: string };
}
const vectors = (
	JSON.parse(readFileSync("test/vectors/dukpt-tdes.json", "utf8")) as { readonly vectors: readonly Vector[] }
).vectors.filter(({ expected }) => expected.encrypted_pin_block !== undefined);

/** ANSI X9.24-1:2009, A.4. */
const bdk = unhex("0123456789ABCDEFFEDCBA9876543210");
const keyId = unhex("FFFF9876543210E00000");
const initialKey = "6AC292FAA1315B4D858AB3A3D7D5933A";
const pan = "4012345678909";
const pin = {
	pan,
	least: 4,
	most: 12,
	emptyAllowed: false,
	firstMs: 30_000,
	betweenMs: 10_000,
	slot: "ipek",
};

const withDukpt = (play: (scene: Scene) => Promise<void>): (() => Promise<void>) =>
	act({}, async (scene) => {
		await scene.vault.close();
		provisionVault({ ...scene.paths, tmk: unhex(tmk), dukpt: { initialKey: unhex(initialKey), keyId } });
		await scene.restart();
		await play(scene);
	});
async function enter(scene: Scene): Promise<{ readonly block: string; readonly ksn: string }> {
	const asker = scene.asker();
	const id = asker.start("enter-pin", pin);
	await asker.until(() => asker.digits(id)[0]);
	for (const key of "1234") scene.keypad.type(key);
	scene.keypad.press("confirm");
	const { answer } = await asker.answer(id);
	asker.end();
	return answer as { block: string; ksn: string };
}

const dukpt = suite("DUKPT in the vault");
dukpt(
	"the book's first transactions: PIN blocks and MACs, one key each, counted on over a restart",
	withDukpt(async (scene) => {
		for (const { input, expected } of vectors.slice(0, 2)) {
			const { block, ksn } = await enter(scene);
			assert.is(ksn, input.ksn);
			assert.is(block, expected.encrypted_pin_block);
		}
		await scene.restart();
		const third = vectors[2];
		const data = hex(latin(third?.input.data_ascii ?? ""));
		const said = await scene.asker().ask("mac", { data, slot: "ipek" });
		assert.match(said, `{"mac":"${third?.expected.mac_request}`);
		assert.match(said, `"ksn":"${third?.input.ksn}"`);
		const { block, ksn } = await enter(scene);
		assert.equal([block, ksn], [vectors[3]?.expected.encrypted_pin_block, vectors[3]?.input.ksn]);
	}),
);

dukpt(
	"the initial key stands in no file, and its slot does no other work",
	withDukpt(async (scene) => {
		const asker = scene.asker();
		for (const [op, ask] of [
			["verify-mac", { data: "00", mac: "00".repeat(8), slot: "ipek" }],
			["mac", { data: "00", slot: "kbpk" }],
		] as const)
			assert.match(await asker.ask(op, ask), /^vault\.refused/);
		const report = await scene.asker({ hello: "technician" }).ask("key-report");
		assert.match(report, '"slot":"ipek","usage":"B1","algorithm":"T","keySet":"FFFF9876543210E00000"');
		await scene.vault.close();
		assert.not(standsIn(scene.files(), unhex(initialKey)));
	}),
);

dukpt(
	"without a key: refused before anything is typed",
	act({}, async (scene) => {
		assert.is(await scene.asker().ask("enter-pin", pin), "vault.no-key ipek");
		assert.is(await scene.asker().ask("mac", { data: "00", slot: "ipek" }), "vault.no-key ipek");
	}),
);

/** What the host has for a serial number. */
function hostMac(ksn: Uint8Array, data: Uint8Array): string {
	const read = readTdesKsn(ksn);
	const initial = tdesInitialKey(desFor, bdk, ksn);
	assert.ok(read.ok && initial.ok);
	const key = transactionKey(tdesDukpt(desFor), initial.value, read.value.keyId, read.value.counter);
	const working = key.ok ? tdesWorkingKey(desFor, key.value, "mac-request") : key;
	assert.ok(working.ok);
	return hex(retailMac(desFor, working.value, data, "00"));
}

dukpt(
	"the power goes at any moment, three hundred times over: no number comes twice, the host has each key",
	act({}, async (scene) => {
		await scene.vault.close();
		withStore(scene, (store) => assert.ok(store.dukpt.put(unhex(initialKey), keyId).ok));
		const root = readFileSync(scene.paths.rootKeyPath);
		const chance = seeded(20);
		const data = latin("one of three hundred");
		const folders: string[] = [];
		let path = scene.paths.storePath;
		const seen: number[] = [];
		let cuts = 0;
		for (let sale = 0; sale < 300; ) {
			const store = KeyStore.open(path, Uint8Array.from(root), systemRandom);
			for (let on = true; on && sale < 300; sale += 1) {
				const cut = chance.below(8);
				const done = store.dukpt.take((key, ksn) => {
					seen.push(readTdesKsn(ksn).ok ? Number(BigInt(`0x${hex(ksn)}`) & 0x1fffffn) : 0);
					// What the disk has while the key is in use is what the next start finds.
					if (cut === 0) {
						const folder = mkdtempSync(join(tmpdir(), "cut-"));
						folders.push(folder);
						for (const tail of ["", "-wal", "-shm"])
							cpSync(`${path}${tail}`, join(folder, `vault.db${tail}`), { force: true });
						cuts += 1;
					}
					const working = tdesWorkingKey(desFor, key, "mac-request");
					assert.ok(working.ok);
					assert.is(hex(retailMac(desFor, working.value, data, "00")), hostMac(ksn, data));
				});
				assert.ok(done.ok);
				if (cut === 0) on = false;
			}
			store.close();
			path = join(folders.at(-1) ?? "", "vault.db");
		}
		assert.ok(cuts > 15, `${cuts} cuts`);
		assert.is(new Set(seen).size, 300);
		assert.equal(
			seen,
			seen.toSorted((a, b) => a - b),
		);
		for (const folder of folders) rmSync(folder, { recursive: true });
	}),
);

dukpt(
	"a use that throws has spent its number",
	act({}, async (scene) => {
		await scene.vault.close();
		withStore(scene, (store) => {
			assert.ok(store.dukpt.put(unhex(initialKey), keyId).ok);
			assert.throws(() =>
				store.dukpt.take(() => {
					throw new Error("cut");
				}),
			);
			const next = store.dukpt.take((_, ksn) => hex(ksn));
			assert.ok(next.ok);
			assert.is(next.value, "FFFF9876543210E00002");
		});
	}),
);
dukpt.run();
