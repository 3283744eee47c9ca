import type { Rect } from "../../../contract/device.ts";

/** Rows are compared in bands: a changed digit costs its band's columns, not the frame. */
const band = 8;

/** Where two frames of `width` pixels a row differ: one rectangle a band of rows, neighbours of one shape joined. */
export function dirtyRects(before: Uint16Array, after: Uint16Array, width: number): readonly Rect[] {
	const height = after.length / width;
	const rects: Rect[] = [];
	for (let top = 0; top < height; top += band) {
		const changed = changedIn(before, after, width, top, Math.min(height, top + band));
		if (changed === undefined) continue;
		const last = rects.at(-1);
		if (last !== undefined && last.y + last.height === changed.y) {
			const x = Math.min(last.x, changed.x);
			const right = Math.max(last.x + last.width, changed.x + changed.width);
			rects[rects.length - 1] = { x, y: last.y, width: right - x, height: last.height + changed.height };
		} else rects.push(changed);
	}
	return rects;
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
		for (let x = 0; x < width; x += 1) {
			if (before[row + x] === after[row + x]) continue;
			if (first < 0) first = y;
			last = y;
			if (x < left) left = x;
			if (x > right) right = x;
		}
	}
	return right < 0 ? undefined : { x: left, y: first, width: right - left + 1, height: last - first + 1 };
}
