/** Draws samples for tests and for the contact sheets, and writes pages down as text. */
import type { Language } from "../../../src/contract/settings.ts";
import type { Atlas } from "../../../src/terminal/screen/atlas.ts";
import { Canvas } from "../../../src/terminal/screen/raster/canvas.ts";
import { layOut } from "../../../src/terminal/screen/screen.ts";
import { Sheet } from "../../../src/terminal/screen/sheet.ts";
import { wordsOf } from "../../../src/terminal/screen/words/languages.ts";
import { commonDay, type Sample } from "./samples.ts";

export const panel = { width: 320, height: 240 } as const;

export function draw({ page, status }: Sample, language: Language, atlas: Atlas): Sheet {
	const sheet = new Sheet(new Canvas(panel.width, panel.height, atlas), wordsOf(language));
	layOut(sheet, page, status);
	return sheet;
}

/** What stands on one row of the panel, left to right, is one line. */
function asRows(sheet: Sheet): readonly string[] {
	const rows = new Map<number, { x: number; text: string }[]>();
	for (const { text, x, base } of sheet.boxes) rows.set(base, [...(rows.get(base) ?? []), { x, text }]);
	return [...rows]
		.sort(([a], [b]) => a - b)
		.map(([, parts]) =>
			parts
				.sort((a, b) => a.x - b.x)
				.map(({ text }) => text)
				.join("   "),
		);
}

/** Every page of a common day in one language, to be read like prose. */
export const goldenText = (language: Language, atlas: Atlas): string =>
	commonDay
		.map((sample) => [`── ${sample.name}`, ...asRows(draw(sample, language, atlas)), ""].join("\n"))
		.join("\n");
export const goldenFile = (language: Language): string => `test/terminal/screen/golden/${language}.txt`;
