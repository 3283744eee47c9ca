/** The mark on top of a slip: a counter under its awning and the word 柜台, drawn as strokes. */
import type { PrintLine } from "../../contract/device.ts";

type Raster = Extract<PrintLine, { readonly kind: "raster" }>;
type Point = readonly [x: number, y: number];
/** Points joined by straight lines; x and y in dots. */
type Stroke = readonly Point[];

const size = { width: 160, height: 48 } as const;

/** 柜: a tree at the left, a great frame at the right. 台: a nose above a mouth. */
const letters: readonly Stroke[] = [
	[
		[61, 14],
		[80, 14],
	],
	[
		[70.5, 4],
		[70.5, 45],
	],
	[
		[70, 16],
		[61, 31],
	],
	[
		[71, 16],
		[79, 26],
	],
	[
		[105, 6],
		[88, 6],
		[88, 43],
		[106, 43],
	],
	[
		[88, 18],
		[102, 18],
		[102, 31],
		[88, 31],
	],
	[
		[133, 4],
		[121, 20],
		[149, 20],
	],
	[
		[142, 10],
		[152, 23],
	],
	[
		[123, 28],
		[149, 28],
		[149, 43],
		[123, 43],
		[123, 28],
	],
];
const thick = 2.2;

/** Posts that carry the awning, the table top, and its front. */
const counter: readonly Stroke[] = [
	[
		[6, 10],
		[6, 45],
		[42, 45],
		[42, 10],
	],
	[
		[2.5, 33],
		[45.5, 33],
	],
];
const awning = { left: 3, right: 45, top: 3, drop: 8, scallops: 5 } as const;

const distance = ([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number => {
	const [dx, dy] = [bx - ax, by - ay];
	const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
	return Math.hypot(x - ax - along * dx, y - ay - along * dy);
};
const inked = (at: Point, strokes: readonly Stroke[], half: number): boolean =>
	strokes.some((stroke) =>
		stroke.some((point, n) => n > 0 && distance(at, stroke[n - 1] ?? point, point) <= half),
	);

/** Stripes of cloth, every second one black, each ending in a half circle. */
function cloth([x, y]: Point): boolean {
	const { left, right, top, drop, scallops } = awning;
	if (x < left || x > right || y < top) return false;
	const wide = (right - left) / scallops;
	const which = Math.min(scallops - 1, Math.floor((x - left) / wide));
	const middle = left + (which + 0.5) * wide;
	const foot = top + drop;
	const inside = y <= foot || Math.hypot(x - middle, y - foot) <= wide / 2;
	if (!inside) return false;
	const edge = y - top < 1.6 || (y > foot && Math.hypot(x - middle, y - foot) > wide / 2 - 1.6);
	return which % 2 === 0 || edge;
}
/** A terminal on the counter: a body with its screen left white. */
function terminal([x, y]: Point): boolean {
	const body = x >= 17 && x <= 31 && y >= 23 && y <= 32;
	const screen = x >= 20 && x <= 28 && y >= 25 && y <= 28;
	return body && !screen;
}

/** 160 × 48 dots. */
export function logo(): Raster {
	const bits = new Uint8Array((size.width / 8) * size.height);
	for (let y = 0; y < size.height; y += 1)
		for (let x = 0; x < size.width; x += 1) {
			const at: Point = [x + 0.5, y + 0.5];
			const black = inked(at, letters, thick) || inked(at, counter, 1.6) || cloth(at) || terminal(at);
			const index = y * (size.width / 8) + (x >> 3);
			if (black) bits[index] = (bits[index] ?? 0) | (0x80 >> (x & 7));
		}
	return { kind: "raster", ...size, bits };
}
