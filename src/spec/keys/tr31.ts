/** Key blocks TR-31 / ANSI X9.143: a key with what it may do, bound together under a protection key. */
import { concat, hex, latin, unbig, unhex } from "../../kit/bytes.ts";
import type { Random } from "../../kit/random.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import { secretBytes } from "../../kit/secret.ts";
import {
	fixedHeader,
	headerText,
	type KeyBlockFault,
	type KeyBlockHeader,
	type KeyBlockVersion,
	longestBlock,
	optionalBlock,
	optionalLength,
	readHeader,
	unwritable,
} from "./tr31-header.ts";
import { type KeyBlockCiphers, type Protection, protections } from "./tr31-protection.ts";

/** What a reader takes: every list is closed, `"any"` is said where nothing is asked. */
export interface KeyBlockPolicy {
	readonly versions: readonly KeyBlockVersion[];
	readonly usages: readonly string[] | "any";
	readonly algorithms: readonly string[] | "any";
	readonly modes: readonly string[] | "any";
	readonly exportability: readonly string[] | "any";
	/** Key versions below it are refused, also those that are not two digits (a key is not taken back). */
	readonly leastKeyVersion?: number;
}
/** Every block that is authentic: for a laboratory, and to read vectors. */
export const anyKeyBlock: KeyBlockPolicy = {
	versions: ["A", "B", "C", "D", "E"],
	usages: "any",
	algorithms: "any",
	modes: "any",
	exportability: "any",
};

export interface KeyBlock {
	readonly header: KeyBlockHeader;
	/** In the clear: who takes it wipes it. */
	readonly key: Uint8Array;
}

/** Bytes that a key of an algorithm may have; of the others any. */
const keyBytes: Readonly<Record<string, readonly number[]>> = {
	D: [8],
	T: [8, 16, 24],
	A: [16, 24, 32],
};
const lengthFits = (algorithm: string, bytes: number): boolean =>
	bytes > 0 && keyBytes[algorithm]?.includes(bytes) !== false;

interface Keys {
	readonly encrypting: Uint8Array;
	readonly mac: Uint8Array;
}
/** The two derived keys for as long as `then` takes; wiped after it. */
function withKeys<T>(
	ciphers: KeyBlockCiphers,
	way: Protection,
	protectionKey: Uint8Array,
	then: (keys: Keys) => T,
): T {
	const derivation = { cipher: way.cipher(ciphers, protectionKey), key: protectionKey };
	const keys = { encrypting: way.derive(derivation, "encrypt"), mac: way.derive(derivation, "mac") };
	try {
		return then(keys);
	} finally {
		keys.encrypting.fill(0);
		keys.mac.fill(0);
	}
}

/** Takes as long whatever the bytes are. */
function same(a: Uint8Array, b: Uint8Array): boolean {
	let difference = a.length ^ b.length;
	for (const [i, byte] of a.entries()) difference |= byte ^ (b[i] ?? 0);
	return difference === 0;
}

/** The MAC over header and key; `over` is joined and wiped, for it may be in the clear. */
function macOf(ciphers: KeyBlockCiphers, way: Protection, key: Uint8Array, over: readonly Uint8Array[]) {
	const message = secretBytes(over.reduce((n, part) => n + part.length, 0));
	let at = 0;
	for (const part of over) {
		message.set(part, at);
		at += part.length;
	}
	const tag = way.mac(way.cipher(ciphers, key), message).slice(0, way.macBytes);
	message.fill(0);
	return tag;
}

interface Split {
	readonly way: Protection;
	readonly header: KeyBlockHeader;
	readonly headerBytes: Uint8Array;
	readonly sealed: Uint8Array;
	readonly mac: Uint8Array;
}

const hexRun = (text: string): number => text.search(/[^0-9A-F]/);

