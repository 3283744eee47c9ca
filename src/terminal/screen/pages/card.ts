import type { Page, Status } from "../page.ts";
import { type Sheet, yuan } from "../sheet.ts";

/** Pages while the card is with us: insert, read, choose, PIN, contact the bank. */
type Of<Name extends Page["page"]> = Extract<Page, { page: Name }>;

export function insertCard(sheet: Sheet, page: Of<"insert-card">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	const x = canvas.width / 2;
	// The card, chip first, going down into the slot.
	canvas.box(x - 58, 46, 116, 70, 8, "night");
	canvas.box(x - 14, 86, 28, 22, 4, "gold");
	canvas.fill(x - 14, 96, 28, 1, "night");
	canvas.fill(x - 1, 86, 1, 22, "night");
	canvas.box(x - 78, 122, 156, 9, 4, "ink");
	canvas.stroke(
		[
			[x - 12, 140],
			[x, 148],
			[x + 12, 140],
		],
		4,
		"jade",
	);
	sheet.text(words.insert.ask, { y: 180, style: "title", colour: "ink", align: "centre" });
	sheet.text(words.insert.seconds(page.seconds), {
		y: 203,
		style: "small",
		colour: "soft",
		align: "centre",
		smaller: ["tiny"],
	});
	sheet.keys([["cancel", words.insert.end]]);
}

export function reading(sheet: Sheet, page: Of<"reading">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	const x = canvas.width / 2;
	canvas.box(x - 46, 60, 92, 58, 7, "night");
	canvas.box(x - 36, 78, 22, 18, 3, "gold");
	for (const [i, colour] of (["jade", "jade", "line"] as const).entries())
		canvas.disc(x - 16 + i * 16, 138, 4, colour);
	sheet.text(words.reading.title, { y: 174, style: "title", colour: "ink", align: "centre" });
	sheet.text(words.reading.leave, { y: 198, style: "small", colour: "amber", align: "centre" });
}

export function chooseApplication(sheet: Sheet, page: Of<"choose-application">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	sheet.text(words.application.title, { y: 52, style: "bodyBold", colour: "ink" });
	for (const [i, label] of page.labels.slice(0, 4).entries()) {
		const y = 62 + i * 36;
		canvas.box(12, y, canvas.width - 24, 32, 6, "white", "line");
		sheet.text(String(i + 1), { y: y + 23, x: 24, width: 20, style: "leadBold", colour: "jade" });
		sheet.text(label, {
			y: y + 22,
			x: 50,
			width: canvas.width - 74,
			style: "body",
			colour: "ink",
			smaller: ["tiny"],
		});
	}
	sheet.keys([
		["0-9", words.application.pick],
		["cancel", words.insert.end],
	]);
}

/** Boxes for the digits of a domestic PIN; more digits light more boxes. */
const boxesLeast = 6;

export function pin(sheet: Sheet, page: Of<"pin">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	sheet.text(words.pin.title, {
		y: 64,
		style: "title",
		colour: "ink",
		align: "centre",
		smaller: ["leadBold"],
	});
	const card = `${page.scheme} ${page.card}`.trim();
	sheet.text(card, { y: 88, style: "small", colour: "soft", align: "centre", smaller: ["tiny"] });
	const count = Math.max(boxesLeast, page.digits);
	const [wide, gap] = count > 8 ? [20, 4] : [32, 6];
	const left = Math.round((canvas.width - count * wide - (count - 1) * gap) / 2);
	for (let i = 0; i < count; i += 1) {
		const x = left + i * (wide + gap);
		const lit = i < page.digits;
		canvas.box(x, 102, wide, 40, 6, lit ? "jadeSoft" : "white", lit ? "jade" : "line");
		if (lit) canvas.disc(x + wide / 2, 122, 5, "jade");
	}
	if (page.triesLeft === undefined)
		sheet.text(words.pin.cover, {
			y: 170,
			style: "small",
			colour: "amber",
			align: "centre",
			smaller: ["tiny"],
		});
	else
		sheet.text(words.pin.triesLeft(page.triesLeft), {
			y: 170,
			style: "smallBold",
			colour: "red",
			align: "centre",
			smaller: ["tiny"],
		});
	if (page.emptyAllowed && page.digits === 0)
		sheet.text(words.pin.empty, {
			y: 193,
			style: "small",
			colour: "soft",
			align: "centre",
			smaller: ["tiny"],
		});
	sheet.keys([
		["confirm", words.pin.done],
		["clear", words.pin.rub],
		["cancel", words.pin.end],
	]);
}

export function wrongPin(sheet: Sheet, page: Of<"wrong-pin">, status: Status): void {
	const { words } = sheet;
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	sheet.verdict(words.wrongPin.title, words.wrongPin.say(page.triesLeft), "amber");
}

export function contacting(sheet: Sheet, page: Of<"contacting">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	sheet.text(words.contacting.title, { y: 72, style: "title", colour: "ink", align: "centre" });
	const at = ["connecting", "sending", "waiting", "finishing"].indexOf(page.phase);
	const [first, step] = [46, 76];
	for (let i = 0; i < 3; i += 1) canvas.fill(first + i * step, 106, step, 3, i < at ? "jade" : "line");
	for (const [i, name] of words.contacting.steps.entries()) {
		const x = first + i * step;
		canvas.disc(x, 107, 8, i < at ? "jade" : i === at ? "amber" : "line");
		sheet.text(name, {
			y: 136,
			x: x - 38,
			width: 76,
			style: "tiny",
			colour: i <= at ? "ink" : "soft",
			align: "centre",
		});
	}
	sheet.text(words.contacting.seconds(page.seconds), {
		y: 178,
		style: "body",
		colour: "soft",
		align: "centre",
		smaller: ["small", "tiny"],
	});
}

export function takeCard(sheet: Sheet, _page: Of<"take-card">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar(words.flow.sale, status);
	const x = canvas.width / 2;
	canvas.box(x - 78, 124, 156, 9, 4, "ink");
	canvas.box(x - 50, 62, 100, 58, 7, "night");
	canvas.box(x - 12, 94, 24, 18, 3, "gold");
	canvas.stroke(
		[
			[x - 12, 54],
			[x, 44],
			[x + 12, 54],
		],
		4,
		"amber",
	);
	sheet.text(words.takeCard.title, { y: 172, style: "title", colour: "ink", align: "centre" });
	sheet.text(words.takeCard.say, { y: 198, style: "small", colour: "amber", align: "centre" });
}
