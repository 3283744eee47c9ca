import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { t0Parameters } from "../../../drivers/card-reader/atr.ts";
import {
	answer,
	ask,
	type Ccid,
	type End,
	FrameReader,
	frame,
	type Heard,
	lrc,
	movement,
	nak,
	statusOf,
} from "../../../drivers/card-reader/protocol.ts";
import { exchangeT0 } from "../../../drivers/card-reader/t0.ts";
import { concat, hex, unhex } from "../../../src/kit/bytes.ts";

const frames = suite("Gemalto frames with CCID messages");
const message = (type: number, seq: number, data = ""): Ccid => ({
	type,
	slot: 0,
	seq,
	rest: [0, 0, 0],
	data: unhex(data),
});
frames("the two frames that the book gives", () => {
	assert.is(hex(frame(message(ask.escape, 0, "02"))), "03066B010000000000000000026D");
	assert.is(hex(frame(message(ask.slotStatus, 7))), "03066500000000000700000067");
	assert.is(hex(nak), "031516");
});
frames("over a whole frame the LRC is nothing", () => {
	assert.is(lrc(frame(message(ask.transfer, 200, "00A4040000"))), 0);
});
frames("more than 261 bytes of data fit no frame", () => {
	assert.throws(() => frame({ ...message(ask.transfer, 1), data: new Uint8Array(262) }), RangeError);
	assert.is(frame({ ...message(ask.transfer, 1), data: new Uint8Array(261) }).length, 2 + 271 + 1);
});
frames("status of a card and of a command", () => {
	const status = (byte: number, error = 0) =>
		statusOf({ ...message(answer.slot, 0), rest: [byte, error, 0] });
	assert.equal(status(0x00), { card: "active", command: "good", error: 0 });
	assert.equal(status(0x42, 0xfe), { card: "absent", command: "failed", error: 0xfe });
	assert.equal(status(0x81, 3), { card: "inactive", command: "time", error: 3 });
});

const line = (heard: readonly Heard[]): string =>
	heard
		.map((each) => {
			if (each.is === "message") return `${each.message.type.toString(16)}#${each.message.seq}`;
			if (each.is === "movement") return each.present ? "in" : "out";
			return each.is === "noise" ? "-" : each.is;
		})
		.join(" ");
