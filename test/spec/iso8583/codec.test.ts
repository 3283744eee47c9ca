import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, latin, unhex } from "../../../src/kit/bytes.ts";
import { scrub } from "../../../src/kit/log.ts";
import { pack, unpack } from "../../../src/spec/iso8583/codec.ts";
import { describe, describeText } from "../../../src/spec/iso8583/describe.ts";
import type { Profile, Value } from "../../../src/spec/iso8583/field.ts";
import {
	readOriginal,
	readRemarks,
	readReserved,
	readSequence,
	readWorkingKeys,
	writeOriginal,
	writeReserved,
	writeSequence,
	writeWorkingKeys,
} from "../../../src/spec/iso8583/unionpay.ts";
import { unionpay } from "../../../src/spec/iso8583/unionpay-table.ts";

const one = (number: number, value: Value) =>
	pack(unionpay, { mti: "0200", fields: new Map([[number, value]]) });

const writes = suite("writing a field");

writes("one row a rule: F, value, bytes behind the bitmap", () => {
	const rows: readonly [string, number, Value, string][] = [
		["n variable, odd: fill on the right", 2, "6217973910000725090", "196217973910000725090 0"],
		["n fixed, odd: fill on the left", 23, "001", "0001"],
		["F22: n3 but left aligned", 22, "021", "0210"],
		["z takes any nibble", 35, "6226D8A", "076226D8A0"],
		["LLL is two BCD bytes", 60, "00000001420", "0011000000014200"],
		["ans fixed: spaces on the right", 41, "123", "3132332020202020"],
		["b fixed", 52, unhex("0011223344556677"), "0011223344556677"],
		["b variable counts bytes", 62, unhex("AABB"), "0002AABB"],
		["GBK counts bytes", 56, unhex("B3C9B9A6"), "0004B3C9B9A6"],
		["ASCII text fits where GBK is written", 63, "01 ", "0003303120"],
		["an empty variable field is only its length", 48, "", "0000"],
	];
	for (const [title, number, value, bytes] of rows) {
		const packed = one(number, value);
		assert.ok(packed.ok, title);
		assert.is(hex(packed.value.subarray(10)), bytes.replaceAll(" ", ""), title);
	}
});

writes("what a field cannot hold is refused with its place, never cut", () => {
	const rows: readonly [number, Value, string][] = [
		[2, "12345678901234567890", "too-long"],
		[3, "12345", "wrong-length"],
		[3, "1234567", "too-long"],
		[22, "05", "wrong-length"],
		[4, "00000000000A", "bad-character"],
		[35, "6226=12", "bad-character"],
		[35, "6226d12", "bad-character"],
		[37, "\u00e9", "bad-character"],
		[52, unhex("00"), "wrong-length"],
		[52, "12345678", "wrong-type"],
		[2, latin("6217"), "wrong-type"],
		[41, "123456789", "too-long"],
		[63, "成功", "bad-character"],
		[5, "1", "unknown-field"],
		[1, "1", "unknown-field"],
		[65, "1", "unknown-field"],
		[129, "1", "unknown-field"],
		[0.5, "1", "unknown-field"],
	];
	for (const [field, value, kind] of rows)
		assert.equal(one(field, value), { ok: false, error: { field, kind, offset: 10 } }, `${field} ${kind}`);
	assert.equal(pack(unionpay, { mti: "20", fields: new Map() }), {
		ok: false,
		error: { field: 0, kind: "bad-mti", offset: 0 },
	});
});
writes.run();

const reads = suite("reading a message");

reads("one row a fault: bytes, field, kind, offset from the MTI", () => {
	const rows: readonly [string, number, string, number][] = [
		["02", 0, "short", 1],
		["02A0 0000000000000000", 0, "bad-mti", 0],
		["0200 00000000", 1, "short", 6],
		["0200 8000000000000000", 1, "unknown-field", 2],
		["0200 0800000000000000", 5, "unknown-field", 10],
		["0200 4000000000000000", 2, "short", 10],
		["0200 4000000000000000 1A", 2, "bad-length-digits", 10],
		["0200 4000000000000000 20", 2, "too-long", 10],
		["0200 4000000000000000 04 62", 2, "short", 12],
		["0200 4000000000000000 04 62A7", 2, "bad-character", 12],
		["0200 4000000000000000 03 6217", 2, "bad-fill", 12],
		["0200 0000020000000000 1001", 23, "bad-fill", 10],
		["0200 0000000000000010 1011", 60, "too-long", 10],
		["0200 0000000002000000 3007", 39, "bad-character", 11],
		["0200 2000000000000000 000000 00", 0, "trailing-bytes", 13],
	];
	for (const [bytes, field, kind, offset] of rows)
		assert.equal(unpack(unionpay, unhex(bytes)), { ok: false, error: { field, kind, offset } }, bytes);
});

reads("a table may ask for ASCII MTI, hex bitmap, ASCII lengths and a second bitmap", () => {
	const field = { name: "x", show: "plain", see: "-", fill: "left" } as const;
	const other: Profile = {
		name: "other",
		mti: "ascii",
		bitmap: "hex",
		fields: {
			2: { ...field, as: "ascii", size: { upTo: 19, digits: 2, as: "ascii" } },
			43: { ...field, as: "ascii", size: { fixed: 5 } },
			70: { ...field, as: "ascii", size: { fixed: 3 } },
		},
	};
	const message = {
		mti: "0800",
		fields: new Map([
			[2, "42"],
			[43, "  abc"],
			[70, "301"],
		]),
	};
	const packed = pack(other, message);
	assert.ok(packed.ok);
	assert.is(
		String.fromCharCode(...packed.value),
		"0800C0000000002000000400000000000000" + "0242" + "  abc" + "301",
	);
	assert.equal(unpack(other, packed.value), { ok: true, value: message });
});
reads.run();

