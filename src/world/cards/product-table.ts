/**
 * What each kind of test card is made of: applications, data objects, lists and cryptograms, as their books
 * lay them out.
 */
import { concat, latin, unhex } from "../../kit/bytes.ts";
import type { CryptogramScheme } from "../../spec/keys/issuer.ts";
import { build, tlv } from "../../spec/tlv/tlv.ts";

/** Facts of one card that go into its records. */
export interface Facts {
	/** Digits. */
	readonly pan: string;
	/** YYMM. */
	readonly expiry: string;
	/** 5F34, two digits. */
	readonly psn: string;
	readonly serviceCode: string;
	/** 5F20. */
	readonly holder: string;
}
type AuthenticatesIssuer =
	/** By EXTERNAL AUTHENTICATE (AIP byte 1 b3). */
	| "command"
	/** By tag 91 in CDOL2. */
	| "cdol2";

export interface Product {
	readonly scheme: CryptogramScheme;
	/** Hex. */
	readonly atr: string;
	readonly aid: string;
	readonly label: string;
	readonly preferredName?: string;
	/** 5F2D. */
	readonly language: string;
	/** 9F38, hex; empty: none. */
	readonly pdol: string;
	/** 82. */
	readonly aip: string;
	/** Templates of GET PROCESSING OPTIONS and GENERATE AC: 1 is 80, 2 is 77. */
	readonly gpoFormat: 1 | 2;
	readonly acFormat: 1 | 2;
	readonly cdol1: string;
	readonly cdol2: string;
	/** 8E behind its two amounts. */
	readonly cvmRules: string;
	/** 9F0D, 9F0E, 9F0F. */
	readonly iacDefault: string;
	readonly iacDenial: string;
	readonly iacOnline: string;
	/** 9F07, 5F28, 9F42, 9F08. */
	readonly usage: string;
	readonly country: string;
	readonly currency: string;
	readonly version: string;
	readonly authenticatesIssuer: AuthenticatesIssuer;
	/** Bytes of a script's MAC. */
	readonly scriptMac: 4 | 8;
	/** 9F10 with this CVR: three bytes behind its length (UnionPay, Visa) or six (M/Chip 4). */
	readonly issuerData: (cvr: Uint8Array) => Uint8Array;
}

const pinThenSignature = "42031E031F03";
const unionPay = {
	scheme: "unionpay",
	atr: "3B6A000047554954414954455354",
	language: "zhen",
	aip: "1C00",
	gpoFormat: 1,
	acFormat: 1,
	cdol1: "9F02069F03069F1A0295055F2A029A039C019F37049F21039F4E14",
	cdol2: "8A029F02069F03069F1A0295055F2A029A039C019F37049F2103",
	cvmRules: pinThenSignature,
	// As a UnionPay card in the field has them: contact-unionpay-dda-online.
	iacDefault: "D8609CA800",
	iacDenial: "0010000000",
	iacOnline: "D8689CF800",
	usage: "FF00",
	country: "0156",
	currency: "0156",
	version: "0030",
	authenticatesIssuer: "command",
	scriptMac: 4,
	// 07, key 01, CVN 01, CVR with its length, algorithm 01.
	issuerData: (cvr) => concat(unhex("07010103"), cvr, unhex("01")),
} as const satisfies Partial<Product>;

export const products = {
	"unionpay-debit": {
		...unionPay,
		aid: "A000000333010101",
		label: "UnionPay Debit",
		// A domestic debit card with electronic cash asks whether the terminal has it.
		pdol: "9F7A019F02065F2A02",
	},
	"unionpay-credit": {
		...unionPay,
		aid: "A000000333010102",
		label: "UnionPay Credit",
		pdol: "",
	},
	visa: {
		scheme: "visa",
		atr: "3B781100004755495441495649",
		aid: "A0000000031010",
		label: "VISA CREDIT",
		preferredName: "Visa Credit",
		language: "en",
		pdol: "9F33039F1A029F3501",
		aip: "1C00",
		gpoFormat: 2,
		acFormat: 1,
		cdol1: "9F02069F03069F1A0295055F2A029A039C019F3704",
		cdol2: "8A029F02069F03069F1A0295055F2A029A039C019F3704",
		cvmRules: "1E031F03",
		iacDefault: "D84000A800",
		iacDenial: "0010000000",
		iacOnline: "D84004F800",
		usage: "FF00",
		country: "0840",
		currency: "0840",
		version: "0096",
		authenticatesIssuer: "command",
		scriptMac: 8,
		// 06, key 01, CVN 0A, CVR with its length.
		issuerData: (cvr) => concat(unhex("06010A03"), cvr),
	},
	mastercard: {
		scheme: "mastercard",
		atr: "3B6800004755495441494D43",
		aid: "A0000000041010",
		label: "MASTERCARD",
		language: "en",
		pdol: "",
		aip: "1800",
		gpoFormat: 2,
		acFormat: 2,
		// As an M/Chip 4 card has them, without CDA: contact-mastercard-online-decline.
		cdol1: "9F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F3403",
		cdol2: "910A8A0295059F37049F4C08",
		cvmRules: "42035E031F03",
		iacDefault: "B450840000",
		iacDenial: "0000000000",
		iacOnline: "B470848000",
		usage: "FF00",
		country: "0056",
		currency: "0978",
		version: "0002",
		authenticatesIssuer: "cdol2",
		scriptMac: 8,
		// Key 01, CVN 10, CVR of six bytes, DAC, counters.
		issuerData: (cvr) => concat(unhex("0110"), cvr, unhex("0000"), unhex("00000000000000FF")),
	},
} as const satisfies Record<string, Product>;
export type ProductId = keyof typeof products;

