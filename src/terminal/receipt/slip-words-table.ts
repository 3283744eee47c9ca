/**
 * The words of a slip (unionpay-terminal.md, 11): a Chinese slip carries the English beside them, an English
 * one stands alone.
 */
import type { Language } from "../../contract/settings.ts";
import type { Copy, SlipFacts } from "../payment/ports.ts";

export interface Word {
	readonly "zh-CN": string;
	readonly "zh-TW": string;
	readonly en: string;
}
const word = (cn: string, tw: string, en: string): Word => ({ "zh-CN": cn, "zh-TW": tw, en });

export const copies: Readonly<Record<Copy, Word>> = {
	merchant: word("商户存根", "商戶存根", "MERCHANT COPY"),
	cardholder: word("持卡人存根", "持卡人存根", "CARDHOLDER COPY"),
};
export const kinds: Readonly<Record<SlipFacts["kind"], Word>> = {
	sale: word("消费", "消費", "SALE"),
};
export const words = {
	title: word("银联POS签购单", "銀聯POS簽購單", "POS SALES SLIP"),
	merchantName: word("商户名称", "商戶名稱", "MERCHANT NAME"),
	merchantNumber: word("商户编号", "商戶編號", "MERCHANT NO"),
	terminalNumber: word("终端编号", "終端編號", "TERMINAL NO"),
	operator: word("操作员", "操作員", "OPERATOR"),
	issuer: word("发卡行", "發卡行", "ISSUER"),
	acquirer: word("收单行", "收單行", "ACQUIRER"),
	card: word("卡号", "卡號", "CARD NO"),
	scheme: word("卡组织", "卡組織", "CARD TYPE"),
	kind: word("交易类型", "交易類型", "TRANS TYPE"),
	batch: word("批次号", "批次號", "BATCH NO"),
	trace: word("凭证号", "憑證號", "VOUCHER NO"),
	authorisation: word("授权码", "授權碼", "AUTH NO"),
	reference: word("参考号", "參考號", "REF NO"),
	at: word("日期/时间", "日期/時間", "DATE/TIME"),
	amount: word("金额", "金額", "AMOUNT"),
	remark: word("备注", "備註", "REMARK"),
	signature: word("持卡人签名", "持卡人簽名", "CARDHOLDER SIGNATURE"),
	noSignature: word("无需签名", "無需簽名", "NO SIGNATURE REQUIRED"),
} as const satisfies Record<string, Word>;

/** Whole sentences. In Chinese slips the English stands on lines of its own. */
export const sentences = {
	consent: word(
		"本人确认以上交易,同意将其计入本卡账户",
		"本人確認以上交易,同意將其計入本卡帳戶",
		"I ACKNOWLEDGE SATISFACTORY RECEIPT OF RELATIVE GOODS/SERVICES",
	),
	reprint: word("***重打印/DUPLICATED***", "***重列印/DUPLICATED***", "***DUPLICATED***"),
	test: word("***测试/TESTING,凭证无效***", "***測試/TESTING,憑證無效***", "***TESTING, NOT A VALID SLIP***"),
	notApproved: word("演示软件,未经认证", "展示軟體,未經認證", "DEMO SOFTWARE, NOT APPROVED"),
} as const satisfies Record<string, Word>;

/** "商户编号(MERCHANT NO)", or "MERCHANT NO" alone. */
export const label = (of: Word, language: Language): string =>
	language === "en" ? of.en : `${of[language]}(${of.en})`;
/** "商户存根 MERCHANT COPY", or the English alone. */
export const heading = (of: Word, language: Language): string =>
	language === "en" ? of.en : `${of[language]} ${of.en}`;
