/** Key to pixel, and start to picture: read from the panel's own memory. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { Key } from "../../src/contract/device.ts";
import type { Logged } from "../../src/world/shop/floor.ts";
import { textOf } from "../../src/world/shop/logged.ts";
import { type Counter, event, page, sleep } from "./counter.ts";
import { processorMs } from "./process.ts";

const frameBytes = 320 * 240 * 2;
const longestMs = 2000;
/** Between two keys, so that the one before is drawn to its end. */
const restMs = 40;

/**
 * Milliseconds from the report on the keypad's socket to the first byte that changed in the frame. Looks
 * without a pause.
 */
export function firstPixel(frameFile: string, press: () => void): number {
	const fd = openSync(frameFile, "r");
	try {
		return changed(fd, press);
	} finally {
		closeSync(fd);
	}
}

function changed(fd: number, press: () => void): number {
	const before = Buffer.alloc(frameBytes);
	const now = Buffer.alloc(frameBytes);
	readSync(fd, before, 0, frameBytes, 0);
	const began = performance.now();
	press();
	for (;;) {
		readSync(fd, now, 0, frameBytes, 0);
		const ms = performance.now() - began;
		if (!now.equals(before)) return ms;
		if (ms > longestMs) throw new Error("the frame did not change");
	}
}

export interface KeyTimes {
	/** A digit of the amount. */
	readonly digit: readonly number[];
	/** A key that turns the page. */
	readonly turn: readonly number[];
}

/** Begins and ends on the idle page. */
export async function keyToPixel(counter: Counter, frameFile: string, rounds: number): Promise<KeyTimes> {
	const digit: number[] = [];
	const turn: number[] = [];
	const press = async (key: Key, into: number[]): Promise<void> => {
		into.push(firstPixel(frameFile, () => counter.press(key)));
		await sleep(restMs);
	};
	for (let round = 0; round < rounds; round += 1) {
		await press("1", turn);
		for (const key of "12850") await press(key as Key, digit);
		for (let n = 0; n < 5; n += 1) await press("clear", digit);
		await press("cancel", turn);
	}
	return { digit, turn };
}

export interface StartTimes {
	readonly firstPicture: readonly number[];
	readonly idle: readonly number[];
	readonly processor: readonly number[];
}

/**
 * When the panel's memory was last written, on this process's clock; the kernel's stamp is good to some 4 ms.
 */
const written = (frameFile: string): number =>
	Number(statSync(frameFile, { bigint: true }).mtimeNs) / 1e6 - performance.timeOrigin;

/** Kills the terminal, lets boot start it again, and looks when its pages stood on the panel. */
export async function startToIdle(counter: Counter, frameFile: string, runs: number): Promise<StartTimes> {
	const firstPicture: number[] = [];
	const idle: number[] = [];
	const processor: number[] = [];
	for (let run = 0; run < runs; run += 1) {
		// What the old process still says is not counted.
		let anew = false;
		const started = counter.heard((line) => {
			anew ||= event("program-started")(line) && textOf(line, "name") === "terminal";
			return anew;
		}, "start of the terminal");
		const shows = (name: string) => (line: Logged) => anew && page(name)(line);
		const starting = counter.heard(shows("starting"), "first page").then(() => written(frameFile));
		const idling = counter.heard(shows("idle"), "idle page").then(() => ({
			at: written(frameFile),
			processor: processorMs(counter.pid("terminal")),
		}));
		process.kill(counter.pid("terminal"), "SIGKILL");
		const began = (await started).at;
		firstPicture.push((await starting) - began);
		const there = await idling;
		idle.push(there.at - began);
		processor.push(there.processor);
		await sleep(1500);
	}
	return { firstPicture, idle, processor };
}
