/**
 * What the acquirer must know of the bank behind a card: smaller than the deck, so that a test can bring its
 * own.
 */
export interface Issuer {
	/** Whether the cryptogram in these objects of F55 is the card's. */
	verify(tags: ReadonlyMap<string, Uint8Array>): boolean;
	/** The value of tag 91 for this F39. */
	answer(tags: ReadonlyMap<string, Uint8Array>, arc: string): Uint8Array;
	/** One byte a digit. */
	pinIs(digits: Uint8Array): boolean;
	readonly card: {
		readonly pan: string;
		/** YYMM. */
		readonly expiry: string;
		/** With which the account is opened. */
		readonly balanceFen: bigint;
		/** `pin`: the issuer refuses without one. */
		readonly cvm?: string;
	};
}
export type Issuers = (pan: string) => Issuer | undefined;

/**
 * F44 names the issuer by its institution code, F63 the organisation: both by the leading digits of the
 * account number.
 */
const banks: readonly (readonly [prefix: string, code: string])[] = [
	["621797", "01000000"],
	["625807", "03080000"],
	["62", "01020000"],
];
const organisations: readonly (readonly [prefix: RegExp, name: string])[] = [
	[/^62/, "CUP"],
	[/^4/, "VIS"],
	[/^(5|2)/, "MCC"],
	[/^3[47]/, "AMX"],
	[/^35/, "JCB"],
];
export const bankOf = (pan: string): string =>
	banks.find(([prefix]) => pan.startsWith(prefix))?.[1] ?? "00000000";
export const organisationOf = (pan: string): string =>
	organisations.find(([prefix]) => prefix.test(pan))?.[1] ?? "000";
