/** The fields of a UnionPay terminal message, row by row as in unionpay-terminal.md, 2. */
import type { Encoding, Field, Profile, Size } from "./field.ts";

const see = "unionpay-terminal.md, 2";
const ll = (upTo: number): Size => ({ upTo, digits: 2, as: "bcd" });
const lll = (upTo: number): Size => ({ upTo, digits: 3, as: "bcd" });
const fixed = (units: number): Size => ({ fixed: units });

const row =
	(as: Encoding, fill: Field["fill"]) =>
	(name: string, size: Size, show: Field["show"] = "plain"): Field => ({ name, as, size, fill, show, see });
/** n fixed: right aligned, a 0 nibble on the left of an odd count. */
const number = row("bcd", "left");
/** n variable and F22: left aligned, a 0 nibble on the right of an odd count. */
const digits = row("bcd", "right");
const nibbles = row("nibbles", "right");
const text = row("ascii", "right");
/** ans where Chinese occurs: GBK. */
const words = row("gbk", "right");
const raw = row("bytes", "right");

export const unionpay: Profile = {
	name: "unionpay-terminal",
	mti: "bcd",
	bitmap: "bytes",
	fields: {
		2: digits("primary account number", ll(19), "masked"),
		3: number("processing code", fixed(6)),
		4: number("amount", fixed(12)),
		11: number("trace number", fixed(6)),
		12: number("local time", fixed(6)),
		13: number("local date", fixed(4)),
		14: number("expiry date", fixed(4), "nothing"),
		15: number("settlement date", fixed(4)),
		22: digits("entry mode", fixed(3)),
		23: number("card sequence number", fixed(3)),
		25: number("condition code", fixed(2)),
		26: number("PIN length limit", fixed(2)),
		32: digits("acquirer", ll(11)),
		35: nibbles("track 2", ll(37), "nothing"),
		36: nibbles("track 3", lll(104), "nothing"),
		37: text("reference number", fixed(12)),
		38: text("authorisation code", fixed(6)),
		39: text("response code", fixed(2)),
		40: words("reserved 40", lll(999), "masked"),
		41: text("terminal number", fixed(8)),
		42: text("merchant number", fixed(15)),
		43: words("merchant name", fixed(40)),
		44: words("additional answer data", ll(25)),
		46: words("reserved 46", lll(999), "masked"),
		47: words("reserved 47", lll(999), "masked"),
		48: digits("additional private data", lll(322), "masked"),
		49: text("currency", fixed(3)),
		52: raw("PIN block", fixed(8), "nothing"),
		53: number("security control", fixed(16)),
		54: words("additional amounts", lll(20)),
		55: raw("chip data", lll(255), "masked"),
		56: words("answer text", lll(512)),
		57: words("reserved 57", lll(999), "masked"),
		58: raw("e-purse data", lll(999), "masked"),
		59: words("acquirer's own data", lll(999), "masked"),
		60: digits("message type, batch, network", lll(19)),
		61: digits("original message", lll(29)),
		62: raw("private data", lll(999), "masked"),
		63: words("operator or organisation, remarks", lll(163)),
		64: raw("MAC", fixed(8)),
	},
};
