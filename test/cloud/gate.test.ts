import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PacketMeasure } from "../../src/cloud/gate.ts";
import { concat } from "../../src/kit/bytes.ts";

const test = suite("the gate before the broker");

/** A PUBLISH of so many bytes after its head; the length in groups of seven bits, the lowest first. */
function publish(size: number): Uint8Array {
	const length: number[] = [];
	for (let left = size; ; left = Math.floor(left / 128)) {
		if (left < 128) return concat(Uint8Array.of(0x30, ...length, left), new Uint8Array(size).fill(0xaa));
		length.push((left % 128) + 128);
	}
}

test("messages of any length up to the bound pass, wherever the stream is cut", () => {
	void fc.assert(
		fc.property(
			fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 6 }),
			fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 40 }),
			(sizes, cuts) => {
				const whole = concat(...sizes.map(publish));
				const measure = new PacketMeasure(20_000);
				for (let at = 0, i = 0; at < whole.length; i += 1) {
					const step = cuts[i % cuts.length] ?? 1;
					assert.ok(measure.take(whole.subarray(at, at + step)));
					at += step;
				}
			},
		),
	);
});

test("one byte more is refused as soon as its head is there", () => {
	for (const size of [100, 127, 128, 129, 16_383, 16_384, 65_536]) {
		const message = publish(size);
		assert.ok(new PacketMeasure(size).take(message), `${size}`);
		const head = message.subarray(0, message.length - size);
		assert.not.ok(new PacketMeasure(size - 1).take(head), `${size}`);
	}
});

test("a length of five bytes is no length", () => {
	assert.not.ok(new PacketMeasure(2 ** 40).take(Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80, 0x01)));
	assert.ok(new PacketMeasure(2 ** 40).take(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f)));
});

test.run();
