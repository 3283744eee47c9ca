/**
 * What the kernel and its terminal say to each other. The kernel is a generator: it yields an Ask and is
 * handed the Answer of the same kind; it never touches a reader, a key, a clock or a screen (EMV 4.4 Books
 * 1 to 4).
 */

/** Data objects by tag in upper-case hex ("9F26"); values are raw bytes without tag and length. */
export type DataObjects = ReadonlyMap<string, Uint8Array>;

export interface Candidate {
	/** The AID as the card names it. */
	readonly aid: Uint8Array;
	/** Application preferred name or label, ready to be shown. */
	readonly label: string;
	/** 87 b4–b1; 0 is none. */
	readonly priority: number;
	/** 87 b8: the cardholder must agree to it. */
	readonly confirm: boolean;
}

export type Ask =
	| { readonly ask: "apdu"; readonly command: Uint8Array; readonly step: Step }
	/** More than one application fits, or the only one wants agreement: the cardholder chooses on the screen. */
	| { readonly ask: "choose"; readonly candidates: readonly Candidate[] }
	/** Unpredictable number and random selection. */
	| { readonly ask: "random"; readonly bytes: number }
	/** The card is known now (F2, 5F34, scheme): for the screen and for the log of split sales. */
	| { readonly ask: "account"; readonly data: DataObjects }
	/** Online PIN: the vault takes it. `emptyAllowed` tells that confirm at once means no PIN. */
	| { readonly ask: "pin"; readonly pan: string; readonly emptyAllowed: boolean }
	/**
	 * ARQC: go online with these objects (57, 5A, 5F34, 9F26 …). The answer decides on the second GENERATE AC.
	 */
	| { readonly ask: "host"; readonly data: DataObjects };

export type Answer =
	/** Response with SW1 SW2 last. `undefined`: the card is gone or mute. */
	| { readonly of: "apdu"; readonly response: Uint8Array | undefined }
	/** Undefined: the cardholder cancelled. */
	| { readonly of: "choose"; readonly index: number | undefined }
	| { readonly of: "random"; readonly bytes: Uint8Array }
	/** `false` ends the transaction before anything was asked of the issuer (cancelled, or the wrong card). */
	| { readonly of: "account"; readonly go: boolean }
	/** `unavailable`: the PIN could not be asked for (EMV Book 3, 10.5.1: PIN pad not working). */
	| { readonly of: "pin"; readonly end: "entered" | "empty" | "cancelled" | "timeout" | "unavailable" }
	| {
			readonly of: "host";
			/** `unable`: no answer came, or none that can be believed (Z3 when a byte had left, EMV Book 4, 12.2). */
			readonly end: "answered" | "unable";
			/** Tag 8A, two ASCII characters; "Z3" when unable. */
			readonly arc: string;
			readonly approved: boolean;
			/** The issuer's part of field 55, TLV encoded: 91, 71, 72. Empty when there is none. */
			readonly issuerData: Uint8Array;
	  };

export type Step =
	| "select-pse"
	| "read-directory"
	| "select-aid"
	| "get-processing-options"
	| "read-record"
	| "get-data"
	| "external-authenticate"
	| "script"
	| "generate-ac-1"
	| "generate-ac-2";

/**
 * How a contact transaction ends. `data` holds every object known at the end, secrets of the track among
 * them.
 */
export type Outcome =
	/** TC at the first GENERATE AC (offline) or the second. */
	| { readonly end: "approved"; readonly online: boolean; readonly data: DataObjects }
	/** AAC. `byCard`: the host had approved and the card refused: to be reversed. */
	| {
			readonly end: "declined";
			readonly online: boolean;
			readonly byCard: boolean;
			readonly data: DataObjects;
	  }
	/** EMV Book 4, 11.2: the card cannot be used here. */
	| { readonly end: "not-accepted"; readonly why: NotAccepted; readonly at: Step; readonly data: DataObjects }
	| {
			readonly end: "cancelled";
			readonly why: "cardholder" | "pin-timeout" | "account";
			readonly data: DataObjects;
	  }
	/** The card was taken or went mute. `sent`: after the ask for the host was answered. */
	| {
			readonly end: "card-gone";
			readonly sent: boolean;
			readonly approved: boolean;
			readonly data: DataObjects;
	  };
export type NotAccepted =
	| "no-application"
	| "card-blocked"
	| "application-blocked"
	| "bad-answer"
	| "missing-data"
	| "conditions-not-satisfied";

export type Dialogue = Generator<Ask, Outcome, Answer>;

/** One application that the terminal supports: a row of the profile (firmware-config/profiles). */
export interface Application {
	/** Upper-case hex. */
	readonly aid: string;
	/** ASI: a longer AID of the card fits too. */
	readonly partial: boolean;
	readonly scheme: "unionpay" | "visa" | "mastercard" | "amex" | "jcb";
	/** 9F09, 4 hex digits. */
	readonly version: string;
	/** TAC, 10 hex digits each. */
	readonly tacDenial: string;
	readonly tacOnline: string;
	readonly tacDefault: string;
	/** 9F1B, in minor units. */
	readonly floorLimit: number;
	/**
	 * Random selection: threshold in minor units, target and greatest target in percent (EMV Book 3, 10.6.2).
	 */
	readonly threshold: number;
	readonly target: number;
	readonly targetMost: number;
	/** Default DDOL and TDOL, hex. */
	readonly ddol: string;
	readonly tdol: string;
}

/**
 * The terminal's own data and the transaction's, as tags: 9F1A 5F2A 5F36 9F33 9F35 9F40 9F1E 9F15 9F16
 * 9F1C, 9F02 9F03 9A 9C 9F21 9F41.
 */
export interface Terms {
	readonly terminal: DataObjects;
	readonly transaction: DataObjects;
	readonly applications: readonly Application[];
	/**
	 * 5F28 of cards that are domestic ("0156"), for the rule that a domestic UnionPay card is always asked for
	 * its PIN.
	 */
	readonly domesticCountry: string;
	/** The merchant forces this one online. */
	readonly forceOnline: boolean;
	/** Sales with this account not yet settled, minor units: floor limit counts them (EMV Book 3, 10.6.1). */
	readonly earlierWith: (pan: string) => number;
}
