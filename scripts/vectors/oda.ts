/** Vectors of offline data authentication: as far down the chain as the vector's input leads. */
import { hex, unhex } from "../../src/kit/bytes.ts";
import type { Result } from "../../src/kit/result.ts";
import { hashes } from "../../src/runtime/hash.ts";
import { rsaPublic } from "../../src/runtime/rsa.ts";
import {
	type Certificate,
	type CertificateParts,
	certificateExpired,
	combinedAuthentication,
	dynamicAuthentication,
	iccKey,
	issuerKey,
	type OdaFault,
	type RsaKey,
	readCertificate,
	readDynamicSignature,
	readStaticSignature,
	staticAuthentication,
} from "../../src/spec/emv/oda.ts";
import { leaves, parse } from "../../src/spec/tlv/tlv.ts";
import type { RunVector, Vector } from "./runner.ts";

const arithmetic = { recover: rsaPublic(), sha1: hashes.sha1 };

type Fact = string | number | boolean;
/** What is found going down the chain: facts by the vector's names, and the first fault. */
class Chain {
	readonly facts = new Map<string, Fact>();
	fault: OdaFault | undefined;
	/** Every step that could be judged, was good. */
	valid = true;

	note(facts: Readonly<Record<string, Fact>>): void {
		for (const [name, fact] of Object.entries(facts)) this.facts.set(name, fact);
	}
	taken<T>(result: Result<T, OdaFault>): T | undefined {
		if (result.ok) return result.value;
		this.fault ??= result.error;
		this.valid = false;
		return undefined;
	}
}

