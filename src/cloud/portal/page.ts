/** The page of terminals and their sales, as HTML made here: without the script it is only not live. */
import { languages } from "../../contract/settings.ts";
import { grouped } from "../../spec/money/money.ts";
import type { Alarm, SaleRow, TerminalRow } from "../inbox.ts";
import { languageNames, languageOf, type Words, wordsTable } from "./words-table.ts";

export interface ShownTerminal extends TerminalRow {
	/** What people call it; may be empty. */
	readonly name: string;
	/** The latest first. */
	readonly sales: readonly SaleRow[];
	readonly totals: readonly { readonly state: string; readonly count: number; readonly sum: string }[];
}
export interface Shown {
	/** A language's code, or anything else for Chinese. */
	readonly language: string | undefined;
	readonly terminals: readonly ShownTerminal[];
	readonly alarms: readonly Alarm[];
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const safe = (text: string | number): string => String(text).replaceAll(/[&<>"]/g, (c) => entities[c] ?? "");

const svg = (inside: string): string =>
	`<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">${inside}</svg>`;
const mark = 'fill="none" stroke="var(--panel)" stroke-width="1.8" stroke-linecap="round"';
/** A shape for each state, so that colour never speaks alone: disc, square, ring with an arrow, triangle. */
const shapes: Readonly<Record<SaleRow["state"] | "online" | "offline", string>> = {
	approved: svg(
		`<circle cx="7" cy="7" r="7" fill="currentColor"/><path d="M3.8 7.3 6 9.5l4.2-4.6" ${mark}/>`,
	),
	declined: svg(
		`<rect width="14" height="14" rx="3" fill="currentColor"/><path d="m4.3 4.3 5.4 5.4m0-5.4-5.4 5.4" ${mark}/>`,
	),
	reversed: svg(
		`<path d="M2.2 7a4.8 4.8 0 1 0 1.6-3.6M3.6.8v2.8h2.8" fill="none" stroke="currentColor" stroke-width="1.6"/>`,
	),
	unresolved: svg(`<path d="M7 .8 13.8 13H.2z" fill="currentColor"/><path d="M7 5v3.4m0 2.1v.1" ${mark}/>`),
	online: svg(`<circle cx="7" cy="7" r="5" fill="currentColor"/>`),
	offline: svg(
		`<rect x="2.5" y="2.5" width="9" height="9" rx="1.5" fill="none" stroke="currentColor" stroke-width="2"/>`,
	),
};

const money = (fen: string): string => `<span class="yen">¥</span>${grouped(BigInt(fen))}`;
/** 2026-11-24T09:41:02 → 11-24 09:41:02 */
const moment = (at: string): string => at.slice(5).replace("T", " ");

export function page({ language: asked, terminals, alarms }: Shown): string {
	const language = languageOf(asked);
	const words = wordsTable[language];
	const choices = languages.map(
		(one) =>
			`<a href="/?lang=${one}" lang="${one}"${one === language ? ' aria-current="true"' : ""}>${languageNames[one]}</a>`,
	);
	return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/portal.css">
<script src="/portal.js" defer></script>
</head>
<body>
<header><h1>柜台 Guitai</h1><p>${words.subtitle}</p><nav>${choices.join("")}</nav></header>
<p id="lost" role="status" hidden>${words.lost}</p>
<main>
${alarmsOf(alarms, words)}
${terminals.length === 0 ? `<section><p class="empty">${words.noTerminals}</p></section>` : ""}
${terminals.map((terminal) => terminalOf(terminal, words)).join("\n")}
</main>
</body>
</html>
`;
}

function alarmsOf(alarms: readonly Alarm[], words: Words): string {
	if (alarms.length === 0) return "";
	const items = alarms.map(
		({ terminal, kind, about, at }) =>
			`<li>${shapes.unresolved} ${safe(terminal)} · ${words[kind]}<small>${safe(about)} · ${moment(at)}</small></li>`,
	);
	return `<section class="alarms"><h2>${words.alarms}</h2><ul>${items.join("")}</ul></section>`;
}

function terminalOf(terminal: ShownTerminal, words: Words): string {
	const { id, name, online, version, seen, head, through, sales, totals } = terminal;
	const presence = online === 1 ? "online" : "offline";
	const paid = totals.find(({ state }) => state === "approved");
	const rest = totals.filter(({ state }) => state !== "approved");
	const wordOf = (state: string): string => words[state as SaleRow["state"]];
	const behind =
		head > through ? `<li class="behind">${words.behind} ${head - through} ${words.rows}</li>` : "";
	const all = totals.reduce((sum, { count }) => sum + count, 0);
	const more =
		all > sales.length ? `<p class="empty">${words.latest} ${sales.length} ${words.count}</p>` : "";
	return `<section>
<div class="head">
<div><h2>${safe(name === "" ? id : name)}</h2><ul class="facts">
<li class="${presence}">${shapes[presence]}${words[presence]}</li>
<li>${safe(id)}</li>
<li>${words.version} ${safe(version)}</li>
<li>${words.seen} ${moment(seen)}</li>
<li>${words.synced} ${through} ${words.rows}</li>${behind}
</ul></div>
<div class="sum"><strong>${money(paid?.sum ?? "0")}</strong>
<small>${[
		`${words.net} ${paid?.count ?? 0} ${words.count}`,
		...rest.map(({ state, count }) => `${wordOf(state)} ${count}`),
	].join(" · ")}</small></div>
</div>
${sales.length === 0 ? `<p class="empty">${words.noSales}</p>` : tableOf(sales, words)}${more}
</section>`;
}

function tableOf(sales: readonly SaleRow[], words: Words): string {
	const columns = ["time", "trace", "card", "reference", "state", "amount"] as const;
	const rows = sales.map((sale) => {
		const code = sale.state === "declined" && sale.code !== null ? `<small>${safe(sale.code)}</small>` : "";
		const cells = [
			moment(sale.at),
			safe(sale.trace),
			`${safe(sale.card)}<small>${safe(sale.scheme)}</small>`,
			safe(sale.reference ?? ""),
			`<span class="state ${sale.state}">${shapes[sale.state]}${words[sale.state]}</span>${code}`,
			money(sale.amount),
		];
		const stands = sale.state === "approved" || sale.state === "unresolved";
		return `<tr${stands ? "" : ' class="not"'}>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
	});
	const head = columns.map((column) => `<th scope="col">${words[column]}</th>`).join("");
	return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>
${rows.join("\n")}
</tbody></table></div>`;
}
