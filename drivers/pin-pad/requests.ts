/** PIN and MAC packets as text: what the host asks, and how it reads the pad's answers (devices/04). */
import type { PadMacAsk, PadPinAsk, PadPinEnd, PadPrompt } from "../../src/contract/device.ts";
import { hex, unhex } from "../../src/kit/bytes.ts";
import { type Dialect, FS, RS } from "./protocol.ts";

/** The pad's table of lines for PIN entry: the id is said by packet Z2 or Z3, the text by Z62. */
export const padPrompts: Readonly<Record<PadPrompt, { readonly id: string; readonly text: string }>> = {
	enter: { id: "01", text: "ENTER PIN" },
	wrong: { id: "02", text: "WRONG PIN" },
	"last-try": { id: "03", text: "LAST TRY" },
	wait: { id: "04", text: "PROCESSING" },
};

/** A pad counts time-outs in these. */
export const timeoutStepMs = 30_000;
/** Without a time-out in the packet. */
export const usualTimeoutSteps = 9;
/** In fen: 99,999.99 fills the field of eight characters. */
const mostAmount = 9_999_999;
const DUKPT = "DUKPT ENCRYPTION";

/** "0.05", "128.50": four to eight characters. */
const amountText = (fen: number): string => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;

const whole = (value: number, least: number, most: number): boolean =>
	Number.isInteger(value) && value >= least && value <= most;

/** The first part of an ask that no packet can carry; undefined when it is fit. */
export function unfit(ask: PadPinAsk): string | undefined {
	const { amount, digits, prompts, seconds, under } = ask;
	if (!/^\d{12,19}$/.test(ask.account)) return "account";
	if (amount !== undefined && !whole(amount, 0, mostAmount)) return "amount";
	if (amount !== undefined && (digits !== undefined || prompts !== undefined)) return "amount";
	if (prompts !== undefined && !whole(prompts.length, 1, 2)) return "prompts";
	if (seconds !== undefined && !(seconds % 30 === 0 && whole(seconds / 30, 1, 9))) return "seconds";
	if (
		digits !== undefined &&
		(under.keys === "dukpt" || !whole(digits.least, 4, digits.most) || digits.most > 12)
	)
		return "digits";
	if (under.keys === "master-session" && ![8, 16].includes(under.workingKey.length)) return "working-key";
	return undefined;
}

/** The pad's own time-out for an ask, ms. */
export const timeoutMs = (ask: PadPinAsk): number => (ask.seconds ?? usualTimeoutSteps * 30) * 1000;

/**
 * The packet for an ask: 70 with an amount, Z62 or Z63 with bounds, else Z60. Call `unfit` before.
 */
export function pinRequest(dialect: Dialect, ask: PadPinAsk): string {
	const wait = ask.seconds === undefined ? "" : FS + ask.seconds / 30;
	const { account, amount, digits, under } = ask;
	if (under.keys === "dukpt") {
		if (amount !== undefined) return `70${account}${FS}D${amountText(amount)}${wait}`;
		return dialect === "uic" ? `Z60.${account}${wait}` : `Z60.${account}${FS}${DUKPT}`;
	}
	const key = hex(under.workingKey);
	if (amount !== undefined) return `70.${account}${FS}${key}${amountText(amount)}${wait}`;
	if (digits === undefined) return `Z60.${account}${FS}${key}${wait}`;
	const bounds = String(digits.least).padStart(2, "0") + String(digits.most).padStart(2, "0");
	const bypass = digits.bypass ? "Y" : "N";
	if (dialect === "verifone") return `Z63.${account}${FS}${key}${bounds}${bypass}*`;
	const [first = "enter", second] = ask.prompts ?? [];
	const lines = [padPrompts[first].text, second === undefined ? "" : padPrompts[second].text];
	return `Z62.${account}${FS}${key}${bounds}${bypass}${lines.join(FS)}${FS}${padPrompts.wait.text}${wait}`;
}

/**
 * The packet that shows the lines before Z60: a UIC pad takes lines of its own table only, and refuses Z60
 * without them. Undefined when the PIN packet brings its own.
 */
export function promptRequest(dialect: Dialect, ask: PadPinAsk): string | undefined {
	if (ask.amount !== undefined || (dialect === "uic" && ask.digits !== undefined)) return undefined;
	const lines = (ask.prompts ?? ["enter"]).map((prompt) => padPrompts[prompt]);
	if (dialect === "verifone") return lines.length < 2 ? `Z2\x1a${lines[0]?.text}` : verifoneLines(lines);
	return lines.length < 2 ? `Z2${RS}${lines[0]?.id}` : `Z32${lines.map(({ id }) => RS + id).join(FS)}`;
}
const verifoneLines = (lines: readonly { readonly text: string }[]): string =>
	`Z3${lines.length}\x1a${lines.map(({ text }) => text).join(FS)}`;

/** Which answer an ask may get. A block of the other kind is no answer to it. */
export type Keys = PadPinAsk["under"]["keys"];

/** What the pad says of a PIN; undefined: no answer to such an ask. */
export function pinAnswer(
	keys: Keys,
	text: string,
): PadPinEnd | { readonly end: "refused"; readonly reason: string } | undefined {
	const reason = /^71([0-9A-Z])$/.exec(text)?.[1];
	if (reason !== undefined) return { end: "refused", reason };
	if (keys === "master-session") {
		const [, length, block] = /^71\.0(00|0[4-9]|1[0-2])01([0-9A-F]{16})$/.exec(text) ?? [];
		if (length === undefined || block === undefined) return undefined;
		return length === "00" ? { end: "bypassed" } : { end: "entered", block: unhex(block) };
	}
	const [, serial, block] = /^(?:710|73\.00000)([0-9A-F]{10,20})([0-9A-F]{16})$/.exec(text) ?? [];
	if (serial === undefined || block === undefined) return undefined;
	// The pad leaves out the F's in front.
	return { end: "entered", block: unhex(block), serialNumber: unhex(serial.padStart(20, "F")) };
}

/** Bytes of one MAC part (as hex 224 characters), a multiple of 8, and most parts. */
const partBytes = 112;
const mostParts = 100;
export const mostMacBytes = partBytes * mostParts;

/** A message as packets Z66: "7" more follows, "6" the last, numbered from 00. 1 to `mostMacBytes`. */
export function macRequests(ask: PadMacAsk): readonly string[] {
	const count = Math.ceil(ask.message.length / partBytes);
	const key = ask.workingKey === undefined ? "" : hex(ask.workingKey);
	return Array.from({ length: count }, (_, part) => {
		const data = hex(ask.message.subarray(part * partBytes, (part + 1) * partBytes));
		const type = part === count - 1 ? "6" : "7";
		return `Z66${type}${String(part).padStart(2, "0")}${ask.slot}${FS}${key}${FS}${FS}${data}`;
	});
}

/** A MAC of 8 bytes, "more" when the next part may come, or the pad's reason. */
export function macAnswer(text: string): Uint8Array | "more" | { readonly reason: string } | undefined {
	const [, status = "", mac = ""] = /^Z67([0-9A-Z])([0-9A-F]{16})?$/.exec(text) ?? [];
	if (status === "0") return mac === "" ? undefined : unhex(mac);
	if (status === "1") return "more";
	return status === "" ? undefined : { reason: status };
}
