/**
 * The platform's certificates: built by node-forge, their keys made, their signatures made and checked by the
 * system's cryptography (fleet/identity.md, 3: forge builds, and never verifies).
 */
import { createPrivateKey, generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import forge from "node-forge";
import { hex } from "../../kit/bytes.ts";
import { systemRandom } from "../../runtime/random.ts";
import { isValidFor, type Validity, validFor } from "../../runtime/validity.ts";

/** A private key (PKCS #8) and its certificate, both PEM. */
export interface Signed {
	readonly key: string;
	readonly cert: string;
}
/** Which of the three a certificate is: the kind decides its extensions. */
export type Kind = "authority" | "server" | "device";

/** 3072 bits: effective strength of 128 (fleet/security.md); e is 65537 and nothing else. */
const rsa = { modulusLength: 3072, publicExponent: 65_537 } as const;
const days: Readonly<Record<Kind, number>> = { authority: 3650, server: 730, device: 730 };
/** One with less left than this is made again. */
const spareDays = 30;

/** Subject alternative names by their numbers in RFC 5280, 4.2.1.6. */
const altName = { dns: 2, uri: 6, ip: 7 } as const;

function extensionsOf(kind: Kind, name: string): object[] {
	const usage = { name: "keyUsage", critical: true };
	if (kind === "authority")
		return [
			{ name: "basicConstraints", critical: true, cA: true, pathLenConstraint: 0 },
			{ ...usage, keyCertSign: true, cRLSign: true },
			{ name: "subjectKeyIdentifier" },
		];
	const leaf = [
		{ name: "basicConstraints", critical: true, cA: false },
		{ ...usage, digitalSignature: true },
	];
	if (kind === "server")
		return [
			...leaf,
			{ name: "extKeyUsage", serverAuth: true },
			{
				name: "subjectAltName",
				altNames: [
					{ type: altName.dns, value: "localhost" },
					{ type: altName.ip, ip: "127.0.0.1" },
				],
			},
		];
	return [
		...leaf,
		{ name: "extKeyUsage", clientAuth: true },
		{ name: "subjectAltName", altNames: [{ type: altName.uri, value: `urn:pos:terminal:${name}` }] },
	];
}

interface Order {
	readonly kind: Kind;
	/** The common name; a device's is its terminal's id. */
	readonly name: string;
	/** Undefined for the authority, which signs itself. */
	readonly by?: Signed;
	/** Other times than the kind's own: for tests. */
	readonly validity?: Validity;
}

/** Makes a key pair and its certificate. Takes a part of a second: a 3072-bit key is searched for. */
export function makeCertificate({ kind, name, by, validity = validFor(days[kind]) }: Order): Signed {
	const pair = generateKeyPairSync("rsa", rsa);
	const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
	const cert = forge.pki.createCertificate();
	cert.publicKey = forge.pki.publicKeyFromPem(
		pair.publicKey.export({ type: "spki", format: "pem" }).toString(),
	);
	// The top bit stays clear: a serial number is positive (RFC 5280, 4.1.2.2).
	cert.serialNumber = `01${hex(systemRandom.bytes(15))}`;
	cert.validity.notBefore = validity.notBefore;
	cert.validity.notAfter = validity.notAfter;
	const subject = [
		{ name: "commonName", value: name },
		{ name: "organizationName", value: "Guitai" },
	];
	cert.setSubject(subject);
	cert.setIssuer(by === undefined ? subject : forge.pki.certificateFromPem(by.cert).subject.attributes);
	cert.setExtensions(extensionsOf(kind, name));
	return { key, cert: signed(cert, by?.key ?? key) };
}

/** forge builds what is signed and asks this key; the system signs, in a hundredth of the time. */
function signed(cert: forge.pki.Certificate, byKey: string): string {
	const signer = createPrivateKey(byKey);
	const signature = (): string => {
		const whole = forge.asn1.toDer(cert.tbsCertificate).getBytes();
		return forge.util.binary.raw.encode(sign("sha256", forge.util.binary.raw.decode(whole), signer));
	};
	cert.sign({ sign: signature } as unknown as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
	return forge.pki.certificateToPem(cert);
}

/**
 * Whether the system's cryptography finds it whole, its own key's, signed by `authority`, of that
 * name, and not near its end.
 */
export function isGood(own: Signed, authority: string, name: string): boolean {
	try {
		const cert = new X509Certificate(own.cert);
		const issuer = new X509Certificate(authority);
		return (
			cert.checkPrivateKey(createPrivateKey(own.key)) &&
			cert.checkIssued(issuer) &&
			cert.verify(issuer.publicKey) &&
			cert.subject.split("\n").includes(`CN=${name}`) &&
			isValidFor(spareDays, cert.validFrom, cert.validTo)
		);
	} catch {
		return false;
	}
}
