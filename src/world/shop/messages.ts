/** The masked messages of the terminal's log as rows that a person reads. */
import type { Logged, ShownMessage } from "./floor.ts";
import { textOf } from "./logged.ts";

/** `F004 amount: 128.50` to its name and reading; "MTI message type: 0200" too. */
function factsOf(text: string): readonly (readonly [string, string])[] {
	return text.split("\n").flatMap((line) => {
		const colon = line.indexOf(": ");
		return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 2)] as const];
	});
}

/** What a field says in a described message; empty when it is not there. `field` as "F039". */
const fieldOf = (facts: readonly (readonly [string, string])[], field: string): string =>
	facts.find(([name]) => name.startsWith(`${field} `))?.[1] ?? "";

/** Events after which an exchange has no answer that can be believed, and how the bench calls them. */
const doubts: Readonly<Record<string, (line: Logged) => string>> = {
	"host-wrong-mac": () => "wrong-mac",
	"host-mismatch": () => "mismatch",
	"host-garbled": () => "garbled",
	"host-late": () => "late",
	"host-unheard": (line) => textOf(line, "end"),
};

/** The answer that was waited for: 0210 to 0200. An answer's own type stays. */
const answerTo = (mti: string): string =>
	/^\d{2}[02468]\d$/.test(mti) ? `${mti.slice(0, 2)}${Number(mti[2]) + 1}${mti.slice(3)}` : mti;

/** Undefined for a line about something else. */
export function messageOf(line: Logged): ShownMessage | undefined {
	const at = line.at.slice(11);
	const trace = textOf(line, "stan");
	if (line.event === "host-sent" || line.event === "host-heard") {
		const facts = factsOf(textOf(line, "fields"));
		const amount = fieldOf(facts, "F004").replace(".", "").replace(/^0+/, "");
		const code = fieldOf(facts, "F039");
		const reference = fieldOf(facts, "F037").replaceAll(" ", "");
		return {
			...{ at, kind: "iso8583", mti: textOf(line, "mti"), trace, facts },
			way: line.event === "host-sent" ? "sent" : "heard",
			...(amount === "" ? {} : { amount }),
			...(code === "" ? {} : { code }),
			...(reference === "" ? {} : { reference }),
		};
	}
	if (line.event === "fleet-sent") {
		const [first, last] = [textOf(line, "first"), textOf(line, "last")];
		return { at, way: "sent", kind: "up", rows: first === last ? first : `${first}–${last}`, facts: [] };
	}
	if (line.event === "fleet-acknowledged")
		return { at, way: "heard", kind: "applied", rows: textOf(line, "through"), facts: [] };
	const doubt = doubts[line.event];
	if (doubt === undefined) return undefined;
	return {
		...{ at, kind: "iso8583", way: "heard", mti: answerTo(textOf(line, "mti")), trace, fault: true },
		why: doubt(line),
		facts: [],
	};
}
