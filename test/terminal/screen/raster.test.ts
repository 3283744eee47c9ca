import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Rect } from "../../../src/contract/device.ts";
import type { Atlas, Glyph } from "../../../src/terminal/screen/atlas.ts";
import { mix, to565 } from "../../../src/terminal/screen/raster/blend.ts";
import { Canvas } from "../../../src/terminal/screen/raster/canvas.ts";
import { type Colour, colours } from "../../../src/terminal/screen/raster/colours-table.ts";
import { dirtyRects } from "../../../src/terminal/screen/raster/dirty.ts";

/**
 * A face of one glyph: a block of 2 × 3, full on the left and half on the right, standing on the base
 * line.
 */
const block: Glyph = { left: 1, top: 3, width: 2, height: 3, advance: 40, at: 0 };
const atlas: Atlas = {
	coverage: Uint8Array.of(255, 128, 255, 128, 255, 128),
	face: () => ({ ascent: 3, lineHeight: 4, has: () => true, glyph: () => block }),
};
const paper = (width: number, height: number): Canvas => {
	const canvas = new Canvas(width, height, atlas);
	canvas.fill(0, 0, width, height, "white");
	return canvas;
};
const at = (canvas: Canvas, x: number, y: number): number => canvas.pixels[y * canvas.width + x] ?? -1;
const ink = to565(colours.ink);
const white = 0xffff;
/** How much of the canvas is covered by black-like ink, in pixels. */
const covered = (canvas: Canvas): number =>
	canvas.pixels.reduce((sum, p) => sum + (31 - (p >> 11)) / (31 - (ink >> 11)), 0);

const blending = suite("raster: one colour over another");

blending("nothing leaves the pixel, everything replaces it, half lies between", () => {
	assert.is(mix(white, colours.ink, 0), white);
	assert.is(mix(white, colours.ink, 255), ink);
	assert.is(mix(0x0000, 0xffffff, 128) >> 11, 16);
});

blending("more coverage is never less colour, and a colour over itself stays", () => {
	void fc.assert(
		fc.property(
			fc.nat(0xffff),
			fc.constantFrom(...Object.values(colours)),
			fc.nat(254),
			(under, rgb, cover) => {
				assert.is(mix(to565(rgb), rgb, cover), to565(rgb));
				for (const shift of [11, 0]) {
					const [a, b, to] = [mix(under, rgb, cover), mix(under, rgb, cover + 1), to565(rgb)].map(
						(p) => (p >> shift) & 31,
					);
					if (a !== undefined && b !== undefined && to !== undefined)
						assert.ok(Math.abs(to - b) <= Math.abs(to - a));
				}
			},
		),
	);
});

const shapes = suite("raster: shapes and type");

shapes("a glyph stands on the base line, and the next where its advance says", () => {
	const canvas = paper(12, 6);
	canvas.text("ab", 0, 4, "body", "ink");
	// Advance 2.5 px: pens at 0 and at 2.5, which is drawn from 2 by a glyph that is half a pixel to the right
	// itself.
	assert.is(at(canvas, 1, 1), ink);
	assert.is(at(canvas, 1, 3), ink);
	assert.is(at(canvas, 1, 0), white);
	assert.is(at(canvas, 1, 4), white);
	assert.is(at(canvas, 3, 1), ink);
	assert.is(at(canvas, 2, 1), mix(white, colours.ink, 128));
	assert.is(canvas.measure("ab", "body"), 5);
});

shapes("Latin is asked for by quarters of a pixel, Chinese stands on whole ones", () => {
	const asked: string[] = [];
	const quarters: Atlas = {
		coverage: atlas.coverage,
		face: () => ({
			...atlas.face("body"),
			glyph: (point, quarter = 0) => {
				asked.push(`${String.fromCodePoint(point)}${quarter}`);
				return block;
			},
		}),
	};
	new Canvas(60, 6, quarters).text("ab1国 国9", 0, 4, "body", "ink");
	assert.equal(asked, ["a0", "b2", "10", "国0", " 0", "国0", "90"]);
});

shapes("a glyph half outside shows its inner half and touches no other edge", () => {
	for (const [x, y, seen] of [
		[-2, 4, 3],
		[10, 4, 3],
		[3, 1, 2],
		[3, 8, 2],
		[-9, 4, 0],
		[40, 90, 0],
	] as const) {
		const canvas = paper(12, 6);
		canvas.text("a", x, y, "body", "ink");
		const touched = [...canvas.pixels].filter((p) => p !== white).length;
		assert.is(touched, seen, `${x},${y}`);
	}
});

shapes("round things have the area that the book of geometry gives", () => {
	for (const radius of [4, 8, 17, 26]) {
		const canvas = paper(64, 64);
		canvas.disc(32, 32, radius, "ink");
		const area = Math.PI * radius * radius;
		assert.ok(Math.abs(covered(canvas) - area) / area < 0.02, `disc ${radius}: ${covered(canvas)}`);
	}
	const ring = paper(64, 64);
	ring.arc(32, 32, 20, 0, 2 * Math.PI, 4, "ink");
	assert.ok(Math.abs(covered(ring) - 2 * Math.PI * 20 * 4) < 12, `ring ${covered(ring)}`);
	const line = paper(64, 64);
	line.stroke(
		[
			[12, 32],
			[52, 32],
		],
		6,
		"ink",
	);
	assert.ok(Math.abs(covered(line) - (40 * 6 + Math.PI * 9)) < 8, `stroke ${covered(line)}`);
});

