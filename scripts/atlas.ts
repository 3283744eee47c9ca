/**
 * Draws the glyph atlas of the screen into dist/glyphs.bin from Noto Sans SC (OFL), when styles or
 * characters have changed. Run: node scripts/atlas.ts
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Canvas, SKRSContext2D } from "@napi-rs/canvas";
import { atlasFormat, headOf, isPhased, markOf, quarters, stylesMark } from "../src/terminal/screen/atlas.ts";
import { type Style, styleNames, styles } from "../src/terminal/screen/raster/styles-table.ts";

export const atlasPath = "dist/glyphs.bin";
const fonts = dirname(createRequire(import.meta.url).resolve("@fontsource/noto-sans-sc/package.json"));
/** Whatever these say is a character of the words: a comment's too, which does no harm. */
const said = ["src/terminal/screen/words", "src/terminal/screen/pages"];
const instead = "□";

const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");
const marks = "¥·•○●—–…“”‘’（）《》【】、。，；：？！℃※→←↑↓×✓";

/** Double-byte characters of an encoding, lead bytes from `first` to `last`. */
function charactersIn(encoding: string, first: number, last: number): string {
	const bytes: number[] = [];
	for (let lead = first; lead <= last; lead += 1)
		for (let trail = 0xa1; trail <= 0xfe; trail += 1) bytes.push(lead, trail);
	if (encoding === "big5")
		for (let lead = first; lead <= last; lead += 1)
			for (let trail = 0x40; trail <= 0x7e; trail += 1) bytes.push(lead, trail);
	return new TextDecoder(encoding).decode(Uint8Array.from(bytes));
}
/** What a shop's name may be made of: GB 2312, and the frequent characters of Big 5. */
const common = (): string => charactersIn("gb18030", 0xb0, 0xf7) + charactersIn("big5", 0xa4, 0xc6);

const isControl = (point: number): boolean =>
	point < 32 || point === 0x7f || point === 0xfffd || (point >= 0xe000 && point <= 0xf8ff);

interface Wish {
	readonly points: readonly number[];
	/** These must be in the font; the others are left out where it lacks them. */
	readonly needed: ReadonlySet<number>;
}
function wishOf(style: Style, words: string, free: string): Wish {
	const own = style.only === undefined ? ascii + marks + words + instead : style.only + instead;
	const needed = new Set([...own].map((c) => c.codePointAt(0) ?? 0).filter((p) => !isControl(p)));
	const more = style.free ? [...free].map((c) => c.codePointAt(0) ?? 0).filter((p) => !isControl(p)) : [];
	return { points: [...new Set([...needed, ...more])].sort((a, b) => a - b), needed };
}

/** Which file of the package holds a character, by the ranges of its style sheet; of two, the later. */
function filesOf(weight: number): ReadonlyMap<number, string> {
	const files = new Map<number, string>();
	const sheet = readFileSync(join(fonts, `${weight}.css`), "utf8");
	for (const [, url = "", ranges = ""] of sheet.matchAll(
		/url\(\.\/(\S+?\.woff2)\).*?unicode-range: ([^;]+);/gs,
	))
		for (const range of ranges.split(",")) {
			const [first = 0, last = first] = range
				.replace("U+", "")
				.split("-")
				.map((n) => Number.parseInt(n, 16));
			for (let point = first; point <= last; point += 1) files.set(point, url);
		}
	return files;
}

interface Drawn {
	readonly key: number;
	readonly left: number;
	readonly top: number;
	readonly width: number;
	readonly height: number;
	readonly advance: number;
	readonly coverage: Uint8Array;
}
interface Tools {
	readonly canvas: (width: number, height: number) => Canvas;
	/** Gives the family under which a font file may be asked for. */
	readonly family: (file: string) => string;
}

/**
 * Many glyphs are drawn on one sheet of cells and read back at once: each reading costs more than its
 * pixels.
 */
const across = 24;

function drawStyle(style: Style, { points, needed }: Wish, { canvas, family }: Tools): readonly Drawn[] {
	const side = style.size * 2;
	const pen = { x: Math.floor(side / 4), y: Math.floor((side * 3) / 4) };
	const files = filesOf(style.weight);
	const missing = [...needed].filter((p) => !files.has(p));
	if (missing.length > 0)
		throw new Error(`the font lacks ${missing.map((p) => String.fromCodePoint(p)).join(" ")}`);
	const there = points.filter((p) => files.has(p));
	const drawn: Drawn[] = [];
	// One file after the other: changing the font costs more than drawing.
	const ordered = there
		.flatMap((point) =>
			Array.from({ length: isPhased(point) ? quarters : 1 }, (_, quarter) => ({
				...{ point, quarter, file: files.get(point) ?? "" },
			})),
		)
		.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
	for (let first = 0; first < ordered.length; first += across * across) {
		const sheet = canvas(side * across, side * across);
		const ctx = sheet.getContext("2d");
		ctx.fillStyle = "#000";
		let font = "";
		const cells = ordered.slice(first, first + across * across).map(({ point, quarter, file }, n) => {
			if (file !== font) ctx.font = `${style.size}px "${family(file)}"`;
			font = file;
			const text = String.fromCodePoint(point);
			const at = { x: (n % across) * side, y: Math.floor(n / across) * side };
			ctx.fillText(text, at.x + pen.x + quarter / quarters, at.y + pen.y);
			return {
				key: point * quarters + quarter,
				...at,
				advance: Math.round(ctx.measureText(text).width * 16),
			};
		});
		drawn.push(...cut(ctx, cells, side, pen));
	}
	return drawn.sort((a, b) => a.key - b.key);
}

