import { bar } from "../bar.ts";
import type { Page, Status } from "../page.ts";
import { type Sheet, yuan } from "../sheet.ts";
import { adviceOf, isCode } from "../words/codes-table.ts";
import { check, type Grade, todo, verdict } from "./parts.ts";

/** Pages that say what became of the money: that first, then what to do. */
type Of<Name extends Page["page"]> = Extract<Page, { page: Name }>;

export function approved(sheet: Sheet, page: Of<"approved">, status: Status): void {
	const { approved: said, flow } = sheet.words;
	bar(sheet, flow.sale, status);
	check(sheet, 64);
	sheet.text(said.title, { y: 117, style: "title", colour: "jade", align: "centre" });
	sheet.text(yuan(page.amount), { y: 152, style: "huge", colour: "ink", align: "centre" });
	if (page.trace !== "") {
		const line = said.line(page.trace, page.authorisation);
		sheet.text(line, { y: 177, style: "small", colour: "soft", align: "centre" });
	}
	if (page.cardIn) sheet.text(said.takeCard, { y: 203, style: "bodyBold", colour: "amber", align: "centre" });
	if (page.printing !== "none") sheet.still(said.printing[page.printing]);
	else if (page.next === "none") sheet.still();
	else sheet.keys([["confirm", page.next === "finish" ? said.finish : said.next]]);
}

export function declined(sheet: Sheet, page: Of<"declined">, status: Status): void {
	const { words } = sheet;
	const known = isCode(page.code);
	const reason = known ? words.codes[page.code] : words.otherCode;
	const advice = known ? adviceOf[page.code] : "other-card";
	bar(sheet, words.flow.sale, status, yuan(page.amount));
	const what = { title: words.declined.title, line: `${page.code}  ${reason}`, grade: "red" } as const;
	ended(sheet, verdict(sheet, what), [words.advice[advice], words.declined.notTaken], page.cardIn);
}

export function notCharged(sheet: Sheet, page: Of<"not-charged">, status: Status): void {
	const { words } = sheet;
	const [why, advice] = words.notCharged.why[page.why];
	bar(sheet, words.flow.sale, status, yuan(page.amount));
	const bottom = verdict(sheet, { title: words.notCharged.title, line: why, grade: "red" });
	ended(sheet, bottom, [advice], page.cardIn);
}

export function reversed(sheet: Sheet, page: Of<"reversed">, status: Status): void {
	const { words } = sheet;
	bar(sheet, words.flow.sale, status, yuan(page.amount));
	const bottom = verdict(sheet, { title: words.reversed.title, line: words.reversed.say, grade: "red" });
	ended(sheet, bottom, [words.reversed.again], page.cardIn);
}

/** What to do now, and whether the card may be taken. */
function ended(sheet: Sheet, top: number, things: readonly string[], cardIn: boolean): void {
	todo(sheet, top, [...things, ...(cardIn ? [sheet.words.approved.takeCard] : [])]);
	sheet.keys([["confirm", sheet.words.finish]]);
}

export function reversing(sheet: Sheet, page: Of<"reversing">, status: Status): void {
	const { words, canvas } = sheet;
	const { title, now, warn, attempt } = words.reversing;
	bar(sheet, words.flow.sale, status, yuan(page.amount));
	const bottom = verdict(sheet, { title, line: now, grade: "amber" });
	const wide = canvas.width - 28;
	canvas.box(14, bottom + 9, wide, 6, 3, "line");
	canvas.box(14, bottom + 9, Math.max(6, Math.round((wide * page.attempt) / page.of)), 6, 3, "amber");
	sheet.text(warn[0], { y: bottom + 39, style: "bodyBold", colour: "ink" });
	sheet.text(warn[1], { y: bottom + 67, style: "title", colour: "red" });
	const tries = attempt(page.attempt, page.of, page.seconds);
	sheet.text(tries, { y: bottom + 90, style: "small", colour: "soft" });
	sheet.still();
}

export function unresolved(sheet: Sheet, page: Of<"unresolved">, status: Status): void {
	const { words } = sheet;
	const { title, trace, warn, later } = words.unresolved;
	bar(sheet, words.flow.sale, status, yuan(page.amount));
	const bottom = verdict(sheet, { title, line: trace(page.trace), grade: "amber" });
	sheet.text(warn[0], { y: bottom + 24, style: "bodyBold", colour: "ink" });
	sheet.text(warn[1], { y: bottom + 52, style: "title", colour: "red" });
	sheet.text(later, { y: bottom + 74, style: "tiny", colour: "soft" });
	if (page.cardIn)
		sheet.text(words.approved.takeCard, { y: bottom + 97, style: "bodyBold", colour: "amber" });
	sheet.keys([["confirm", words.afterRestart.read]]);
}

/** The sale stays good; only a slip is missing (cashier.md, 3). */
export function paperOut(sheet: Sheet, page: Of<"paper-out">, status: Status): void {
	const { paperOut: said, flow } = sheet.words;
	bar(sheet, flow.sale, status);
	const [why, doThis] = said.why[page.why];
	const bottom = verdict(sheet, {
		title: said.stands,
		line: `${why}  ${said.copy[page.copy]}`,
		grade: "jade",
	});
	const y = sheet.text(doThis, { y: bottom + 34, style: "leadBold", colour: "ink", lines: 2 });
	sheet.text(said.rule, { y: y + 30, style: "small", colour: "red", lines: 2 });
	sheet.keys([
		["confirm", said.goOn],
		["cancel", said.later],
	]);
}

const grades: Readonly<Record<Of<"after-restart">["became"], Grade>> = {
	...{ reversed: "red", unresolved: "amber", "approved-unprinted": "jade" },
	approved: "jade",
	...{ declined: "red", "nothing-sent": "red" },
};

export function afterRestart(sheet: Sheet, page: Of<"after-restart">, status: Status): void {
	const { afterRestart: said, flow } = sheet.words;
	const [title, line] = said.became[page.became];
	bar(sheet, flow.restart, status);
	const room = { y: 50, style: "small", colour: "soft", width: 190 } as const;
	sheet.text(said.title, room);
	// A sale that was never sent has no trace.
	if (page.trace !== "000000")
		sheet.text(said.trace(page.trace), { ...room, align: "right", x: 200, width: 106 });
	sheet.text(yuan(page.amount), { y: 87, style: "huge", colour: "ink" });
	verdict(sheet, { title, line, grade: grades[page.became], top: 104 });
	sheet.keys([["confirm", said.read]]);
}