/** Cuts a block into header, ciphertext and MAC, with every check that needs no key. */
function split(block: string): Result<Split, KeyBlockFault> {
	const read = readHeader(block);
	if (!read.ok) return read;
	const { header, length, end } = read.value;
	const way = protections[header.version];
	if (length !== block.length) return no({ at: "length", offset: 1 });
	if (way.unit > 1 && (block.length % way.unit !== 0 || end % way.unit !== 0))
		return no({ at: "length", offset: 1 });
	const macFrom = block.length - 2 * way.macBytes;
	if (macFrom < end) return no({ at: "mac", offset: end });
	const sealedText = block.slice(end, macFrom);
	// Two bytes of length and one of a key at least.
	if (sealedText.length < 6 || sealedText.length % 2 !== 0) return no({ at: "ciphertext", offset: end });
	if (sealedText.length % (2 * way.unit) !== 0) return no({ at: "ciphertext", offset: end });
	const strange = hexRun(sealedText);
	if (strange >= 0) return no({ at: "ciphertext", offset: end + strange });
	const strangeMac = hexRun(block.slice(macFrom));
	if (strangeMac >= 0) return no({ at: "mac", offset: macFrom + strangeMac });
	return ok({
		way,
		header,
		headerBytes: latin(block.slice(0, end)),
		sealed: unhex(sealedText),
		mac: unhex(block.slice(macFrom)),
	});
}

/** First thing of an authentic header that the policy does not take. */
function forbidden(policy: KeyBlockPolicy, header: KeyBlockHeader): KeyBlockFault | undefined {
	const asked = [
		{ at: "usage", offset: 5, taken: policy.usages, found: header.usage },
		{ at: "algorithm", offset: 7, taken: policy.algorithms, found: header.algorithm },
		{ at: "mode", offset: 8, taken: policy.modes, found: header.mode },
		{ at: "exportability", offset: 11, taken: policy.exportability, found: header.exportability },
	] as const;
	const refused = asked.find(({ taken, found }) => taken !== "any" && !taken.includes(found));
	if (refused !== undefined) return { at: refused.at, offset: refused.offset };
	const least = policy.leastKeyVersion;
	const old =
		least !== undefined && !(/^\d{2}$/.test(header.keyVersion) && Number(header.keyVersion) >= least);
	return old ? { at: "key-version", offset: 9 } : undefined;
}

/** Key data in the clear: length in bits, key, padding. */
function keyWithin(clear: Uint8Array, algorithm: string): Result<Uint8Array, KeyBlockFault> {
	const bits = unbig(clear.subarray(0, 2));
	const bytes = bits / 8;
	if (bits % 8 !== 0 || 2 + bytes > clear.length) return no({ at: "key-length" });
	if (!lengthFits(algorithm, bytes)) return no({ at: "key-length" });
	const key = secretBytes(bytes);
	key.set(clear.subarray(2, 2 + bytes));
	return ok(key);
}

/**
 * Opens a key block of any version that the policy takes. The header is believed only when the MAC is right;
 * then usage, algorithm, mode, exportability and key version are held against the policy.
 *
 * @param protectionKey 8, 16 or 24 bytes for A and C, 16 or 24 for B, 16, 24 or 32 for D and E.
 * @param block the characters as received.
 * @returns the header with its optional blocks as they stood, and the key.
 */
export function unwrapKeyBlock(
	ciphers: KeyBlockCiphers,
	protectionKey: Uint8Array,
	block: string,
	policy: KeyBlockPolicy,
): Result<KeyBlock, KeyBlockFault> {
	const parts = split(block);
	if (!parts.ok) return parts;
	const { way, header, headerBytes, sealed, mac } = parts.value;
	if (!policy.versions.includes(header.version)) return no({ at: "version", offset: 0 });
	if (!way.keys.includes(protectionKey.length)) return no({ at: "protection-key" });
	return withKeys(ciphers, way, protectionKey, (keys) => {
		const macOver = (over: Uint8Array) => macOf(ciphers, way, keys.mac, [headerBytes, over]);
		const wrong = no<KeyBlockFault>({ at: "mac", offset: block.length - 2 * way.macBytes });
		if (way.macOver === "sealed" && !same(macOver(sealed), mac)) return wrong;
		const first = way.macOver === "sealed" ? headerBytes.subarray(0, way.block) : mac;
		const clear = way.mode.open(way.cipher(ciphers, keys.encrypting), first, sealed);
		try {
			if (way.macOver === "clear" && !same(macOver(clear), mac)) return wrong;
			const refused = forbidden(policy, header);
			if (refused !== undefined) return no(refused);
			const key = keyWithin(clear, header.algorithm);
			return key.ok ? ok({ header, key: key.value }) : key;
		} finally {
			clear.fill(0);
		}
	});
}

