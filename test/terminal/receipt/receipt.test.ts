/**
 * Slips against golden texts, and on paper through the real printer driver. Golden files are read like prose.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plainText } from "../../../drivers/printer/emulator-paper.ts";
import { cells } from "../../../drivers/printer/gb18030.ts";
import type { PrintLine } from "../../../src/contract/device.ts";
import { type Language, languages } from "../../../src/contract/settings.ts";
import { limits } from "../../../src/kit/limits.ts";
import { maskPan } from "../../../src/kit/secret.ts";
import type { SlipFacts } from "../../../src/terminal/payment/ports.ts";
import { asText, paperColumns, width, wrap } from "../../../src/terminal/receipt/columns.ts";
import { logo } from "../../../src/terminal/receipt/logo.ts";
import { slip } from "../../../src/terminal/receipt/slip.ts";
import { closeBenches, readyBench } from "../../drivers/printer/wire.ts";

const pan = "6217978842315090";
const facts: SlipFacts = {
	merchantName: "清源里便利店",
	merchantNameEn: "QINGYUANLI CONVENIENCE STORE",
	merchantNumber: "898290070110001",
	terminalNumber: "10016919",
	operator: "01",
	issuer: "招商银行",
	acquirer: "演示收单行",
	card: maskPan(pan),
	entry: "I",
	kind: "sale",
	scheme: "unionpay",
	batch: "000001",
	trace: "000002",
	authorisation: "654321",
	reference: "123456789012",
	at: "2026/11/24 09:41:02",
	amount: "12850",
	tc: "0123456789ABCDEF",
	tvr: "0000040000",
	tsi: "E800",
	atc: "0012",
	aid: "A000000333010101",
	label: "PBOC DEBIT",
	cardSequence: "001",
	sign: true,
	remark: "",
};
const zh = { reprint: false, language: "zh-CN", test: true } as const;

const golden = suite("slips as golden texts");
const goldens: readonly (readonly [name: string, lines: readonly PrintLine[]])[] = [
	["merchant-zh-CN", slip(facts, "merchant", zh)],
	["cardholder-zh-CN", slip(facts, "cardholder", zh)],
	["merchant-zh-TW-reprint", slip(facts, "merchant", { ...zh, language: "zh-TW", reprint: true })],
	["merchant-en", slip(facts, "merchant", { ...zh, language: "en" })],
	["cardholder-en-reprint", slip(facts, "cardholder", { ...zh, language: "en", reprint: true })],
	[
		"long-names-no-signature",
		slip(
			{
				...facts,
				merchantName: "北京市海淀区清源里社区居民委员会便民综合服务中心（第二分店）",
				merchantNameEn:
					"QINGYUANLI COMMUNITY CONVENIENCE AND GENERAL SERVICES CENTRE, SECOND BRANCH, BEIJING",
				issuer: "中国邮政储蓄银行股份有限公司",
				amount: "9999999999",
				sign: false,
				remark: "持卡人可在发卡行手机银行查询本笔交易",
			},
			"merchant",
			{ ...zh, test: false },
		),
	],
];
for (const [name, lines] of goldens)
	golden(name, () => {
		const file = join("test/terminal/receipt/golden", `${name}.txt`);
		const text = `${asText(lines)}\n`;
		assert.ok(existsSync(file), `${file} is missing; it would read\n${text}`);
		assert.fixture(text, readFileSync(file, "utf8"));
	});
golden.run();

const rules = suite("rules of a slip");
const all = (options: Partial<Record<"reprint" | "test", boolean>> = {}): readonly string[] =>
	languages.flatMap((language) =>
		(["merchant", "cardholder"] as const).map((copy) =>
			asText(slip(facts, copy, { reprint: false, test: false, language, ...options })),
		),
	);
rules("the number is masked on every copy in every language", () => {
	for (const text of all()) {
		assert.match(text, "621797******5090 I");
		assert.not.match(text, pan.slice(6, 12));
	}
});
rules("only the merchant's copy is signed, and only when the cardholder has to", () => {
	const line = "_".repeat(32);
	const text = (sign: boolean, copy: "merchant" | "cardholder"): string =>
		asText(slip({ ...facts, sign }, copy, zh));
	assert.ok(text(true, "merchant").includes(line));
	assert.ok(text(true, "merchant").includes("(CARDHOLDER SIGNATURE):"));
	for (const other of [text(false, "merchant"), text(true, "cardholder"), text(false, "cardholder")]) {
		assert.not.ok(other.includes(line));
		assert.not.ok(other.includes("CARDHOLDER SIGNATURE"));
	}
	assert.ok(text(false, "merchant").includes("无需签名(NO SIGNATURE REQUIRED)"));
});
rules("a reprint says so above and below, an original nowhere", () => {
	for (const text of all({ reprint: true })) assert.is(text.split("DUPLICATED").length, 3);
	for (const text of all()) assert.not.match(text, "DUPLICATED");
});
rules("a demonstration slip says that it is none", () => {
	for (const text of all({ test: true })) {
		assert.match(text, "TESTING");
		assert.match(text, /未经认证|未經認證|NOT APPROVED/);
	}
	for (const text of all()) assert.not.match(text, "TESTING");
});
rules("what the card or the host did not give leaves no empty line behind", () => {
	const bare = {
		...facts,
		tc: "",
		tvr: "",
		tsi: "",
		atc: "",
		aid: "",
		label: "",
		cardSequence: "",
		authorisation: "",
		remark: "",
	};
	const text = asText(slip(bare, "merchant", zh));
	for (const name of ["TC:", "TVR:", "AID:", "AUTH NO", "REMARK"]) assert.not.ok(text.includes(name), name);
});
const anyName = fc.string({
	unit: fc.constantFrom(..."清源里便利店（）ABCDEF abc,。"),
	minLength: 1,
	maxLength: 80,
});
rules("names of any length are whole on the paper, and no line is wider than it", () => {
	return fc.assert(
		fc.property(anyName, anyName, fc.constantFrom<Language>(...languages), (cn, en, language) => {
			const lines = slip(
				{ ...facts, merchantName: cn, merchantNameEn: en, issuer: cn, remark: cn },
				"merchant",
				{
					...zh,
					language,
				},
			);
			assert.ok(lines.length < limits.slipLines);
			const text = asText(lines);
			for (const line of text.split("\n")) assert.ok(width(line) <= paperColumns, line);
			const name = language === "en" && en !== "" ? en : cn;
			const packed = (of: string): string => of.replaceAll(/\s/g, "");
			assert.ok(packed(text).includes(packed(name)));
			for (const line of lines)
				if (line.kind === "text") assert.ok(width(line.text) <= (line.large ? 16 : 32), line.text);
		}),
		{ numRuns: 60 },
	);
});
rules.run();

const columns = suite("columns");
columns("a Chinese character takes two, as the printer has it", () => {
	assert.is(width("RMB:金额·"), 10);
	return fc.assert(fc.property(fc.string({ unit: "grapheme" }), (any) => assert.is(width(any), cells(any))));
});
columns("words stay whole, Chinese breaks anywhere, closing marks stay behind", () => {
	assert.equal(wrap("QINGYUANLI CONVENIENCE STORE", 16), ["QINGYUANLI", "CONVENIENCE", "STORE"]);
	assert.equal(wrap("清源里便利店", 7), ["清源里", "便利店"]);
	assert.equal(wrap("清源里店。好", 8), ["清源里", "店。好"]);
	assert.equal(wrap("ABCDEFGHIJ", 4), ["ABCD", "EFGH", "IJ"]);
	assert.equal(wrap("", 10), [""]);
});
columns("nothing but blanks is lost, and nothing hangs over", () => {
	return fc.assert(
		fc.property(anyName, fc.integer({ min: 4, max: 40 }), (text, wide) => {
			const lines = wrap(text, wide);
			assert.is(lines.join("").replaceAll(/\s/g, ""), text.replaceAll(/\s/g, ""));
			for (const line of lines) assert.ok(width(line) <= wide, line);
		}),
	);
});
columns.run();

const mark = suite("the mark on top");
mark("160 by 48 dots, some black, none at the edge", () => {
	const { width: wide, height, bits } = logo();
	assert.is(bits.length, (wide / 8) * height);
	const black = bits.reduce((n, byte) => n + byte.toString(2).replaceAll("0", "").length, 0);
	assert.ok(black > 1000 && black < 3000, `${black} dots`);
	assert.ok(bits.subarray(0, wide / 8).every((byte) => byte === 0));
});
mark("its bits spell no real-time command", () => {
	const { bits } = logo();
	bits.forEach((byte, at) => {
		if (byte === 0x10) assert.not.ok([0x04, 0x05, 0x14].includes(bits[at + 1] ?? 0), `at ${at}`);
	});
});
mark.run();

const paper = suite("slips on paper");
paper.after.each(closeBenches);
paper("what the driver prints is what the golden text says", async () => {
	const { emulator, printer, close } = await readyBench();
	for (const [n, [name, lines]] of goldens.entries()) {
		emulator.tear();
		const end = await printer.print({ id: `G${String(n).padStart(3, "0")}`, lines });
		assert.equal(end, { ok: true, value: "printed" });
		assert.is(emulator.paper().map(plainText).join("\n"), asText(lines).replaceAll(/ +$/gm, ""), name);
	}
	await close();
});
paper.run();