/** An odd number of digits is filled with F on the right: 57 and 5A (EMV 4.4 Book 3, Annex A). */
const compressed = (digits: string): Uint8Array => unhex(digits.length % 2 === 0 ? digits : `${digits}F`);

const monthEnd = (expiry: string): string => {
	const month = Number(expiry.slice(2, 4));
	const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 28;
	return expiry + String(days);
};

/** A record's address: SFI and number. */
export const recordKey = (sfi: number, number: number): string => `${sfi}/${number}`;

/**
 * The file of an application: records by address, without their template's status, and the AFL that names
 * them.
 */
export function recordsOf(
	product: Product,
	facts: Facts,
): { readonly afl: Uint8Array; readonly records: ReadonlyMap<string, Uint8Array> } {
	const record = (pairs: readonly (readonly [string, Uint8Array])[]): Uint8Array => tlv("70", build(pairs));
	const track2 = compressed(`${facts.pan}D${facts.expiry}${facts.serviceCode}00012345`);
	const records = new Map<string, Uint8Array>([
		[
			recordKey(1, 1),
			record([
				["57", track2],
				["5F20", latin(facts.holder)],
				["9F1F", latin("0000012345")],
			]),
		],
		[
			recordKey(2, 1),
			record([
				["5F25", unhex("240101")],
				["5F24", unhex(monthEnd(facts.expiry))],
				["5A", compressed(facts.pan)],
				["5F34", unhex(facts.psn)],
				["9F07", unhex(product.usage)],
				["8E", concat(new Uint8Array(8), unhex(product.cvmRules))],
				["9F0D", unhex(product.iacDefault)],
				["9F0E", unhex(product.iacDenial)],
				["9F0F", unhex(product.iacOnline)],
				["5F28", unhex(product.country)],
			]),
		],
		[
			recordKey(2, 2),
			record([
				["8C", unhex(product.cdol1)],
				["8D", unhex(product.cdol2)],
				["5F30", unhex(facts.serviceCode.padStart(4, "0"))],
				["9F08", unhex(product.version)],
				["9F42", unhex(product.currency)],
			]),
		],
	]);
	return { afl: unhex("08010100 10010200"), records };
}

/** FCI of the application (EMV 4.4 Book 1, 11.3.4). */
export const fciOf = (product: Product): Uint8Array =>
	tlv(
		"6F",
		concat(
			tlv("84", unhex(product.aid)),
			tlv(
				"A5",
				concat(
					tlv("50", latin(product.label)),
					tlv("87", Uint8Array.of(1)),
					product.pdol === "" ? new Uint8Array(0) : tlv("9F38", unhex(product.pdol)),
					tlv("5F2D", latin(product.language)),
					product.preferredName === undefined
						? new Uint8Array(0)
						: concat(tlv("9F11", Uint8Array.of(1)), tlv("9F12", latin(product.preferredName))),
				),
			),
		),
	);

export const pseName = latin("1PAY.SYS.DDF01");
/** FCI of the payment system environment; its directory is SFI 1. */
export const pseFci: Uint8Array = tlv(
	"6F",
	concat(tlv("84", pseName), tlv("A5", concat(tlv("88", Uint8Array.of(1)), tlv("5F2D", latin("zhen"))))),
);
export const pseRecord = (product: Product): Uint8Array =>
	tlv(
		"70",
		tlv(
			"61",
			concat(tlv("4F", unhex(product.aid)), tlv("50", latin(product.label)), tlv("87", Uint8Array.of(1))),
		),
	);
