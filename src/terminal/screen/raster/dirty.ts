import type { Rect } from "../../../contract/device.ts";

/** Rows are compared in bands: a changed digit costs its band's columns, not the frame. */
const band = 8;
/**
 * Two rectangles become one where that sends at most so many pixels more: fewer writes are worth a few
 * pixels.
 */
const waste = 512;

/**
 * Where two frames of `width` pixels a row differ: a rectangle a band of rows, those below one another
 * joined where it costs little. Every changed pixel lies in exactly one of them; equal frames give none.
 */
export function dirtyRects(before: Uint16Array, after: Uint16Array, width: number): readonly Rect[] {
	const height = after.length / width;
	const rects: Rect[] = [];
	for (let top = 0; top < height; top += band) {
		const changed = changedIn(before, after, width, top, Math.min(height, top + band));
		if (changed === undefined) continue;
		const last = rects.at(-1);
		const joined = last === undefined ? undefined : join(last, changed);
		if (joined === undefined) rects.push(changed);
		else rects[rects.length - 1] = joined;
	}
	return rects;
}

const area = ({ width, height }: Rect): number => width * height;

function join(a: Rect, b: Rect): Rect | undefined {
	const x = Math.min(a.x, b.x);
	const width = Math.max(a.x + a.width, b.x + b.width) - x;
	const whole = { x, y: a.y, width, height: b.y + b.height - a.y };
	return area(whole) <= area(a) + area(b) + waste ? whole : undefined;
}

function changedIn(
	before: Uint16Array,
	after: Uint16Array,
	width: number,
	top: number,
	bottom: number,
): Rect | undefined {
	let [left, right, first, last] = [width, -1, -1, -1];
	for (let y = top; y < bottom; y += 1) {
		const row = y * width;
		let x = 0;
		while (x < width && before[row + x] === after[row + x]) x += 1;
		if (x === width) continue;
		if (first < 0) first = y;
		last = y;
		if (x < left) left = x;
		// From the right only as far as is not known to be changed.
		let end = width - 1;
		while (end > right && before[row + end] === after[row + end]) end -= 1;
		if (end > right) right = end;
	}
	return right < 0 ? undefined : { x: left, y: first, width: right - left + 1, height: last - first + 1 };
}
