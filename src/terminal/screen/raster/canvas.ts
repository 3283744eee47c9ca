import { type Atlas, type Glyph, isPhased, quarters } from "../atlas.ts";
import { mix, to565 } from "./blend.ts";
import { type Colour, colours } from "./colours-table.ts";
import type { StyleName } from "./styles-table.ts";

/**
 * A frame of RGB565 pixels and what can be drawn on it. Coordinates are whole pixels; edges of shapes are
 * smoothed.
 */
export type Point = readonly [x: number, y: number];

export class Canvas {
	readonly width: number;
	readonly height: number;
	readonly pixels: Uint16Array;
	readonly #atlas: Atlas;

	constructor(width: number, height: number, atlas: Atlas) {
		this.width = width;
		this.height = height;
		this.pixels = new Uint16Array(width * height);
		this.#atlas = atlas;
	}

	fill(x: number, y: number, width: number, height: number, colour: Colour): void {
		const value = to565(colours[colour]);
		for (let row = Math.max(0, y); row < Math.min(this.height, y + height); row += 1)
			this.#span(x, x + width, row, value);
	}

	/** A rounded rectangle, filled; `border` draws one pixel of another colour around its inside. */
	box(
		x: number,
		y: number,
		width: number,
		height: number,
		radius: number,
		colour: Colour,
		border?: Colour,
	): void {
		if (border !== undefined) {
			this.#rounded(x, y, width, height, radius, border);
			this.#rounded(x + 1, y + 1, width - 2, height - 2, radius - 1, colour);
		} else this.#rounded(x, y, width, height, radius, colour);
	}