shapes("a box is the same from both sides, and its border is one pixel", () => {
	for (const [width, height, radius] of [
		[20, 12, 6],
		[17, 17, 9],
		[9, 30, 40],
	] as const) {
		const canvas = paper(40, 40);
		canvas.box(3, 4, width, height, radius, "jadeSoft", "jade");
		for (let y = 0; y < height; y += 1)
			for (let x = 0; x < width; x += 1) {
				const here = at(canvas, 3 + x, 4 + y);
				assert.is(here, at(canvas, 3 + width - 1 - x, 4 + y), `${width}×${height} at ${x},${y}`);
				assert.is(here, at(canvas, 3 + x, 4 + height - 1 - y), `${width}×${height} at ${x},${y}`);
			}
	}
	const canvas = paper(40, 40);
	canvas.box(3, 4, 20, 12, 6, "jadeSoft", "jade");
	assert.is(at(canvas, 13, 4), to565(colours.jade));
	assert.is(at(canvas, 13, 5), to565(colours.jadeSoft));
	assert.is(at(canvas, 3, 4), white);
});

shapes("whatever is drawn wherever, nothing throws and nothing wraps around the edge", () => {
	const place = fc.integer({ min: -60, max: 90 });
	const size = fc.integer({ min: 0, max: 50 });
	const colour = fc.constantFrom<Colour>("ink", "jade");
	void fc.assert(
		fc.property(place, place, size, size, colour, (x, y, width, height, of) => {
			const canvas = paper(32, 24);
			canvas.box(x, y, width, height, 8, of, "line");
			canvas.fill(x, y, width, height, of);
			for (let row = 0; row < 24; row += 1)
				for (let column = 0; column < 32; column += 1)
					if (at(canvas, column, row) !== white)
						assert.ok(column >= x && column < x + width && row >= y && row < y + height);
			canvas.disc(x, y, width, of);
			canvas.arc(x, y, width, -1, 2, 3, of);
			canvas.stroke(
				[
					[x, y],
					[x + width, y + height],
				],
				3,
				of,
			);
			canvas.text("abc", x, y, "body", of);
		}),
		{ numRuns: 60 },
	);
});

const dirty = suite("raster: what is sent to the panel");
const [width, height] = [48, 37];

dirty("equal frames send nothing, one pixel sends one pixel", () => {
	const frame = new Uint16Array(width * height);
	assert.equal(dirtyRects(frame, frame, width), []);
	const after = frame.slice();
	after[20 * width + 7] = 1;
	assert.equal(dirtyRects(frame, after, width), [{ x: 7, y: 20, width: 1, height: 1 }]);
});

dirty("two changes far apart do not send what lies between", () => {
	const before = new Uint16Array(320 * 240);
	const after = before.slice();
	for (let y = 5; y < 20; y += 1) after.fill(1, y * 320 + 250, y * 320 + 310);
	for (let y = 24; y < 230; y += 1) after.fill(1, y * 320 + 10, y * 320 + 40);
	const sent = dirtyRects(before, after, 320).reduce((n, r) => n + r.width * r.height, 0);
	assert.ok(sent <= 15 * 60 + 206 * 30 + 512, String(sent));
});

dirty(
	"the rectangles turn the former frame into the next, apart from one another and within the frame",
	() => {
		const touches = fc.array(
			fc.record({
				x: fc.nat(width - 1),
				y: fc.nat(height - 1),
				wide: fc.nat(9),
				high: fc.nat(9),
				value: fc.nat(3),
			}),
			{ maxLength: 8 },
		);
		void fc.assert(
			fc.property(touches, (list) => {
				const before = Uint16Array.from({ length: width * height }, (_, i) => i % 3);
				const after = before.slice();
				for (const { x, y, wide, high, value } of list)
					for (let row = y; row < Math.min(height, y + high); row += 1)
						after.fill(value, row * width + x, row * width + Math.min(width, x + wide));
				const shown = before.slice();
				const times = new Uint8Array(width * height);
				for (const rect of dirtyRects(before, after, width)) copy(rect, after, shown, times);
				assert.equal(shown, after);
				assert.ok(times.every((n) => n <= 1));
			}),
		);
	},
);

function copy(rect: Rect, from: Uint16Array, to: Uint16Array, times: Uint8Array): void {
	assert.ok(rect.width > 0 && rect.height > 0 && rect.x >= 0 && rect.y >= 0);
	assert.ok(rect.x + rect.width <= width && rect.y + rect.height <= height);
	for (let y = rect.y; y < rect.y + rect.height; y += 1)
		for (let x = rect.x; x < rect.x + rect.width; x += 1) {
			to[y * width + x] = from[y * width + x] ?? 0;
			times[y * width + x] = (times[y * width + x] ?? 0) + 1;
		}
}

blending.run();
shapes.run();
dirty.run();
