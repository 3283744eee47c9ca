import type { Status } from "./page.ts";
import type { Colour } from "./raster/colours-table.ts";
import { frame, type Sheet } from "./sheet.ts";
import type { Marks } from "./words/words.ts";

/**
 * The title bar: flow and amount left; what waits, operator, time and signal right. What waits is
 * never left out.
 */
export function bar(sheet: Sheet, flow: string, status: Status, amount?: string): void {
	const { canvas, words } = sheet;
	canvas.fill(0, 0, canvas.width, frame.bar, "night");
	signal(sheet, status);
	const end = canvas.width - 34;
	const clock = [status.operator, status.time].filter((part) => part !== "").join("  ");
	const lefts = amount === undefined ? [flow] : [`${flow}  ${amount}`, amount];
	// From the fullest to the shortest, until nothing touches.
	const ways = [
		...lefts.map((left) => ({ left, marks: words.marks, clock })),
		...lefts.map((left) => ({ left, marks: words.shortMarks, clock })),
		...lefts.map((left) => ({ left, marks: words.shortMarks, clock: status.time })),
	];
	const widthOf = (way: (typeof ways)[number]): number =>
		waiting(way.marks, status).reduce((sum, [text]) => sum + pill(sheet, text) + 5, 0) +
		canvas.measure(way.left, "smallBold") +
		canvas.measure(way.clock, "tiny") +
		8;
	const way = ways.find((w) => 10 + widthOf(w) <= end) ?? ways.at(-1);
	if (way === undefined) return;
	sheet.put(way.left, { x: 10, y: 18, style: "smallBold", colour: "white" });
	let x = end - canvas.measure(way.clock, "tiny");
	sheet.put(way.clock, { x, y: 18, style: "tiny", colour: "nightSoft" });
	x -= 3;
	for (const [text, colour] of waiting(way.marks, status)) {
		const wide = pill(sheet, text);
		x -= wide + 5;
		canvas.box(x, 5, wide, 16, 8, colour);
		sheet.put(text, { x: x + 6, y: 17, style: "tiny", colour: "white" });
	}
}

const pill = (sheet: Sheet, text: string): number => sheet.canvas.measure(text, "tiny") + 12;

const waiting = (marks: Marks, { unresolved, unprinted }: Status): readonly (readonly [string, Colour])[] => [
	...(unresolved > 0 ? [[marks.unresolved(unresolved), "red"] as const] : []),
	...(unprinted > 0 ? [[marks.unprinted(unprinted), "amber"] as const] : []),
];

/**
 * The lower two strokes: the acquirer; the upper two: the cloud. Without the acquirer a line goes
 * through them.
 */
function signal({ canvas }: Sheet, { host, cloud }: Status): void {
	const left = canvas.width - 27;
	for (const [i, height] of [4, 7, 10, 13].entries())
		canvas.fill(left + i * 5, 19 - height, 3, height, (i < 2 ? host : cloud) ? "signal" : "soft");
	if (host) return;
	canvas.stroke(
		[
			[left - 1, 6],
			[left + 18, 19],
		],
		2,
		"gold",
	);
}
