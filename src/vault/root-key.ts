/**
 * The root key: 32 bytes in a file of its owner alone, under which every stored key is sealed. Erased first
 * at a tamper.
 */
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Random } from "../kit/random.ts";
import { secretBytes } from "../kit/secret.ts";

const rootKeyBytes = 32;

/**
 * Reads the key. Undefined when there is no such file. Throws, naming the file and what is wrong with it,
 * when it is no plain file, another may read it (mode is not 0600), another owns it, or it has another
 * length.
 */
export function readRootKey(path: string): Uint8Array | undefined {
	const fd = openIfThere(path, constants.O_RDONLY | constants.O_NOFOLLOW);
	if (fd === undefined) return undefined;
	try {
		const { mode, uid, size, isFile } = facts(fd);
		if (!isFile) throw new Error(`${path}: not a file`);
		if ((mode & 0o777) !== 0o600) throw new Error(`${path}: mode ${(mode & 0o777).toString(8)}, not 600`);
		if (uid !== process.getuid?.()) throw new Error(`${path}: owned by another user`);
		if (size !== rootKeyBytes) throw new Error(`${path}: ${size} bytes, not ${rootKeyBytes}`);
		const key = secretBytes(rootKeyBytes);
		if (readSync(fd, key, 0, rootKeyBytes, 0) !== rootKeyBytes) throw new Error(`${path}: short`);
		return key;
	} finally {
		closeSync(fd);
	}
}

/** Makes a new key file, durable before it is used. Throws when one is there. */
export function makeRootKey(path: string, random: Random): Uint8Array {
	const key = random.bytes(rootKeyBytes);
	const fd = openSync(path, "wx", 0o600);
	try {
		writeSync(fd, key);
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
	syncFolder(path);
	return key;
}

/**
 * Overwrites the file in place, then drops it. Both are durable when this returns. Nothing there: nothing
 * done.
 */
export function eraseRootKey(path: string): void {
	const fd = openIfThere(path, constants.O_WRONLY | constants.O_NOFOLLOW);
	if (fd === undefined) return;
	try {
		writeSync(fd, new Uint8Array(rootKeyBytes), 0, rootKeyBytes, 0);
		fsyncSync(fd);
	} finally {
		closeSync(fd);
		rmSync(path, { force: true });
	}
	syncFolder(path);
}

function facts(fd: number): { mode: number; uid: number; size: number; isFile: boolean } {
	const stat = fstatSync(fd);
	return { mode: stat.mode, uid: stat.uid, size: stat.size, isFile: stat.isFile() };
}

function openIfThere(path: string, flags: number): number | undefined {
	try {
		return openSync(path, flags);
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
		throw error;
	}
}

function syncFolder(path: string): void {
	const folder = openSync(dirname(path), "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}