/** How a block is made. */
export interface KeyBlockOrder {
	/** Chance for the padding, and for its length. */
	readonly random: Random;
	/**
	 * Most blocks of padding more than needed; how many is left to chance, so that the block does not tell how
	 * long the key is. 0: no more than needed, and none in version E.
	 */
	readonly spread: number;
	/** Versions A and C are refused without it: a MAC of four bytes, and keys that differ by an xor. */
	readonly legacy?: true;
}

/** PB fills the optional blocks up to whole blocks of the cipher; its data are chance (X9.143, PB). */
function filled(header: KeyBlockHeader, unit: number, random: Random): Result<KeyBlockHeader, KeyBlockFault> {
	const over = optionalLength(header) % unit;
	if (over === 0) return ok(header);
	if (header.optional.at(-1)?.id === "PB") return no({ at: "optional-block" });
	const room = unit - over;
	const size = room < 4 ? room + unit : room;
	const data = hex(random.bytes(Math.ceil((size - 4) / 2))).slice(0, size - 4);
	return ok({ ...header, optional: [...header.optional, optionalBlock("PB", data)] });
}

/** Length in bits, the key, and padding by chance. */
function keyData(key: Uint8Array, way: Protection, order: KeyBlockOrder): Uint8Array {
	const needed = Math.ceil((2 + key.length) / way.unit) * way.unit;
	const steps = order.spread === 0 ? 0 : order.random.below(order.spread * (way.block / way.unit) + 1);
	const clear = secretBytes(needed + steps * way.unit);
	clear.set(order.random.bytes(clear.length - 2 - key.length), 2 + key.length);
	clear[0] = (8 * key.length) >> 8;
	clear[1] = (8 * key.length) & 0xff;
	clear.set(key, 2);
	return clear;
}

/**
 * Makes a key block of the header's version. Optional blocks stand byte for byte as given; a PB is added
 * where they are no whole blocks of the cipher.
 *
 * @returns the characters of the block.
 */
export function wrapKeyBlock(
	ciphers: KeyBlockCiphers,
	protectionKey: Uint8Array,
	{ header, key }: KeyBlock,
	order: KeyBlockOrder,
): Result<string, KeyBlockFault> {
	const bad = unwritable(header);
	if (bad !== undefined) return no(bad);
	const way = protections[header.version];
	if (way.legacy && order.legacy !== true) return no({ at: "legacy", offset: 0 });
	if (!way.keys.includes(protectionKey.length)) return no({ at: "protection-key" });
	if (!lengthFits(header.algorithm, key.length) || 8 * key.length > 0xffff) return no({ at: "key-length" });
	const whole = filled(header, way.unit, order.random);
	if (!whole.ok) return whole;
	const clear = keyData(key, way, order);
	try {
		const length = fixedHeader + optionalLength(whole.value) + 2 * (clear.length + way.macBytes);
		if (length > longestBlock) return no({ at: "length" });
		const text = headerText(whole.value, length);
		const read = readHeader(text);
		if (!read.ok) return read;
		if (read.value.end !== text.length) return no({ at: "optional-block", offset: fixedHeader });
		const headerBytes = latin(text);
		return withKeys(ciphers, way, protectionKey, (keys) => {
			const macOver = (over: Uint8Array) => macOf(ciphers, way, keys.mac, [headerBytes, over]);
			const seal = (first: Uint8Array) => way.mode.seal(way.cipher(ciphers, keys.encrypting), first, clear);
			if (way.macOver === "clear") {
				const mac = macOver(clear);
				return ok(text + hex(concat(seal(mac), mac)));
			}
			const sealed = seal(headerBytes.subarray(0, way.block));
			return ok(text + hex(concat(sealed, macOver(sealed))));
		});
	} finally {
		clear.fill(0);
	}
}
