/** A board as its file describes it: which wire each device is on. */
import * as v from "valibot";
import { type Keypad, keys, type Tamper } from "../../src/contract/device.ts";
import type { FaultCode } from "../../src/contract/faults.ts";
import type { Board } from "../../src/contract/settings.ts";
import type { Clock } from "../../src/kit/clock.ts";
import type { Log } from "../../src/kit/log.ts";
import type { Random } from "../../src/kit/random.ts";
import { no, ok, type Result } from "../../src/kit/result.ts";
import { readJson } from "../../src/runtime/files.ts";
import { HidKeypad } from "../keypad/driver.ts";
import { CaseSwitch } from "../lights/driver.ts";
import { openGpio } from "../transport/gpio.ts";
import { openHid } from "../transport/hid.ts";

/** A settings file that does not have its shape: the file, and the field in it. */
export interface BoardFault {
	readonly code: FaultCode;
	readonly at: string;
}
/** What every driver is given beside its wire. */
export interface BoardNeeds {
	readonly clock: Clock;
	readonly random: Random;
	readonly log: Log;
}

const wire = v.pipe(v.string(), v.minLength(1));
const count = (least: number, most: number): v.GenericSchema<unknown, number> =>
	v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const usage = v.pipe(v.string(), v.regex(/^[0-9A-F]{2}$/));
const shape: v.GenericSchema<unknown, Board> = v.strictObject({
	name: wire,
	keypad: v.strictObject({ path: wire, map: v.record(usage, v.picklist(keys)) }),
	pinKeys: v.picklist(["shared", "own"]),
	pinKeysPath: v.exactOptional(wire),
	cardReader: v.strictObject({ path: wire, model: v.literal("GemCorePOSPro") }),
	printer: v.strictObject({ path: wire, baud: count(1200, 921_600) }),
	display: v.strictObject({ path: wire, width: count(16, 4096), height: count(16, 4096) }),
	gpio: v.strictObject({
		path: wire,
		lamps: v.strictObject({ ready: wire, working: wire, good: wire, bad: wire }),
		buzzer: wire,
		tamper: wire,
	}),
});

/** Reads and checks a board file. */
export function readBoard(path: string): Result<Board, BoardFault> {
	const file = readJson(path);
	if (!file.ok) return file;
	const read = v.safeParse(shape, file.value, { abortEarly: true });
	if (read.success) return ok(read.output);
	const field = read.issues[0].path?.map(({ key }) => String(key)).join(".") ?? "";
	return no({ code: "settings.invalid", at: `${path}: ${field}` });
}

/** The keys on which PINs are typed: the keypad itself (`shared`), or keys of their own with the same map. */
export function pinKeypad(board: Board, needs: BoardNeeds): Keypad {
	const path = board.pinKeys === "own" ? (board.pinKeysPath ?? board.keypad.path) : board.keypad.path;
	return new HidKeypad({ openLine: () => openHid(path), map: board.keypad.map, ...needs });
}

/** The switch that tells whether the case was opened. */
export function caseSwitch({ gpio }: Board, needs: BoardNeeds): Tamper {
	return new CaseSwitch({ openLines: () => openGpio(gpio.path), lines: gpio, ...needs });
}
