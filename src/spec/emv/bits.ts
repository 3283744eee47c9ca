/** Setting, asking and describing the bits of EMV's fields by their names. */
import { aip, auc, type Bit, capabilities, ctq, moreCapabilities, tsi, ttq, tvr } from "./bits-table.ts";
import { conditionOf, cvmOf } from "./cvm.ts";

/** Whether the bit is set. A field too short for it counts as clear. */
export const has = (field: Uint8Array | undefined, bit: Bit): boolean =>
	((field?.[bit.byte - 1] ?? 0) & bit.mask) !== 0;

/** Sets the bit in place; a field too short for it is left as it is. */
export function set(field: Uint8Array, bit: Bit): void {
	field[bit.byte - 1] = (field[bit.byte - 1] ?? 0) | bit.mask;
}

const fields: Readonly<Record<string, Readonly<Record<string, Bit>>>> = {
	"95": tvr,
	"9B": tsi,
	"82": aip,
	"9F07": auc,
	"9F33": capabilities,
	"9F40": moreCapabilities,
	"9F66": ttq,
	"9F6C": ctq,
	// Action codes are masks over the TVR (Book 3, 10.7).
	"9F0D": tvr,
	"9F0E": tvr,
	"9F0F": tvr,
};

const operators = ["", "Financial Institution", "Merchant", "Cardholder"];
const environments = [
	"",
	"Attended, online only",
	"Attended, offline with online capability",
	"Attended, offline only",
	"Unattended, online only",
	"Unattended, offline with online capability",
	"Unattended, offline only",
];
const results = ["Unknown", "Failed", "Successful"];

/** 9F35, Book 4, A1. */
function describeType(value: Uint8Array): readonly string[] {
	const type = value[0] ?? 0;
	return [
		`Operational Control: ${operators[type >> 4] || "Unknown"}`,
		`Environment: ${environments[type & 15] || "Unknown"}`,
	];
}

/** 9F34, Book 4, A4. */
function describeCvmResults(value: Uint8Array): readonly string[] {
	const [code = 0x3f, condition = 0, result = 0] = value;
	return [
		`CVM Performed: ${cvmOf(code)?.says ?? "unknown"}`,
		`CVM Condition: ${conditionOf(condition)?.says ?? "unknown"}`,
		`CVM Result: ${results[result] ?? "unknown"}`,
	];
}

/**
 * What a field says, one sentence a bit, from the first byte and its highest bit: `describe("95", …)`.
 * Empty for a tag that is not read bit by bit.
 */
export function describe(tag: string, value: Uint8Array): readonly string[] {
	if (tag === "9F35") return describeType(value);
	if (tag === "9F34") return describeCvmResults(value);
	return Object.values(fields[tag] ?? {}).flatMap((bit) => {
		const said = has(value, bit) ? bit.says : bit.otherwise;
		return said === undefined ? [] : [said];
	});
}
