/** Laboratory: the keys of one DUKPT transaction, from the base derivation key or a device's initial key. */
import { hex } from "../kit/bytes.ts";
import type { Result } from "../kit/result.ts";
import { aesFor } from "../runtime/aes.ts";
import { desFor } from "../runtime/des.ts";
import { type DukptFault, transactionKey } from "../spec/keys/dukpt.ts";
import {
	type AesKeyType,
	type AesUsage,
	aesDukpt,
	aesInitialKey,
	aesWorkingKey,
	readAesKsn,
} from "../spec/keys/dukpt-aes.ts";
import {
	readTdesKsn,
	type TdesUsage,
	tdesDukpt,
	tdesInitialKey,
	tdesWorkingKey,
} from "../spec/keys/dukpt-tdes.ts";
import { type Command, DeedFault, type Given, UsageFault } from "./command.ts";

function sure<T>(result: Result<T, DukptFault>): T {
	if (!result.ok) throw new DeedFault(`${result.error.at} is wrong`);
	return result.value;
}

/** The initial key: derived from `--bdk`, or given as `--ik`. */
function initialKey(given: Given, derive: (bdk: Uint8Array) => Result<Uint8Array, DukptFault>): Uint8Array {
	if ((given.maybe("bdk") === undefined) === (given.maybe("ik") === undefined))
		throw new UsageFault("--bdk or --ik is needed, and not both");
	return given.maybe("ik") === undefined ? sure(derive(given.bytes("bdk"))) : given.bytes("ik");
}

const tdesUsages: readonly TdesUsage[] = [
	...(["pin", "mac-request", "mac-response", "data-request", "data-response"] as const),
];
const aesUsages: readonly AesUsage[] = [
	...(["pin", "mac-generate", "mac-verify", "mac-both"] as const),
	...(["data-encrypt", "data-decrypt", "data-both", "key-encryption"] as const),
];

function tdes(given: Given, ksn: Uint8Array): readonly string[] {
	const { keyId, counter } = sure(readTdesKsn(ksn));
	const initial = initialKey(given, (bdk) => tdesInitialKey(desFor, bdk, keyId));
	const lines = [`initial key: ${hex(initial)}`, `counter: ${counter}`];
	if (counter === 0) return lines;
	const key = sure(transactionKey(tdesDukpt(desFor), initial, keyId, counter));
	const working = tdesUsages.map((usage) => `${usage}: ${hex(sure(tdesWorkingKey(desFor, key, usage)))}`);
	return [...lines, `transaction key: ${hex(key)}`, ...working];
}

const ownType: Readonly<Record<number, AesKeyType>> = { 16: "AES128", 24: "AES192", 32: "AES256" };
const types: Readonly<Record<string, AesKeyType>> = {
	AES128: "AES128",
	AES192: "AES192",
	AES256: "AES256",
	TDES2: "TDES2",
	TDES3: "TDES3",
};

function aes(given: Given, ksn: Uint8Array): readonly string[] {
	const { keyId, counter } = sure(readAesKsn(ksn));
	const initial = initialKey(given, (bdk) => aesInitialKey(aesFor, bdk, keyId));
	const lines = [`initial key: ${hex(initial)}`, `counter: ${counter}`];
	if (counter === 0) return lines;
	const key = sure(transactionKey(aesDukpt(aesFor), initial, keyId, counter));
	const type = given.one("type", types, ownType[key.length]);
	const from = { key, keyId, counter };
	const working = aesUsages.map(
		(usage) => `${usage}: ${hex(sure(aesWorkingKey(aesFor, from, usage, type)))}`,
	);
	return [...lines, `transaction key: ${hex(key)}`, `working keys: ${type}`, ...working];
}

export const dukpt: Command = {
	usage: "(--bdk HEX | --ik HEX) --ksn HEX [--type AES128|AES192|AES256|TDES2|TDES3]",
	says: "keys of a transaction: TDES for a KSN of 10 bytes, AES for one of 12; counter 0 gives the initial key alone",
	options: ["bdk", "ik", "ksn", "type"],
	run: (given) => {
		const ksn = given.bytes("ksn", 10, 12);
		return ksn.length === 10 ? tdes(given, ksn) : aes(given, ksn);
	},
};
