/** The way of the sale at the counter, step by step, as the terminal's log tells it. */
import { unhex } from "../../kit/bytes.ts";
import { describe } from "../../spec/emv/bits.ts";
import type { Logged, WayStep, WayStepId } from "./floor.ts";
import { textOf } from "./logged.ts";

const order: readonly WayStepId[] = ["select", "read", "auth", "pin", "arqc", "host", "end"];
/** Kernel steps (kernel/dialogue.ts) and where they belong. */
const belongs: Readonly<Record<string, WayStepId>> = {
	"select-pse": "select",
	"read-directory": "select",
	"select-aid": "select",
	"get-processing-options": "read",
	"read-record": "read",
	"get-data": "read",
	"generate-ac-1": "arqc",
	"external-authenticate": "end",
	script: "end",
	"generate-ac-2": "end",
};
const names: Readonly<Record<string, string>> = {
	"95": "TVR 95",
	"9B": "TSI 9B",
	"9F34": "CVM Results 9F34",
	"9F27": "CID 9F27",
	"9F36": "ATC 9F36",
	"84": "AID 84",
	"82": "AIP 82",
};

export type Way = readonly WayStep[];
type Change = Partial<Omit<WayStep, "id">>;
export const noWay: Way = order.map((id) => ({ id, state: "todo", facts: [] }));

const change = (way: Way, id: WayStepId, to: Change): Way =>
	way.map((step) => (step.id === id ? { ...step, ...to } : step));
/** Everything under way before `id` is done. */
const reach = (way: Way, id: WayStepId): Way =>
	way.map((step) =>
		order.indexOf(step.id) < order.indexOf(id) && step.state === "now" ? { ...step, state: "done" } : step,
	);
const append = (way: Way, id: WayStepId, ...facts: readonly (readonly [string, string])[]): Way =>
	way.map((step) => (step.id === id ? { ...step, facts: [...step.facts, ...facts] } : step));

/** A data object of the log (`t95`) by name, with what its bits say. */
function objectOf(line: Logged, tag: string): readonly (readonly [string, string])[] {
	const value = textOf(line, `t${tag}`);
	if (value === "") return [];
	return [[names[tag] ?? tag, value], ...describe(tag, unhex(value)).map((says) => ["", says] as const)];
}

function chipStep(way: Way, line: Logged): Way {
	const step = textOf(line, "step");
	const id = belongs[step];
	if (id === undefined) return way;
	const sw = textOf(line, "sw");
	const fresh = id === "select" && way.some((each) => each.id === "arqc" && each.state !== "todo");
	const going = reach(fresh ? noWay : way, id);
	return append(change(going, id, { state: "now" }), id, [step, sw === "none" ? "–" : `SW ${sw}`]);
}

function online(way: Way, line: Logged): Way {
	const tvr = textOf(line, "t95");
	const performed = tvr !== "" && (Number.parseInt(tvr.slice(0, 2), 16) & 0x80) === 0;
	const auth = change(way, "auth", {
		state: performed ? "done" : "todo",
		facts: objectOf(line, "95").slice(0, 2),
	});
	const read = append(auth, "read", ...objectOf(line, "82"), ...objectOf(line, "84"));
	const pin = change(read, "pin", { state: "done", facts: objectOf(line, "9F34") });
	const facts = ["9F27", "95", "9B", "9F36"].flatMap((tag) => objectOf(line, tag));
	return change(reach(pin, "host"), "arqc", { state: "done", facts });
}

/** CID: the card's own word (EMV 4.4 Book 3, table 15). */
const cryptograms: Readonly<Record<string, string>> = { "40": "TC", "00": "AAC", "80": "ARQC" };

function chipEnd(way: Way, line: Logged): Way {
	const cryptogram = cryptograms[textOf(line, "t9F27")] ?? "AAC";
	const good = textOf(line, "end") === "approved";
	const facts = ["9F27", "95", "9B", "9F36"].flatMap((tag) => objectOf(line, tag));
	return change(way, "end", { state: good ? "done" : "bad", label: good ? cryptogram : "AAC", facts });
}

const pages: Readonly<Record<string, (way: Way) => Way>> = {
	amount: () => noWay,
	pin: (way) => change(reach(way, "pin"), "pin", { state: "now" }),
	"not-charged": (way) => way.map((step) => (step.state === "now" ? { ...step, state: "bad" } : step)),
};

const steps: Readonly<Record<string, (way: Way, line: Logged) => Way>> = {
	page: (way, line) => pages[textOf(line, "page")]?.(way) ?? way,
	"chip-step": chipStep,
	"chip-online": online,
	"chip-end": chipEnd,
	"host-sent": (way, line) =>
		textOf(line, "mti") === "0200" ? change(way, "host", { state: "now", facts: [] }) : way,
	"host-heard": (way, line) => {
		if (textOf(line, "mti") !== "0210") return way;
		const code = /^F039 [^:]*: (.*)$/m.exec(textOf(line, "fields"))?.[1] ?? "";
		return change(way, "host", { state: code === "00" ? "done" : "bad", facts: [["F039", code]] });
	},
	"host-wrong-mac": (way) => change(way, "host", { state: "bad", facts: [["F064", "wrong MAC"]] }),
	"host-unheard": (way, line) =>
		textOf(line, "mti") === "0200"
			? change(way, "host", { state: "bad", facts: [["", textOf(line, "end")]] })
			: way,
};

/** The way after one more line of the terminal's log. The same object when the line says nothing about it. */
export const follow = (way: Way, line: Logged): Way => steps[line.event]?.(way, line) ?? way;
