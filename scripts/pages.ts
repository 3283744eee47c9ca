/**
 * Draws every page of the screen into .state/pages, and a contact sheet a language.
 * Run: node scripts/pages.ts [--golden] [NAME…]; `--golden` also writes the texts that the tests hold the
 * pages to.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { type Canvas as Canvas2d, createCanvas } from "@napi-rs/canvas";
import { decode, plain } from "../drivers/display/protocol.ts";
import { type Language, languages } from "../src/contract/settings.ts";
import { readAtlas } from "../src/terminal/screen/atlas.ts";
import { draw, goldenFile, goldenText, panel } from "../test/terminal/screen/drawn.ts";
import { commonDay, extremes, type Sample } from "../test/terminal/screen/samples.ts";
import { atlasPath, freshAtlas } from "./atlas.ts";

const folder = ".state/pages";
const { width, height } = panel;
const [gap, columns] = [12, 5] as const;
await freshAtlas();
const atlas = readAtlas(atlasPath);
const geometry = plain(width, height);

type Picture = Canvas2d;
const asked = process.argv.slice(2);
const only = asked.filter((name) => name !== "--golden");
const wanted = ({ name }: Sample): boolean => only.length === 0 || only.some((part) => name.includes(part));

function picture(sample: Sample, language: Language): Picture {
	const { canvas } = draw(sample, language, atlas);
	const drawn = createCanvas(width, height);
	const image = drawn.getContext("2d").createImageData(width, height);
	image.data.set(decode(new Uint8Array(canvas.pixels.buffer), geometry));
	drawn.getContext("2d").putImageData(image, 0, 0);
	return drawn;
}

function contactSheet(pictures: readonly Picture[], file: string): void {
	const rows = Math.ceil(pictures.length / columns);
	const sheet = createCanvas(gap + columns * (width + gap), gap + rows * (height + gap));
	const ctx = sheet.getContext("2d");
	ctx.fillStyle = "#cac4b8";
	ctx.fillRect(0, 0, sheet.width, sheet.height);
	for (const [i, drawn] of pictures.entries())
		ctx.drawImage(drawn, gap + (i % columns) * (width + gap), gap + Math.floor(i / columns) * (height + gap));
	writeFileSync(`${folder}/${file}.png`, sheet.toBuffer("image/png"));
}

rmSync(folder, { recursive: true, force: true });
for (const language of languages) {
	mkdirSync(`${folder}/${language}`, { recursive: true });
	if (asked.includes("--golden")) writeFileSync(goldenFile(language), goldenText(language, atlas));
	for (const [kind, samples] of Object.entries({ "": commonDay, "-largest": extremes })) {
		const pictures = samples.filter(wanted).map((sample) => {
			const drawn = picture(sample, language);
			writeFileSync(`${folder}/${language}/${sample.name}.png`, drawn.toBuffer("image/png"));
			return drawn;
		});
		if (pictures.length > 0) contactSheet(pictures, `${language}${kind}`);
	}
}
process.stdout.write(
	`${folder}: ${languages.length} languages, ${commonDay.length + extremes.length} pages each\n`,
);
