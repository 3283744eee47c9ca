/** Plays a written transcript against a dialogue, and names the line on which it went another way. */
import { hex, unhex } from "../kit/bytes.ts";
import { never, no, ok, type Result } from "../kit/result.ts";
import type { Answer, Ask, DataObjects, Dialogue, Outcome } from "./dialogue.ts";

/**
 * One line of a transcript: what the kernel must say, and what it is answered. Blanks in hex do not count,
 * and a command that ends in `*` may go on as it likes:
 *
 * | says                       | hears                                                    |
 * |----------------------------|----------------------------------------------------------|
 * | `read-record 00B2010C00`   | response with SW1 SW2, or `gone`                         |
 * | `choose LABEL, LABEL`      | index from 0, or `none`                                  |
 * | `random 4`                 | bytes                                                    |
 * | `account`                  | `go`, or `stop`                                          |
 * | `pin`, `pin or empty`      | `entered` `empty` `cancelled` `timeout` `unavailable`    |
 * | `host 95=8000048000 …`     | `approved 00 HEX`, `declined 55 HEX`, `unable Z3`        |
 */
export type Line = readonly [says: string, hears: string];

/**
 * Reads a transcript of lines `says -> hears`; empty lines and lines that begin with # are for the reader.
 */
export const lines = (text: string): readonly Line[] =>
	text
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !line.startsWith("#"))
		.map((line) => {
			const [says = "", hears = ""] = line.split("->");
			return [says.trim(), hears.trim()];
		});

const packed = (text: string): string => text.replaceAll(/\s/g, "");

/** Where the command leaves what was written, in bytes; undefined when it does not. */
function difference(written: string, said: string): number | undefined {
	const open = written.endsWith("*");
	const want = open ? written.slice(0, -1) : written;
	const at = [...want].findIndex((digit, i) => digit !== said[i]);
	if (at >= 0) return Math.floor(at / 2);
	return open || want.length === said.length ? undefined : want.length / 2;
}

/** The first tag of `95=… 9F27=…` that the host would be told otherwise. */
const wrongTag = (data: DataObjects, pairs: string): string | undefined =>
	pairs
		.split(" ")
		.filter((pair) => pair !== "")
		.map((pair) => pair.split("="))
		.find(([tag = "", value = ""]) => hex(data.get(tag) ?? new Uint8Array(0)) !== value)?.[0];

/** What an ask is called in a transcript; of a command or of data only the first word. */
function wordsOf(ask: Ask): string {
	switch (ask.ask) {
		case "apdu":
			return ask.step;
		case "choose":
			return `choose ${ask.candidates.map((c) => c.label).join(", ")}`;
		case "random":
			return `random ${ask.bytes}`;
		case "pin":
			return ask.emptyAllowed ? "pin or empty" : "pin";
		case "account":
		case "host":
			return ask.ask;
		default:
			return never(ask);
	}
}

/**
 * How an ask differs from the words of a line: a place, never a value; undefined when it is what was
 * written.
 */
function otherwise(ask: Ask, says: string): string | undefined {
	const words = wordsOf(ask);
	const [first = ""] = says.split(" ");
	const rest = says.slice(first.length);
	const begun = ask.ask === "apdu" || ask.ask === "host";
	if (words !== (begun ? first : says)) return `it asks for ${words}, not for ${first}`;
	if (ask.ask === "apdu") {
		const at = difference(packed(rest), hex(ask.command));
		return at === undefined ? undefined : `${words} is another command at byte ${at}`;
	}
	const tag = ask.ask === "host" ? wrongTag(ask.data, rest) : undefined;
	return tag === undefined ? undefined : `${tag} is another for the host`;
}

const pinEnds = ["entered", "empty", "cancelled", "timeout", "unavailable"] as const;

/** The answer that a line gives; undefined when its words mean none. */
function answerOf(ask: Ask, hears: string): Answer | undefined {
	switch (ask.ask) {
		case "apdu":
			return { of: "apdu", response: hears === "gone" ? undefined : unhex(hears) };
		case "choose":
			return { of: "choose", index: hears === "none" ? undefined : Number(hears) };
		case "random":
			return { of: "random", bytes: unhex(hears) };
		case "account":
			return { of: "account", go: hears === "go" };
		case "pin": {
			const end = pinEnds.find((word) => word === hears);
			return end === undefined ? undefined : { of: "pin", end };
		}
		case "host": {
			const [how, arc = "", ...data] = hears.split(" ");
			return {
				of: "host",
				end: how === "unable" ? "unable" : "answered",
				arc,
				approved: how === "approved",
				issuerData: unhex(data.join("")),
			};
		}
		default:
			return never(ask);
	}
}

/** Plays the lines; the outcome, or on which line (from 1) the dialogue said something else. */
export function play(dialogue: Dialogue, transcript: readonly Line[]): Result<Outcome, string> {
	let turn = dialogue.next();
	for (const [i, [says, hears]] of transcript.entries()) {
		if (turn.done === true) return no(`line ${i + 1}: it was over as ${turn.value.end}`);
		const other = otherwise(turn.value, says);
		if (other !== undefined) return no(`line ${i + 1}: ${other}`);
		const answer = answerOf(turn.value, hears);
		if (answer === undefined) return no(`line ${i + 1}: no answer to ${turn.value.ask}`);
		turn = dialogue.next(answer);
	}
	if (turn.done === true) return ok(turn.value);
	return no(`after the last line it asks for ${wordsOf(turn.value)}`);
}
