import type { Atlas } from "../atlas.ts";
import { type Colour, colours } from "./colours-table.ts";
import type { StyleName } from "./styles-table.ts";

/** A frame of RGB565 pixels and what can be drawn on it. Coordinates are whole pixels; edges of shapes are smoothed. */
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
		const x1 = Math.min(this.width, x + width);
		for (let row = Math.max(0, y); row < Math.min(this.height, y + height); row += 1)
			this.pixels.fill(value, row * this.width + Math.max(0, x), row * this.width + x1);
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

	#rounded(x: number, y: number, width: number, height: number, radius: number, colour: Colour): void {
		const rgb = colours[colour];
		const r = Math.min(radius, width / 2, height / 2);
		for (let row = 0; row < height; row += 1) {
			const edgeY = row < r ? r - row - 0.5 : row >= height - r ? row + 0.5 - (height - r) : 0;
			if (edgeY <= 0) {
				this.fill(x, y + row, width, 1, colour);
				continue;
			}
			for (let column = 0; column < width; column += 1) {
				const edgeX = column < r ? r - column - 0.5 : column >= width - r ? column + 0.5 - (width - r) : 0;
				const cover = edgeX <= 0 ? 1 : r + 0.5 - Math.hypot(edgeX, edgeY);
				this.#blend(x + column, y + row, rgb, cover);
			}
		}
	}

	disc(cx: number, cy: number, radius: number, colour: Colour): void {
		const rgb = colours[colour];
		for (let y = Math.floor(cy - radius - 1); y <= cy + radius + 1; y += 1)
			for (let x = Math.floor(cx - radius - 1); x <= cx + radius + 1; x += 1)
				this.#blend(x, y, rgb, radius + 0.5 - Math.hypot(x - cx, y - cy));
	}

	/** A thick line with round ends. */
	stroke(points: readonly (readonly [x: number, y: number])[], thickness: number, colour: Colour): void {
		const rgb = colours[colour];
		const half = thickness / 2;
		const xs = points.map(([x]) => x);
		const ys = points.map(([, y]) => y);
		for (let y = Math.floor(Math.min(...ys) - half - 1); y <= Math.max(...ys) + half + 1; y += 1)
			for (let x = Math.floor(Math.min(...xs) - half - 1); x <= Math.max(...xs) + half + 1; x += 1)
				this.#blend(x, y, rgb, half + 0.5 - distanceTo(points, x, y));
	}

	/** A part of a circle's line, angles in radians from the right, clockwise. */
	arc(
		cx: number,
		cy: number,
		radius: number,
		from: number,
		to: number,
		thickness: number,
		colour: Colour,
	): void {
		const steps = 24;
		const point = (i: number): readonly [number, number] => {
			const angle = from + ((to - from) * i) / steps;
			return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)];
		};
		this.stroke(
			Array.from({ length: steps + 1 }, (_, i) => point(i)),
			thickness,
			colour,
		);
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
			const glyph = face.glyph(c.codePointAt(0) ?? 32);
			if (glyph === undefined) continue;
			const { at, width, height } = glyph;
			this.#glyph(at, width, height, Math.round(pen / 16) + glyph.left, y - glyph.top, colours[colour]);
			pen += glyph.advance;
		}
	}

	#glyph(at: number, width: number, height: number, left: number, top: number, rgb: number): void {
		const { coverage } = this.#atlas;
		const solid = to565(rgb);
		for (let row = 0; row < height; row += 1) {
			const y = top + row;
			if (y < 0 || y >= this.height) continue;
			for (let column = 0; column < width; column += 1) {
				const cover = coverage[at + row * width + column] ?? 0;
				const x = left + column;
				if (cover === 0 || x < 0 || x >= this.width) continue;
				const index = y * this.width + x;
				this.pixels[index] = cover === 255 ? solid : mix(this.pixels[index] ?? 0, rgb, cover);
			}
		}
	}

	#blend(x: number, y: number, rgb: number, cover: number): void {
		if (cover <= 0 || x < 0 || y < 0 || x >= this.width || y >= this.height) return;
		const index = y * this.width + x;
		this.pixels[index] = cover >= 1 ? to565(rgb) : mix(this.pixels[index] ?? 0, rgb, Math.round(cover * 255));
	}
}

const to565 = (rgb: number): number => ((rgb >> 8) & 0xf800) | ((rgb >> 5) & 0x07e0) | ((rgb >> 3) & 0x001f);

/** `cover` of 255 parts of a colour over a pixel. */
function mix(under: number, rgb: number, cover: number): number {
	const rest = 255 - cover;
	const red = ((rgb >> 16) & 255) * cover + (((under >> 8) & 0xf8) | (under >> 13)) * rest;
	const green = ((rgb >> 8) & 255) * cover + (((under >> 3) & 0xfc) | ((under >> 9) & 3)) * rest;
	const blue = (rgb & 255) * cover + (((under << 3) & 0xf8) | ((under >> 2) & 7)) * rest;
	return to565((Math.round(red / 255) << 16) | (Math.round(green / 255) << 8) | Math.round(blue / 255));
}

function distanceTo(points: readonly (readonly [number, number])[], x: number, y: number): number {
	let least = Number.POSITIVE_INFINITY;
	for (let i = 1; i < points.length; i += 1) {
		const [ax, ay] = points[i - 1] ?? [0, 0];
		const [bx, by] = points[i] ?? [0, 0];
		const [dx, dy] = [bx - ax, by - ay];
		const along = dx === 0 && dy === 0 ? 0 : ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy);
		const t = Math.max(0, Math.min(1, along));
		least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy));
	}
	return least;
}
