/** The bytes to and from an ESC/POS printer: text in GB18030, slices, answers told apart. */
import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commandSize } from "../../../drivers/printer/commands-table.ts";
import { cells, character, gb18030 } from "../../../drivers/printer/gb18030.ts";
import { commands, processId, sliceBytes, slices } from "../../../drivers/printer/protocol.ts";
import {
	automaticBytesOf,
	automaticCondition,
	type Condition,
	realTimeByte,
	realTimeCondition,
	type StatusFrame,
	StatusReader,
	stopped,
} from "../../../drivers/printer/status.ts";
import type { PrintLine } from "../../../src/contract/device.ts";
import { concat, hex, latin, unhex } from "../../../src/kit/bytes.ts";

const text = suite("GB18030");
text("known characters", () => {
	assert.is(hex(gb18030("商")), "C9CC");
	assert.is(hex(gb18030("POS签购单")), "504F53C7A9B9BAB5A5");
	assert.is(hex(gb18030("電子錢包")), "EB8AD7D3E558B0FC", "traditional characters have pairs, too");
	assert.is(hex(gb18030("￥¥·—€")), "A3A4A3A4A1A4A1AAA2E3");
	assert.is(character(0xc9, 0xcc), "商");
});
text("what the set lacks is shown as lacking, and counts as wide", () => {
	assert.is(hex(gb18030("𠮷")), "A1FE");
	assert.is(hex(gb18030("한")), "A1FE");
	assert.is(cells("A商한"), 5);
});
text("no text can be a command", () =>
	assert.is(hex(gb18030("a\x1b@\x10\x04\n\x7fb")), hex(latin("a @    b"))),
);
/** The C library's own table: a foreign judge of ours. */
const foreign = (bytes: Uint8Array): string =>
	execFileSync("/usr/bin/iconv", ["-f", "GB18030", "-t", "UTF-8"], { input: bytes, encoding: "utf8" });
text("every pair agrees with a foreign table, both ways", () => {
	const all: string[] = [];
	for (let lead = 0x81; lead <= 0xfe; lead += 1)
		for (let trail = 0x40; trail <= 0xfe; trail += 1) {
			const read = character(lead, trail);
			if (read !== "〓" && !/[\u0080-\u00a0\ue000-\uf8ff]/.test(read)) all.push(read);
		}
	const once = [...new Set(all)];
	assert.ok(once.length > 21_000, `${once.length} characters`);
	const read = foreign(gb18030(once.join(" "))).split(" ");
	assert.is(once.filter((each, n) => each !== read[n]).join(""), "");
});
text("cells are the bytes on the wire, for anything at all", () => {
	return fc.assert(
		fc.property(fc.string({ unit: "grapheme" }), (any) => {
			const bytes = gb18030(any);
			assert.is(bytes.length, cells(any));
			assert.ok(bytes.every((byte, n) => byte >= 0x20 || (bytes[n - 1] ?? 0) >= 0x81));
		}),
	);
});
text.run();

const jobs = suite("jobs as slices");
const bytesOf = (...lines: readonly PrintLine[]): string => hex(concat(...slices(lines)));
const head = "1B401D61FF1C26";
jobs("each kind of line", () => {
	assert.is(bytesOf({ kind: "text", text: "A" }), `${head}410A`);
	assert.is(
		bytesOf({ kind: "text", text: "A", align: "centre", bold: true, large: true }),
		`${head}1B61011B45011D2111410A`,
	);
	assert.is(
		bytesOf({ kind: "text", text: "A", bold: true }, { kind: "text", text: "B" }),
		`${head}1B4501410A1B4500420A`,
	);
	assert.is(bytesOf({ kind: "rule" }), `${head}${"2D".repeat(32)}0A`);
	assert.is(bytesOf({ kind: "feed", lines: 3 }), `${head}1B6403`);
	assert.is(bytesOf({ kind: "cut" }), `${head}1D564200`);
	assert.is(
		bytesOf({ kind: "raster", width: 8, height: 2, bits: Uint8Array.of(0x80, 0x01) }),
		`${head}1B61011D763000010002008001`,
	);
});
jobs("a pair is pushed apart; one that does not fit takes two lines", () => {
	const lines = (left: string, right: string): readonly string[] =>
		foreign(concat(...slices([{ kind: "pair", left, right }])).subarray(7)).split("\n");
	assert.equal(lines("批次号", "000001"), [`批次号${" ".repeat(20)}000001`, ""]);
	const left = "商户编号(MERCHANT NO)";
	assert.equal(lines(left, "898290070110001"), [left, `${" ".repeat(17)}898290070110001`, ""]);
});
jobs("a text longer than the paper is folded, and no wide character hangs over the edge", () => {
	const long = `A${"商".repeat(20)}`;
	const printed = foreign(concat(...slices([{ kind: "text", text: long }])).subarray(7));
	assert.equal(printed.split("\n"), [`A${"商".repeat(15)}`, "商".repeat(5), ""]);
});
jobs("a picture of another size than it says is a bug", () => {
	assert.throws(() => slices([{ kind: "raster", width: 8, height: 2, bits: new Uint8Array(3) }]), RangeError);
	assert.throws(
		() => slices([{ kind: "raster", width: 400, height: 1, bits: new Uint8Array(50) }]),
		RangeError,
	);
});
jobs("process ids are four printable characters", () => {
	assert.is(hex(processId("0001")), "1D28480600303030303031");
	for (const bad of ["001", "00001", "商0", "00\x10 "]) assert.throws(() => processId(bad), RangeError);
});
const anyText = fc.string({ unit: fc.constantFrom(..."商户AB 1名。"), maxLength: 60 });
const anyLine: fc.Arbitrary<PrintLine> = fc.oneof(
	fc.record({ kind: fc.constant("text" as const), text: anyText, bold: fc.boolean(), large: fc.boolean() }),
	fc.record({ kind: fc.constant("pair" as const), left: anyText, right: anyText }),
	fc.constant({ kind: "rule" as const }),
	fc
		.record({ wide: fc.integer({ min: 1, max: 48 }), height: fc.integer({ min: 1, max: 90 }) })
		.map(({ wide, height }) => ({
			kind: "raster" as const,
			width: wide * 8,
			height,
			bits: new Uint8Array(wide * height).fill(0x1b),
		})),
	fc.constant({ kind: "cut" as const }),
);
jobs("slices are short, and end between two commands", () => {
	return fc.assert(
		fc.property(fc.array(anyLine, { maxLength: 12 }), (lines) => {
			for (const slice of slices(lines)) {
				assert.ok(slice.length <= sliceBytes);
				let at = 0;
				while (at < slice.length) {
					const size = commandSize((offset) => slice[at + offset]);
					if (size === undefined) throw new Error(`a command is cut at ${at} of ${slice.length}`);
					at += size;
				}
			}
		}),
		{ numRuns: 60 },
	);
});
jobs.run();