const shown = suite("a message as a person reads it");

shown("names every field, spells out 55 and 60, and shows no secret", () => {
	const fields = new Map<number, Value>([
		[2, "6217973910000725090"],
		[4, "000000012850"],
		[11, "000023"],
		[14, "2912"],
		[35, "6217973910000725090D29122201000"],
		[37, "123456789012"],
		[42, "898290070110001"],
		[44, unhex("B9A4C9CC")],
		[52, unhex("086BDB118D7AC25E")],
		[55, unhex("9F2608DEAE676D1C4734115A0A62179739100007250904".replace("115A", "125A"))],
		[60, "2200012300050"],
		[61, "000123000022"],
		[62, unhex("0102030405")],
		[64, latin("B3A092AE")],
	]);
	const gbk = new TextDecoder("gbk");
	const text = describeText(describe(unionpay, { mti: "0200", fields }, (bytes) => gbk.decode(bytes)));
	assert.is(
		text,
		[
			"MTI  message type: 0200",
			"F002 primary account number: 621797******5090",
			"F004 amount: 128.50",
			"F011 trace number: 000023",
			"F014 expiry date: [hidden]",
			"F035 track 2: [hidden]",
			"F037 reference number: 1234 5678 9012",
			"F042 merchant number: 8982 9007 0110 001",
			"F044 additional answer data: 工商",
			"F052 PIN block: [hidden]",
			"F055 chip data: 9F26=DEAE676D 1C473412, 5A=[hidden]",
			"F060 message type, batch, network: type 22, batch 000123, network 000, capability 5, chip condition 0",
			"F061 original message: batch 000123, trace 000022",
			"F062 private data: 5 bytes",
			"F064 MAC: B3A092AE",
		].join("\n"),
	);
	assert.is(scrub(text), text, "the last net has nothing left to catch");
});
shown("chip data that is no TLV tells where, not what", () => {
	const fields = new Map<number, Value>([[55, unhex("9F2608DEAE")]]);
	assert.is(describe(unionpay, { mti: "0200", fields })[1]?.shown, "5 bytes, unreadable from byte 3");
});
shown.run();

const parts = suite("sub-fields");

parts("60 stops where its sender stopped", () => {
	const rows = [
		["00000001003", { type: "00", batch: 1, network: "003" }],
		["2200000000060", { type: "22", batch: 0, network: "000", capability: "6", condition: "0" }],
		["22000002", { type: "22", batch: 2 }],
		[
			"2600000100060000000".slice(0, 17),
			{
				...{ type: "26", batch: 1, network: "000", capability: "6", condition: "0" },
				...{ partial: "0", account: "000" },
			},
		],
	] as const;
	for (const [digits, read] of rows) {
		assert.equal(readReserved(digits), { ok: true, value: read });
		assert.is(writeReserved(read), digits);
	}
	assert.not.ok(readReserved("2200001").ok);
});
parts("61 is written and read as far as it goes", () => {
	for (const original of [
		{ batch: 1, trace: 22 },
		{ batch: 1, trace: 22, date: "1124" },
		{ batch: 1, trace: 22, date: "1124", mode: "00", institution: "48982900" },
	])
		assert.equal(readOriginal(writeOriginal(original)), { ok: true, value: original });
	assert.not.ok(readOriginal("00000100002").ok);
});
parts("62 of a sign-in request says how long it is", () => {
	const f62 = writeSequence("3136GT000001");
	assert.is(String.fromCharCode(...f62), "Sequence No123136GT000001");
	assert.equal(readSequence(f62), { ok: true, value: "3136GT000001" });
	assert.not.ok(readSequence(f62.slice(0, -1)).ok);
});
parts(
	"62 of a sign-in answer: 24, 40 and 60 bytes; eight zeros behind a MAK mean a single-length key",
	() => {
		const f62 = unhex("81703A74A7F8DBD31ADE741A23E7654F522C41264EEEE335695F8ABD0000000000000000A51E8ADF");
		const read = readWorkingKeys(f62);
		assert.ok(read.ok);
		assert.equal(
			read.value.map((k) => [k.slot, hex(k.cryptogram), hex(k.kcv)]),
			[
				["pik", "81703A74A7F8DBD31ADE741A23E7654F", "522C4126"],
				["mak", "4EEEE335695F8ABD", "A51E8ADF"],
			],
		);
		assert.is(hex(writeWorkingKeys(read.value)), hex(f62));
		const whole = readWorkingKeys(Uint8Array.from({ length: 60 }, (_, i) => i + 1));
		assert.ok(whole.ok);
		assert.equal(
			whole.value.map((k) => [k.slot, k.cryptogram.length, k.kcv[0]]),
			[
				["pik", 16, 17],
				["mak", 16, 37],
				["tdk", 16, 57],
			],
		);
		const old = readWorkingKeys(Uint8Array.from({ length: 24 }, (_, i) => i + 1));
		assert.equal(old.ok && old.value.map((k) => k.cryptogram.length), [8, 8]);
		assert.equal(readWorkingKeys(new Uint8Array(57)), { ok: false, error: { field: 62, at: 57 } });
	},
);
parts("63 of an answer: organisation and remark", () => {
	assert.equal(readRemarks(latin("CUP")), { organisation: "CUP", remark: new Uint8Array(0) });
	assert.equal(readRemarks(latin("CUPASK AGAIN          ")), {
		organisation: "CUP",
		remark: latin("ASK AGAIN"),
	});
	assert.equal(readRemarks(new Uint8Array(0)), { organisation: "", remark: new Uint8Array(0) });
});
parts.run();
