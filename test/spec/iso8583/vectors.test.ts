import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { limits } from "../../../src/kit/limits.ts";
import { pack, unpack } from "../../../src/spec/iso8583/codec.ts";
import type { Message, Value } from "../../../src/spec/iso8583/field.ts";
import { FrameReader, readFrame, writeFrame } from "../../../src/spec/iso8583/frame.ts";
import { unionpay } from "../../../src/spec/iso8583/unionpay-table.ts";

interface Vector {
	readonly id: string;
	readonly framed: boolean;
	readonly hex: string;
	readonly tpdu: string;
	readonly header: string | null;
	readonly mti: string;
	readonly bitmap: string;
	readonly fields: Readonly<Record<string, string>>;
	readonly declaredLength?: number;
	readonly actualLength?: number;
}
const { messages } = JSON.parse(readFileSync("test/vectors/iso8583-unionpay.json", "utf8")) as {
	messages: Vector[];
};

const gbkDecoder = new TextDecoder("gbk");
const text = (value: Value): string => (typeof value === "string" ? value : gbkDecoder.decode(value));
const gbkCodes = new Map<string, number[]>();
for (let hi = 0x81; hi <= 0xfe; hi += 1)
	for (let lo = 0x40; lo <= 0xfe; lo += 1) gbkCodes.set(gbkDecoder.decode(Uint8Array.of(hi, lo)), [hi, lo]);
const gbk = (value: string): Uint8Array =>
	Uint8Array.from([...value].flatMap((c) => (c < "\x80" ? [c.charCodeAt(0)] : (gbkCodes.get(c) ?? []))));

/** As the vector file writes a value: raw fields in hex, track separators as "=", Chinese as text. */
const written = (number: number, value: Value): string => {
	const field = unionpay.fields[number];
	if (field?.as === "bytes") return typeof value === "string" ? "not bytes" : hex(value);
	return field?.as === "gbk" ? text(value) : String(value);
};
const given = (number: number, value: string): Value => {
	const field = unionpay.fields[number];
	if (field?.as === "bytes") return unhex(value);
	if (field?.as === "gbk") return gbk(value);
	return field?.as === "nibbles" ? value.replaceAll("=", "D") : value;
};

const vectors = suite("UnionPay messages of others");

vectors("there are fourteen, and each is here", () => assert.is(messages.length, 14));

for (const v of messages) {
	const wire = unhex(v.hex);
	const content = v.framed ? wire.subarray(2) : wire;
	const frame = readFrame(content, v.header === null ? 0 : 6);

	vectors(`${v.id}: the frame opens`, () => {
		assert.ok(frame.ok);
		assert.is(hex(frame.value.tpdu), v.tpdu);
		assert.is(hex(frame.value.header), v.header ?? "");
		assert.is(hex(frame.value.body.subarray(2, 10)), v.bitmap);
	});
	vectors(`${v.id}: every field reads as published`, () => {
		assert.ok(frame.ok);
		const read = unpack(unionpay, frame.value.body);
		assert.ok(read.ok, JSON.stringify(read));
		assert.is(read.value.mti, v.mti);
		const fields = Object.fromEntries([...read.value.fields].map(([n, value]) => [n, written(n, value)]));
		const expected = Object.fromEntries(
			Object.entries(v.fields).map(([n, value]) => [n, written(Number(n), given(Number(n), value))]),
		);
		assert.equal(fields, expected);
	});
	vectors(`${v.id}: the fields pack to the same bytes`, () => {
		assert.ok(frame.ok);
		const fields = new Map(
			Object.entries(v.fields).map(([n, value]) => [Number(n), given(Number(n), value)]),
		);
		const packed = pack(unionpay, { mti: v.mti, fields });
		assert.ok(packed.ok, JSON.stringify(packed));
		assert.is(hex(packed.value), hex(frame.value.body));
		if (v.framed && v.declaredLength === v.actualLength)
			assert.is(hex(writeFrame({ ...frame.value, body: packed.value })), hex(wire));
	});
}

vectors("cn-jiso-rsp: a frame shorter than its length is held, not parsed", () => {
	const v = messages.find((m) => m.id === "cn-jiso-rsp");
	const reader = new FrameReader();
	assert.equal(reader.feed(unhex(v?.hex ?? "")), []);
	assert.is(reader.held, 144);
});
vectors.run();

