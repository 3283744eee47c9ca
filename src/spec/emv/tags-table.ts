/**
 * The dictionary of data objects: name, who gives it, how it is written, and the templates it stands in
 * (EMV 4.4 Book 3, Annex A).
 */

/** n digits padded left; cn digits padded right with F; b bytes; a, an, ans characters; var none of these. */
export type Format = "n" | "cn" | "b" | "a" | "an" | "ans" | "var";
type Source = "card" | "terminal" | "issuer";
type Row = readonly [name: string, source: Source, format: Format, template: string];

/** Templates: slash between alternatives, empty for none. */
const rows = {
	"42": ["Issuer Identification Number", "card", "n", "BF0C/73"],
	"4F": ["Application Dedicated File Name", "card", "b", "61"],
	"50": ["Application Label", "card", "ans", "61/A5"],
	"56": ["Track 1 Data", "card", "ans", ""],
	"57": ["Track 2 Equivalent Data", "card", "b", "70/77"],
	"5A": ["Application Primary Account Number", "card", "cn", "70/77"],
	"5F20": ["Cardholder Name", "card", "ans", "70/77"],
	"5F24": ["Application Expiration Date", "card", "n", "70/77"],
	"5F25": ["Application Effective Date", "card", "n", "70/77"],
	"5F28": ["Issuer Country Code", "card", "n", "70/77"],
	"5F2A": ["Transaction Currency Code", "terminal", "n", ""],
	"5F2D": ["Language Preference", "card", "an", "A5"],
	"5F30": ["Service Code", "card", "n", "70/77"],
	"5F34": ["Application Primary Account Number Sequence Number", "card", "n", "70/77"],
	"5F36": ["Transaction Currency Exponent", "terminal", "n", ""],
	"5F50": ["Issuer URL", "card", "ans", "BF0C/73"],
	"5F53": ["International Bank Account Number", "card", "var", "BF0C/73"],
	"5F54": ["Bank Identifier Code", "card", "var", "BF0C/73"],
	"5F55": ["Issuer Country Code (alpha2)", "card", "a", "BF0C/73"],
	"5F56": ["Issuer Country Code (alpha3)", "card", "a", "BF0C/73"],
	"5F57": ["Account Type", "terminal", "n", ""],
	"61": ["Application Template", "card", "b", "70/BF0C"],
	"6F": ["File Control Information Template", "card", "var", ""],
	"70": ["READ RECORD Response Message Template", "card", "var", ""],
	"71": ["Issuer Script Template 1", "issuer", "b", ""],
	"72": ["Issuer Script Template 2", "issuer", "b", ""],
	"73": ["Directory Discretionary Template", "card", "var", "61"],
	"77": ["Response Message Template Format 2", "card", "var", ""],
	"80": ["Response Message Template Format 1", "card", "var", ""],
	"81": ["Amount, Authorised (Binary)", "terminal", "b", ""],
	"82": ["Application Interchange Profile", "card", "b", "77/80"],
	"83": ["Command Template", "terminal", "b", ""],
	"84": ["Dedicated File Name", "card", "b", "6F"],
	"86": ["Issuer Script Command", "issuer", "b", "71/72"],
	"87": ["Application Priority Indicator", "card", "b", "61/A5"],
	"88": ["Short File Identifier", "card", "b", "A5"],
	"89": ["Authorisation Code", "issuer", "an", ""],
	"8A": ["Authorisation Response Code", "issuer", "an", ""],
	"8C": ["Card Risk Management Data Object List 1", "card", "b", "70/77"],
	"8D": ["Card Risk Management Data Object List 2", "card", "b", "70/77"],
	"8E": ["Cardholder Verification Method List", "card", "b", "70/77"],
	"8F": ["Certification Authority Public Key Index", "card", "b", "70/77"],
	"90": ["Issuer Public Key Certificate", "card", "b", "70/77"],
	"91": ["Issuer Authentication Data", "issuer", "b", ""],
	"92": ["Issuer Public Key Remainder", "card", "b", "70/77"],
	"93": ["Signed Static Application Data", "card", "b", "70/77"],
	"94": ["Application File Locator", "card", "var", "77/80"],
	"95": ["Terminal Verification Results", "terminal", "b", ""],
	"97": ["Transaction Certificate Data Object List", "card", "b", "70/77"],
	"98": ["Transaction Certificate Hash Value", "terminal", "b", ""],
	"99": ["Transaction Personal Identification Number Data", "terminal", "b", ""],
	"9A": ["Transaction Date", "terminal", "n", ""],
	"9B": ["Transaction Status Information", "terminal", "b", ""],
	"9C": ["Transaction Type", "terminal", "n", ""],
	"9D": ["Directory Definition File Name", "card", "b", "61"],
	"9F01": ["Acquirer Identifier", "terminal", "n", ""],
	"9F02": ["Amount, Authorised (Numeric)", "terminal", "n", ""],
	"9F03": ["Amount, Other (Numeric)", "terminal", "n", ""],
	"9F04": ["Amount, Other (Binary)", "terminal", "b", ""],
	"9F05": ["Application Discretionary Data", "card", "b", "70/77"],
	"9F06": ["Application Identifier - terminal", "terminal", "b", ""],
	"9F07": ["Application Usage Control", "card", "b", "70/77"],
	"9F08": ["Application Version Number - card", "card", "b", "70/77"],
	"9F09": ["Application Version Number - terminal", "terminal", "b", ""],
	"9F0A": ["Application Selection Registered Proprietary Data", "card", "b", "BF0C/73"],
	"9F0B": ["Cardholder Name Extended", "card", "ans", "70/77"],
	"9F0C": ["Issuer Identification Number Extended", "card", "n", "BF0C/73"],
	"9F0D": ["Issuer Action Code - Default", "card", "b", "70/77"],
	"9F0E": ["Issuer Action Code - Denial", "card", "b", "70/77"],
	"9F0F": ["Issuer Action Code - Online", "card", "b", "70/77"],
	"9F10": ["Issuer Application Data", "card", "b", "77/80"],
	"9F11": ["Issuer Code Table Index", "card", "n", "A5"],
	"9F12": ["Application Preferred Name", "card", "ans", "61/A5"],
	"9F13": ["Last Online Application Transaction Counter Register", "card", "b", ""],
	"9F14": ["Lower Consecutive Offline Limit", "card", "b", "70/77"],
	"9F15": ["Merchant Category Code", "terminal", "n", ""],
	"9F16": ["Merchant Identifier", "terminal", "ans", ""],
	"9F17": ["Personal Identification Number Try Counter", "card", "b", ""],
	"9F18": ["Issuer Script Identifier", "issuer", "b", "71/72"],
	"9F19": ["Token Requestor ID", "card", "n", "70/77"],
	"9F1A": ["Terminal Country Code", "terminal", "n", ""],
	"9F1B": ["Terminal Floor Limit", "terminal", "b", ""],
	"9F1C": ["Terminal Identification", "terminal", "an", ""],
	"9F1D": ["Terminal Risk Management Data", "terminal", "b", ""],
	"9F1E": ["Interface Device Serial Number", "terminal", "an", ""],
	"9F1F": ["Track 1 Discretionary Data", "card", "ans", "70/77"],
	"9F20": ["Track 2 Discretionary Data", "card", "cn", "70/77"],
	"9F21": ["Transaction Time", "terminal", "n", ""],
	"9F22": ["Certification Authority Public Key Index - terminal", "terminal", "b", ""],
	"9F23": ["Upper Consecutive Offline Limit", "card", "b", "70/77"],
	"9F24": ["Payment Account Reference", "card", "an", "70/77"],
	"9F25": ["Last 4 Digits of PAN", "card", "n", "70/77"],
	"9F26": ["Application Cryptogram", "card", "b", "77/80"],
	"9F27": ["Cryptogram Information Data", "card", "b", "77/80"],
	"9F2A": ["Kernel Identifier", "card", "b", "61"],
	"9F2D": ["ICC PIN Encipherment Public Key Certificate", "card", "b", "70/77"],
	"9F2E": ["ICC PIN Encipherment Public Key Exponent", "card", "b", "70/77"],
	"9F2F": ["ICC PIN Encipherment Public Key Remainder", "card", "b", "70/77"],
	"9F32": ["Issuer Public Key Exponent", "card", "b", "70/77"],
	"9F33": ["Terminal Capabilities", "terminal", "b", ""],
	"9F34": ["Cardholder Verification Method Results", "terminal", "b", ""],
	"9F35": ["Terminal Type", "terminal", "n", ""],
	"9F36": ["Application Transaction Counter", "card", "b", "77/80"],
	"9F37": ["Unpredictable Number", "terminal", "b", ""],
	"9F38": ["Processing Options Data Object List", "card", "b", "A5"],
	"9F39": ["Point-of-Service Entry Mode", "terminal", "n", ""],
	"9F3A": ["Amount, Reference Currency", "terminal", "b", ""],
	"9F3B": ["Application Reference Currency", "card", "n", "70/77"],
	"9F3C": ["Transaction Reference Currency Code", "terminal", "n", ""],
	"9F3D": ["Transaction Reference Currency Exponent", "terminal", "n", ""],
	"9F40": ["Additional Terminal Capabilities", "terminal", "b", ""],
	"9F41": ["Transaction Sequence Counter", "terminal", "n", ""],
	"9F42": ["Application Currency Code", "card", "n", "70/77"],
	"9F43": ["Application Reference Currency Exponent", "card", "n", "70/77"],
	"9F44": ["Application Currency Exponent", "card", "n", "70/77"],
	"9F45": ["Data Authentication Code", "card", "b", ""],
	"9F46": ["ICC Public Key Certificate", "card", "b", "70/77"],
	"9F47": ["ICC Public Key Exponent", "card", "b", "70/77"],
	"9F48": ["ICC Public Key Remainder", "card", "b", "70/77"],
	"9F49": ["Dynamic Data Authentication Data Object List", "card", "b", "70/77"],
	"9F4A": ["Static Data Authentication Tag List", "card", "b", "70/77"],
	"9F4B": ["Signed Dynamic Application Data", "card", "b", "77/80"],
	"9F4C": ["ICC Dynamic Number", "card", "b", ""],
	"9F4D": ["Log Entry", "card", "b", "BF0C/73"],
	"9F4E": ["Merchant Name and Location", "terminal", "ans", ""],
	"9F4F": ["Log Format", "card", "b", ""],
	"9F51": ["Application Currency Code (card risk management)", "card", "n", ""],
	"9F53": ["Transaction Category Code", "terminal", "an", ""],
	"9F5A": ["Application Program Identifier", "card", "b", "BF0C"],
	"9F5B": ["Issuer Script Results", "terminal", "b", ""],
	"9F5D": ["Available Offline Spending Amount", "card", "n", ""],
	"9F61": ["Cardholder Identity Number (PBOC)", "card", "ans", "70"],
	"9F62": ["Cardholder Identity Type (PBOC)", "card", "n", "70"],
	"9F63": ["Product Identification Information (UnionPay)", "card", "b", "BF0C/70"],
	"9F66": ["Terminal Transaction Qualifiers", "terminal", "b", ""],
	"9F69": ["Card Authentication Related Data", "card", "b", "70"],
	"9F6C": ["Card Transaction Qualifiers", "card", "b", "77"],
	"9F6E": ["Form Factor Indicator", "card", "b", "77"],
	"9F74": ["Electronic Cash Issuer Authorisation Code (UnionPay)", "card", "an", "70"],
	"9F77": ["Electronic Cash Balance Limit (PBOC)", "card", "n", ""],
	"9F78": ["Electronic Cash Single Transaction Limit (PBOC)", "card", "n", ""],
	"9F79": ["Electronic Cash Balance (PBOC)", "card", "n", ""],
	"9F7A": ["Electronic Cash Terminal Support Indicator (PBOC)", "terminal", "n", ""],
	"9F7B": ["Electronic Cash Terminal Transaction Limit (PBOC)", "terminal", "n", ""],
	"9F7C": ["Customer Exclusive Data", "card", "b", "77"],
	A5: ["File Control Information Proprietary Template", "card", "var", "6F"],
	BF0C: ["File Control Information Issuer Discretionary Data", "card", "var", "A5"],
	DF31: ["Issuer Script Results (UnionPay)", "terminal", "b", ""],
	DF32: ["Chip Serial Number (UnionPay)", "card", "ans", ""],
	DF33: ["Session Key Data (UnionPay)", "terminal", "b", ""],
	DF34: ["Terminal Read Time (UnionPay)", "terminal", "ans", ""],
} as const satisfies Readonly<Record<string, Row>>;

export interface TagEntry {
	readonly name: string;
	readonly source: Source;
	readonly format: Format;
	/** Tags of the templates it may stand in. */
	readonly templates: readonly string[];
}

const table: ReadonlyMap<string, Row> = new Map(Object.entries(rows));

/** What the books say about a tag (upper-case hex); undefined for one they do not know. */
export function tagEntry(tag: string): TagEntry | undefined {
	const row = table.get(tag);
	if (row === undefined) return undefined;
	const [name, source, format, template] = row;
	return { name, source, format, templates: template.split("/").filter((t) => t !== "") };
}

/** How a tag is written; what is not in the dictionary counts as bytes. */
export const formatOf = (tag: string): Format => table.get(tag)?.[2] ?? "b";

/** Only the terminal gives these: a card that sends one is not believed. */
export const isTerminals = (tag: string): boolean => table.get(tag)?.[1] === "terminal";

/** Account, track, name and PIN: never in a log, on a screen or in a support bundle. */
export const secretTags: ReadonlySet<string> = new Set([
	...["56", "57", "5A", "99", "5F20", "5F53", "9F0B", "9F1F", "9F20", "9F61", "9F6B"],
]);
