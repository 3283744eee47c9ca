/** Vectors of PIN verification: Visa's PVV, and IBM 3624 with its offset. */
import { hex, unhex } from "../../src/kit/bytes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { naturalPin, offsetPin, pinOffset, pvv, pvvBlock } from "../../src/spec/pin/verify.ts";
import { differences, named, pinOf, said, text } from "./parts/named.ts";
import type { RunVector } from "./runner.ts";

const reads = ["pvk", "pvki", "pan", "pin", "decimalisation_table", "validation_data", "offset"];

export const run: RunVector = (vector) => {
	const { input } = vector;
	const key = (): Uint8Array => unhex(text(input, "pvk"));
	const pin = (): Uint8Array => pinOf(text(input, "pin"));
	const facts = () => ({ pan: text(input, "pan"), keyIndex: text(input, "pvki"), pin: pin() });
	const natural = (length: number): Uint8Array =>
		naturalPin(desFor, key(), {
			validationData: text(input, "validation_data"),
			decimalisation: text(input, "decimalisation_table"),
			length,
		});
	const length = (): number =>
		(said(input, "pin") || said(input, "offset") || said(vector.expected, "natural_pin")).length;
	return differences(
		vector,
		reads,
		named({
			pvv: () => pvv(desFor, key(), facts()),
			pvv_input: () => hex(pvvBlock(facts())),
			encrypted: () => hex(desFor(key()).encrypt(pvvBlock(facts()))),
			natural_pin: () => natural(length()).join(""),
			offset: () => pinOffset(natural(length()), pin()),
			pin: () => offsetPin(natural(length()), text(input, "offset")).join(""),
		}),
	);
};
