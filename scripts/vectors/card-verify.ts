/** Vectors of card verification values. */
import { hex, unhex } from "../../src/kit/bytes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { cvv, cvvCryptogram, dcvv, serviceCodes } from "../../src/spec/keys/card-verify.ts";
import { cardMasterKey } from "../../src/spec/keys/issuer.ts";
import { differences, has, named, said, text } from "./parts/named.ts";
import type { RunVector } from "./runner.ts";

const reads = ["cvk", "pan", "expiry", "service_code", "imk_ac", "psn", "atc"];

export const run: RunVector = (vector) => {
	const { input } = vector;
	const key = (): Uint8Array => unhex(text(input, "cvk"));
	/** A dynamic value is made with the card's own key. */
	const cardKey = (): Uint8Array =>
		cardMasterKey(desFor, unhex(text(input, "imk_ac")), text(input, "pan"), said(input, "psn"));
	/** The service code of the vector, or the one that makes the value what it is. */
	const card = (serviceCode?: string) => ({
		pan: text(input, "pan"),
		expiry: text(input, "expiry"),
		serviceCode: !has(input, "service_code") && serviceCode ? serviceCode : text(input, "service_code"),
	});
	const value = (serviceCode?: string): string => cvv(desFor, key(), card(serviceCode));
	return differences(
		vector,
		reads,
		named({
			cvv: value,
			cvc: value,
			cvv2: () => value(serviceCodes.cvv2),
			cvc2: () => value(serviceCodes.cvv2),
			icvv: () => value(serviceCodes.icvv),
			dcvv: () => dcvv(desFor, cardKey(), card(), unhex(text(input, "atc"))),
			raw: () => hex(cvvCryptogram(desFor, key(), card())),
		}),
	);
};