	/** Only the four corners have edges to smooth: the rest are whole rows. */
	#rounded(x: number, y: number, width: number, height: number, radius: number, colour: Colour): void {
		const rgb = colours[colour];
		const value = to565(rgb);
		const r = Math.max(0, Math.min(radius, width / 2, height / 2));
		const corner = Math.ceil(r);
		for (let row = 0; row < height; row += 1) {
			const edge = row < r ? r - row - 0.5 : row >= height - r ? row + 0.5 - (height - r) : 0;
			if (edge <= 0) {
				this.#span(x, x + width, y + row, value);
				continue;
			}
			this.#span(x + corner, x + width - corner, y + row, value);
			for (let column = 0; column < corner; column += 1) {
				const across = r - column - 0.5;
				const cover = across <= 0 ? 1 : r + 0.5 - Math.sqrt(across * across + edge * edge);
				const mirror = width - 1 - column;
				this.#blend(x + column, y + row, rgb, cover);
				if (mirror > column) this.#blend(x + mirror, y + row, rgb, cover);
			}
		}
	}

	disc(cx: number, cy: number, radius: number, colour: Colour): void {
		const rgb = colours[colour];
		for (let y = Math.floor(cy - radius - 1); y <= cy + radius + 1; y += 1)
			for (let x = Math.floor(cx - radius - 1); x <= cx + radius + 1; x += 1)
				this.#blend(x, y, rgb, radius + 0.5 - Math.sqrt((x - cx) ** 2 + (y - cy) ** 2));
	}

	/** A thick line with round ends. */
	stroke(points: readonly Point[], thickness: number, colour: Colour): void {
		const rgb = colours[colour];
		const half = thickness / 2;
		const xs = points.map(([x]) => x);
		const ys = points.map(([, y]) => y);
		const [left, right] = [Math.min(...xs) - half - 1, Math.max(...xs) + half + 1];
		for (let y = Math.floor(Math.min(...ys) - half - 1); y <= Math.max(...ys) + half + 1; y += 1)
			for (let x = Math.floor(left); x <= right; x += 1)
				this.#blend(x, y, rgb, half + 0.5 - distanceTo(points, x, y));
	}

	/**
	 * A part of a circle's line with round ends, angles in radians from the right, clockwise, `from` below
	 * `to`.
	 */
	arc(
		cx: number,
		cy: number,
		radius: number,
		from: number,
		to: number,
		thickness: number,
		colour: Colour,
	): void {
		const rgb = colours[colour];
		const half = thickness / 2;
		const reach = radius + half + 1;
		const ends = [from, to].map((a): Point => [radius * Math.cos(a), radius * Math.sin(a)]);
		for (let y = Math.floor(-reach); y <= reach; y += 1)
			for (let x = Math.floor(-reach); x <= reach; x += 1) {
				const off = Math.abs(Math.sqrt(x * x + y * y) - radius);
				if (off > half + 0.5) continue;
				const away = isBetween(Math.atan2(y, x), from, to)
					? off
					: Math.min(...ends.map(([ex, ey]) => Math.hypot(x - ex, y - ey)));
				this.#blend(Math.round(cx) + x, Math.round(cy) + y, rgb, half + 0.5 - away);
			}
	}

	/** Width of a text in px. */
	measure(text: string, style: StyleName): number {
		const face = this.#atlas.face(style);
		let sum = 0;
		for (const c of text) sum += face.glyph(c.codePointAt(0) ?? 32)?.advance ?? 0;
		return Math.ceil(sum / 16);
	}

	/** `y` is the base line. */
	text(text: string, x: number, y: number, style: StyleName, colour: Colour): void {
		const face = this.#atlas.face(style);
		let pen = x * 16;
		for (const c of text) {
			const point = c.codePointAt(0) ?? 32;
			const quarter = isPhased(point) ? (pen + 2) >> 2 : ((pen + 8) >> 4) * quarters;
			const glyph = face.glyph(point, quarter & (quarters - 1));
			if (glyph === undefined) continue;
			this.#glyph(glyph, quarter >> 2, y, colours[colour]);
			pen += glyph.advance;
		}
	}

	/** Cut to the frame first, so that the loop over the pixels asks nothing but their coverage. */
	#glyph(glyph: Glyph, pen: number, base: number, rgb: number): void {
		const { coverage } = this.#atlas;
		const { pixels, width } = this;
		const solid = to565(rgb);
		const left = pen + glyph.left;
		const top = base - glyph.top;
		const firstColumn = Math.max(0, -left);
		const endColumn = Math.min(glyph.width, width - left);
		const endRow = Math.min(glyph.height, this.height - top);
		for (let row = Math.max(0, -top); row < endRow; row += 1) {
			const from = glyph.at + row * glyph.width;
			const to = (top + row) * width + left;
			for (let column = firstColumn; column < endColumn; column += 1) {
				const cover = coverage[from + column] ?? 0;
				if (cover === 255) pixels[to + column] = solid;
				else if (cover !== 0) pixels[to + column] = mix(pixels[to + column] ?? 0, rgb, cover);
			}
		}
	}

	/** Pixels of one row from `from` up to but not including `to`. */
	#span(from: number, to: number, y: number, value: number): void {
		if (y < 0 || y >= this.height) return;
		const first = Math.max(0, from);
		const end = Math.min(this.width, to);
		if (first < end) this.pixels.fill(value, y * this.width + first, y * this.width + end);
	}

	#blend(x: number, y: number, rgb: number, cover: number): void {
		if (cover <= 0 || x < 0 || y < 0 || x >= this.width || y >= this.height) return;
		const index = y * this.width + x;
		this.pixels[index] = cover >= 1 ? to565(rgb) : mix(this.pixels[index] ?? 0, rgb, Math.round(cover * 255));
	}
}

const turn = 2 * Math.PI;
const isBetween = (angle: number, from: number, to: number): boolean => {
	const after = (((angle - from) % turn) + turn) % turn;
	return after <= to - from;
};

function distanceTo(points: readonly Point[], x: number, y: number): number {
	let least = Number.POSITIVE_INFINITY;
	for (let i = 1; i < points.length; i += 1) {
		const [ax, ay] = points[i - 1] ?? [0, 0];
		const [bx, by] = points[i] ?? [0, 0];
		const [dx, dy] = [bx - ax, by - ay];
		const along = dx === 0 && dy === 0 ? 0 : ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy);
		const t = Math.max(0, Math.min(1, along));
		least = Math.min(least, (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2);
	}
	return Math.sqrt(least);
}
