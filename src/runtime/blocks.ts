/** One call of a block cipher of the system's, in ECB without padding: what DES, AES and SM4 share. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { secretBytes } from "../kit/secret.ts";

export interface Blocks {
	readonly encrypt: (blocks: Uint8Array) => Uint8Array;
	readonly decrypt: (blocks: Uint8Array) => Uint8Array;
}
/** A cipher by OpenSSL's name, and the bytes of its block. */
export interface BlockKind {
	readonly name: string;
	readonly size: 8 | 16;
}

/**
 * Node asks of every key that is bytes whether it is a WebCrypto key, by an error that it catches; the stack
 * trace of that error takes four fifths of the whole call. A key object would be quick too, but its copy of
 * the key stays until the collector comes. So there are no traces for as long as the cipher is made.
 */
function make(way: typeof createCipheriv | typeof createDecipheriv, name: string, key: Uint8Array) {
	const traced = Error.stackTraceLimit;
	Error.stackTraceLimit = 0;
	try {
		return way(name, key, null).setAutoPadding(false);
	} finally {
		Error.stackTraceLimit = traced;
	}
}

function run(
	way: typeof createCipheriv | typeof createDecipheriv,
	{ name, size }: BlockKind,
	key: Uint8Array,
	blocks: Uint8Array,
): Uint8Array {
	if (blocks.length % size !== 0)
		throw new RangeError(`half a block at ${blocks.length - (blocks.length % size)}`);
	const cipher = make(way, name, key);
	const head = cipher.update(blocks);
	// Ends the cipher's own copy of the key.
	cipher.final();
	// Either side of a cipher may be a key: no copy stays.
	const done = secretBytes(head.length);
	done.set(head);
	head.fill(0);
	return done;
}

/** Blocks that are not whole: RangeError with the place. The key is the caller's, and is not kept. */
export const encryptBlocks = (kind: BlockKind, key: Uint8Array, blocks: Uint8Array): Uint8Array =>
	run(createCipheriv, kind, key, blocks);
export const decryptBlocks = (kind: BlockKind, key: Uint8Array, blocks: Uint8Array): Uint8Array =>
	run(createDecipheriv, kind, key, blocks);
