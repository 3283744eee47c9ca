/**
 * The list of cardholder verification methods: its codes, its conditions, and how it is read (EMV 4.4 Book
 * 3, 10.5 and C3).
 */
import { unbig } from "../../kit/bytes.ts";
import { no, ok, type Result } from "../../kit/result.ts";

export const cvm = {
	fail: 0x00,
	plainPin: 0x01,
	onlinePin: 0x02,
	plainPinAndSignature: 0x03,
	encipheredPin: 0x04,
	encipheredPinAndSignature: 0x05,
	signature: 0x1e,
	noCvm: 0x1f,
	/** Only in the results: nothing was performed. */
	none: 0x3f,
} as const;

interface Named {
	/** Short, for a log. */
	readonly name: string;
	/** A sentence, for a reader. */
	readonly says: string;
}

const codes: Readonly<Record<number, Named>> = {
	[cvm.fail]: { name: "fail", says: "Fail CVM processing" },
	[cvm.plainPin]: { name: "plaintext offline PIN", says: "Plaintext PIN verification performed by ICC" },
	[cvm.onlinePin]: { name: "enciphered online PIN", says: "Enciphered PIN verified online" },
	[cvm.plainPinAndSignature]: {
		name: "plaintext offline PIN and signature",
		says: "Plaintext PIN verification performed by ICC and signature (paper)",
	},
	[cvm.encipheredPin]: {
		name: "enciphered offline PIN",
		says: "Enciphered PIN verification performed by ICC",
	},
	[cvm.encipheredPinAndSignature]: {
		name: "enciphered offline PIN and signature",
		says: "Enciphered PIN verification performed by ICC and signature (paper)",
	},
	[cvm.signature]: { name: "signature", says: "Signature (paper)" },
	[cvm.noCvm]: { name: "no CVM", says: "No CVM required" },
	[cvm.none]: { name: "none", says: "No CVM performed" },
};

const conditions: Readonly<Record<number, Named>> = {
	0: { name: "always", says: "Always" },
	1: { name: "unattended cash", says: "If unattended cash" },
	2: {
		name: "not cash, not cashback",
		says: "If not unattended cash and not manual cash and not purchase with cashback",
	},
	3: { name: "terminal supports CVM", says: "If terminal supports the CVM" },
	4: { name: "manual cash", says: "If manual cash" },
	5: { name: "cashback", says: "If purchase with cashback" },
	6: { name: "under X", says: "If transaction is in the application currency and is under X value" },
	7: { name: "over X", says: "If transaction is in the application currency and is over X value" },
	8: { name: "under Y", says: "If transaction is in the application currency and is under Y value" },
	9: { name: "over Y", says: "If transaction is in the application currency and is over Y value" },
};

/** A code as it stands in a rule or in the results; bits 8 and 7 do not count. */
export const cvmOf = (code: number): Named | undefined => codes[code & 0x3f];
export const conditionOf = (condition: number): Named | undefined => conditions[condition];

export interface CvmRule {
	/** The whole first byte: the results repeat it. */
	readonly code: number;
	/** Bits 6 to 1: the method. */
	readonly method: number;
	/** Bit 7: when the method is unsuccessful the next rule applies, else verification has failed. */
	readonly applyNext: boolean;
	readonly condition: number;
}
export interface CvmList {
	/** In minor units of the application currency (9F42). */
	readonly x: number;
	readonly y: number;
	readonly rules: readonly CvmRule[];
}

/** Reads 8E: two amounts of four bytes, then rules of two. A length that cannot be is a fault. */
export function parseCvmList(bytes: Uint8Array): Result<CvmList, { readonly kind: "length" }> {
	if (bytes.length < 8 || bytes.length % 2 !== 0) return no({ kind: "length" });
	const rules: CvmRule[] = [];
	for (let at = 8; at < bytes.length; at += 2) {
		const code = bytes[at] ?? 0;
		rules.push({
			code,
			method: code & 0x3f,
			applyNext: (code & 0x40) !== 0,
			condition: bytes[at + 1] ?? 0,
		});
	}
	return ok({ x: unbig(bytes.subarray(0, 4)), y: unbig(bytes.subarray(4, 8)), rules });
}
