/** Every page of the screen with values of a common day, and with the largest that can occur. */
import type { NotCharged, Page, Status } from "../../../src/terminal/screen/page.ts";
import { adviceOf, type Code } from "../../../src/terminal/screen/words/codes-table.ts";

export interface Sample {
	/** Also the name of its picture and of its golden text. */
	readonly name: string;
	readonly page: Page;
	readonly status: Status;
}

const quiet: Status = {
	...{ operator: "01", time: "09:41", date: "2026-11-24", weekday: 2 },
	...{ cloud: true, host: true, unresolved: 0, unprinted: 0 },
};
const loud: Status = {
	...{ operator: "99", time: "23:58", date: "2026-12-30", weekday: 3 },
	...{ cloud: false, host: true, unresolved: 12, unprinted: 88 },
};
const whys: Readonly<Record<NotCharged, true>> = {
	...{ cancelled: true, "card-removed": true, "no-card": true, "card-unreadable": true },
	...{ "card-not-accepted": true, "card-declined": true, "pin-timeout": true, "pin-unavailable": true },
	...{ "host-unreachable": true, "reversal-pending": true, "reader-gone": true, "ledger-full": true },
	"signed-off": true,
};
const trace = "000002";
const authorisation = "654321";
const card = "621797******5090";

/** Every page and every reason on it, for one amount. */
function pagesOf(amount: bigint): Readonly<Record<string, Page>> {
	const named: Record<string, Page> = {};
	const add = (name: string, page: Page): void => {
		named[name] = page;
	};
	for (const doing of ["devices", "vault", "journal", "reversal", "slips"] as const)
		add(`starting-${doing}`, { page: "starting", doing });
	for (const why of ["tampered", "vault", "ledger"] as const)
		add(`out-of-service-${why}`, { page: "out-of-service", why });
	for (const phase of ["needed", "connecting", "sending", "waiting", "done"] as const)
		add(`sign-in-${phase}`, { page: "sign-in", phase });
	for (const code of ["host.unreachable", "host.wrong-mac", "vault.wrong-kcv", "97", "96", "ZZ"])
		add(`sign-in-failed-${code}`, { page: "sign-in-failed", code });
	add("menu", { page: "menu" });
	add("amount", { page: "amount", amount });
	add("insert-card", { page: "insert-card", amount, seconds: 60, again: false });
	add("insert-card-again", { page: "insert-card", amount, seconds: 5, again: true });
	add("reading", { page: "reading", amount });
	const pin = { page: "pin", amount, card, emptyAllowed: true } as const;
	add("pin", { ...pin, scheme: "PBOC DEBIT", digits: 0 });
	add("pin-four", { ...pin, scheme: "PBOC DEBIT", digits: 4 });
	add("pin-again", { ...pin, scheme: "PBOC DEBIT", digits: 0, triesLeft: 2 });
	add("pin-last-try", { ...pin, scheme: "UNIONPAY CREDIT1", digits: 12, triesLeft: 1 });
	for (const phase of ["connecting", "sending", "waiting", "finishing"] as const)
		add(`contacting-${phase}`, { page: "contacting", amount, phase, seconds: 52 });
	const approved = { page: "approved", amount, trace, authorisation } as const;
	add("approved-first", {
		...{ ...approved, trace: "", printing: "none", next: "none", cardIn: true },
	});
	add("approved-merchant", { ...approved, printing: "merchant", next: "none", cardIn: true });
	add("approved-next", { ...approved, printing: "none", next: "cardholder-copy", cardIn: true });
	add("approved-cardholder", { ...approved, printing: "cardholder", next: "none", cardIn: true });
	add("approved-finish", { ...approved, printing: "none", next: "finish", cardIn: false });
	for (const code of ["51", "04", "91", "ZZ"])
		add(`declined-${code}`, { page: "declined", amount, code, cardIn: true });
	for (const why of Object.keys(whys) as NotCharged[])
		add(`not-charged-${why}`, { page: "not-charged", amount, why, cardIn: false });
	add("not-charged-card-in", { page: "not-charged", amount, why: "card-unreadable", cardIn: true });
	add("reversing", { page: "reversing", amount, attempt: 2, of: 4, seconds: 47, cardIn: true });
	add("reversed", { page: "reversed", amount, cardIn: true });
	add("unresolved", { page: "unresolved", amount, trace, cardIn: true });
	add("take-card", { page: "take-card" });
	for (const why of ["paper", "cover", "printer"] as const)
		add(`paper-out-${why}`, { page: "paper-out", copy: "merchant", why });
	add("paper-out-cardholder", { page: "paper-out", copy: "cardholder", why: "paper" });
	for (const became of [
		...(["reversed", "unresolved", "approved", "approved-unprinted", "declined", "nothing-sent"] as const),
	])
		add(`after-restart-${became}`, {
			...{ page: "after-restart", became, amount },
			trace: became === "nothing-sent" ? "000000" : trace,
		});
	add("wrong-pin", { page: "wrong-pin", amount, triesLeft: 2 });
	add("wrong-pin-last", { page: "wrong-pin", amount, triesLeft: 1 });
	add("not-available-scan", { page: "not-available", what: "scan" });
	add("not-available-menu-item", { page: "not-available", what: "menu-item" });
	return named;
}

const common: Readonly<Record<string, Page>> = {
	...pagesOf(12_850n),
	idle: { page: "idle", merchant: "清源里便利店" },
	"amount-nothing": { page: "amount", amount: 0n },
	"choose-application": {
		...{ page: "choose-application", amount: 12_850n },
		labels: ["PBOC DEBIT", "PBOC CREDIT"],
	},
};
/** Labels are at most 16 characters (EMV 4.4 Book 3, Annex A: 50 and 9F12), names of shops at most 40. */
const largest: Readonly<Record<string, Page>> = {
	...pagesOf(9_999_999_999n),
	idle: {
		page: "idle",
		merchant: "清源里便利店有限责任公司北京市朝阳区建国门外大街甲六号中环世贸中心旗舰店分店",
	},
	"idle-latin": { page: "idle", merchant: "QINGYUANLI CONVENIENCE STORE NO. 88 WEST" },
	"choose-application": {
		...{ page: "choose-application", amount: 9_999_999_999n },
		labels: ["WWWWWWWWWWWWWWWW", "中国银联借记卡中国银联借记卡借记", "PBOC QUASI CREDT", "MMMMMMMMMMMMMMMM"],
	},
};

const withStatus = (
	pages: Readonly<Record<string, Page>>,
	status: Status,
	suffix: string,
): readonly Sample[] =>
	Object.entries(pages).map(([name, page]) => ({ name: `${name}${suffix}`, page, status }));

export const commonDay: readonly Sample[] = withStatus(common, quiet, "");
export const extremes: readonly Sample[] = withStatus(largest, loud, "-largest");
/** Every answer that the book knows, with the card still in: the fullest page. */
export const refusals: readonly Sample[] = (Object.keys(adviceOf) as Code[]).map((code) => ({
	name: `declined-${code}-largest`,
	page: { page: "declined", amount: 9_999_999_999n, code, cardIn: true },
	status: loud,
}));
