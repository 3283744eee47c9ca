import type { Page, Status } from "../page.ts";
import { money, type Sheet } from "../sheet.ts";
import { adviceOf, isCode } from "../words/codes-table.ts";
import type { SignInFault, Words } from "../words/words.ts";

/** Pages between sales: start, sign-in, idle, menu, amount. */
type Of<Name extends Page["page"]> = Extract<Page, { page: Name }>;

export function starting(sheet: Sheet, page: Of<"starting">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar("柜台 Guitai", status);
	for (const [i, colour] of (["jade", "jadeSoft", "jadeSoft"] as const).entries())
		canvas.disc(canvas.width / 2 - 22 + i * 22, 104, 6, colour);
	sheet.text(words.flow.start, { y: 146, style: "title", colour: "ink", align: "centre" });
	sheet.text(words.starting[page.doing], { y: 172, style: "small", colour: "soft", align: "centre" });
}

export function outOfService(sheet: Sheet, page: Of<"out-of-service">, status: Status): void {
	const { words } = sheet;
	sheet.bar(words.flow.stopped, status);
	const end = sheet.verdict(words.outOfService.title, words.outOfService.why[page.why], "red");
	sheet.text(words.outOfService.call, { y: end + 34, style: "body", colour: "ink" });
}

export function signIn(sheet: Sheet, page: Of<"sign-in">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar(words.flow.signIn, status);
	if (page.phase === "done") check(sheet, 92);
	else canvas.arc(canvas.width / 2, 96, 22, -1.6, 2.6, 5, "jade");
	sheet.text(words.signIn[page.phase], {
		y: 158,
		style: "title",
		colour: "ink",
		align: "centre",
		smaller: ["leadBold", "bodyBold"],
	});
}

export function signInFailed(sheet: Sheet, page: Of<"sign-in-failed">, status: Status): void {
	const { words } = sheet;
	sheet.bar(words.flow.signIn, status);
	const { reason, advice } = signInFailure(words, page.code);
	const end = sheet.verdict(words.signIn.failed, reason, "red");
	sheet.text(advice, { y: end + 34, style: "body", colour: "ink" });
	sheet.keys([["confirm", words.back]]);
}

/** A code of F39 or of the catalogue of faults. The line can be tried again; a vault cannot be mended in the shop. */
function signInFailure(words: Words, code: string): { readonly reason: string; readonly advice: string } {
	const { faults, codes, advice, signIn, otherCode } = words;
	if (Object.hasOwn(faults, code))
		return {
			reason: faults[code as SignInFault],
			advice: code.startsWith("vault.") ? advice.support : signIn.check,
		};
	if (!isCode(code)) return { reason: `${code} ${otherCode}`, advice: signIn.check };
	const does = adviceOf[code];
	return { reason: `${code} ${codes[code]}`, advice: does === "support" ? advice.support : advice.later };
}

export function idle(sheet: Sheet, page: Of<"idle">, status: Status): void {
	const { words } = sheet;
	sheet.bar("柜台 Guitai", status);
	const [, month = 1, day = 1] = status.date.split("-").map(Number);
	sheet.text(page.merchant, { y: 66, style: "lead", colour: "soft", align: "centre", smaller: ["small"] });
	sheet.text(status.time, { y: 124, style: "clock", colour: "ink", align: "centre" });
	sheet.text(words.day(month, day, status.weekday), {
		y: 150,
		style: "small",
		colour: "soft",
		align: "centre",
	});
	sheet.text(words.idle.hint, { y: 190, style: "body", colour: "jade", align: "centre" });
	sheet.keys([
		["function", words.idle.menu],
		["1", words.idle.card],
		["2", words.idle.scan],
	]);
}

export function menu(sheet: Sheet, _page: Of<"menu">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar(words.flow.menu, status);
	for (const [i, [key, item]] of words.menu.entries()) {
		const x = 10 + (i % 2) * 153;
		const y = 34 + Math.floor(i / 2) * 44;
		canvas.box(x, y, 147, 38, 6, i === 0 ? "jadeSoft" : "white", i === 0 ? "jade" : "line");
		sheet.text(key, { y: y + 27, x: x + 12, width: 20, style: "title", colour: "jade" });
		sheet.text(item, {
			y: y + 25,
			x: x + 38,
			width: 104,
			style: "lead",
			colour: "ink",
			smaller: ["body", "small"],
		});
	}
	sheet.keys([
		["0-9", words.choose],
		["cancel", words.back],
	]);
}

export function amount(sheet: Sheet, page: Of<"amount">, status: Status): void {
	const { words, canvas } = sheet;
	sheet.bar(words.flow.sale, status);
	sheet.text(words.amount.ask, { y: 54, style: "body", colour: "soft" });
	canvas.box(12, 64, canvas.width - 24, 74, 8, "white", "line");
	const figures = money(page.amount);
	sheet.text("¥", { y: 116, x: 26, width: 30, style: "huge", colour: "soft" });
	sheet.text(figures, {
		y: 118,
		x: 60,
		width: canvas.width - 60 - 26,
		style: sheet.amountSized(figures),
		colour: page.amount === 0n ? "soft" : "ink",
		align: "right",
	});
	if (page.amount > 0n)
		sheet.text(words.amount.fen([...String(page.amount)].join(" ")), {
			y: 164,
			style: "small",
			colour: "soft",
		});
	sheet.keys([
		...(page.amount > 0n ? ([["confirm", words.amount.next]] as const) : []),
		["clear", words.amount.rub],
		["cancel", words.back],
	]);
}

export function notAvailable(sheet: Sheet, page: Of<"not-available">, status: Status): void {
	const { words } = sheet;
	sheet.bar(page.what === "scan" ? (words.menu[1]?.[1] ?? "") : words.flow.menu, status);
	const [title, advice] = words.notAvailable[page.what];
	sheet.verdict(title, advice, "amber");
	sheet.keys([["cancel", words.back]]);
}

/** The sign of a thing done. */
export function check(sheet: Sheet, y: number): void {
	const { canvas } = sheet;
	const x = canvas.width / 2;
	canvas.disc(x, y, 26, "jade");
	canvas.stroke(
		[
			[x - 11, y + 1],
			[x - 3, y + 9],
			[x + 12, y - 9],
		],
		5,
		"white",
	);
}