const wire = suite("frames on the line");

const bodies = fc.array(fc.uint8Array({ minLength: 10, maxLength: 60 }), { maxLength: 5 });
wire("the same frames come out wherever the line cuts them", () => {
	fc.assert(
		fc.property(bodies, fc.array(fc.nat(40), { maxLength: 20 }), (payloads, cuts) => {
			const header = unhex("603100310100");
			const bytes = payloads.flatMap((body) => [...writeFrame({ tpdu: unhex("6000030000"), header, body })]);
			const reader = new FrameReader();
			const out: string[] = [];
			let at = 0;
			for (const cut of [...cuts, bytes.length]) {
				for (const r of reader.feed(Uint8Array.from(bytes.slice(at, at + cut)))) {
					assert.ok(r.ok);
					const frame = readFrame(r.value, 6);
					assert.ok(frame.ok);
					out.push(hex(frame.value.body));
				}
				at += cut;
			}
			assert.equal(
				out,
				payloads.map((p) => hex(p)),
			);
			assert.is(reader.held, 0);
		}),
	);
});
wire("a length over the bound is told once, then nothing is heard", () => {
	const reader = new FrameReader();
	assert.equal(reader.feed(Uint8Array.of(0xff, 0xff, 1, 2)), [
		{ ok: false, error: { kind: "too-long", size: 0xffff } },
	]);
	assert.equal(reader.feed(Uint8Array.of(0, 1, 7)), []);
	assert.is(new FrameReader().feed(Uint8Array.of(limits.hostFrameBytes >> 8, 0)).length, 0);
});
wire("a frame without room for MTI and bitmap is refused", () => {
	assert.equal(readFrame(new Uint8Array(20), 6), { ok: false, error: { kind: "too-short", size: 20 } });
	assert.ok(readFrame(new Uint8Array(21), 6).ok);
	assert.ok(readFrame(new Uint8Array(15), 0).ok);
});
wire.run();

const any = suite("any message");

/** Every value that a field of the table can hold. */
const valueFor = (number: number): fc.Arbitrary<Value> => {
	const field = unionpay.fields[number];
	if (field === undefined) throw new Error("no such field");
	const [least, most] =
		"fixed" in field.size ? [field.size.fixed, field.size.fixed] : [0, Math.min(field.size.upTo, 60)];
	const of = (set: string): fc.Arbitrary<string> =>
		fc.string({ unit: fc.constantFrom(...set), minLength: least, maxLength: most });
	if (field.as === "bcd") return of("0123456789");
	if (field.as === "nibbles") return of("0123456789ABCDEF");
	if (field.as === "ascii") return of(" ABCxyz0129-~");
	return fc.uint8Array({ minLength: least, maxLength: most });
};
const anyMessage: fc.Arbitrary<Message> = fc
	.record({
		mti: fc.constantFrom("0200", "0210", "0400", "0810"),
		numbers: fc.subarray(Object.keys(unionpay.fields).map(Number)),
	})
	.chain(({ mti, numbers }) =>
		fc.tuple(...numbers.map(valueFor)).map((values) => ({
			mti,
			fields: new Map(values.map((value, i) => [numbers[i] ?? 0, value])),
		})),
	);

any("what is written reads back", () => {
	fc.assert(
		fc.property(anyMessage, (message) => {
			const packed = pack(unionpay, message);
			assert.ok(packed.ok, JSON.stringify(packed));
			assert.equal(unpack(unionpay, packed.value), { ok: true, value: message });
		}),
	);
});
any("noise never throws, and what it reads packs to the same noise", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
			const read = unpack(unionpay, noise);
			if (!read.ok) assert.ok(read.error.offset <= noise.length);
			else assert.equal(pack(unionpay, read.value), { ok: true, value: noise });
		}),
		{ numRuns: 500 },
	);
});
any("one byte changed anywhere is a fault or another message that packs to those bytes", () => {
	const bytes = unhex((messages[4]?.hex ?? "").slice(22));
	fc.assert(
		fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
			const hurt = Uint8Array.from(bytes, (b, i) => (i === at ? b ^ mask : b));
			const read = unpack(unionpay, hurt);
			if (read.ok) assert.equal(pack(unionpay, read.value), { ok: true, value: hurt });
		}),
		{ numRuns: 500 },
	);
});
any.run();
