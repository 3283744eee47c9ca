import { bar } from "../bar.ts";
import type { Page, Status } from "../page.ts";
import { type Sheet, yuan } from "../sheet.ts";
import { card, slot, steps, todo, verdict } from "./parts.ts";

/** Pages while the card is with us: insert, read, choose, PIN, contact the bank, give back. */
type Of<Name extends Page["page"]> = Extract<Page, { page: Name }>;

export function insertCard(sheet: Sheet, page: Of<"insert-card">, status: Status): void {
	const { insert, flow } = sheet.words;
	bar(sheet, flow.sale, status, yuan(page.amount));
	slot(sheet, "in");
	const ask = page.again ? insert.again : insert.ask;
	sheet.text(ask, { y: 181, style: "title", colour: "ink", align: "centre" });
	sheet.text(insert.seconds(page.seconds), { y: 203, style: "small", colour: "soft", align: "centre" });
	sheet.keys([["cancel", insert.end]]);
}

export function reading(sheet: Sheet, page: Of<"reading">, status: Status): void {
	const { words, canvas } = sheet;
	bar(sheet, words.flow.sale, status, yuan(page.amount));
	card(sheet, canvas.width / 2 - 59, 50, 118);
	sheet.text(words.reading.title, { y: 166, style: "title", colour: "ink", align: "centre" });
	sheet.text(words.reading.leave, { y: 194, style: "bodyBold", colour: "amber", align: "centre" });
	sheet.still();
}

export function chooseApplication(sheet: Sheet, page: Of<"choose-application">, status: Status): void {
	const { words, canvas } = sheet;
	bar(sheet, words.flow.sale, status, yuan(page.amount));
	sheet.text(words.application.title, { y: 50, style: "bodyBold", colour: "ink" });
	for (const [i, label] of page.labels.slice(0, 4).entries()) {
		const y = 62 + i * 37;
		canvas.box(12, y, canvas.width - 24, 33, 6, "white", "line");
		sheet.text(String(i + 1), { y: y + 23, x: 24, width: 20, style: "leadBold", colour: "jade" });
		const room = { x: 50, width: canvas.width - 74 };
		sheet.text(label, { y: y + 23, ...room, style: "lead", colour: "ink", free: true });
	}
	sheet.keys([
		["0-9", words.application.pick],
		["cancel", words.pin.end],
	]);
}

/**
 * Boxes for the digits of a domestic PIN; more digits light more boxes. Fewer than four are no PIN
 * (ISO 9564-1, 8.1).
 */
const boxesLeast = 6;
const digitsLeast = 4;

export function pin(sheet: Sheet, page: Of<"pin">, status: Status): void {
	const { pin: said, flow } = sheet.words;
	bar(sheet, flow.sale, status, yuan(page.amount));
	sheet.text(said.title, { y: 60, style: "title", colour: "ink", align: "centre" });
	const account = [page.scheme, page.card.replace(/\*+/, " **** ")].join("  ").trim();
	const shown = { style: "small", colour: "soft", align: "centre", free: true } as const;
	sheet.text(account, { y: 82, ...shown });
	pinBoxes(sheet, page.digits);
	const under = { align: "centre", lines: 1 } as const;
	if (page.triesLeft === undefined)
		sheet.text(said.cover, { y: 174, style: "small", colour: "amber", ...under });
	else sheet.text(said.triesLeft(page.triesLeft), { y: 174, style: "smallBold", colour: "red", ...under });
	if (page.emptyAllowed && page.digits === 0)
		sheet.text(said.empty, { y: 197, style: "small", colour: "soft", ...under });
	sheet.keys([
		...(page.digits >= digitsLeast ? ([["confirm", said.done]] as const) : []),
		...(page.digits === 0 && page.emptyAllowed ? ([["confirm", said.none]] as const) : []),
		...(page.digits > 0 ? ([["clear", said.rub]] as const) : []),
		["cancel", said.end],
	]);
}

function pinBoxes({ canvas }: Sheet, digits: number): void {
	const count = Math.max(boxesLeast, digits);
	const [wide, gap] = count > 8 ? [20, 4] : [32, 6];
	const left = Math.round((canvas.width - count * wide - (count - 1) * gap) / 2);
	for (let i = 0; i < count; i += 1) {
		const x = left + i * (wide + gap);
		const lit = i < digits;
		canvas.box(x, 109, wide, 40, 6, lit ? "jadeSoft" : "white", lit ? "jade" : "line");
		if (lit) canvas.disc(x + wide / 2, 129, 5, "jade");
	}
}

export function wrongPin(sheet: Sheet, page: Of<"wrong-pin">, status: Status): void {
	const { wrongPin: said, flow } = sheet.words;
	bar(sheet, flow.sale, status, yuan(page.amount));
	const what = { title: said.title, line: said.left(page.triesLeft), grade: "red" } as const;
	todo(sheet, verdict(sheet, what), [said.ask]);
	sheet.still("");
}

export function contacting(sheet: Sheet, page: Of<"contacting">, status: Status): void {
	const { contacting: said, flow, reading: card } = sheet.words;
	bar(sheet, flow.sale, status, yuan(page.amount));
	sheet.text(said.title, { y: 72, style: "title", colour: "ink", align: "centre" });
	const at = { connecting: 0, sending: 1, waiting: 2, finishing: 3 }[page.phase];
	steps(sheet, said.steps, at, 104);
	sheet.text(card.leave, { y: 172, style: "leadBold", colour: "amber", align: "centre" });
	sheet.text(said.seconds(page.seconds), { y: 197, style: "small", colour: "soft", align: "centre" });
	sheet.still();
}

export function takeCard(sheet: Sheet, _page: Of<"take-card">, status: Status): void {
	const { words } = sheet;
	bar(sheet, words.flow.sale, status);
	slot(sheet, "out");
	sheet.text(words.takeCard.title, { y: 174, style: "title", colour: "ink", align: "centre" });
	sheet.text(words.takeCard.say, { y: 198, style: "small", colour: "amber", align: "centre" });
	sheet.still("");
}
