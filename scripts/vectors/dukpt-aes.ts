/** Vectors of AES DUKPT: initial, transaction, working and update keys, counters, PIN blocks of format 4. */
import { big, hex, unbig, unhex } from "../../src/kit/bytes.ts";
import type { Random } from "../../src/kit/random.ts";
import { aesFor } from "../../src/runtime/aes.ts";
import { isTransaction, nextCounter, onesOf, transactionKey } from "../../src/spec/keys/dukpt.ts";
import {
	type AesKeyType,
	type AesTransaction,
	type AesUsage,
	aesDukpt,
	aesInitialKey,
	aesUpdateKey,
	aesWorkingKey,
	readAesKsn,
} from "../../src/spec/keys/dukpt-aes.ts";
import { format4, format4PinField } from "../../src/spec/pin/format-4.ts";
import { type Answer, answered, digits, type Inputs, value } from "./parts/dukpt.ts";
import type { RunVector } from "./runner.ts";

const scheme = aesDukpt(aesFor);
const inputs = ["bdk", "ik", "ksn", "initial_key_id", "pin", "pan", "pin_field_with_random", "counter"];
const usages: Readonly<Record<string, AesUsage>> = {
	KEK: "key-encryption",
	PIN: "pin",
	MAC_GEN: "mac-generate",
	MAC_VER: "mac-verify",
	MAC_BOTH: "mac-both",
	DATA_ENC: "data-encrypt",
	DATA_DEC: "data-decrypt",
	DATA_BOTH: "data-both",
};
const types: Readonly<Record<string, AesKeyType>> = {
	TDES2: "TDES2",
	TDES3: "TDES3",
	AES128: "AES128",
	AES192: "AES192",
	AES256: "AES256",
};

interface From {
	/** Names of inputs. */
	readonly key: "bdk" | "ik";
	readonly id: "ksn" | "initial_key_id";
}
const keyId = (input: Inputs, from: From): Uint8Array => unhex(input(from.id)).subarray(0, 8);
const initialKey = (input: Inputs, from: From): Uint8Array =>
	from.key === "ik"
		? unhex(input("ik"))
		: value(aesInitialKey(aesFor, unhex(input("bdk")), keyId(input, from)));
function transaction(input: Inputs, from: From): AesTransaction {
	const { keyId: id, counter } = value(readAesKsn(unhex(input("ksn"))));
	return { key: value(transactionKey(scheme, initialKey(input, from), id, counter)), keyId: id, counter };
}

/** Chance that the vector tells: the second half of its PIN field, whose first half must be ours. */
function pinBlock(input: Inputs, from: From): string {
	const told = unhex(input("pin_field_with_random"));
	const random: Random = { bytes: () => told.slice(8), below: () => 0 };
	const pin = digits(input("pin"));
	const field = hex(value(format4PinField(pin, random)));
	if (field !== hex(told)) return `of a PIN field ${field}`;
	const base = transaction(input, from);
	const type = types[`AES${8 * base.key.length}`] ?? "AES128";
	const key = value(aesWorkingKey(aesFor, base, "pin", type));
	return hex(value(format4(aesFor(key), pin, input("pan"), random)));
}

const counterOf = (text: string): number => unbig(unhex(text));
const shown = (counter: number | undefined): string =>
	counter === undefined ? "exhausted" : hex(big(counter, 4));
/** A counter is last when a key stands for it and nothing follows. */
const isLast = (counter: number): boolean =>
	isTransaction(scheme.counter, counter) && nextCounter(scheme.counter, counter) === undefined;

const others: Readonly<Record<string, (from: From) => Answer>> = {
	ik: (from) => (input) => hex(initialKey(input, from)),
	transaction_key: (from) => (input) => hex(transaction(input, from).key),
	encrypted_pin_block_format4: (from) => (input) => pinBlock(input, from),
	next: () => (input) => shown(nextCounter(scheme.counter, counterOf(input("counter")))),
	last_valid: () => (_, wanted) => (isLast(counterOf(wanted)) ? wanted : "not the last"),
	/** A sentence: "0001FFFF (17 bits)". */
	invalid_example: () => (_, wanted) => {
		const told = /^([0-9A-F]{8}) \((\d+) bits\)$/.exec(wanted);
		const counter = counterOf(told?.[1] ?? "");
		if (told === null || isTransaction(scheme.counter, counter)) return "valid, or a sentence not known";
		return `${told[1]} (${onesOf(counter)} bits)`;
	},
};

function working(name: string, from: From): Answer | undefined {
	const [, before = "", after = ""] = /^(.+)_([A-Z]+\d+)$/.exec(name) ?? [];
	const [usage, type] = [usages[before], types[after]];
	if (type === undefined) return undefined;
	if (before === "update_key")
		return (input) => hex(value(aesUpdateKey(aesFor, initialKey(input, from), keyId(input, from), type)));
	if (usage === undefined) return undefined;
	return (input) => hex(value(aesWorkingKey(aesFor, transaction(input, from), usage, type)));
}

export const run: RunVector = (vector) =>
	answered(vector, inputs, (key, given) => {
		const from: From = {
			key: given("ik") === "" ? "bdk" : "ik",
			id: given("initial_key_id") === "" ? "ksn" : "initial_key_id",
		};
		return others[key]?.(from) ?? working(key, from);
	});
