import { bar } from "../bar.ts";
import type { Page, Status } from "../page.ts";
import { money, type Sheet } from "../sheet.ts";
import { adviceOf, isCode } from "../words/codes-table.ts";
import type { SignInFault, Words } from "../words/words.ts";
import { check, steps, todo, verdict } from "./parts.ts";

/** Pages between sales: start, sign-in, idle, menu, amount. */
type Of<Name extends Page["page"]> = Extract<Page, { page: Name }>;

const startSteps = ["devices", "vault", "journal", "reversal", "slips"] as const;

export function starting(sheet: Sheet, page: Of<"starting">, status: Status): void {
	const { words, canvas } = sheet;
	bar(sheet, words.brand, status);
	const at = startSteps.indexOf(page.doing);
	for (let i = 0; i < startSteps.length; i += 1)
		canvas.disc(canvas.width / 2 - 44 + i * 22, 98, 6, i < at ? "jade" : i === at ? "amber" : "line");
	sheet.text(words.flow.start, { y: 142, style: "title", colour: "ink", align: "centre" });
	sheet.text(words.starting[page.doing], { y: 170, style: "body", colour: "soft", align: "centre" });
	sheet.still();
}

export function outOfService(sheet: Sheet, page: Of<"out-of-service">, status: Status): void {
	const { outOfService: said, flow } = sheet.words;
	bar(sheet, flow.stopped, status);
	todo(sheet, verdict(sheet, { title: said.title, line: said.why[page.why], grade: "red" }), [said.call]);
	sheet.still("");
}

export function signIn(sheet: Sheet, page: Of<"sign-in">, status: Status): void {
	const { words } = sheet;
	bar(sheet, words.flow.signIn, status);
	const at = { needed: 0, connecting: 0, sending: 1, waiting: 2 };
	if (page.phase === "done") check(sheet, 92);
	else steps(sheet, words.contacting.steps, at[page.phase], 128);
	const y = page.phase === "done" ? 156 : 84;
	sheet.text(words.signIn[page.phase], { y, style: "title", colour: "ink", align: "centre" });
	sheet.still(page.phase === "done" ? "" : words.noKeys);
}

export function signInFailed(sheet: Sheet, page: Of<"sign-in-failed">, status: Status): void {
	const { words } = sheet;
	bar(sheet, words.flow.signIn, status);
	const { reason, advice } = signInFailure(words, page.code);
	todo(sheet, verdict(sheet, { title: words.signIn.failed, line: reason, grade: "red" }), [advice]);
	sheet.keys([["confirm", words.back]]);
}

/**
 * A code of F39 or of the catalogue of faults. The line can be tried again; a vault cannot be
 * mended in the shop.
 */
function signInFailure(words: Words, code: string): { readonly reason: string; readonly advice: string } {
	const { faults, codes, advice, signIn: said, otherCode } = words;
	if (Object.hasOwn(faults, code))
		return {
			reason: faults[code as SignInFault],
			advice: code.startsWith("vault.") ? advice.support : said.check,
		};
	if (!isCode(code)) return { reason: `${code}  ${otherCode}`, advice: said.check };
	const does = adviceOf[code];
	return { reason: `${code}  ${codes[code]}`, advice: does === "support" ? advice.support : advice.later };
}

export function idle(sheet: Sheet, page: Of<"idle">, status: Status): void {
	const { words } = sheet;
	bar(sheet, words.brand, status);
	const [, month = 1, day = 1] = status.date.split("-").map(Number);
	const name = { style: "lead", colour: "soft", align: "centre", free: true } as const;
	const drop = sheet.drop(page.merchant, { ...name, y: 0, lines: 1 });
	// A long name takes two lines, and leaves the clock where it is.
	sheet.text(page.merchant, { ...name, y: drop > 0 ? 54 : 66 });
	sheet.text(status.time, { y: 122, style: "clock", colour: "ink", align: "centre" });
	const date = words.day(month, day, status.weekday);
	sheet.text(date, { y: 148, style: "small", colour: "soft", align: "centre" });
	sheet.text(words.idle.hint, { y: 188, style: "body", colour: "jade", align: "centre" });
	sheet.keys([
		["function", words.idle.menu],
		["1", words.idle.card],
		["2", words.idle.scan],
	]);
}

export function menu(sheet: Sheet, _page: Of<"menu">, status: Status): void {
	const { words, canvas } = sheet;
	bar(sheet, words.flow.menu, status);
	for (const [i, [key, item]] of words.menu.entries()) {
		const x = 10 + (i % 2) * 153;
		const y = 34 + Math.floor(i / 2) * 44;
		canvas.box(x, y, 147, 38, 6, i === 0 ? "jadeSoft" : "white", i === 0 ? "jade" : "line");
		sheet.text(key, { y: y + 26, x: x + 12, width: 20, style: "title", colour: "jade" });
		sheet.text(item, { y: y + 26, x: x + 38, width: 104, style: "lead", colour: "ink" });
	}
	sheet.keys([
		["0-9", words.choose],
		["cancel", words.back],
	]);
}

export function amount(sheet: Sheet, page: Of<"amount">, status: Status): void {
	const { words, canvas } = sheet;
	bar(sheet, words.flow.sale, status);
	sheet.text(words.amount.ask, { y: 54, style: "body", colour: "soft" });
	canvas.box(12, 64, canvas.width - 24, 74, 8, "white", page.amount > 0n ? "jade" : "line");
	const figures = money(page.amount);
	sheet.text("¥", { y: 118, x: 24, width: 24, style: "huge", colour: "soft" });
	sheet.text(figures, {
		...{ y: 118, x: 50, width: canvas.width - 50 - 24, style: "clock", align: "right" },
		colour: page.amount === 0n ? "soft" : "ink",
	});
	if (page.amount > 0n) {
		const digits = words.amount.fen([...String(page.amount)].join(" "));
		sheet.text(digits, { y: 164, style: "small", colour: "soft" });
	}
	sheet.keys([
		...(page.amount > 0n ? ([["confirm", words.amount.next]] as const) : []),
		...(page.amount > 0n ? ([["clear", words.amount.rub]] as const) : []),
		["cancel", words.back],
	]);
}

export function notAvailable(sheet: Sheet, page: Of<"not-available">, status: Status): void {
	const { words } = sheet;
	bar(sheet, page.what === "scan" ? (words.menu[1]?.[1] ?? "") : words.flow.menu, status);
	const [title, advice] = words.notAvailable[page.what];
	todo(sheet, verdict(sheet, { title, grade: "amber" }), [advice]);
	sheet.keys([["cancel", words.back]]);
}
