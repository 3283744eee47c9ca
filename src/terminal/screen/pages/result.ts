import type { Page, Status } from "../page.ts";
import { type Sheet, yuan } from "../sheet.ts";
import { adviceOf, isCode } from "../words/codes-table.ts";
import { check } from "./counter.ts";

/** Pages that say what became of the money: that first, then what to do. */
type Of<Name extends Page["page"]> = Extract<Page, { page: Name }>;

export function approved(sheet: Sheet, page: Of<"approved">, status: Status): void {
	const { words } = sheet;
	sheet.bar(words.flow.sale, status);
	check(sheet, 64);
	sheet.text(words.approved.title, { y: 117, style: "title", colour: "jade", align: "centre" });
	sheet.text(yuan(page.amount), { y: 153, style: "huge", colour: "ink", align: "centre" });
	if (page.trace !== "")
		sheet.text(words.approved.line(page.trace, page.authorisation), {
			y: 178,
			style: "small",
			colour: "soft",
			align: "centre",
			smaller: ["tiny"],
		});
	const below =
		page.printing === "none"
			? page.cardIn
				? words.approved.takeCard
				: ""
			: words.approved.printing[page.printing];
	sheet.text(below, {
		y: 203,
		style: "small",
		colour: page.printing === "none" ? "amber" : "soft",
		align: "centre",
	});
	if (page.next === "cardholder-copy") sheet.keys([["confirm", words.approved.next]]);
	if (page.next === "finish") sheet.keys([["confirm", words.approved.finish]]);
}

export function declined(sheet: Sheet, page: Of<"declined">, status: Status): void {
	const { words } = sheet;
	const known = isCode(page.code);
	const reason = known ? words.codes[page.code] : words.otherCode;
	const advice = known ? adviceOf[page.code] : "other-card";
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	const end = sheet.verdict(words.declined.title, `${page.code} ${reason}`, "red");
	todo(sheet, end, [words.advice[advice], words.declined.notTaken], page.cardIn);
}

export function notCharged(sheet: Sheet, page: Of<"not-charged">, status: Status): void {
	const { words } = sheet;
	const [why, advice] = words.notCharged.why[page.why];
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	const end = sheet.verdict(
		words.notCharged.title,
		why,
		page.why === "cancelled" || page.why === "no-card" ? "amber" : "red",
	);
	todo(sheet, end, [advice], page.cardIn);
}

export function reversing(sheet: Sheet, page: Of<"reversing">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	const end = sheet.verdict(words.reversing.title, words.reversing.now, "amber");
	const [first, second] = words.reversing.warn;
	canvas.box(14, end + 14, canvas.width - 28, 6, 3, "line");
	canvas.box(
		14,
		end + 14,
		Math.max(6, Math.round(((canvas.width - 28) * page.attempt) / page.of)),
		6,
		3,
		"amber",
	);
	sheet.text(first, { y: end + 46, style: "bodyBold", colour: "ink", smaller: ["small"] });
	sheet.text(second, { y: end + 72, style: "leadBold", colour: "red" });
	sheet.text(words.reversing.attempt(page.attempt, page.of, page.seconds), {
		y: 206,
		style: "tiny",
		colour: "soft",
	});
	if (page.cardIn) sheet.keys([]);
}

export function reversed(sheet: Sheet, page: Of<"reversed">, status: Status): void {
	const { words } = sheet;
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	const end = sheet.verdict(words.reversed.title, words.reversed.say, "red");
	todo(sheet, end, [words.reversed.again], page.cardIn);
}

export function unresolved(sheet: Sheet, page: Of<"unresolved">, status: Status): void {
	const { words } = sheet;
	sheet.bar(words.flow.sale, status, yuan(page.amount));
	const end = sheet.verdict(words.unresolved.title, words.unresolved.trace(page.trace), "amber");
	const [first, second] = words.unresolved.warn;
	sheet.text(first, { y: end + 28, style: "bodyBold", colour: "ink", smaller: ["small"] });
	sheet.text(second, { y: end + 52, style: "leadBold", colour: "red" });
	sheet.text(words.unresolved.later, { y: end + 74, style: "tiny", colour: "soft" });
	sheet.keys([["confirm", words.afterRestart.read]]);
}

export function paperOut(sheet: Sheet, page: Of<"paper-out">, status: Status): void {
	const { words } = sheet;
	sheet.bar(words.flow.sale, status);
	const [why, doThis] = words.paperOut.why[page.why];
	const end = sheet.verdict(why, words.paperOut.stands, "amber");
	const y = sheet.text(doThis, {
		y: end + 32,
		style: "bodyBold",
		colour: "ink",
		smaller: ["small"],
	});
	sheet.text(words.paperOut.rule, { y: y + 28, style: "small", colour: "red" });
	sheet.keys([
		["confirm", words.paperOut.goOn],
		["cancel", words.paperOut.later],
	]);
}

export function afterRestart(sheet: Sheet, page: Of<"after-restart">, status: Status): void {
	const { words } = sheet;
	const [title, say] = words.afterRestart.became[page.became];
	sheet.bar(words.flow.restart, status);
	sheet.text(words.afterRestart.title, { y: 52, style: "small", colour: "soft" });
	sheet.text(yuan(page.amount), { y: 86, style: "huge", colour: "ink" });
	if (page.trace !== "000000")
		sheet.text(words.afterRestart.trace(page.trace), {
			y: 52,
			style: "small",
			colour: "soft",
			align: "right",
			x: 160,
			width: 146,
		});
	const colour =
		page.became === "approved-unprinted" ? "jade" : page.became === "unresolved" ? "amber" : "red";
	sheet.canvas.box(12, 98, sheet.canvas.width - 24, 92, 8, `${colour}Soft`);
	const y = sheet.text(title, { y: 130, style: "leadBold", colour, x: 26, width: 268 });
	sheet.text(say, { y: y + 28, style: "body", colour: "ink", x: 26, width: 268, smaller: ["small"] });
	sheet.keys([["confirm", words.afterRestart.read]]);
}

/** What to do now, numbered; and whether the card may be taken. */
function todo(sheet: Sheet, top: number, lines: readonly string[], cardIn: boolean): void {
	const { words } = sheet;
	const all = [...lines, ...(cardIn ? [words.approved.takeCard] : [])];
	let y = sheet.text(words.declined.doThis, { y: top + 26, style: "small", colour: "soft" });
	for (const [i, line] of all.entries()) {
		y += 24;
		sheet.text(String(i + 1), { y, style: "body", colour: "ink", width: 16 });
		y = sheet.text(line, {
			y,
			x: 32,
			width: sheet.inside.width - 18,
			style: "body",
			colour: "ink",
			smaller: ["small"],
		});
	}
	sheet.keys([["confirm", words.finish]]);
}
