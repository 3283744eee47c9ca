/**
 * The end of a play in words: what was keyed, sent, answered and printed, what each book holds, how long it
 * took.
 */
import { unionpay } from "../../spec/iso8583/unionpay-table.ts";
import { decimal } from "../../spec/money/money.ts";
import type { Book } from "../shop/floor.ts";
import type { Played } from "./player.ts";
import type { Scenario } from "./scenario.ts";

const yuan = (fen: string): string => `¥${decimal(BigInt(fen))}`;
const nameOf = (field: string): string => unionpay.fields[Number(field)]?.name ?? "";
const framed = (text: string): readonly string[] =>
	text === "" ? ["  （没有 none）"] : ["  ┌─", ...text.split("\n").map((line) => `  │ ${line}`), "  └─"];
const sign = (is: boolean | undefined): string => (is === undefined ? "–" : is ? "✓" : "✗");

function keys(keyed: readonly string[]): string {
	const names: Readonly<Record<string, string>> = {
		confirm: "[确认]",
		cancel: "[取消]",
		clear: "[清除]",
		function: "[功能]",
	};
	return keyed.map((key) => names[key] ?? key).join(" ");
}

const book = (name: string, { count, net, reached }: Book): string =>
	`  ${name}  ${count} 笔  ${yuan(net)}${reached ? "" : "  （联系不上 not reached）"}`;

/** Whole text, ready to be printed. */
export function summary(scenario: Scenario, played: Played): string {
	const { books, wrong } = played;
	const { mac, pin, arqc, arpc } = played.verified;
	const heading = `${scenario.title.zh} · ${scenario.title.en}`;
	return [
		"",
		`══ ${heading}`,
		`   ${scenario.story.zh}`,
		`   ${scenario.story.en}`,
		"",
		`按键 Keyed: ${keys(played.keyed)}`,
		"",
		"屏幕 Screens:",
		...played.screens.map((text) => `  ${text}`),
		"",
		"报文 Messages (masked):",
		...played.messages.flatMap(({ way, mti, stan, fields }) => [
			`  ${way === "sent" ? "▲" : "▼"} ${mti}  ${stan}`,
			...Object.entries(fields).map(([field, shown]) => `      F${field} ${nameOf(field)}: ${shown}`),
		]),
		"",
		"商户存根 Merchant copy:",
		...framed(played.slips.merchant),
		"持卡人存根 Cardholder copy:",
		...framed(played.slips.cardholder),
		"",
		`收单行验证 Verified by the acquirer: MAC ${sign(mac)}  PIN ${sign(pin)}  ARQC ${sign(arqc)}`,
		`卡片验证 Verified by the card: ARPC ${sign(arpc)}`,
		"",
		"账本 Books:",
		book("终端 terminal", books.terminal),
		book("收单行 acquirer", books.acquirer),
		book("云平台 cloud", books.cloud),
		...books.cloud.rows.map((row) => `      ${row.trace}  ${yuan(row.amount)}  ${row.state}`),
		`  ${books.verdict === "agree" ? "三方一致 all agree" : `相差 differ by ${yuan(books.difference)}`}`,
		`  未决冲正 reversals open: ${books.unresolved}`,
		"",
		"每步用时 Milliseconds a step:",
		...Object.entries(played.stepsMs).map(([step, ms]) => `  ${String(ms).padStart(6)}  ${step}`),
		"",
		wrong.length === 0
			? `✓ 结果 ${played.ended}，与预期一致 as expected`
			: `✗ 结果 ${played.ended}，预期 expected ${played.expected}`,
		...wrong.map((each) => `  ✗ ${each}`),
		"",
	].join("\n");
}
