/** Vectors of contactless magstripe mode: Mastercard's dynamic CVC3. */
import { hex, latin, unhex } from "../../src/kit/bytes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { hashes } from "../../src/runtime/hash.ts";
import { cvc3, ivCvc3 } from "../../src/spec/keys/card-verify.ts";
import { cardMasterKey } from "../../src/spec/keys/issuer.ts";
import { cardMasterKeyB } from "../../src/spec/keys/issuer-master.ts";
import { desKcv } from "../../src/spec/keys/kcv.ts";
import { differences, type Facts, firstOf, has, named, said, text } from "./parts/named.ts";
import type { Difference, RunVector, Vector } from "./runner.ts";

const reads = ["imk_cvc3", "pan", "psn", "un", "atc", "ivcvc3"];
/** The static track stands under a name of its own for each track: packed hexadecimal, or characters. */
const trackNames = (input: Vector["input"]): readonly string[] =>
	Object.keys(input).filter((key) => key.startsWith("static_track"));

function track(input: Vector["input"]): Uint8Array {
	const written = text(input, trackNames(input)[0] ?? "static_track");
	return /^([0-9A-F]{2})+$/.test(written) ? unhex(written) : latin(written);
}

/** CVC3, or as many of its last digits as the key says. */
const shortened =
	(whole: () => string): Facts =>
	(key) => {
		const [, count] = /^cvc3(?:_last(\d))?$/.exec(key) ?? [undefined, "none"];
		return count === "none" ? undefined : whole().slice(-Number(count ?? 5));
	};

/** One vector, with the card's key by one of the options: none names its option. */
function explained(vector: Vector, option: "A" | "B"): readonly Difference[] {
	const { input } = vector;
	const key = (): Uint8Array => {
		const from = [unhex(text(input, "imk_cvc3")), text(input, "pan"), said(input, "psn")] as const;
		return option === "A"
			? cardMasterKey(desFor, ...from)
			: cardMasterKeyB({ desFor, sha1: hashes.sha1 }, ...from);
	};
	const iv = (): Uint8Array =>
		has(input, "ivcvc3") ? unhex(text(input, "ivcvc3")) : ivCvc3(desFor, key(), track(input));
	const whole = (): string =>
		cvc3(desFor, key(), {
			iv: iv(),
			unpredictable: unhex(text(input, "un")),
			atc: unhex(text(input, "atc")),
		});
	return differences(
		vector,
		[...reads, ...trackNames(input)],
		firstOf(
			named({ ivcvc3: () => hex(iv()), icc_mk: () => hex(key()), icc_mk_kcv: () => kcv(key()) }),
			shortened(whole),
		),
	);
}

export const run: RunVector = (vector) => {
	const [a, b] = [explained(vector, "A"), explained(vector, "B")];
	return b.length < a.length ? b : a;
};

/** Two bytes, as a card personaliser writes them. */
const kcv = (key: Uint8Array): string => hex(desKcv(desFor(key), 3)).slice(0, 4);
