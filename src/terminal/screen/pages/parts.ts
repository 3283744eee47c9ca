import { frame, type Sheet, type TextAt } from "../sheet.ts";

/**
 * What several pages are made of: the verdict on the money, what to do now, the steps of a wait, a
 * check mark, a card.
 */
export type Grade = "red" | "amber" | "jade";

/**
 * A coloured field with what state the money is in, its sign beside it, and a line under it. Gives
 * its lower edge.
 */
export function verdict(
	sheet: Sheet,
	what: { readonly title: string; readonly line?: string; readonly grade: Grade; readonly top?: number },
): number {
	const { canvas } = sheet;
	const { x, width } = sheet.inside;
	const { title, line, grade, top = frame.bar + 12 } = what;
	const head: TextAt = {
		...{ y: top + 28, style: "leadBold", colour: grade, lines: 2 },
		...{ x: x + 38, width: width - 48 },
	};
	const under: TextAt = {
		...{ y: head.y + sheet.drop(title, head) + 26, style: "body", colour: "ink", lines: 2 },
		...{ x: x + 12, width: width - 22 },
	};
	const bottom = line === undefined ? under.y - 8 : under.y + sheet.drop(line, under) + 14;
	canvas.box(x - 2, top, width + 4, bottom - top, 8, `${grade}Soft`);
	sign(sheet, x + 22, top + 22, grade);
	sheet.text(title, head);
	if (line !== undefined) sheet.text(line, under);
	return bottom;
}

/** Colour never speaks alone: a check, a cross, or an exclamation mark. */
function sign({ canvas }: Sheet, x: number, y: number, grade: Grade): void {
	canvas.disc(x, y, 10, grade);
	if (grade === "jade") canvas.stroke(tick(x, y, 0.4), 2.4, "white");
	else if (grade === "amber") {
		canvas.stroke(segment(x, y - 5, x, y + 1), 2.6, "white");
		canvas.disc(x, y + 5, 1.4, "white");
	} else {
		canvas.stroke(segment(x - 4, y - 4, x + 4, y + 4), 2.4, "white");
		canvas.stroke(segment(x - 4, y + 4, x + 4, y - 4), 2.4, "white");
	}
}

type Points = readonly (readonly [number, number])[];
const segment = (ax: number, ay: number, bx: number, by: number): Points => [
	[ax, ay],
	[bx, by],
];
const tick = (x: number, y: number, scale: number): Points => [
	[x - 11 * scale, y + scale],
	[x - 3 * scale, y + 9 * scale],
	[x + 12 * scale, y - 9 * scale],
];

/** The sign of a thing done. */
export function check({ canvas }: Sheet, y: number): void {
	canvas.disc(canvas.width / 2, y, 26, "jade");
	canvas.stroke(tick(canvas.width / 2, y, 1), 5, "white");
}

/** What to do now: one thing in large words, several numbered with the first in bold. */
export function todo(sheet: Sheet, top: number, things: readonly string[]): void {
	const [only = ""] = things;
	if (things.length === 1) {
		sheet.text(only, { y: top + 36, style: "leadBold", colour: "ink", lines: 2 });
		return;
	}
	let y = sheet.text(sheet.words.declined.doThis, { y: top + 20, style: "tiny", colour: "soft" });
	for (const [i, thing] of things.entries()) {
		y += i === 0 ? 22 : 23;
		const style = i === 0 ? "bodyBold" : "body";
		sheet.text(String(i + 1), { y, style, colour: i === 0 ? "jade" : "soft", width: 16 });
		const room = { x: sheet.inside.x + 20, width: sheet.inside.width - 20 };
		y = sheet.text(thing, { y, style, colour: "ink", lines: 1, ...room });
	}
}

/** Steps of an exchange in a row: done, under way, to come. */
export function steps(sheet: Sheet, names: readonly string[], at: number, y: number): void {
	const { canvas } = sheet;
	const first = 50;
	const pace = Math.round((canvas.width - 2 * first) / (names.length - 1));
	for (let i = 1; i < names.length; i += 1)
		canvas.fill(first + (i - 1) * pace, y - 1, pace, 3, i <= at ? "jade" : "line");
	for (const [i, name] of names.entries()) {
		const x = first + i * pace;
		canvas.disc(x, y, 9, i < at ? "jade" : i === at ? "amber" : "line");
		if (i < at) canvas.stroke(tick(x, y, 0.36), 2, "white");
		if (i === at) canvas.disc(x, y, 3, "white");
		const colour = i <= at ? "ink" : "soft";
		sheet.text(name, { y: y + 29, x: x - 38, width: 76, style: "tiny", colour, align: "centre" });
	}
}

/** A card of `wide` × 0.62 `wide` px with its chip, its upper left corner at x, y. */
export function card({ canvas }: Sheet, x: number, y: number, wide: number): void {
	const high = Math.round(wide * 0.62);
	canvas.box(x, y, wide, high, 8, "night");
	chip(canvas, x + Math.round(wide * 0.12), y + Math.round(high * 0.34));
	canvas.fill(x + Math.round(wide * 0.12), y + high - 14, Math.round(wide * 0.5), 3, "nightSoft");
}

/** A card above the slot with its chip towards it, and which way it goes on both sides. */
export function slot({ canvas }: Sheet, way: "in" | "out"): void {
	const x = canvas.width / 2;
	const y = way === "in" ? 50 : 46;
	canvas.box(x - 52, y, 104, way === "in" ? 90 : 84, 8, "night");
	canvas.fill(x - 52, y + 12, 104, 10, "ink");
	chip(canvas, x - 13, y + 54);
	canvas.box(x - 84, 128, 168, 11, 5, "ink");
	canvas.fill(x - 58, 132, 116, 2, "soft");
	const [tip, tail, colour] = way === "in" ? ([108, 70, "jade"] as const) : ([60, 98, "amber"] as const);
	const back = tip + (way === "in" ? -10 : 10);
	for (const side of [x - 84, x + 84]) {
		canvas.stroke(segment(side, tail, side, tip), 4, colour);
		canvas.stroke([[side - 10, back] as const, [side, tip] as const, [side + 10, back] as const], 4, colour);
	}
}

function chip(canvas: Sheet["canvas"], x: number, y: number): void {
	canvas.box(x, y, 26, 20, 4, "gold");
	canvas.fill(x, y + 9, 9, 1, "night");
	canvas.fill(x + 17, y + 9, 9, 1, "night");
	canvas.box(x + 9, y + 5, 8, 10, 3, "gold", "night");
}