const status = suite("answers");
const read = (...chunks: readonly string[]): readonly StatusFrame[] => {
	const reader = new StatusReader();
	return chunks.flatMap((chunk) => [...reader.feed(unhex(chunk))]);
};
const kinds = (...chunks: readonly string[]): string =>
	read(...chunks)
		.map((frame) => frame.is)
		.join(" ");
status("five kinds on one line, with flow control between", () => {
	assert.is(
		kinds("12 1100 13 10000000 37223030303100 372500 5F455053 4F4E00"),
		"real-time paper automatic process cleared text",
	);
	assert.equal(read("37223030303100"), [{ is: "process", id: "0001" }]);
	assert.equal(read("5F4550534F4E00"), [{ is: "text", text: "EPSON" }]);
});
status("a real-time answer may fall between the bytes of another", () => {
	assert.is(kinds("1000 12 0000"), "real-time automatic");
	assert.is(kinds("372230 16 30303100"), "real-time process");
});
status("blocks of other kinds are read past", () => assert.is(kinds("3B325800 353200 12"), "real-time"));
status("an endless block gives up", () =>
	assert.is(kinds("5F", "41".repeat(200), "00", "12"), "paper real-time"),
);
status("the same frames come out wherever the line cuts them, and noise never throws", () => {
	return fc.assert(
		fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
			const whole = new StatusReader().feed(bytes);
			const reader = new StatusReader();
			const cut: StatusFrame[] = [];
			for (let at = 0; at < bytes.length; at += size) cut.push(...reader.feed(bytes.subarray(at, at + size)));
			assert.equal(cut, [...whole]);
		}),
	);
});
const conditions = fc.record(
	{
		paper: fc.constantFrom("ok" as const, "low" as const, "out" as const),
		coverOpen: fc.boolean(),
		online: fc.boolean(),
		error: fc.boolean(),
	},
	{ noNullPrototype: true },
);
status("a condition reads back from ASB and from the four real-time answers", () => {
	return fc.assert(
		fc.property(conditions, (condition: Condition) => {
			const automatic = automaticBytesOf(condition);
			assert.equal(automaticCondition(automatic), condition);
			assert.equal(realTimeCondition([1, 2, 3, 4].map((n) => realTimeByte(n, condition))), condition);
			assert.equal(new StatusReader().feed(automatic)[0]?.is, "automatic");
		}),
	);
});
status("bits as a real printer sets them", () => {
	assert.equal(automaticCondition(unhex("18000C00")), {
		online: false,
		coverOpen: false,
		error: false,
		paper: "out",
	});
	assert.equal(automaticCondition(unhex("38000000")), {
		online: false,
		coverOpen: true,
		error: false,
		paper: "ok",
	});
	assert.equal(automaticCondition(unhex("10000300")), {
		online: true,
		coverOpen: false,
		error: false,
		paper: "low",
	});
	assert.equal(realTimeCondition([...unhex("1A32127E")]), {
		online: false,
		coverOpen: false,
		error: false,
		paper: "out",
	});
	assert.equal(realTimeCondition([...unhex("1A521A12")]), {
		online: false,
		coverOpen: false,
		error: true,
		paper: "ok",
	});
	assert.is(stopped({ online: false, coverOpen: true, error: false, paper: "out" }), "printer.cover-open");
	assert.is(stopped({ online: true, coverOpen: false, error: false, paper: "low" }), undefined);
});
status("the commands are the book's", () => {
	assert.is(hex(commands.clear), "10140801031401060208");
	assert.is(hex(commands.printerStatus), "100401");
	assert.is(hex(commands.paperWhenProcessed), "1D7201");
});
status.run();
