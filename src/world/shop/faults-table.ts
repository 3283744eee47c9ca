/** What may go wrong in the shop, by name: whom it is done to, and how it reads on the bench. */
import type { Words } from "./words.ts";

export type FaultId =
	| "host-silent"
	| "wrong-mac"
	| "line-cut"
	| "late-answer"
	| "declined-51"
	| "paper-out"
	| "reader-unplugged"
	| "power-cut"
	| "cloud-away";

/**
 * A rule for the acquirer (world/acquirer): the deed behind the missing answer is booked, which is the
 * danger.
 */
export interface HostRule {
	readonly on: "sale" | "reversal" | "sign-in";
	readonly do: "silent" | "late" | "cut-before-answer" | "wrong-mac" | "decline";
	readonly code?: string;
	/** Of a late answer: after the terminal's own time-out. */
	readonly beyondMs?: number;
}
export type FaultDeed =
	| { readonly to: "acquirer"; readonly rule: HostRule }
	| { readonly to: "printer" }
	| { readonly to: "reader" }
	/** Done once: boot and everything under it is killed and started again. */
	| { readonly to: "terminal" }
	| { readonly to: "cloud" };
export interface FaultRow {
	readonly name: Words;
	readonly says: Words;
	readonly deed: FaultDeed;
}

export const faultTable: Readonly<Record<FaultId, FaultRow>> = {
	"host-silent": {
		name: { "zh-CN": "不应答", "zh-TW": "不應答", en: "No answer" },
		says: {
			"zh-CN": "收单行记了账，却不回答消费：终端应当冲正。",
			"zh-TW": "收單行記了帳，卻不回答消費：終端應當沖正。",
			en: "The acquirer books the sale and never answers: the terminal has to reverse it.",
		},
		deed: { to: "acquirer", rule: { on: "sale", do: "silent" } },
	},
	"wrong-mac": {
		name: { "zh-CN": "MAC 错", "zh-TW": "MAC 錯", en: "Wrong MAC" },
		says: {
			"zh-CN": "应答的 MAC 不对：不可信，终端以原因 A0 冲正。",
			"zh-TW": "應答的 MAC 不對：不可信，終端以原因 A0 沖正。",
			en: "The answer carries a wrong MAC: it cannot be believed and is reversed with reason A0.",
		},
		deed: { to: "acquirer", rule: { on: "sale", do: "wrong-mac" } },
	},
	"line-cut": {
		name: { "zh-CN": "断线", "zh-TW": "斷線", en: "Line cut" },
		says: {
			"zh-CN": "收单行收到消费后线路断开。",
			"zh-TW": "收單行收到消費後線路斷開。",
			en: "The line ends after the acquirer has heard the sale.",
		},
		deed: { to: "acquirer", rule: { on: "sale", do: "cut-before-answer" } },
	},
	"late-answer": {
		name: { "zh-CN": "迟到的应答", "zh-TW": "遲到的應答", en: "Late answer" },
		says: {
			"zh-CN": "应答在终端超时之后才来：丢弃，并已冲正。",
			"zh-TW": "應答在終端逾時之後才來：丟棄，並已沖正。",
			en: "The answer comes after the terminal's time-out: it is dropped, the sale was reversed.",
		},
		deed: { to: "acquirer", rule: { on: "sale", do: "late", beyondMs: 800 } },
	},
	"declined-51": {
		name: { "zh-CN": "余额不足", "zh-TW": "餘額不足", en: "Not enough money" },
		says: {
			"zh-CN": "发卡行拒绝：51 余额不足。",
			"zh-TW": "發卡行拒絕：51 餘額不足。",
			en: "The issuer refuses: 51, not sufficient funds.",
		},
		deed: { to: "acquirer", rule: { on: "sale", do: "decline", code: "51" } },
	},
	"paper-out": {
		name: { "zh-CN": "缺纸", "zh-TW": "缺紙", en: "No paper" },
		says: {
			"zh-CN": "打印机没有纸：交易仍然有效，装纸后按确认重打印。",
			"zh-TW": "印表機沒有紙：交易仍然有效，裝紙後按確認重印。",
			en: "The printer has no paper: the sale stays good; mend this and confirm to print again.",
		},
		deed: { to: "printer" },
	},
	"reader-unplugged": {
		name: { "zh-CN": "拔出读卡器", "zh-TW": "拔出讀卡機", en: "Reader unplugged" },
		says: {
			"zh-CN": "读卡器的线被拔掉；再点一下插回去。",
			"zh-TW": "讀卡機的線被拔掉；再點一下插回去。",
			en: "The reader's cable is out; click again to plug it in.",
		},
		deed: { to: "reader" },
	},
	"power-cut": {
		name: { "zh-CN": "断电", "zh-TW": "斷電", en: "Power cut" },
		says: {
			"zh-CN": "终端立刻断电又通电：先读日志、收尾，再开始新交易。",
			"zh-TW": "終端立刻斷電又通電：先讀日誌、收尾，再開始新交易。",
			en: "The terminal loses power at once and starts again: it finishes what its journal says first.",
		},
		deed: { to: "terminal" },
	},
	"cloud-away": {
		name: { "zh-CN": "云平台离线", "zh-TW": "雲平台離線", en: "Cloud away" },
		says: {
			"zh-CN": "云平台停止：照常收款，恢复后补传。",
			"zh-TW": "雲平台停止：照常收款，恢復後補傳。",
			en: "The cloud is stopped: sales go on and are sent up when it is back.",
		},
		deed: { to: "cloud" },
	},
};
export const faultIds = Object.keys(faultTable) as readonly FaultId[];