const hear = (end: End, ...chunks: readonly Uint8Array[]): string => {
	const reader = new FrameReader(end);
	return line(chunks.flatMap((chunk) => reader.feed(chunk)));
};
frames("everything a reader may send, in one go", () => {
	const all = concat(
		movement(true),
		Uint8Array.of(0x80, 0xff),
		frame(message(answer.data, 9, "6F009000")),
		nak,
		movement(false),
	);
	assert.is(hear("host", all), "in time time 80#9 nak out");
});
frames("a wrong LRC costs that frame and not the one behind it", () => {
	const bad = frame(message(answer.slot, 1));
	bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1;
	assert.ok(hear("host", bad, frame(message(answer.slot, 2))).endsWith("81#2"));
	assert.not.match(hear("host", bad), /81#1/);
});
frames("a length that is too great does not swallow what follows", () => {
	const bad = frame(message(answer.slot, 1));
	bad[3] = 0xff;
	bad[4] = 0xff;
	assert.ok(hear("host", bad, frame(message(answer.slot, 2))).endsWith("81#2"));
});
frames("a frame that stops is given up, and what stands behind its beginning is found", () => {
	const reader = new FrameReader("host");
	const cut = frame(message(answer.data, 1, "00".repeat(60))).subarray(0, 20);
	assert.is(line(reader.feed(concat(cut, frame(message(answer.slot, 2))))), "");
	assert.ok(reader.waiting());
	assert.match(line(reader.giveUp()), /81#2/);
	assert.not(reader.waiting());
});
frames("a host's command is noise to a host, a reader's answer is noise to a reader", () => {
	assert.not.match(hear("host", frame(message(ask.transfer, 1))), /#/);
	assert.not.match(hear("reader", frame(message(answer.data, 1))), /#/);
});

const anyMessage = (types: readonly number[]): fc.Arbitrary<Ccid> =>
	fc
		.tuple(
			fc.constantFrom(...types),
			fc.nat(4),
			fc.nat(255),
			fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
			fc.uint8Array({ maxLength: 261 }),
		)
		.map(([type, slot, seq, rest, data]) => ({ type, slot, seq, rest, data }));
frames("property: the same comes out wherever the line is cut", async () => {
	const part = fc.oneof(
		anyMessage(Object.values(answer)).map(frame),
		fc.uint8Array({ maxLength: 6 }),
		fc.constantFrom(nak, movement(true), movement(false), Uint8Array.of(0x80)),
	);
	await fc.assert(
		fc.property(
			fc.array(part, { maxLength: 6 }),
			fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
			(parts, cuts) => {
				const whole = concat(...parts);
				const pieces: Uint8Array[] = [];
				for (let at = 0; at < whole.length; ) {
					const size = cuts.next().value;
					pieces.push(whole.slice(at, at + size));
					at += size;
				}
				const [one, other] = [new FrameReader("host"), new FrameReader("host")];
				assert.equal(
					[...pieces.flatMap((piece) => one.feed(piece)), ...one.giveUp()],
					[...other.feed(whole), ...other.giveUp()],
				);
			},
		),
		{ numRuns: 200 },
	);
});
frames("property: what is framed reads back, after any noise, when the line has been quiet", async () => {
	await fc.assert(
		fc.property(anyMessage(Object.values(ask)), fc.uint8Array({ maxLength: 300 }), (sent, noise) => {
			const reader = new FrameReader("reader");
			reader.feed(noise);
			reader.giveUp();
			assert.equal(reader.feed(frame(sent)), [{ is: "message", message: sent }]);
		}),
		{ numRuns: 200 },
	);
});
frames.run();

const atr = suite("answer to reset");
const read = (text: string): string => {
	const end = t0Parameters(unhex(text));
	return end.ok ? hex(end.value) : `${end.error.kind}@${end.error.offset}`;
};
const atrs: readonly (readonly [string, string, string])[] = [
	["a T=0 card with guard time", "3B6500002063CBB800", "11 00 00 0A 00"],
	["inverse convention", "3F6500002063CBB800", "11 02 00 0A 00"],
	["extra guard time, no historical bytes", "3B400C", "11 00 0C 0A 00"],
	["TA1 is only offered: the default rate stays", "3B781100004755495441495649", "11 00 00 0A 00"],
	["specific mode (TA2): TA1 counts", "3B90181000", "18 00 00 0A 00"],
	["waiting integer in TC2", "3B804014", "11 00 00 14 00"],
	["T=1 alone", "3B800181", "no-t0@0"],
	["T=0 and T=1 with a good TCK", "3B80800101", "11 00 00 0A 00"],
	["T=0 and T=1 with a wrong TCK", "3B80800102", "wrong-tck@4"],
	["nothing", "", "short@0"],
	["not an ATR", "0000", "wrong-ts@0"],
	["cut in the historical bytes", "3B650000", "short@4"],
];
for (const [what, text, expected] of atrs)
	atr(what, () => assert.is(read(text), expected.replaceAll(" ", "")));
atr("noise never throws", async () => {
	await fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void t0Parameters(bytes)));
});
atr.run();

const t0 = suite("APDUs over T=0");
/** Plays what a card answers; gives what went over the line and what came of it. */
function play(command: string, answers: readonly string[]): string {
	const dialogue = exchangeT0(unhex(command));
	const sent: string[] = [];
	let step = dialogue.next();
	for (const each of answers) {
		if (step.done === true) break;
		sent.push(hex(step.value));
		step = dialogue.next(unhex(each));
	}
	assert.ok(step.done, "it asks for more than the card has");
	return [...sent, typeof step.value === "string" ? step.value : hex(step.value)].join(" ");
}
const plays: readonly (readonly [string, string, readonly string[], string])[] = [
	["case 1", "00200080", ["9000"], "0020008000 9000"],
	["case 2, length right", "00B2010C02", ["70009000"], "00B2010C02 70009000"],
	["case 2, 6Cxx", "00B2010C00", ["6C02", "70009000"], "00B2010C00 00B2010C02 70009000"],
	["case 3", "00820000021122", ["9000"], "00820000021122 9000"],
	["case 4, 61xx", "80A8000002830000", ["6102", "80009000"], "80A80000028300 00C0000002 80009000"],
	[
		"case 4, in two parts",
		"80A8000002830000",
		["6102", "AABB6101", "CC9000"],
		"80A80000028300 00C0000002 00C0000001 AABBCC9000",
	],
	[
		"case 4, 61xx then 6Cxx",
		"80A8000002830000",
		["6110", "6C02", "80009000"],
		"80A80000028300 00C0000010 00C0000002 80009000",
	],
	[
		"case 4, warning before the data",
		"00A4040002112200",
		["6283", "6C03", "6F01AA9000"],
		"00A40400021122 00C0000000 00C0000003 6F01AA6283",
	],
	[
		"case 4, warning and no data behind it",
		"00A4040002112200",
		["6283", "6985"],
		"00A40400021122 00C0000000 6283",
	],
	["case 4, error", "80A8000002830000", ["6985"], "80A80000028300 6985"],
	["no status at all", "00B2010C00", [""], "00B2010C00 no-status"],
	["a length that does not fit", "00A40400051122", [], "bad-length"],
	["extended length", "00A40400000002112200", [], "bad-length"],
	["too short", "00A404", [], "bad-length"],
];
for (const [what, command, answers, expected] of plays)
	t0(what, () => assert.is(play(command, answers), expected));
t0("a card that always says 6Cxx or 61xx is left", () => {
	assert.match(
		play(
			"00B2010C00",
			Array.from({ length: 60 }, () => "6C02"),
		),
		/endless$/,
	);
	assert.match(
		play(
			"80A8000002830000",
			Array.from({ length: 60 }, () => `${"00".repeat(64)}6140`),
		),
		/endless$/,
	);
});
t0("noise from a card never throws and always ends", async () => {
	await fc.assert(
		fc.property(
			fc.uint8Array({ maxLength: 20 }),
			fc.infiniteStream(fc.uint8Array({ maxLength: 8 })),
			(command, card) => {
				const dialogue = exchangeT0(command);
				let step = dialogue.next();
				let steps = 0;
				while (step.done !== true) {
					steps += 1;
					step = dialogue.next(card.next().value);
				}
				assert.ok(steps <= 40);
			},
		),
	);
});
t0.run();
