/**
 * Every key of the run, learnt as nobody in the shop could: from the acquirer's own file, its line, and the
 * vault's root.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unhex } from "../../src/kit/bytes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { systemRandom } from "../../src/runtime/random.ts";
import { unpack } from "../../src/spec/iso8583/codec.ts";
import type { Message } from "../../src/spec/iso8583/field.ts";
import { FrameReader, readFrame } from "../../src/spec/iso8583/frame.ts";
import { readWorkingKeys } from "../../src/spec/iso8583/unionpay.ts";
import { unionpay } from "../../src/spec/iso8583/unionpay-table.ts";
import { desKcv } from "../../src/spec/keys/kcv.ts";
import { KeyStore } from "../../src/vault/key-store.ts";
import { readRootKey } from "../../src/vault/root-key.ts";
import { slots } from "../../src/vault/slots-table.ts";

/** Messages on one side of the acquirer's line. */
export const messagesOf = (stream: Uint8Array): readonly Message[] =>
	new FrameReader().feed(stream).flatMap((content) => {
		const frame = content.ok ? readFrame(content.value, 6) : content;
		const message = frame.ok ? unpack(unionpay, frame.value.body) : frame;
		return message.ok ? [message.value] : [];
	});

export const bytesIn = (messages: readonly Message[], field: number): readonly Uint8Array[] =>
	messages.flatMap((message) => {
		const value = message.fields.get(field);
		return value instanceof Uint8Array ? [value] : [];
	});

/** Terminal master key, as the acquirer's key host knows it. */
export function masterKeyOf(stateDir: string): Uint8Array {
	const config = JSON.parse(readFileSync(join(stateDir, "acquirer/acquirer.json"), "utf8")) as {
		readonly terminals: readonly { readonly tmk: string }[];
	};
	return unhex(config.terminals[0]?.tmk ?? "");
}

/** Working keys of every sign-in that was heard: deciphered from F62, and proved by their check values. */
export const workingKeysOf = (
	answers: readonly Message[],
	tmk: Uint8Array,
): readonly { readonly slot: string; readonly key: Uint8Array }[] =>
	bytesIn(
		answers.filter(({ mti }) => mti === "0810"),
		62,
	).flatMap((f62) => {
		const read = readWorkingKeys(f62);
		if (!read.ok) return [];
		return read.value.map(({ slot, cryptogram, kcv }) => {
			const key = desFor(tmk).decrypt(cryptogram);
			if (desKcv(desFor(key)).some((byte, i) => byte !== kcv[i]))
				throw new Error(`another check value: ${slot}`);
			return { slot, key };
		});
	});

/**
 * The vault's own: its root, and the key under which it seals accounts. Looked up in a copy of its folder.
 */
export function vaultKeysOf(stateDir: string): { readonly root: Uint8Array; readonly seal: Uint8Array } {
	const home = join(stateDir, "vault");
	const copy = mkdtempSync(join(tmpdir(), "keys-"));
	try {
		for (const name of readdirSync(home))
			if (/^vault\.db|^root\.key$/.test(name)) copyFileSync(join(home, name), join(copy, name));
		const root = readRootKey(join(home, "root.key"));
		if (root === undefined) throw new Error("no root key");
		// The store wipes the root it was given when it is closed.
		const store = KeyStore.open(join(copy, "vault.db"), root.slice(), systemRandom);
		const seal = store.use("seal", slots.seal.usage, (key) => key.slice());
		store.close();
		if (!seal.ok) throw new Error(seal.error.at);
		return { root, seal: seal.value };
	} finally {
		rmSync(copy, { recursive: true, force: true });
	}
}
