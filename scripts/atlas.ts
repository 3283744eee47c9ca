/** Draws the glyph atlas of the screen into dist/glyphs.bin from Noto Sans SC (OFL). Run: node scripts/atlas.ts */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCanvas, GlobalFonts, type SKRSContext2D } from "@napi-rs/canvas";
import { type Style, styleNames, styles } from "../src/terminal/screen/raster/styles-table.ts";

const fonts = "node_modules/@fontsource/noto-sans-sc/files";
const words = "src/terminal/screen/words";
const family = "Noto Sans SC";

const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");
const marks = "¥·•○●—–…“”‘’（）《》【】、。，；：？！℃※→←↑↓□×✓";
const written = readdirSync(words)
	.map((file) => readFileSync(join(words, file), "utf8"))
	.join("");
/** The 6,763 characters of GB 2312: what a shop's name may be made of. */
const gb2312 = (): string => {
	const bytes: number[] = [];
	for (let high = 0xb0; high <= 0xf7; high += 1)
		for (let low = 0xa1; low <= 0xfe; low += 1) bytes.push(high, low);
	return new TextDecoder("gb18030").decode(Uint8Array.from(bytes));
};
const charactersOf = (style: Style): readonly number[] => {
	const text =
		style.only === undefined ? ascii + marks + written + (style.free ? gb2312() : "") : `${style.only}□`;
	const points = new Set([...text].map((c) => c.codePointAt(0) ?? 0));
	return [...points].filter((p) => p >= 32 && !(p >= 0xe000 && p <= 0xf8ff)).sort((a, b) => a - b);
};

interface Drawn {
	readonly point: number;
	readonly left: number;
	readonly top: number;
	readonly width: number;
	readonly height: number;
	readonly advance: number;
	readonly coverage: Uint8Array;
}

/** One glyph, cut to its ink. */
function draw(ctx: SKRSContext2D, side: number, point: number): Drawn {
	const text = String.fromCodePoint(point);
	const pen = { x: Math.floor(side / 4), y: Math.floor((side * 3) / 4) };
	ctx.clearRect(0, 0, side, side);
	ctx.fillText(text, pen.x, pen.y);
	const { data } = ctx.getImageData(0, 0, side, side);
	let [x0, y0, x1, y1] = [side, side, -1, -1];
	for (let y = 0; y < side; y += 1)
		for (let x = 0; x < side; x += 1)
			if ((data[(y * side + x) * 4 + 3] ?? 0) > 0) {
				x0 = Math.min(x0, x);
				x1 = Math.max(x1, x);
				y0 = Math.min(y0, y);
				y1 = Math.max(y1, y);
			}
	const width = Math.max(0, x1 - x0 + 1);
	const height = Math.max(0, y1 - y0 + 1);
	const coverage = new Uint8Array(width * height);
	for (let y = 0; y < height; y += 1)
		for (let x = 0; x < width; x += 1)
			coverage[y * width + x] = data[((y0 + y) * side + x0 + x) * 4 + 3] ?? 0;
	const advance = Math.round(ctx.measureText(text).width * 16);
	return {
		point,
		left: width === 0 ? 0 : x0 - pen.x,
		top: height === 0 ? 0 : pen.y - y0,
		width,
		height,
		advance,
		coverage,
	};
}

function drawStyle(style: Style): {
	readonly ascent: number;
	readonly line: number;
	readonly glyphs: readonly Drawn[];
} {
	const side = style.size * 2;
	const ctx = createCanvas(side, side).getContext("2d");
	ctx.font = `${style.weight} ${style.size}px "${family}"`;
	ctx.fillStyle = "#000";
	const glyphs = charactersOf(style).map((point) => draw(ctx, side, point));
	return { ascent: Math.round(style.size * 0.88), line: Math.round(style.size * 1.4), glyphs };
}

for (const file of readdirSync(fonts))
	if (/-(400|500|700)-normal\.woff2$/.test(file)) GlobalFonts.registerFromPath(join(fonts, file), family);

const drawn = styleNames.map((name) => drawStyle(styles[name]));
const head = 8 + drawn.reduce((n, d) => n + 8 + d.glyphs.length * 16, 0);
const body = drawn.reduce((n, d) => n + d.glyphs.reduce((m, g) => m + g.coverage.length, 0), 0);
const file = new Uint8Array(head + body);
const view = new DataView(file.buffer);
file.set(new TextEncoder().encode("GTGL"));
view.setUint16(4, 1, true);
view.setUint16(6, drawn.length, true);
let at = 8;
let ink = 0;
for (const { ascent, line, glyphs } of drawn) {
	view.setInt16(at, ascent, true);
	view.setInt16(at + 2, line, true);
	view.setUint32(at + 4, glyphs.length, true);
	at += 8;
	for (const g of glyphs) {
		view.setUint32(at, g.point, true);
		view.setUint32(at + 4, ink, true);
		view.setInt16(at + 8, g.left, true);
		view.setInt16(at + 10, g.top, true);
		view.setUint8(at + 12, g.width);
		view.setUint8(at + 13, g.height);
		view.setUint16(at + 14, g.advance, true);
		file.set(g.coverage, head + ink);
		ink += g.coverage.length;
		at += 16;
	}
}
mkdirSync("dist", { recursive: true });
writeFileSync("dist/glyphs.bin", file);
process.stdout.write(
	`dist/glyphs.bin: ${drawn.reduce((n, d) => n + d.glyphs.length, 0)} glyphs, ${file.length} bytes\n`,
);
