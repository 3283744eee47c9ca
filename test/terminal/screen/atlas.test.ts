import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { atlasPath, freshAtlas } from "../../../scripts/atlas.ts";
import { languages } from "../../../src/contract/settings.ts";
import { readAtlas } from "../../../src/terminal/screen/atlas.ts";
import { type Style, styleNames, styles } from "../../../src/terminal/screen/raster/styles-table.ts";
import { wordsOf } from "../../../src/terminal/screen/words/languages.ts";

const points = (text: string): readonly number[] => [...text].map((c) => c.codePointAt(0) ?? 0);
const styleOf = (name: (typeof styleNames)[number]): Style => styles[name];
const spoken = styleNames.filter((name) => styleOf(name).only === undefined);
const free = styleNames.filter((name) => styleOf(name).free);

/** Every sentence in a table of words; what takes arguments is asked with some. */
function sentences(words: unknown): readonly string[] {
	if (typeof words === "string") return [words];
	if (typeof words === "function")
		return sentences((words as (...any: readonly unknown[]) => unknown)(1, 2, 3));
	if (typeof words === "object" && words !== null) return Object.values(words).flatMap(sentences);
	return [];
}

const made = suite("atlas: what was drawn");

made.before(async () => {
	await freshAtlas();
});

made("a second look draws nothing: styles and characters are the same", async () => {
	assert.is(await freshAtlas(), 0);
});

made("every character of every language's words is there in every style that words may take", () => {
	const atlas = readAtlas(atlasPath);
	for (const language of languages) {
		const said = sentences(wordsOf(language));
		assert.ok(said.length > 100, language);
		for (const style of spoken) {
			const lacking = said.flatMap(points).filter((p) => !atlas.face(style).has(p));
			assert.is(lacking.map((p) => String.fromCodePoint(p)).join(""), "", `${language} ${style}`);
		}
	}
});

made("a shop may be called what shops are called, on the mainland and in Taiwan", () => {
	const atlas = readAtlas(atlasPath);
	assert.ok(free.length > 0);
	for (const style of free)
		for (const name of [
			"晨光便利店（人民路分店）",
			"鑫鑫饕餮火锅城",
			"順發號便利商店",
			"鼎豐樓餐廳 No.1 & Co.",
		])
			assert.ok(
				points(name).every((p) => atlas.face(style).has(p)),
				`${style} ${name}`,
			);
});

made("the largest styles have all that an amount and a clock may show", () => {
	const atlas = readAtlas(atlasPath);
	for (const style of styleNames)
		assert.ok(
			points("¥0123456789.,:-+ ").every((p) => atlas.face(style).has(p)),
			style,
		);
});

made("a character that nobody foresaw is a box, and digits are as wide as one another", () => {
	const atlas = readAtlas(atlasPath);
	const face = atlas.face("lead");
	assert.not.ok(face.has(0x2a6d6));
	assert.equal(face.glyph(0x2a6d6), face.glyph(0x25a1));
	assert.ok((face.glyph(0x25a1)?.width ?? 0) > 5);
	for (const style of styleNames) {
		const wide = new Set(points("0123456789").map((p) => atlas.face(style).glyph(p)?.advance));
		assert.is(wide.size, 1, style);
	}
});

made("quarters of a pixel move a letter's ink to the right, and take little away", () => {
	const atlas = readAtlas(atlasPath);
	for (const style of spoken) {
		const face = atlas.face(style);
		const moments = [0, 1, 2, 3].map((quarter) => {
			const glyph = face.glyph(0x6c, quarter);
			let [ink, moment] = [0, 0];
			if (glyph === undefined) return { ink, middle: 0 };
			for (let i = 0; i < glyph.width * glyph.height; i += 1) {
				const cover = atlas.coverage[glyph.at + i] ?? 0;
				ink += cover;
				moment += cover * (glyph.left + (i % glyph.width));
			}
			return { ink, middle: moment / ink };
		});
		for (let n = 1; n < moments.length; n += 1) {
			const [former, here] = [moments[n - 1] ?? { ink: 0, middle: 0 }, moments[n] ?? { ink: 0, middle: 0 }];
			assert.ok(Math.abs(here.middle - former.middle - 0.25) < 0.1, `${style} ${n}`);
			assert.ok(Math.abs(here.ink - former.ink) / here.ink < 0.3, `${style} ${n}`);
		}
	}
});

made("ink of a character stays within its line", () => {
	const atlas = readAtlas(atlasPath);
	for (const style of spoken) {
		const { size } = styles[style];
		for (const p of points("国鬱gjÅ|（冲")) {
			const glyph = atlas.face(style).glyph(p);
			assert.ok(glyph !== undefined && glyph.top <= size * 1.1 && glyph.height - glyph.top <= size * 0.4);
		}
	}
});

const read = suite("atlas: what is read");
const folder = mkdtempSync(join(tmpdir(), "atlas-"));
const path = join(folder, "glyphs.bin");
read.before(async () => {
	await freshAtlas();
});
read.after(() => rmSync(folder, { recursive: true }));

read("a missing atlas says what makes it", () => {
	assert.throws(() => readAtlas(join(folder, "none")), /none cannot be read: npm run build makes it/);
});

read("another version, other styles and half a file are told apart", () => {
	const good = readFileSync(atlasPath);
	for (const [at, what] of [
		[0, /no glyph atlas of this version/],
		[4, /no glyph atlas of this version/],
		[8, /made for other styles/],
	] as const) {
		const bad = Uint8Array.from(good.subarray(0, 4096));
		bad[at] = (bad[at] ?? 0) ^ 1;
		writeFileSync(path, bad);
		assert.throws(() => readAtlas(path), what);
	}
	writeFileSync(path, good.subarray(0, 4096));
	assert.throws(() => readAtlas(path), /ends within its table/);
});

read("noise is refused or read, and never breaks the reader", () => {
	const head = Uint8Array.from(readFileSync(atlasPath).subarray(0, 16));
	void fc.assert(
		fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, begins) => {
			writeFileSync(path, begins ? Uint8Array.of(...head, ...noise) : noise);
			try {
				// A table of no glyphs is an atlas too: it shows nothing, and breaks nothing.
				assert.is(readAtlas(path).face("body").glyph(65), undefined);
			} catch (error) {
				assert.match(String(error), /no glyph atlas|other styles|ends within its table/);
			}
		}),
		{ numRuns: 50 },
	);
});

made.run();
read.run();
