/** What technicians meet on a wire, in words. Account, track and PIN are hidden, whoever sent them. */
import { hex } from "../kit/bytes.ts";
import { maskPan } from "../kit/secret.ts";
import { readGbk } from "../runtime/gbk.ts";
import { describe } from "../spec/emv/bits.ts";
import { conditionOf, cvmOf, parseCvmList } from "../spec/emv/cvm.ts";
import { secretTags, tagEntry } from "../spec/emv/tags-table.ts";
import { unpack } from "../spec/iso8583/codec.ts";
import { describe as describeMessage, describeText } from "../spec/iso8583/describe.ts";
import { readFrame } from "../spec/iso8583/frame.ts";
import { unionpay } from "../spec/iso8583/unionpay-table.ts";
import { dolLength, parseDol } from "../spec/tlv/dol.ts";
import { parse, type TlvNode } from "../spec/tlv/tlv.ts";
import { type Chapter, type Command, DeedFault, UsageFault } from "./command.ts";

const nameOf = (tag: string): string => tagEntry(tag)?.name ?? "unknown";

function shown({ tag, value }: TlvNode): string {
	if (tag === "5A") return maskPan(hex(value).replace(/F+$/, ""));
	return secretTags.has(tag) ? `[${value.length} bytes hidden]` : hex(value);
}

/** One line an object, two blanks a template, and under a field of bits what each bit says. */
function told(nodes: readonly TlvNode[], depth = 0): readonly string[] {
	const margin = "  ".repeat(depth);
	return nodes.flatMap((node) => {
		const head = `${margin}${node.tag} ${nameOf(node.tag)}`;
		if (node.inner !== undefined) return [head, ...told(node.inner, depth + 1)];
		const bits = describe(node.tag, node.value).map((sentence) => `${margin}    ${sentence}`);
		return [`${head}: ${shown(node)}`, ...bits];
	});
}

const modes = { card: "card", strict: "strict" } as const;

const tlv: Command = {
	usage: "HEX [--mode card|strict]",
	says: "data objects by name; card skips padding, strict refuses it",
	options: ["mode"],
	run: (given) => {
		const tree = parse(given.wordBytes(0), given.one("mode", modes, "card"));
		if (!tree.ok) throw new DeedFault(`${tree.error.kind} at byte ${tree.error.offset}`);
		return told(tree.value);
	},
};

const dol: Command = {
	usage: "HEX",
	says: "what a card asks for: PDOL, CDOL, DDOL, TDOL",
	run: (given) => {
		const entries = parseDol(given.wordBytes(0));
		if (!entries.ok) throw new DeedFault(`${entries.error.kind} at byte ${entries.error.offset}`);
		const lines = entries.value.map(({ tag, length }) => `${tag} ${nameOf(tag)}: ${length}`);
		return [...lines, `bytes: ${dolLength(entries.value)}`];
	},
};

const cvm: Command = {
	usage: "HEX",
	says: "a cardholder verification list (8E), rule by rule",
	run: (given) => {
		const list = parseCvmList(given.wordBytes(0));
		if (!list.ok) throw new DeedFault("a length that no list has");
		const { x, y, rules } = list.value;
		return [
			`X ${x}, Y ${y} in minor units`,
			...rules.map(
				({ code, condition, applyNext }) =>
					`${cvmOf(code)?.says ?? "unknown"}; ${conditionOf(condition)?.says ?? "unknown"}; ` +
					(applyNext ? "else the next rule" : "else failed"),
			),
		];
	},
};

const bits: Command = {
	usage: "TAG HEX",
	says: "a field bit by bit: 95 (TVR), 9B, 82, 9F33, 9F34 and others",
	run: (given) => {
		const tag = (given.words[0] ?? "").toUpperCase();
		if (tagEntry(tag) === undefined) throw new UsageFault("a tag of the dictionary is needed");
		const lines = describe(tag, given.wordBytes(1));
		if (lines.length === 0) throw new DeedFault(`${tag} says nothing bit by bit`);
		return [`${tag} ${nameOf(tag)}`, ...lines.map((sentence) => `    ${sentence}`)];
	},
};

const headers = { "0": 0, "6": 6 } as const;

const iso8583: Command = {
	usage: "HEX [--header 0|6]",
	says: "a UnionPay message from its MTI; with --header a frame's content, TPDU and so many bytes of header first",
	options: ["header"],
	run: (given) => {
		const bytes = given.wordBytes(0);
		const framed = given.maybe("header") !== undefined;
		const frame = framed ? readFrame(bytes, given.one("header", headers)) : undefined;
		if (frame?.ok === false) throw new DeedFault(`the frame is ${frame.error.kind}`);
		const message = unpack(unionpay, frame === undefined ? bytes : frame.value.body);
		if (!message.ok) {
			const { kind, field, offset } = message.error;
			throw new DeedFault(`${kind} in field ${field} at byte ${offset}`);
		}
		const ends =
			frame === undefined ? [] : [`TPDU ${hex(frame.value.tpdu)}`, `header ${hex(frame.value.header)}`];
		return [...ends, ...describeText(describeMessage(unionpay, message.value, readGbk)).split("\n")];
	},
};

export const decode: Chapter = {
	says: "reads what was met on a wire",
	commands: { tlv, dol, cvm, bits, iso8583 },
};
