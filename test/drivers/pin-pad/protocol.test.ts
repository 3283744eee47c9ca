import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
	dataBytes,
	type FrameKind,
	FrameReader,
	frame,
	type Heard,
	packet,
} from "../../../drivers/pin-pad/protocol.ts";
import { macAnswer, macRequests, pinAnswer, pinRequest } from "../../../drivers/pin-pad/requests.ts";
import type { PadPinAsk } from "../../../src/contract/device.ts";
import { concat, hex, latin, unhex } from "../../../src/kit/bytes.ts";

const kinds = fc.constantFrom<FrameKind>("administration", "transaction");
const texts = fc
	.array(fc.integer({ min: 0x1a, max: 0x7e }), { minLength: 1, maxLength: 60 })
	.map((codes) => String.fromCharCode(...codes));
const packets = fc
	.record({ kind: kinds, id: fc.constantFrom("70", "71.0", "Z60.", "Z67", "02", "04"), text: texts })
	.map(({ kind, id, text }) => ({ kind, data: latin(id + text) }));
const say = (heard: Heard): string => {
	if (heard.is === "frame") return `${heard.frame.kind} ${hex(heard.frame.data)}`;
	return heard.is === "spoilt" ? `spoilt ${heard.why}` : heard.is;
};

const wire = suite("PIN pad: frames");
wire("the book's own: select key 7, cancel, is anybody there", () => {
	const rows = [
		["administration", "087", "0F3038370E31"],
		["transaction", "72", "0237320306"],
		["administration", "11", "0F31310E0E"],
	] as const;
	for (const [kind, text, bytes] of rows) {
		assert.is(hex(frame({ kind, data: latin(text) })), bytes);
		assert.equal(new FrameReader().feed(unhex(bytes)).map(say), [`${kind} ${hex(latin(text))}`]);
	}
});
wire("what is framed reads back, with signs between, the same wherever the line is cut", () => {
	fc.assert(
		fc.property(fc.array(packets, { maxLength: 4 }), fc.array(fc.nat(400)), (all, cuts) => {
			const ack = Uint8Array.of(0x06);
			const whole = concat(...all.flatMap((each) => [ack, frame(each)]));
			const wanted = all.flatMap((each) => ["ack", `${each.kind} ${hex(each.data)}`]);
			const places = [0, ...cuts.filter((at) => at < whole.length).sort((a, b) => a - b), whole.length];
			const reader = new FrameReader();
			const heard = places.flatMap((from, i) => reader.feed(whole.subarray(from, places[i + 1] ?? from)));
			assert.equal(heard.map(say), wanted);
			assert.not(reader.waiting());
		}),
	);
});
wire("a flipped bit never makes another packet of it", () => {
	fc.assert(
		fc.property(packets, fc.nat(), (each, place) => {
			const bytes = frame(each);
			const bit = place % (bytes.length * 8);
			bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			const reader = new FrameReader();
			for (const heard of [...reader.feed(bytes), ...reader.giveUp()])
				if (heard.is === "frame") assert.is(packet(heard.frame), undefined);
		}),
	);
});
wire("behind noise, or behind a frame that was cut, the next frame is found", () => {
	const good = frame({ kind: "transaction", data: latin("71.00401FFFFFFFFFFFFFFFF") });
	for (let cut = 1; cut < good.length; cut += 1) {
		const heard = new FrameReader().feed(concat(good.slice(0, cut), good, good)).map(say);
		assert.is(heard.at(-1), `transaction ${hex(good.slice(1, -2))}`, `cut at ${cut}`);
	}
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 1500 }), (noise) => {
			const reader = new FrameReader();
			reader.feed(noise);
			reader.giveUp();
			assert.equal(reader.feed(good).map(say), [`transaction ${hex(good.slice(1, -2))}`]);
		}),
	);
});
wire("a frame without an end is given up at its bound; a longer one is not built", () => {
	const endless = concat(Uint8Array.of(0x02), new Uint8Array(dataBytes + 1).fill(0x41));
	assert.equal(new FrameReader().feed(endless).map(say), ["spoilt too-long"]);
	assert.throws(() => frame({ kind: "transaction", data: new Uint8Array(dataBytes + 1) }), RangeError);
});
wire.run();

