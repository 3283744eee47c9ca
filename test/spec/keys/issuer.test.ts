import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concat, hex, latin, unhex } from "../../../src/kit/bytes.ts";
import { desFor } from "../../../src/runtime/des.ts";
import {
	applicationCryptogram,
	arpcMethod1,
	arpcMethod2,
	cardMasterKey,
	commonSessionKey,
	cryptogramVersions,
	mastercardSeed,
	oddParity,
	padded,
	retailMac,
	unionPaySessionKey,
	visaScriptKey,
} from "../../../src/spec/keys/issuer.ts";

type Name =
	| "ac"
	| "ac_data"
	| "arc"
	| "arc_ascii"
	| "arpc"
	| "arpc_m1_under_icc_mk"
	| "arpc_m2_under_sk_csu0_nopad"
	| "arpc_m2_under_sk_csu0_pad1234567890ABCDEF"
	| "arqc"
	| "command"
	| "command_mac"
	| "csu"
	| "cvr"
	| "cvr_and_counters"
	| "data"
	| "icc_mk"
	| "icc_mk_ac"
	| "imk"
	| "imk_ac"
	| "imk_smi"
	| "key"
	| "mac_input_unpadded"
	| "option_a"
	| "pan"
	| "psn"
	| "r"
	| "sk"
	| "sk_ac"
	| "sk_smi";
type Named = { readonly [N in Name]?: string };
interface Vector {
	readonly id: string;
	readonly input: Named & { readonly tags?: Readonly<Record<string, string>> };
	readonly expected: Named;
}
const { vectors } = JSON.parse(
	readFileSync(new URL("../../vectors/emv-host.json", import.meta.url), "utf8"),
) as { readonly vectors: readonly Vector[] };
const vector = (id: string): Vector => {
	const found = vectors.find((v) => v.id === id);
	assert.ok(found, id);
	return found;
};
const bytes = (text: string | undefined): Uint8Array => {
	assert.type(text, "string");
	return unhex(text ?? "");
};
const tagsOf = (v: Vector, issuerData: string): Map<string, Uint8Array> =>
	new Map([
		...Object.entries(v.input.tags ?? {}).map(([tag, value]) => [tag, unhex(value)] as const),
		["9F10", unhex(issuerData)] as const,
	]);

const keys = suite("card and session keys");
for (const v of vectors.filter((each) => each.expected.option_a !== undefined))
	keys(`${v.id}: option A`, () => {
		const made = cardMasterKey(desFor, bytes(v.input.imk), v.input.pan ?? "", v.input.psn ?? "");
		assert.is(hex(made), v.expected.option_a);
	});
keys("emv-mk-a-sk-ac-1: master key, common session key, cryptogram, both ARPCs", () => {
	const { input, expected } = vector("emv-mk-a-sk-ac-1");
	const master = cardMasterKey(desFor, bytes(input.imk), input.pan ?? "", input.psn ?? "");
	assert.is(hex(master), expected.icc_mk);
	const session = commonSessionKey(desFor, master, bytes(input.r));
	assert.is(hex(session), expected.sk);
	const ac = retailMac(desFor, session, bytes(input.data), "80");
	assert.is(hex(ac), expected.ac);
	assert.is(hex(arpcMethod1(desFor, master, ac, bytes(input.arc))), expected.arpc_m1_under_icc_mk);
	const update = new Uint8Array(4);
	assert.is(
		hex(arpcMethod2(desFor, session, { arqc: ac, statusUpdate: update })),
		expected.arpc_m2_under_sk_csu0_nopad,
	);
	const proprietary = unhex("1234567890ABCDEF");
	assert.is(
		hex(arpcMethod2(desFor, session, { arqc: ac, statusUpdate: update, proprietary })),
		expected.arpc_m2_under_sk_csu0_pad1234567890ABCDEF,
	);
});
keys(
	"UnionPay: the left half is the ATC enciphered, the right half its complement (no public vector)",
	() => {
		const master = unhex("0123456789ABCDEFFEDCBA9876543210");
		const made = unionPaySessionKey(desFor, master, unhex("001C"));
		assert.is(hex(made.subarray(0, 8)), hex(desFor(master).encrypt(unhex("000000000000001C"))));
		assert.is(hex(made.subarray(8)), hex(desFor(master).encrypt(unhex("000000000000FFE3"))));
	},
);
keys("diversification data of another length than 8 is refused", () => {
	assert.throws(() => commonSessionKey(desFor, new Uint8Array(16), new Uint8Array(7)), /7 bytes/);
});
keys("every derived byte has odd parity, and DES takes the key as the one without", async () => {
	await fc.assert(
		fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (key) => {
			const odd = oddParity(key);
			for (const byte of odd) assert.is([...byte.toString(2)].filter((bit) => bit === "1").length % 2, 1);
			assert.is(hex(desFor(odd).encrypt(key)), hex(desFor(key).encrypt(key)));
		}),
		{ numRuns: 50 },
	);
});
keys.run();

