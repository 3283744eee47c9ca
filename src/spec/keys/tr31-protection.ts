/** How each version of a key block protects its key (X9.143): derived keys, encipherment and MAC. */
import { big } from "../../kit/bytes.ts";
import { secretBytes } from "../../kit/secret.ts";
import type { AesFor, BlockCipher, DesFor } from "./cipher.ts";
import { type BlockBytes, cmac } from "./cmac.ts";
import type { KeyBlockVersion } from "./tr31-header.ts";

export interface KeyBlockCiphers {
	readonly desFor: DesFor;
	readonly aesFor: AesFor;
}
/** Enciphers under a first block: chained or counted. */
interface Mode {
	readonly seal: (cipher: BlockCipher, first: Uint8Array, clear: Uint8Array) => Uint8Array;
	readonly open: (cipher: BlockCipher, first: Uint8Array, sealed: Uint8Array) => Uint8Array;
}
export interface Protection {
	readonly cipher: (ciphers: KeyBlockCiphers, key: Uint8Array) => BlockCipher;
	/** Bytes of a protection key. */
	readonly keys: readonly number[];
	readonly block: BlockBytes;
	/** Bytes that the key with its length and padding is filled up to a multiple of. */
	readonly unit: 1 | BlockBytes;
	readonly macBytes: 4 | 8 | 16;
	/** What the MAC is over, and hence the order: the ciphertext (A, C), or the key in the clear. */
	readonly macOver: "sealed" | "clear";
	readonly derive: (derivation: Derivation, use: "encrypt" | "mac") => Uint8Array;
	readonly mac: (cipher: BlockCipher, message: Uint8Array) => Uint8Array;
	readonly mode: Mode;
	/** Derived by xor only, MAC of four bytes: read where it must be, written by an explicit switch. */
	readonly legacy: boolean;
}
interface Derivation {
	/** Under the protection key. */
	readonly cipher: BlockCipher;
	readonly key: Uint8Array;
}

const cbc = (size: BlockBytes): Mode => ({
	seal: (cipher, first, clear) => {
		const sealed = new Uint8Array(clear.length);
		// The first block hides nothing by itself: what is enciphered is wiped.
		const block = secretBytes(size);
		let chained = first;
		for (let at = 0; at < clear.length; at += size) {
			for (let i = 0; i < size; i += 1) block[i] = (chained[i] ?? 0) ^ (clear[at + i] ?? 0);
			chained = cipher.encrypt(block);
			sealed.set(chained, at);
		}
		block.fill(0);
		return sealed;
	},
	open: (cipher, first, sealed) => {
		const clear = cipher.decrypt(sealed);
		for (const [i, byte] of clear.entries())
			clear[i] = byte ^ ((i < size ? first[i] : sealed[i - size]) ?? 0);
		return clear;
	},
});

/** Counter mode: the first block is counted up, big endian, over all its bytes (ISO 20038). */
const counted = (cipher: BlockCipher, first: Uint8Array, text: Uint8Array): Uint8Array => {
	const counters = new Uint8Array(16 * Math.ceil(text.length / 16));
	const counter = first.slice();
	for (let at = 0; at < counters.length; at += 16) {
		counters.set(counter, at);
		for (let i = 15; i >= 0; i -= 1) {
			counter[i] = ((counter[i] ?? 0) + 1) & 0xff;
			if (counter[i] !== 0) break;
		}
	}
	const stream = cipher.encrypt(counters);
	const done = secretBytes(text.length);
	for (const [i, byte] of text.entries()) done[i] = byte ^ (stream[i] ?? 0);
	stream.fill(0);
	return done;
};
const ctr: Mode = { seal: counted, open: counted };

/** Version A and C: 45 (E) or 4D (M) xored into every byte. */
const variant = ({ key }: Derivation, use: "encrypt" | "mac"): Uint8Array => {
	const derived = secretBytes(key.length);
	for (const [i, byte] of key.entries()) derived[i] = byte ^ (use === "encrypt" ? 0x45 : 0x4d);
	return derived;
};

/** Algorithm indicators of the derivation data: by cipher and length of the derived key. */
const indicators: Readonly<Record<BlockBytes, Readonly<Record<number, number>>>> = {
	8: { 16: 0, 24: 1 },
	16: { 16: 2, 24: 3, 32: 4 },
};
/**
 * Key derivation by CMAC (X9.143; version E: ISO 20038): a counter, what the key is for (0 CBC, 1 MAC, 2
 * CTR), a zero byte, algorithm, length in bits.
 */
const derived =
	(size: BlockBytes, encrypting: 0 | 2) =>
	({ cipher, key }: Derivation, use: "encrypt" | "mac"): Uint8Array => {
		const whole = secretBytes(key.length);
		const data = new Uint8Array(8);
		data.set(big(use === "mac" ? 1 : encrypting, 2), 1);
		data.set(big(indicators[size][key.length] ?? 0, 2), 4);
		data.set(big(8 * key.length, 2), 6);
		for (let at = 0, counter = 1; at < key.length; at += size, counter += 1) {
			data[0] = counter;
			const part = cmac(cipher, size, data);
			whole.set(part.subarray(0, Math.min(size, key.length - at)), at);
			part.fill(0);
		}
		return whole;
	};

/** CBC-MAC without padding: the header and the ciphertext are whole blocks. */
const cbcMac = (cipher: BlockCipher, message: Uint8Array): Uint8Array =>
	cbc(8).seal(cipher, new Uint8Array(8), message).slice(-8);

const variants: Protection = {
	cipher: ({ desFor }, key) => desFor(key),
	keys: [8, 16, 24],
	block: 8,
	unit: 8,
	macBytes: 4,
	macOver: "sealed",
	derive: variant,
	mac: cbcMac,
	mode: cbc(8),
	legacy: true,
};
const aes = {
	cipher: ({ aesFor }: KeyBlockCiphers, key: Uint8Array) => aesFor(key),
	keys: [16, 24, 32],
	block: 16,
	macBytes: 16,
	macOver: "clear",
	mac: (cipher: BlockCipher, message: Uint8Array) => cmac(cipher, 16, message),
	legacy: false,
} as const;

export const protections: Readonly<Record<KeyBlockVersion, Protection>> = {
	A: variants,
	B: {
		cipher: ({ desFor }, key) => desFor(key),
		keys: [16, 24],
		block: 8,
		unit: 8,
		macBytes: 8,
		macOver: "clear",
		derive: derived(8, 0),
		mac: (cipher, message) => cmac(cipher, 8, message),
		mode: cbc(8),
		legacy: false,
	},
	C: variants,
	D: { ...aes, unit: 16, derive: derived(16, 0), mode: cbc(16) },
	E: { ...aes, unit: 1, derive: derived(16, 2), mode: ctr },
};
