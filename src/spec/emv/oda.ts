/**
 * Offline data authentication: what the certificates and signatures of a card hold once RSA has recovered
 * them, and whether it may be believed (EMV 4.4 Book 2, 5 and 6). RSA and hash are handed in.
 */
import { big, concat, equal, hex, unhex } from "../../kit/bytes.ts";
import { no, ok, type Result } from "../../kit/result.ts";

export interface RsaKey {
	/** Big endian, no leading zeros. */
	readonly modulus: Uint8Array;
	readonly exponent: Uint8Array;
}
/** RSA's public operation without padding; undefined when block and key do not fit. */
export type Recover = (key: RsaKey, block: Uint8Array) => Uint8Array | undefined;
export interface OdaArithmetic {
	readonly recover: Recover;
	/** SHA-1: hash algorithm indicator 01, the only one of Book 2, B2.1. */
	readonly sha1: (bytes: Uint8Array) => Uint8Array;
}

/** Which of the card's signed blocks, and what about it is wrong; never a value. */
export interface OdaFault {
	readonly of: "issuer" | "icc" | "static" | "dynamic";
	readonly at:
		| "length"
		| "trailer"
		| "header"
		| "format"
		| "hash-algorithm"
		| "key-algorithm"
		| "key-length"
		| "remainder"
		| "hash"
		| "issuer-identifier"
		| "pan"
		| "expired"
		| "fill"
		| "transaction-hash"
		| "cryptogram-information";
}

/** The format byte of each block, and what stands before and behind it (Book 2, 5.3, 5.4, 6.4, 6.5). */
const formats = { issuer: 0x02, static: 0x03, icc: 0x04, dynamic: 0x05 } as const;
const header = 0x6a;
const trailer = 0xbc;
/** Header, format, hash and trailer; the hash is 20 bytes (SHA-1). */
const hashSize = 20;
const sha1Indicator = 0x01;
const rsaIndicator = 0x01;

interface Opened {
	/** From the format byte to the byte before the hash: what the hash is over, with more behind. */
	readonly signed: Uint8Array;
	readonly hash: Uint8Array;
}

/** Recovers a block and checks what tells that the right key did it (Book 2, 5.3, 5.4, 6.3 to 6.5). */
function open(
	recover: Recover,
	of: keyof typeof formats,
	key: RsaKey,
	block: Uint8Array,
): Result<Opened, OdaFault> {
	const recovered = block.length === key.modulus.length ? recover(key, block) : undefined;
	// Nothing shorter holds the fixed parts of any of the four.
	if (recovered === undefined || recovered.length < 64) return no({ of, at: "length" });
	if (recovered[recovered.length - 1] !== trailer) return no({ of, at: "trailer" });
	if (recovered[0] !== header) return no({ of, at: "header" });
	if (recovered[1] !== formats[of]) return no({ of, at: "format" });
	return ok({
		signed: recovered.slice(1, -1 - hashSize),
		hash: recovered.slice(-1 - hashSize, -1),
	});
}

/** What an issuer's or a card's certificate says. */
export interface Certificate {
	/** Issuer: 4 bytes, leading digits of the PAN and F. Card: 10 bytes, the PAN and F. Upper-case hex. */
	readonly subject: string;
	/** MMYY. */
	readonly expiry: string;
	/** 3 bytes. */
	readonly serial: Uint8Array;
	readonly hashAlgorithm: number;
	readonly keyAlgorithm: number;
	readonly key: RsaKey;
	readonly hash: Uint8Array;
	/** What the hash must be over; for a card's certificate the static data follow it. */
	readonly hashed: Uint8Array;
}
/** The objects of the card that together are one certificate. */
export interface CertificateParts {
	/** 90 or 9F46. */
	readonly certificate: Uint8Array;
	/** 92 or 9F48; empty where the card has none. */
	readonly remainder: Uint8Array;
	/** 9F32 or 9F47. */
	readonly exponent: Uint8Array;
}

/**
 * Opens a certificate and reads it, without judging its hash and dates (Book 2, 5.3 and 6.4).
 *
 * @param key the scheme's for an issuer's certificate, the issuer's for a card's.
 */
export function readCertificate(
	recover: Recover,
	of: "issuer" | "icc",
	key: RsaKey,
	parts: CertificateParts,
): Result<Certificate, OdaFault> {
	const opened = open(recover, of, key, parts.certificate);
	if (!opened.ok) return opened;
	const { signed, hash } = opened.value;
	const subject = of === "issuer" ? 4 : 10;
	const at = (offset: number): number => signed[1 + subject + offset] ?? 0;
	const [length, exponentLength] = [at(7), at(8)];
	if (exponentLength !== parts.exponent.length || length === 0) return no({ of, at: "key-length" });
	const digits = signed.slice(1 + subject + 9);
	// The modulus fills its place up to BB, or its rest is in the remainder (Book 2, 6.3 and 6.4, step 5).
	const inside = Math.min(length, digits.length);
	if (digits.subarray(inside).some((byte) => byte !== 0xbb)) return no({ of, at: "fill" });
	if (parts.remainder.length !== length - inside) return no({ of, at: "remainder" });
	return ok({
		subject: hex(signed.subarray(1, 1 + subject)),
		expiry: hex(signed.subarray(1 + subject, 3 + subject)),
		serial: signed.slice(3 + subject, 6 + subject),
		hashAlgorithm: at(5),
		keyAlgorithm: at(6),
		key: { modulus: concat(digits.subarray(0, inside), parts.remainder), exponent: parts.exponent },
		hash,
		hashed: concat(signed, parts.remainder, parts.exponent),
	});
}

