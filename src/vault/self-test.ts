/** Known answers: every algorithm is tried on published numbers before a key is used, and each day again. */
import { equal, hex, latin, unhex } from "../kit/bytes.ts";
import type { Random } from "../kit/random.ts";
import { aesFor } from "../runtime/aes.ts";
import { desFor } from "../runtime/des.ts";
import { transactionKey } from "../spec/keys/dukpt.ts";
import { tdesDukpt, tdesInitialKey, tdesWorkingKey } from "../spec/keys/dukpt-tdes.ts";
import { retailMac } from "../spec/keys/issuer.ts";
import { aesKcv, desKcv } from "../spec/keys/kcv.ts";
import { unionPayMac } from "../spec/keys/mac.ts";
import { format0 } from "../spec/pin/block.ts";
import { seal, unseal } from "./ciphers.ts";

/** At least each 24 h (fleet/security.md, 18), in ms. */
export const selfTestMs = 86_400_000;

/** One algorithm on one input, and what must come of it, hex. */
export interface KnownAnswer {
	readonly algorithm: string;
	readonly run: () => Uint8Array;
	readonly must: string;
}

const noChance: Random = { bytes: (count) => new Uint8Array(count), below: () => 0 };
const nothing = new Uint8Array(0);
const x919 = unhex("0123456789ABCDEFFEDCBA9876543210");
const counting = Uint8Array.from({ length: 32 }, (_, i) => i);

/** The published numbers, and for the sealing also that a bent box does not open. */
export const knownAnswers: readonly KnownAnswer[] = [
	// FIPS 81, annex B.
	{
		algorithm: "des",
		run: () => desFor(unhex("0123456789ABCDEF")).encrypt(latin("Now is t")),
		must: "3FA40E8A984D4815",
	},
	// ANSI X9.24-1:2009, A.4: the check value of the initial key; and back.
	{
		algorithm: "tdes",
		run: () => desKcv(desFor(unhex("6AC292FAA1315B4D858AB3A3D7D5933A")), 3),
		must: "AF8C07",
	},
	{
		algorithm: "tdes-back",
		run: () => desFor(x919).decrypt(desFor(x919).encrypt(latin("Now is t"))),
		must: "4E6F772069732074",
	},
	// FIPS 197, C.3.
	{
		algorithm: "aes",
		run: () => aesFor(counting).encrypt(unhex("00112233445566778899AABBCCDDEEFF")),
		must: "8EA2B7CA516745BFEAFC49904B496089",
	},
	// NIST SP 800-38D's authors' test case 14: nonce, ciphertext, tag.
	{
		algorithm: "aes-gcm",
		run: () => seal(new Uint8Array(32), new Uint8Array(16), nothing, noChance),
		must: `${"00".repeat(12)}CEA7403D4D606B6E074EC5D3BAF39D18D0D1C8A799996BF0265B98B5D48AB919`,
	},
	{ algorithm: "aes-gcm-back", run: () => reopened(0), must: "00".repeat(16) },
	{ algorithm: "aes-gcm-refuses", run: () => reopened(1), must: "" },
	{
		algorithm: "aes-kcv",
		run: () => aesKcv(aesFor(unhex("00112233445566778899AABBCCDDEEFF"))),
		must: "53E107",
	},
	// ISO 9797-1:2011, annex B.4.
	{
		algorithm: "retail-mac",
		run: () => retailMac(desFor, x919, latin("Now is the time for all "), "00").slice(0, 4),
		must: "A1C72E74",
	},
	// A published 0200 (unionpay-terminal.md, 5).
	{
		algorithm: "unionpay-mac",
		run: () => unionPayMac(desFor(unhex("0723C80DB5F4CD3D")), message),
		must: "4233413039324145",
	},
	// ANSI X9.24-1:2009, A.4.
	{
		algorithm: "pin-block",
		run: () => {
			const block = format0(Uint8Array.of(1, 2, 3, 4), "4012345678909");
			return block.ok ? block.value : nothing;
		},
		must: "041274EDCBA9876F",
	},
	// ANSI X9.24-1:2009, A.4: the PIN block of the first transaction.
	{ algorithm: "dukpt-tdes", run: firstDukptBlock, must: "1B9C1845EB993A7A" },
];

function firstDukptBlock(): Uint8Array {
	const keyId = unhex("FFFF9876543210E00000");
	const initial = tdesInitialKey(desFor, x919, keyId);
	const key = initial.ok ? transactionKey(tdesDukpt(desFor), initial.value, keyId, 1) : initial;
	const working = key.ok ? tdesWorkingKey(desFor, key.value, "pin") : key;
	return working.ok ? desFor(working.value).encrypt(unhex("041274EDCBA9876F")) : nothing;
}

const message = unhex(
	"02003020048000C08015000000000000001234000002030099303030303030303139353237313831383232313738373531353600" +
		"192600000100060000000000435F01123238343431323334353637383930313233345F03063136303033365F0406323030383236" +
		"5C023031",
);

function reopened(bent: 0 | 1): Uint8Array {
	const box = unhex(`${"00".repeat(12)}CEA7403D4D606B6E074EC5D3BAF39D18D0D1C8A799996BF0265B98B5D48AB919`);
	box[20] = (box[20] ?? 0) ^ bent;
	return unseal(new Uint8Array(32), box, nothing) ?? nothing;
}

/**
 * The algorithms that came out wrong; none: all is well. What throws came out wrong. Chance is looked at
 * too: two draws that are equal are none.
 */
export function selfTest(answers: readonly KnownAnswer[], random: Random): readonly string[] {
	const bad = answers.filter(({ run, must }) => {
		try {
			return hex(run()) !== must;
		} catch {
			return true;
		}
	});
	const stuck = equal(random.bytes(16), random.bytes(16)) ? ["random"] : [];
	return [...bad.map(({ algorithm }) => algorithm), ...stuck];
}