interface Cell {
	readonly key: number;
	readonly x: number;
	readonly y: number;
	readonly advance: number;
}

/** Each glyph out of its cell, down to its ink. */
function cut(
	ctx: SKRSContext2D,
	cells: readonly Cell[],
	side: number,
	pen: { readonly x: number; readonly y: number },
): readonly Drawn[] {
	const row = side * across;
	const { data } = ctx.getImageData(0, 0, row, row);
	const alpha = (x: number, y: number): number => data[(y * row + x) * 4 + 3] ?? 0;
	return cells.map(({ key, x, y, advance }) => {
		let [x0, y0, x1, y1] = [side, side, -1, -1];
		for (let dy = 0; dy < side; dy += 1)
			for (let dx = 0; dx < side; dx += 1) {
				if (alpha(x + dx, y + dy) === 0) continue;
				x0 = Math.min(x0, dx);
				x1 = Math.max(x1, dx);
				y0 = Math.min(y0, dy);
				y1 = dy;
			}
		const width = Math.max(0, x1 - x0 + 1);
		const height = Math.max(0, y1 - y0 + 1);
		const coverage = Uint8Array.from({ length: width * height }, (_, i) =>
			alpha(x + x0 + (i % width), y + y0 + Math.floor(i / width)),
		);
		const left = width === 0 ? 0 : x0 - pen.x;
		return { key, left, top: height === 0 ? 0 : pen.y - y0, width, height, advance, coverage };
	});
}

/** The file as src/terminal/screen/atlas.ts reads it. */
function packed(faces: readonly (readonly [Style, readonly Drawn[]])[], charactersMark: number): Uint8Array {
	const { headBytes, styleBytes, entryBytes, magic, version } = atlasFormat;
	const table = headBytes + faces.reduce((n, [, glyphs]) => n + styleBytes + glyphs.length * entryBytes, 0);
	const body = faces.reduce((n, [, glyphs]) => n + glyphs.reduce((m, g) => m + g.coverage.length, 0), 0);
	const file = new Uint8Array(table + body);
	const view = new DataView(file.buffer);
	file.set(new TextEncoder().encode(magic));
	view.setUint16(4, version, true);
	view.setUint16(6, faces.length, true);
	view.setUint32(8, stylesMark(), true);
	view.setUint32(12, charactersMark, true);
	let at: number = headBytes;
	let ink = 0;
	for (const [{ size }, glyphs] of faces) {
		view.setInt16(at, Math.round(size * 0.88), true);
		view.setInt16(at + 2, Math.round(size * 1.4), true);
		view.setUint32(at + 4, glyphs.length, true);
		at += styleBytes;
		for (const g of glyphs) {
			view.setUint32(at, g.key, true);
			view.setUint32(at + 4, ink, true);
			view.setInt16(at + 8, g.left, true);
			view.setInt16(at + 10, g.top, true);
			view.setUint8(at + 12, g.width);
			view.setUint8(at + 13, g.height);
			view.setUint16(at + 14, g.advance, true);
			file.set(g.coverage, table + ink);
			ink += g.coverage.length;
			at += entryBytes;
		}
	}
	return file;
}

async function tools(): Promise<Tools> {
	// Loaded only when something is to be drawn: a look at a fresh atlas needs no canvas.
	const { createCanvas, GlobalFonts } = await import("@napi-rs/canvas");
	const known = new Set<string>();
	return {
		canvas: createCanvas,
		family: (file) => {
			if (!known.has(file) && GlobalFonts.registerFromPath(join(fonts, file), file) === null)
				throw new Error(`the font file ${file} cannot be read`);
			known.add(file);
			return file;
		},
	};
}

/**
 * Makes sure that the atlas at `path` fits the styles and the words; gives how many glyphs were drawn, 0
 * for none.
 */
export async function freshAtlas(path = atlasPath): Promise<number> {
	const sources = said.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file))).sort();
	const words = sources.map((file) => readFileSync(file, "utf8")).join("");
	const free = common();
	const wishes = styleNames.map((name) => wishOf(styles[name], words, free));
	const charactersMark = markOf(wishes.map(({ points }) => points.join(" ")).join("\n"));
	const head = headOf(current(path));
	if (head?.stylesMark === stylesMark() && head.charactersMark === charactersMark) return 0;
	const kit = await tools();
	const faces = styleNames.map((name, n) => {
		const wish = wishes[n] ?? { points: [], needed: new Set<number>() };
		return [styles[name], drawStyle(styles[name], wish, kit)] as const;
	});
	mkdirSync(dirname(path), { recursive: true });
	// Whole or not at all: two suites may draw at once, and a third read.
	const draft = `${path}.${process.pid}`;
	writeFileSync(draft, packed(faces, charactersMark));
	renameSync(draft, path);
	return faces.reduce((n, [, glyphs]) => n + glyphs.length, 0);
}

function current(path: string): Uint8Array {
	try {
		return readFileSync(path);
	} catch {
		return new Uint8Array(0);
	}
}

if (import.meta.main) {
	const glyphs = await freshAtlas();
	const size = `${(current(atlasPath).length / 1e6).toFixed(1)} MB`;
	process.stdout.write(`${atlasPath}: ${glyphs === 0 ? "up to date" : `${glyphs} glyphs`}, ${size}\n`);
}
