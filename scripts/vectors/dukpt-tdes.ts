/** Vectors of TDES DUKPT: initial and transaction keys, variants, and what is hidden and MACed with them. */
import { concat, hex, latin, unhex, xor } from "../../src/kit/bytes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { cmac } from "../../src/spec/keys/cmac.ts";
import { nextCounter, transactionKey } from "../../src/spec/keys/dukpt.ts";
import {
	readTdesKsn,
	type TdesUsage,
	tdesDukpt,
	tdesInitialKey,
	tdesVariant,
	tdesWorkingKey,
} from "../../src/spec/keys/dukpt-tdes.ts";
import { desKcv } from "../../src/spec/keys/kcv.ts";
import { algorithm3Mac, type MacPadding } from "../../src/spec/keys/macs.ts";
import { format0 } from "../../src/spec/pin/block.ts";
import { type Answer, answered, digits, type Inputs, value } from "./parts/dukpt.ts";
import type { RunVector } from "./runner.ts";

const scheme = tdesDukpt(desFor);
const inputs = [
	"bdk",
	"ik",
	"ksn",
	"first_ksn",
	"clear_pin_block",
	"data_ascii",
	"mac",
	"data_padding",
	"pin",
	"pan",
];

const initialKey = (input: Inputs, from: "bdk" | "ik"): Uint8Array =>
	from === "ik"
		? unhex(input("ik"))
		: value(tdesInitialKey(desFor, unhex(input("bdk")), unhex(input("ksn"))));
const transaction = (input: Inputs, from: "bdk" | "ik"): Uint8Array => {
	const { keyId, counter } = value(readTdesKsn(unhex(input("ksn"))));
	return value(transactionKey(scheme, initialKey(input, from), keyId, counter));
};

/** "retail MAC (ISO 9797-1 alg 3, padding 1), leftmost 4 bytes" */
function retail(words: string, key: Uint8Array, data: Uint8Array): Uint8Array {
	const told = /^retail MAC \(ISO 9797-1 alg 3, padding ([123])\), leftmost (\d) bytes$/.exec(words);
	if (told === null) throw new RangeError("a MAC in words that this runner knows not");
	const padding = ([1, 2, 3] as const).find((p): p is MacPadding => String(p) === told[1]) ?? 1;
	const ciphers = { left: desFor(key.subarray(0, 8)), right: desFor(key.subarray(8)) };
	return algorithm3Mac(ciphers, data, padding).subarray(0, Number(told[2]));
}

/** "zero pad to 24 bytes, TDES-CBC IV 0" */
function enciphered(words: string, key: Uint8Array, data: Uint8Array): Uint8Array {
	const told = /^zero pad to (\d+) bytes, TDES-CBC IV 0$/.exec(words);
	if (told === null) throw new RangeError("a padding in words that this runner knows not");
	const clear = concat(data, new Uint8Array(Number(told[1]) - data.length));
	const done: Uint8Array[] = [];
	for (let at = 0; at < clear.length; at += 8)
		done.push(desFor(key).encrypt(xor(done.at(-1) ?? new Uint8Array(8), clear.subarray(at, at + 8))));
	return concat(...done);
}

type Made = (key: Uint8Array, input: Inputs) => Uint8Array;
const working =
	(usage: TdesUsage): Made =>
	(key) =>
		value(tdesWorkingKey(desFor, key, usage));
const under =
	(usage: TdesUsage, make: (key: Uint8Array, input: Inputs) => Uint8Array): Made =>
	(key, input) =>
		make(value(tdesWorkingKey(desFor, key, usage)), input);
const data = (input: Inputs): Uint8Array => latin(input("data_ascii"));
const maced: Made = (key, input) => retail(input("mac"), key, data(input));
const cmaced: Made = (key, input) => cmac(desFor(key), 8, data(input));
const hidden: Made = (key, input) => enciphered(input("data_padding"), key, data(input));

/** What comes of a transaction key; `mac_request` and `mac_response` are keys where no data is given. */
const ofTransaction: Readonly<Record<string, Made>> = {
	transaction_key: (key) => key,
	session_base: (key) => key,
	pin_key: working("pin"),
	pin: working("pin"),
	mac_request_key: working("mac-request"),
	mac_response_key: working("mac-response"),
	data_request_key: working("data-request"),
	data_response_key: working("data-response"),
	data_variant_before_owf: (key) => tdesVariant(key, "data-request"),
	data_response_variant_before_owf: (key) => tdesVariant(key, "data-response"),
	encrypted_pin_block: under("pin", (key, input) => desFor(key).encrypt(unhex(input("clear_pin_block")))),
	mac_request: under("mac-request", maced),
	mac_response: under("mac-response", maced),
	cmac_request: under("mac-request", cmaced),
	cmac_response: under("mac-response", cmaced),
	encrypted_request_data: under("data-request", hidden),
	encrypted_response_data: under("data-response", hidden),
};
const withoutData: Readonly<Record<string, Made>> = {
	...ofTransaction,
	mac_request: working("mac-request"),
	mac_response: working("mac-response"),
};

/** How many counters follow until the initial key is exhausted. */
function counters(input: Inputs): number {
	let count = 0;
	let at: number | undefined = value(readTdesKsn(unhex(input("first_ksn")))).counter;
	for (;;) {
		at = nextCounter(scheme.counter, at);
		if (at === undefined) return count;
		count += 1;
	}
}

const others: Readonly<Record<string, (from: "bdk" | "ik") => Answer>> = {
	ik: (from) => (input) => hex(initialKey(input, from)),
	ik_kcv: (from) => (input) => hex(desKcv(desFor(initialKey(input, from)), 3)),
	clear_pin_block: () => (input) => hex(value(format0(digits(input("pin")), input("pan")))),
	valid_counters: () => (input) => String(counters(input)),
	/** A sentence: the count has come to an end, which is the refusal. */
	after_last: () => (input, wanted) =>
		wanted.startsWith("advance must fail") && counters(input) >= 0 ? wanted : "advances",
};

export const run: RunVector = (vector) =>
	answered(vector, inputs, (key, given) => {
		const from = given("ik") === "" ? "bdk" : "ik";
		const made = (given("data_ascii") === "" ? withoutData : ofTransaction)[key];
		if (made !== undefined) return (input) => hex(made(transaction(input, from), input));
		return others[key]?.(from);
	});