class Input {
	readonly #held: Vector["input"];
	constructor(held: Vector["input"]) {
		this.#held = held;
	}
	/** The first of these that is there. */
	text(...names: readonly string[]): string | undefined {
		const found = names.map((name) => this.#held[name]).find((value) => typeof value === "string");
		return found === undefined ? undefined : String(found);
	}
	bytes(...names: readonly string[]): Uint8Array | undefined {
		const found = this.text(...names);
		return found === undefined ? undefined : unhex(found);
	}
	key(modulus: string, exponents: readonly string[]): RsaKey | undefined {
		const found = this.bytes(modulus);
		// A vector that begins below the certificate may leave its exponent out: then it is EMV's usual 3.
		return found && { modulus: found, exponent: this.bytes(...exponents) ?? Uint8Array.of(3) };
	}
	parts(certificate: string, remainder: string, exponent: string): CertificateParts | undefined {
		const found = this.bytes(certificate);
		return (
			found && {
				certificate: found,
				remainder: this.bytes(remainder) ?? new Uint8Array(0),
				exponent: this.bytes(exponent) ?? Uint8Array.of(3),
			}
		);
	}
}

const factsOf = ({ key, expiry, serial, hash, hashAlgorithm, keyAlgorithm }: Certificate) => ({
	modulus: hex(key.modulus),
	modulus_length: key.modulus.length,
	exponent: hex(key.exponent),
	expiry_mmyy: expiry,
	serial: hex(serial),
	hash: hex(hash),
	hash_alg: hex(Uint8Array.of(hashAlgorithm)),
	pk_alg: hex(Uint8Array.of(keyAlgorithm)),
});
/** Old cards are judged as on the first day of their certificate's last month. */
const inTime = ({ expiry }: Certificate): string => `${expiry.slice(2)}${expiry.slice(0, 2)}01`;

function issuerOf(chain: Chain, input: Input): RsaKey | undefined {
	const scheme = input.key("capk_modulus", ["capk_exponent"]);
	const parts = input.parts("tag_90", "tag_92", "tag_9F32");
	if (scheme === undefined || parts === undefined)
		return input.key("issuer_public_key", ["issuer_exponent", "tag_9F32"]);
	const read = chain.taken(readCertificate(arithmetic.recover, "issuer", scheme, parts));
	if (read === undefined) return undefined;
	const pan = input.text("tag_5A", "pan_5A") ?? read.subject.replaceAll("F", "");
	const believed = issuerKey(arithmetic, scheme, parts, { pan, date: inTime(read) });
	chain.taken(believed);
	chain.note({
		...factsOf(read),
		issuer_public_key: hex(read.key.modulus),
		issuer_identifier: read.subject,
		issuer_cert_expiry_mmyy: read.expiry,
		issuer_cert_serial: hex(read.serial),
		issuer_cert_valid: believed.ok,
	});
	return read.key;
}

function iccOf(chain: Chain, input: Input, issuer: RsaKey | undefined): RsaKey | undefined {
	const parts = input.parts("tag_9F46", "tag_9F48", "tag_9F47");
	if (parts === undefined || issuer === undefined) return input.key("icc_public_key", ["icc_exponent"]);
	const read = chain.taken(readCertificate(arithmetic.recover, "icc", issuer, parts));
	if (read === undefined) return undefined;
	chain.note({
		...factsOf(read),
		pan: read.subject,
		icc_public_key: hex(read.key.modulus),
		icc_cert_pan: read.subject,
		icc_cert_expiry_mmyy: read.expiry,
		icc_cert_serial: hex(read.serial),
	});
	const staticData = input.bytes("static_data_to_be_authenticated");
	if (staticData === undefined) return read.key;
	const pan = input.text("tag_5A", "pan_5A") ?? read.subject.replaceAll("F", "");
	const believed = iccKey(arithmetic, issuer, parts, { pan, date: inTime(read), staticData });
	chain.taken(believed);
	chain.note({
		icc_cert_valid: believed.ok,
		static_data_hash_ok: believed.ok || believed.error.at !== "hash",
	});
	return read.key;
}

function staticOf(chain: Chain, input: Input, issuer: RsaKey | undefined): void {
	const signature = input.bytes("tag_93", "tag_93_ssad");
	if (signature === undefined || issuer === undefined) return;
	const read = chain.taken(readStaticSignature(arithmetic.recover, issuer, signature));
	if (read === undefined) {
		chain.note({ sda: "invalid" });
		return;
	}
	chain.note({ data_authentication_code: hex(read.authenticationCode), hash: hex(read.hash) });
	const staticData = input.bytes("static_data_to_be_authenticated");
	if (staticData === undefined) return;
	chain.taken(staticAuthentication(arithmetic, issuer, signature, staticData));
	chain.note({ sda: chain.valid ? "valid" : "invalid" });
}

function dynamicOf(chain: Chain, input: Input, icc: RsaKey | undefined): void {
	const signature = input.bytes("tag_9F4B");
	if (signature === undefined || icc === undefined) return;
	const read = chain.taken(readDynamicSignature(arithmetic.recover, icc, signature));
	if (read === undefined) {
		chain.note({ dda: "invalid", cda: "invalid" });
		return;
	}
	chain.note({ icc_dynamic_number: hex(read.dynamicNumber), hash: hex(read.hash) });
	const unpredictable = input.bytes("unpredictable_number", "unpredictable_number_9F37");
	const terminalData = input.bytes("ddol_data", "internal_authenticate_data") ?? unpredictable;
	if (terminalData === undefined) return;
	const signed = dynamicAuthentication(arithmetic, icc, signature, terminalData);
	chain.taken(signed);
	chain.note({ sdad_valid: signed.ok, dda: chain.valid ? "valid" : "invalid" });
	if (read.combined === undefined || unpredictable === undefined) return;
	const { cid, cryptogram, transactionHash } = read.combined;
	chain.note({
		cid: hex(Uint8Array.of(cid)),
		application_cryptogram: hex(cryptogram),
		transaction_data_hash: hex(transactionHash),
	});
	const response = input.bytes("response_tlv_without_9F4B");
	if (response === undefined) return;
	const objects = parse(response, "card");
	const told = objects.ok ? leaves(objects.value).find(({ tag }) => tag === "9F27")?.value[0] : undefined;
	const sent = unhex(["pdol_data", "cdol1_data", "cdol2_data"].map((n) => input.text(n) ?? "").join(""));
	const terms = { unpredictable, cid: told ?? -1, sent, response };
	const combined = combinedAuthentication(arithmetic, icc, signature, terms);
	chain.taken(combined);
	chain.note({
		transaction_data_hash_valid: combined.ok || combined.error.at !== "transaction-hash",
		cda: chain.valid ? "valid" : "invalid",
	});
}

/** MMYY and YYMMDD: in the vector's words, with the last day on which the certificate is good. */
function dates(chain: Chain, input: Input): void {
	const [expiry, date] = [input.text("certificate_expiry_mmyy"), input.text("transaction_date_9A")];
	if (expiry === undefined || date === undefined) return;
	const [month, year] = [expiry.slice(0, 2), expiry.slice(2)];
	const days = new Date(Date.UTC(2000 + Number(year), Number(month), 0)).getUTCDate();
	const lastDay = `${year}${month}${days}`;
	const [good, late] = [certificateExpired(expiry, lastDay), certificateExpired(expiry, date)];
	chain.note({
		result: late && !good ? `certificate expired (valid for 9A=${lastDay})` : "certificate valid",
	});
}

/** What must be refused for the reason told, where the words name one. */
const refusals: readonly { readonly words: RegExp; readonly at: readonly string[] }[] = [
	{ words: /header|trailer|format/, at: ["header", "trailer", "format"] },
	{ words: /hash/, at: ["hash", "transaction-hash"] },
	{ words: /expired/, at: ["expired"] },
	{ words: /length/, at: ["length", "key-length"] },
];
function refusal(fault: OdaFault | undefined, wanted: string): string {
	if (fault === undefined) return "taken";
	const reasons = refusals.find(({ words }) => words.test(wanted))?.at;
	return reasons === undefined || reasons.includes(fault.at) ? wanted : `refused: ${fault.of} ${fault.at}`;
}

export const run: RunVector = (vector) => {
	const chain = new Chain();
	const input = new Input(vector.input);
	const issuer = issuerOf(chain, input);
	staticOf(chain, input, issuer);
	dynamicOf(chain, input, iccOf(chain, input, issuer));
	dates(chain, input);
	const refused = "error" in vector.expected ? undefined : chain.fault;
	return Object.entries(vector.expected).flatMap(([key, wanted]) => {
		const name = key.replace(/_9F[0-9A-F]{2}$/, "");
		const known = chain.facts.get(name) ?? "a key this runner knows not, or its input does not lead to";
		const got = name === "error" ? refusal(chain.fault, String(wanted)) : known;
		const at = refused === undefined ? "" : ` (refused: ${refused.of} ${refused.at})`;
		return got === wanted ? [] : [{ key, expected: String(wanted), got: `${got}${at}` }];
	});
};