const cryptograms = suite("cryptograms and their answers");
cryptograms("emv-visa-cvn10: ARQC, ARPC and script MAC", () => {
	const v = vector("emv-visa-cvn10");
	const { input, expected } = v;
	const of = (name: Name): Uint8Array =>
		cardMasterKey(desFor, bytes(input[name]), input.pan ?? "", input.psn ?? "");
	const master = of("imk_ac");
	assert.is(hex(master), expected.icc_mk_ac);
	const made = applicationCryptogram(
		desFor,
		cryptogramVersions.visa,
		master,
		tagsOf(v, `06010A${input.cvr}`),
	);
	assert.equal(made, { cryptogram: bytes(expected.arqc) });
	const arqc = bytes(expected.arqc);
	assert.is(hex(arpcMethod1(desFor, master, arqc, latin(input.arc_ascii ?? ""))), expected.arpc);
	const script = visaScriptKey(of("imk_smi"), unhex("001C"));
	assert.is(hex(oddParity(script)), hex(oddParity(bytes(expected.sk_smi))));
	const over = concat(bytes(input.command), unhex("001C"), arqc);
	assert.is(hex(over), expected.mac_input_unpadded);
	assert.is(hex(retailMac(desFor, script, over, "80")), expected.command_mac);
});
cryptograms("emv-mc-cvn16: session key, ARQC, ARPC and script MAC", () => {
	const v = vector("emv-mc-cvn16");
	const { input, expected } = v;
	const of = (name: Name): Uint8Array =>
		cardMasterKey(desFor, bytes(input[name]), input.pan ?? "", input.psn ?? "");
	const master = of("imk_ac");
	const session = commonSessionKey(desFor, master, mastercardSeed(unhex("001C"), unhex("ABCDEF12")));
	assert.is(hex(session), expected.sk_ac);
	const issuerData = `0110${input.cvr_and_counters}00000000000000000000`;
	const made = applicationCryptogram(desFor, cryptogramVersions.mastercard, master, tagsOf(v, issuerData));
	assert.equal(made, { cryptogram: bytes(expected.arqc) });
	const arqc = bytes(expected.arqc);
	assert.is(hex(arpcMethod1(desFor, master, arqc, bytes(input.arc))), expected.arpc);
	const script = cryptogramVersions.mastercard.script(desFor, of("imk_smi"), { atc: unhex("001C"), arqc });
	assert.is(hex(script), expected.sk_smi);
	const over = concat(bytes(input.command), unhex("001C"), arqc);
	assert.is(hex(retailMac(desFor, script, over, "80")), expected.command_mac);
});
const jpos = {
	"emv-jpos-arqc-VSDC-P00": { padding: "00", session: (master: Uint8Array) => master },
	"emv-jpos-arqc-VSDC-P80": { padding: "80", session: (master: Uint8Array) => master },
	"emv-jpos-arqc-MCHIP-P00": {
		padding: "00",
		session: (master: Uint8Array) =>
			commonSessionKey(desFor, master, mastercardSeed(unhex("3456"), unhex("11111111"))),
	},
	"emv-jpos-arqc-CSKD-P80": {
		padding: "80",
		session: (master: Uint8Array) => commonSessionKey(desFor, master, unhex("3456000000000000")),
	},
} as const;
for (const [id, how] of Object.entries(jpos))
	cryptograms(id, () => {
		const { input, expected } = vector(id);
		const master = cardMasterKey(desFor, bytes(input.imk), input.pan ?? "", input.psn ?? "");
		const session = how.session(master);
		assert.is(hex(oddParity(session)), hex(oddParity(bytes(expected.sk))));
		assert.is(hex(retailMac(desFor, session, bytes(input.ac_data), how.padding)), expected.arqc);
	});
cryptograms("emv-ac-visa-pad-16: nothing is added to whole blocks", () => {
	const { input, expected } = vector("emv-ac-visa-pad-16");
	assert.is(hex(retailMac(desFor, bytes(input.sk), bytes(input.data), "00")), expected.ac);
});
for (const id of ["emv-jpos-arpc1-CSKD", "emv-jpos-arpc1-VSDC"])
	cryptograms(id, () => {
		const { input, expected } = vector(id);
		const made = arpcMethod1(desFor, bytes(input.key), bytes(input.arqc), bytes(input.arc));
		assert.is(hex(made), expected.arpc);
	});
cryptograms("emv-jpos-arpc2-CSKD", () => {
	const { input, expected } = vector("emv-jpos-arpc2-CSKD");
	const over = { arqc: bytes(input.arqc), statusUpdate: bytes(input.csu) };
	assert.is(hex(arpcMethod2(desFor, bytes(input.key), over)), expected.arpc);
});
cryptograms("emv-visa-cvn18: ARQC under the common session key, ARPC method 2", () => {
	const { input, expected } = vector("emv-visa-cvn18");
	const session = commonSessionKey(desFor, bytes(expected.icc_mk_ac), unhex("001C000000000000"));
	assert.is(hex(session), expected.sk_ac);
	assert.is(hex(retailMac(desFor, session, bytes(input.ac_data), "80")), expected.arqc);
	const over = { arqc: bytes(expected.arqc), statusUpdate: bytes(input.csu) };
	assert.is(hex(arpcMethod2(desFor, session, over)), expected.arpc);
});
cryptograms("a missing tag is named, and no cryptogram is made", () => {
	const tags = tagsOf(vector("emv-visa-cvn10"), "06010A03A06010");
	tags.delete("9F37");
	const made = applicationCryptogram(desFor, cryptogramVersions.visa, new Uint8Array(16), tags);
	assert.equal(made, { missing: "9F37" });
});
cryptograms("padding 80 always adds, padding 00 fills up only", () => {
	assert.is(hex(padded(new Uint8Array(8), "80")), "00000000000000008000000000000000");
	assert.is(hex(padded(new Uint8Array(8), "00")), "0000000000000000");
	assert.is(hex(padded(Uint8Array.of(1), "00")), "0100000000000000");
});
cryptograms.run();