/** Whom a certificate must belong to, and when it must still be good. */
export interface CertificateTerms {
	/** Digits. */
	readonly pan: string;
	/** 9A of the transaction, YYMMDD. */
	readonly date: string;
}

/**
 * An issuer's public key, as far as it may be believed (Book 2, 5.3 and 6.3, all steps but the revocation
 * list, which is the terminal's).
 */
export function issuerKey(
	arithmetic: OdaArithmetic,
	schemeKey: RsaKey,
	parts: CertificateParts,
	terms: CertificateTerms,
): Result<Certificate, OdaFault> {
	const read = readCertificate(arithmetic.recover, "issuer", schemeKey, parts);
	if (!read.ok) return read;
	const fault = judge("issuer", arithmetic, read.value, { data: new Uint8Array(0), date: terms.date });
	if (fault !== undefined) return no(fault);
	// Three to eight leading digits of the PAN, then F (Book 2, 6.3).
	const digits = /^(\d{3,8})F*$/.exec(read.value.subject)?.[1];
	if (digits === undefined || !terms.pan.startsWith(digits))
		return no({ of: "issuer", at: "issuer-identifier" });
	return read;
}

/**
 * A card's public key, as far as it may be believed (Book 2, 6.4).
 *
 * @param staticData records, then the value of each tag of 9F4A (Book 3, 10.3).
 */
export function iccKey(
	arithmetic: OdaArithmetic,
	issuer: RsaKey,
	parts: CertificateParts,
	terms: CertificateTerms & { readonly staticData: Uint8Array },
): Result<Certificate, OdaFault> {
	const read = readCertificate(arithmetic.recover, "icc", issuer, parts);
	if (!read.ok) return read;
	const fault = judge("icc", arithmetic, read.value, { data: terms.staticData, date: terms.date });
	if (fault !== undefined) return no(fault);
	if (read.value.subject !== terms.pan.padEnd(20, "F")) return no({ of: "icc", at: "pan" });
	return read;
}

function judge(
	of: "issuer" | "icc",
	arithmetic: OdaArithmetic,
	certificate: Certificate,
	against: { readonly data: Uint8Array; readonly date: string },
): OdaFault | undefined {
	if (certificate.hashAlgorithm !== sha1Indicator) return { of, at: "hash-algorithm" };
	if (!certificateHashHolds(arithmetic, certificate, against.data)) return { of, at: "hash" };
	if (certificate.keyAlgorithm !== rsaIndicator) return { of, at: "key-algorithm" };
	if (certificateExpired(certificate.expiry, against.date)) return { of, at: "expired" };
	return undefined;
}

/** Whether the certificate's hash is over its own contents and `data` (the card's static data, or none). */
const certificateHashHolds = (
	{ sha1 }: Pick<OdaArithmetic, "sha1">,
	{ hash, hashed }: Certificate,
	data: Uint8Array,
): boolean => equal(sha1(concat(hashed, data)), hash);

/** Years 50 to 99 are of the twentieth century, for certificates and for 9A alike (EMV 4.4 Book 4, 6.7.3). */
const year = (two: string): number => (two < "50" ? 2000 : 1900) + Number(two);

/**
 * A certificate is good until the last day of its month (Book 2, 6.3, step 8).
 *
 * @param expiry MMYY. What is no month has expired.
 * @param date YYMMDD.
 */
export function certificateExpired(expiry: string, date: string): boolean {
	if (!/^(0[1-9]|1[0-2])\d\d$/.test(expiry) || !/^\d{6}$/.test(date)) return true;
	const until = 12 * year(expiry.slice(2)) + Number(expiry.slice(0, 2));
	return 12 * year(date.slice(0, 2)) + Number(date.slice(2, 4)) > until;
}

/** Signed static application data (tag 93): 9F45 and the hash (Book 2, 5.4). */
export interface StaticSignature {
	/** 2 bytes. */
	readonly authenticationCode: Uint8Array;
	readonly hash: Uint8Array;
	readonly hashed: Uint8Array;
}

/** Opens tag 93 without judging its hash. */
export function readStaticSignature(
	recover: Recover,
	issuer: RsaKey,
	signature: Uint8Array,
): Result<StaticSignature, OdaFault> {
	const opened = open(recover, "static", issuer, signature);
	if (!opened.ok) return opened;
	const { signed, hash } = opened.value;
	if (signed[1] !== sha1Indicator) return no({ of: "static", at: "hash-algorithm" });
	if (signed.subarray(4).some((byte) => byte !== 0xbb)) return no({ of: "static", at: "fill" });
	return ok({ authenticationCode: signed.slice(2, 4), hash, hashed: signed });
}

