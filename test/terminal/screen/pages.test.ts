/**
 * Every page in every language, with common and with the largest values. Golden files are read
 * like prose.
 */
import { existsSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { atlasPath, freshAtlas } from "../../../scripts/atlas.ts";
import { languages } from "../../../src/contract/settings.ts";
import { type Atlas, readAtlas } from "../../../src/terminal/screen/atlas.ts";
import { frame, money, type SaidBox, type Sheet } from "../../../src/terminal/screen/sheet.ts";
import { draw, goldenFile, goldenText, panel } from "./drawn.ts";
import { commonDay, extremes, refusals, type Sample } from "./samples.ts";

let atlas: Atlas;
const everything: readonly Sample[] = [...commonDay, ...extremes, ...refusals];
/** Calls `see` for each page in each language, with the words that name it. */
function each(see: (sheet: Sheet, sample: Sample, where: string) => void): void {
	for (const language of languages)
		for (const sample of everything) see(draw(sample, language, atlas), sample, `${language} ${sample.name}`);
}
const quoted = ({ text, x, y, width, height }: SaidBox): string => `“${text}” ${x},${y} ${width}×${height}`;
const touch = (a: SaidBox, b: SaidBox): boolean =>
	a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
/** Descenders of the last line may reach a little below its box. */
const belowLine = 2;

const pages = suite("screen: pages");
pages.before(async () => {
	await freshAtlas();
	atlas = readAtlas(atlasPath);
});

pages("every text stands within the frame, clear of the title bar and of the keys", () => {
	const foot = panel.height - frame.keys;
	each((sheet, _, where) => {
		assert.ok(sheet.boxes.length > 1, where);
		for (const box of sheet.boxes) {
			const { x, y, width, height } = box;
			assert.ok(x >= 4 && x + width <= panel.width - 4, `${where}: ${quoted(box)}`);
			const inBar = y + height <= frame.bar;
			const inPage = y >= frame.bar && y + height + belowLine <= foot;
			const inKeys = y > foot && y + height <= panel.height;
			assert.ok(inBar || inPage || inKeys, `${where}: ${quoted(box)}`);
		}
	});
});

pages("no text stands on another", () => {
	each((sheet, _, where) => {
		for (const [i, a] of sheet.boxes.entries())
			for (const b of sheet.boxes.slice(i + 1))
				assert.not.ok(touch(a, b), `${where}: ${quoted(a)} on ${quoted(b)}`);
	});
});

pages("every character is drawn as itself", () => {
	each((sheet, _, where) => {
		for (const { text, style } of sheet.boxes)
			for (const c of text)
				assert.ok(atlas.face(style).has(c.codePointAt(0) ?? 0), `${where}: ${c} of “${text}” in ${style}`);
	});
});

pages("the amount, the card and the trace of a page stand on it, whole", () => {
	each((sheet, { page }, where) => {
		const said = sheet.said.join("\n");
		if ("amount" in page) assert.ok(said.includes(money(page.amount)), where);
		if ("trace" in page && page.trace !== "" && page.trace !== "000000")
			assert.ok(said.includes(page.trace), where);
		if (page.page === "pin") assert.match(said, /621797 \*{4} 5090/, where);
		if (page.page === "declined") assert.ok(said.includes(page.code), where);
		if (page.page === "choose-application")
			for (const label of page.labels) assert.ok(said.includes(label), where);
		if (page.page === "idle") {
			const joined = sheet.said.join("").replaceAll(" ", "");
			assert.ok(joined.includes(page.merchant.replaceAll(" ", "")), where);
		}
	});
});

pages("what waits is on every page, however large the amount", () => {
	each((sheet, { status }, where) => {
		const bar = sheet.boxes.filter(({ y }) => y < frame.bar).map(({ text }) => text);
		for (const count of [status.unresolved, status.unprinted])
			if (count > 0)
				assert.ok(
					bar.some((text) => text.includes(String(count))),
					where,
				);
	});
});

pages("only an approved sale is ever called paid, and an unknown one never is", () => {
	const paid = { "zh-CN": /收款成功|收款有效/, "zh-TW": /收款成功|收款有效/, en: /\b(?<!Not )[Pp]aid\b/ };
	const may = (page: Sample["page"]): boolean =>
		page.page === "approved" ||
		page.page === "paper-out" ||
		(page.page === "after-restart" && page.became.startsWith("approved"));
	for (const language of languages)
		for (const sample of everything) {
			const said = draw(sample, language, atlas).said.join("\n");
			assert.is(paid[language].test(said), may(sample.page), `${language} ${sample.name}`);
		}
});

pages("while a result is unknown the goods stay, in every language", () => {
	const keep = { "zh-CN": "请勿交货", "zh-TW": "請勿交貨", en: "Do not hand over the goods" };
	for (const language of languages)
		for (const sample of everything) {
			const { page } = sample;
			const unknown =
				page.page === "reversing" ||
				page.page === "unresolved" ||
				(page.page === "after-restart" && page.became === "unresolved");
			const said = draw(sample, language, atlas).said.join(" ");
			assert.is(said.includes(keep[language]), unknown, `${language} ${sample.name}`);
		}
});

pages("a keep-card code tells its holder no more than that the card is no good", () => {
	for (const code of ["04", "07", "34", "35", "36", "37", "41", "43", "67"]) {
		const sample = refusals.find(({ name }) => name === `declined-${code}-largest`);
		assert.ok(sample !== undefined, code);
		for (const language of languages)
			assert.not.match(
				draw(sample, language, atlas).said.join(" "),
				/没收|沒收|挂失|掛失|被窃|遭竊|作弊|偽|stolen|lost|fraud|pick/i,
				`${language} ${code}`,
			);
	}
});

for (const language of languages)
	pages(`golden text: ${language}`, () => {
		const file = goldenFile(language);
		const text = goldenText(language, atlas);
		assert.ok(existsSync(file), `${file} is missing: node scripts/pages.ts --golden writes it, to be read`);
		assert.fixture(text, readFileSync(file, "utf8"));
	});

pages.run();
