/** Issuer scripts: their MAC, the encipherment of their data, and the command that changes a PIN. */
import { big, concat, xor } from "../../kit/bytes.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import { format2, type PinBlockFault } from "../pin/block.ts";
import type { DesFor } from "./cipher.ts";
import { padded, retailMac } from "./issuer.ts";
import type { IssuerRules } from "./issuer-rules-table.ts";

/** A script command before its MAC, and the transaction that it answers. */
export interface ScriptFacts {
	/** CLA INS P1 P2 Lc, Lc counting data and MAC. */
	readonly header: Uint8Array;
	/** As it is sent: enciphered where it is. */
	readonly data?: Uint8Array;
	/** 9F36, 2 bytes. */
	readonly atc: Uint8Array;
	/** 9F26 of the request, 8 bytes. */
	readonly arqc: Uint8Array;
}

const nothing = new Uint8Array(0);

/** What a script MAC is over, before its padding (EMV 4.4 Book 2, 9.2.3.1, format 2). */
export const scriptMacInput = (rules: Pick<IssuerRules, "scriptOver">, script: ScriptFacts): Uint8Array =>
	rules.scriptOver === "command"
		? concat(script.header, script.data ?? nothing)
		: concat(script.header, script.atc, script.arqc, script.data ?? nothing);

/**
 * MAC of a script command, 8 bytes (EMV 4.4 Book 2, 9.2.3).
 *
 * @param key session key for integrity, 16 bytes: `rules.script` of the card's SMI key.
 */
export const scriptMac = (
	desFor: DesFor,
	rules: Pick<IssuerRules, "scriptOver">,
	key: Uint8Array,
	script: ScriptFacts,
): Uint8Array => retailMac(desFor, key, scriptMacInput(rules, script), "80");

type Encipherment = IssuerRules["encipherment"];
/** What is in front of the data, when an 80 is behind it, and how blocks hang together. */
const encipherments: Readonly<
	Record<Encipherment, { readonly counted: boolean; readonly always: boolean; readonly chained: boolean }>
> = {
	visa: { counted: true, always: true, chained: false },
	mastercard: { counted: false, always: false, chained: true },
	emv: { counted: false, always: true, chained: true },
};

/**
 * Enciphers the data of a script command: Visa's with a byte of length in front, under ECB; Mastercard's
 * padded only where needed, EMV's always, under CBC from zeros (EMV 4.4 Book 2, 9.3.2; VIS; M/Chip 4).
 *
 * @param key session key for confidentiality, 16 bytes. @param data up to 255 bytes.
 */
export function encipherScript(
	desFor: DesFor,
	how: Encipherment,
	key: Uint8Array,
	data: Uint8Array,
): Uint8Array {
	const { counted, always, chained } = encipherments[how];
	const clear = counted ? concat(big(data.length, 1), data) : data;
	const blocks = padded(clear, always || clear.length % 8 !== 0 ? "80" : "00");
	const des = desFor(key);
	if (!chained) return des.encrypt(blocks);
	const done = new Uint8Array(blocks.length);
	for (let at = 0; at < blocks.length; at += 8) {
		const before = at === 0 ? new Uint8Array(8) : done.subarray(at - 8, at);
		done.set(des.encrypt(xor(blocks.subarray(at, at + 8), before)), at);
	}
	return done;
}

/**
 * The other end, the card's. Undefined where length or padding are not what `encipherScript` makes.
 * Mastercard's padding leaves open whether an 80 belongs to the data: `size` tells.
 *
 * @param size bytes of clear data that the command holds.
 */
export function decipherScript(
	desFor: DesFor,
	how: Encipherment,
	key: Uint8Array,
	enciphered: Uint8Array,
	size: number,
): Uint8Array | undefined {
	if (enciphered.length === 0 || enciphered.length % 8 !== 0) return undefined;
	const { counted, always, chained } = encipherments[how];
	const shifted = concat(new Uint8Array(8), enciphered).subarray(0, enciphered.length);
	const blocks = desFor(key).decrypt(enciphered);
	const clear = chained ? xor(blocks, shifted) : blocks;
	const start = counted ? 1 : 0;
	if (counted && clear[0] !== size) return undefined;
	const expected = clear.slice(0, start + size);
	const again = padded(expected, always || expected.length % 8 !== 0 ? "80" : "00");
	const same = again.length === clear.length && again.every((byte, i) => byte === clear[i]);
	return same ? expected.slice(start) : undefined;
}

/**
 * Visa's block for a new PIN, 8 bytes: length, PIN and F's, xored with the end of the left half of the card's
 * own key, and with the current PIN where that is known (VIS, PIN CHANGE). A secret.
 *
 * @param masterKey the card's key for cryptograms, 16 bytes.
 * @param pin one byte a digit, 4 to 12 of them.
 */
export function visPinBlock(
	masterKey: Uint8Array,
	pin: Uint8Array,
	current?: Uint8Array,
): Result<Uint8Array, PinBlockFault> {
	const made = format2(pin);
	if (!made.ok) return made;
	const block = made.value;
	block[0] = pin.length;
	for (let i = 4; i < 8; i += 1) block[i] = (block[i] ?? 0) ^ (masterKey[i] ?? 0);
	if (current === undefined) return ok(block);
	if (current.length < 4 || current.length > 12) return no({ at: "pin-length", offset: 0 });
	const bad = current.findIndex((digit) => digit > 9);
	if (bad >= 0) return no({ at: "pin-digit", offset: bad });
	for (const [at, digit] of current.entries())
		block[at >> 1] = (block[at >> 1] ?? 0) ^ (digit << (at % 2 === 0 ? 4 : 0));
	return ok(block);
}

/** The card's three master keys, 16 bytes each: cryptograms, script integrity, script confidentiality. */
export interface CardKeys {
	readonly ac: Uint8Array;
	readonly smi: Uint8Array;
	readonly smc: Uint8Array;
}

/**
 * The PIN CHANGE command with its enciphered block and MAC (EMV 4.4 Book 3, 6.5.10): P2 is 01 where Visa's
 * block holds the current PIN, else 02.
 */
export function pinChangeCommand(
	desFor: DesFor,
	rules: IssuerRules,
	keys: CardKeys,
	change: {
		readonly pin: Uint8Array;
		readonly current?: Uint8Array;
		readonly atc: Uint8Array;
		readonly arqc: Uint8Array;
	},
): Result<Uint8Array, PinBlockFault> {
	const { pin, current, atc, arqc } = change;
	const vis = rules.pinBlock === "vis";
	const block = vis ? visPinBlock(keys.ac, pin, current) : format2(pin);
	if (!block.ok) return block;
	const session = (key: Uint8Array): Uint8Array => rules.script(desFor, key, { atc, arqc });
	const data = encipherScript(desFor, rules.encipherment, session(keys.smc), block.value);
	block.value.fill(0);
	const p2 = vis && current !== undefined ? 1 : 2;
	const header = Uint8Array.of(0x84, 0x24, 0, p2, data.length + 8);
	const mac = scriptMac(desFor, rules, session(keys.smi), { header, data, atc, arqc });
	return ok(concat(header, data, mac));
}