const text = suite("PIN pad: packets as text");
const under = { keys: "master-session", slot: "1", workingKey: unhex("0011223344556677") } as const;
const card = "6217850000000001233";
text("a PIN packet says account, key, amount and time-out as the book has them", () => {
	const rows: readonly (readonly [PadPinAsk, string, string])[] = [
		[
			{ account: card, under, amount: 5 },
			`70.${card}|00112233445566770.05`,
			`70.${card}|00112233445566770.05`,
		],
		[
			{ account: card, under, amount: 9_999_999, seconds: 270 },
			`70.${card}|001122334455667799999.99|9`,
			`70.${card}|001122334455667799999.99|9`,
		],
		[
			{ account: card, under, digits: { least: 4, most: 6, bypass: false }, prompts: ["last-try"] },
			`Z62.${card}|00112233445566770406NLAST TRY||PROCESSING`,
			`Z63.${card}|00112233445566770406N*`,
		],
		[
			{ account: card, under, seconds: 30 },
			`Z60.${card}|0011223344556677|1`,
			`Z60.${card}|0011223344556677|1`,
		],
		[{ account: card, under: { keys: "dukpt" }, amount: 100 }, `70${card}|D1.00`, `70${card}|D1.00`],
		[{ account: card, under: { keys: "dukpt" } }, `Z60.${card}`, `Z60.${card}|DUKPT ENCRYPTION`],
	];
	for (const [ask, uic, verifone] of rows) {
		assert.is(pinRequest("uic", ask).replaceAll("\x1c", "|"), uic);
		assert.is(pinRequest("verifone", ask).replaceAll("\x1c", "|"), verifone);
	}
});
text("an answer of the other kind of keys, or of another shape, is none", () => {
	const block = "0123456789ABCDEF";
	assert.equal(pinAnswer("master-session", `71.00601${block}`), { end: "entered", block: unhex(block) });
	assert.equal(pinAnswer("master-session", `71.00001${block}`), { end: "bypassed" });
	assert.equal(pinAnswer("dukpt", `7109876543210E00001${block}`), {
		end: "entered",
		block: unhex(block),
		serialNumber: unhex("FFFF9876543210E00001".slice(-20).padStart(20, "F")),
	});
	assert.equal(
		pinAnswer("dukpt", `73.000009876543210E00001${block}`),
		pinAnswer("dukpt", `7109876543210E00001${block}`),
	);
	assert.equal(pinAnswer("dukpt", "710"), { end: "refused", reason: "0" });
	for (const wrong of [
		`71.00301${block}`,
		`71.01301${block}`,
		`71.00401${block}0`,
		"71.004010123",
		"71",
		"72",
		"",
	]) {
		assert.is(pinAnswer("master-session", wrong), undefined, wrong);
		assert.is(pinAnswer("dukpt", wrong), undefined, wrong);
	}
	assert.is(pinAnswer("master-session", `7109876543210E00001${block}`), undefined);
});
text("a MAC's parts are whole blocks of at most 224 characters and hold the message", () => {
	fc.assert(
		fc.property(fc.uint8Array({ minLength: 1, maxLength: 11_200 }), (message) => {
			const parts = macRequests({ slot: "B", message }).map((each) => each.split("\x1c"));
			assert.is(parts.map((part) => part.at(-1)).join(""), hex(message));
			for (const [i, [head = "", , , data = ""]] of parts.entries()) {
				assert.is(head, `Z66${i === parts.length - 1 ? 6 : 7}${String(i).padStart(2, "0")}B`);
				assert.ok(data.length <= 224 && (i === parts.length - 1 || data.length % 16 === 0));
			}
		}),
		{ numRuns: 30 },
	);
	assert.equal(macAnswer("Z670"), undefined);
	assert.equal(macAnswer("Z671"), "more");
	assert.equal(macAnswer("Z678"), { reason: "8" });
});
text.run();
