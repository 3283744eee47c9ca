/** The pixels of a panel as its memory holds them: RGB565 or XRGB8888, row by row, little endian. */
import type { Rect } from "../../src/contract/device.ts";

/** `stride` is the bytes from one row to the next, which may be more than the row's pixels need. */
export interface Geometry {
	readonly width: number;
	readonly height: number;
	readonly stride: number;
	readonly bitsPerPixel: 16 | 32;
}

/** A file, and a frame buffer without padding: two bytes a pixel. */
export const plain = (width: number, height: number): Geometry => ({
	...{ width, height, stride: width * 2, bitsPerPixel: 16 },
});

/** Bytes of the whole memory. */
export const memoryBytes = (g: Geometry): number => g.stride * g.height;

/** The part of a rectangle that lies on the panel; undefined when none does. */
export function clip(rect: Rect, g: Geometry): Rect | undefined {
	const x = Math.max(0, rect.x);
	const y = Math.max(0, rect.y);
	const width = Math.min(g.width, rect.x + rect.width) - x;
	const height = Math.min(g.height, rect.y + rect.height) - y;
	return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

/** Where a pixel begins in the memory. */
export const offsetOf = (g: Geometry, x: number, y: number): number =>
	y * g.stride + x * (g.bitsPerPixel >> 3);

/** Bytes that one stretch of a row takes. */
export const spanBytes = (g: Geometry, pixels: number): number => pixels * (g.bitsPerPixel >> 3);

/**
 * Writes `pixels` of a row into `into` as the panel wants them. The five and six bits of a colour are spread
 * over eight so that white stays white: the high bits come again below.
 */
export function encodeRow(pixels: Uint16Array, bitsPerPixel: 16 | 32, into: Uint8Array): void {
	const wide = bitsPerPixel === 32;
	let at = 0;
	for (let i = 0; i < pixels.length; i += 1) {
		const p = pixels[i] ?? 0;
		if (!wide) {
			into[at] = p & 0xff;
			into[at + 1] = p >> 8;
			at += 2;
			continue;
		}
		const r = p >> 11;
		const g = (p >> 5) & 63;
		const b = p & 31;
		into[at] = (b << 3) | (b >> 2);
		into[at + 1] = (g << 2) | (g >> 4);
		into[at + 2] = (r << 3) | (r >> 2);
		into[at + 3] = 0;
		at += 4;
	}
}

/** The memory as red, green, blue and 255, four bytes a pixel. Missing bytes read as black. */
export function decode(memory: Uint8Array, g: Geometry): Uint8ClampedArray {
	const rgba = new Uint8ClampedArray(g.width * g.height * 4);
	let to = 0;
	for (let y = 0; y < g.height; y += 1) {
		let from = y * g.stride;
		for (let x = 0; x < g.width; x += 1) {
			if (g.bitsPerPixel === 32) {
				rgba[to] = memory[from + 2] ?? 0;
				rgba[to + 1] = memory[from + 1] ?? 0;
				rgba[to + 2] = memory[from] ?? 0;
				from += 4;
			} else {
				const p = (memory[from] ?? 0) | ((memory[from + 1] ?? 0) << 8);
				rgba[to] = ((p >> 8) & 0xf8) | (p >> 13);
				rgba[to + 1] = ((p >> 3) & 0xfc) | ((p >> 9) & 3);
				rgba[to + 2] = ((p << 3) & 0xf8) | ((p >> 2) & 7);
				from += 2;
			}
			rgba[to + 3] = 255;
			to += 4;
		}
	}
	return rgba;
}