/** SDA (Book 2, 5.4): 9F45 when the issuer has signed these static data. */
export function staticAuthentication(
	{ recover, sha1 }: OdaArithmetic,
	issuer: RsaKey,
	signature: Uint8Array,
	staticData: Uint8Array,
): Result<Uint8Array, OdaFault> {
	const read = readStaticSignature(recover, issuer, signature);
	if (!read.ok) return read;
	const { hash, hashed, authenticationCode } = read.value;
	if (!equal(sha1(concat(hashed, staticData)), hash)) return no({ of: "static", at: "hash" });
	return ok(authenticationCode);
}

/** Signed dynamic application data (9F4B), opened (Book 2, 6.5.2 and 6.6.2). */
export interface DynamicSignature {
	/** 9F4C. */
	readonly dynamicNumber: Uint8Array;
	/** Of CDA only. */
	readonly combined: CombinedData | undefined;
	readonly hash: Uint8Array;
	readonly hashed: Uint8Array;
}
export interface CombinedData {
	/** 9F27. */
	readonly cid: number;
	/** 9F26. */
	readonly cryptogram: Uint8Array;
	/** 20 bytes. */
	readonly transactionHash: Uint8Array;
}

/** What CDA's signature adds behind 9F4C: CID, cryptogram, transaction data hash code (Book 2, 6.6.2). */
const combinedSize = 1 + 8 + hashSize;

/** Opens 9F4B without judging its hash. */
export function readDynamicSignature(
	recover: Recover,
	icc: RsaKey,
	signature: Uint8Array,
): Result<DynamicSignature, OdaFault> {
	const of = "dynamic";
	const opened = open(recover, of, icc, signature);
	if (!opened.ok) return opened;
	const { signed, hash } = opened.value;
	if (signed[1] !== sha1Indicator) return no({ of, at: "hash-algorithm" });
	const size = signed[2] ?? 0;
	const data = signed.subarray(3, 3 + size);
	const numberSize = data[0] ?? 0;
	if (data.length !== size || 1 + numberSize > size || numberSize === 0) return no({ of, at: "length" });
	if (signed.subarray(3 + size).some((byte) => byte !== 0xbb)) return no({ of, at: "fill" });
	const rest = data.slice(1 + numberSize);
	const combined =
		rest.length < combinedSize
			? undefined
			: { cid: rest[0] ?? 0, cryptogram: rest.slice(1, 9), transactionHash: rest.slice(9, combinedSize) };
	return ok({ dynamicNumber: data.slice(1, 1 + numberSize), combined, hash, hashed: signed });
}

/**
 * DDA (Book 2, 6.5): 9F4C when this card has signed the terminal's data.
 *
 * @param terminalData the filled DDOL: the data of INTERNAL AUTHENTICATE.
 */
export function dynamicAuthentication(
	{ recover, sha1 }: OdaArithmetic,
	icc: RsaKey,
	signature: Uint8Array,
	terminalData: Uint8Array,
): Result<DynamicSignature, OdaFault> {
	const read = readDynamicSignature(recover, icc, signature);
	if (!read.ok) return read;
	const { hash, hashed } = read.value;
	return equal(sha1(concat(hashed, terminalData)), hash) ? read : no({ of: "dynamic", at: "hash" });
}

/** What CDA is over, beside the card's own signature. */
export interface CombinedTerms {
	/** 9F37, 4 bytes. */
	readonly unpredictable: Uint8Array;
	/** 9F27 as the response gave it in clear. */
	readonly cid: number;
	/** Values sent by PDOL, CDOL1 and, at the second GENERATE AC, CDOL2, in this order. */
	readonly sent: Uint8Array;
	/** The response's objects with tags and lengths, in its order, all but 9F4B. */
	readonly response: Uint8Array;
}

/** CDA (Book 2, 6.6.2): the cryptogram when card, terminal's data and response belong together. */
export function combinedAuthentication(
	arithmetic: OdaArithmetic,
	icc: RsaKey,
	signature: Uint8Array,
	terms: CombinedTerms,
): Result<DynamicSignature & { readonly combined: CombinedData }, OdaFault> {
	const of = "dynamic";
	const read = dynamicAuthentication(arithmetic, icc, signature, terms.unpredictable);
	if (!read.ok) return read;
	const { combined } = read.value;
	if (combined === undefined) return no({ of, at: "length" });
	if (combined.cid !== terms.cid) return no({ of, at: "cryptogram-information" });
	if (!equal(arithmetic.sha1(concat(terms.sent, terms.response)), combined.transactionHash))
		return no({ of, at: "transaction-hash" });
	return ok({ ...read.value, combined });
}

/**
 * The checksum that comes with a scheme's public key, over RID, index, modulus and exponent (EMV 4.4 Book 2,
 * 11.2.2): it tells a key that was mistyped, not one that was forged.
 */
export const schemeKeyChecksum = (
	sha1: OdaArithmetic["sha1"],
	rid: string,
	index: number,
	{ modulus, exponent }: RsaKey,
): Uint8Array => sha1(concat(unhex(rid), big(index, 1), modulus, exponent));
