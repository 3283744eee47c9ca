import type { FaultCode } from "./faults.ts";

/**
 * What the vault may be asked, and by whom. Requests and answers are JSON on the vault's local socket
 * (runtime/socket);
 * bytes travel as upper-case hex. No operation returns a clear key or a PIN.
 */

/** Working keys as they come from sign-in: PIN key, MAC key, track key. */
export const workingSlots = ["pik", "mak", "tdk"] as const;
export type WorkingSlot = (typeof workingSlots)[number];
/** MAC keys by the algorithm that their usage names (X9.143, table 2): M0 to M8. */
export const macSlots = ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"] as const;
/** Keys that bring others: entered as components. */
export const ceremonySlots = ["tmk", "kbpk"] as const;
export type CeremonySlot = (typeof ceremonySlots)[number];
export const slotNames = [...ceremonySlots, "ipek", ...workingSlots, ...macSlots, "seal"] as const;
export type Slot = (typeof slotNames)[number];

/** Keys that may come in a block; the key that protects blocks does not, nor the vault's own. */
export const blockSlots = ["tmk", "ipek", ...workingSlots, ...macSlots] as const;
export type BlockSlot = (typeof blockSlots)[number];

/** What is told of a key. */
export interface KeyRecord {
	readonly slot: Slot;
	/** As a TR-31 header writes it; the UnionPay MAC key is 10, the vault's own sealing key 11. */
	readonly usage: string;
	/** T is DES in any length, A is AES. */
	readonly algorithm: "T" | "A";
	readonly keySet: string;
	/** Two characters; "00": no versions. */
	readonly version: string;
	/** Hex: zero block of DES, 4 bytes; CMAC of AES, 3 bytes. */
	readonly kcv: string;
	/** No key leaves. */
	readonly exportability: "N";
}

export interface PinRequest {
	/** Digits; the PIN block of ISO 9564-1 format 0 needs it. It is never kept. */
	readonly pan: string;
	/** Fewest and most digits of a PIN (4 and 12; 6 for a domestic UnionPay card). */
	readonly least: number;
	readonly most: number;
	/** Under which key; without one `pik`. */
	readonly slot?: Slot;
	/** Whether confirm at once means "no PIN". */
	readonly emptyAllowed: boolean;
	/** To the first digit, and between digits. */
	readonly firstMs: number;
	readonly betweenMs: number;
}
export type PinEnd =
	/** 8 bytes, hex: the PIN block under the PIN key; under DUKPT also the key's serial number. */
	| { readonly end: "entered"; readonly block: string; readonly ksn?: string }
	| { readonly end: "empty" }
	| { readonly end: "cancelled" }
	| { readonly end: "timeout" };

/** An account as it must survive until a reversal is answered: sealed by the vault, opened by the vault. */
export interface Account {
	readonly pan: string;
	/** YYMM, or empty. */
	readonly expiry: string;
}

export interface Operations {
	readonly status: { readonly ask: Record<never, never>; readonly answer: VaultStatus };
	/**
	 * Working keys under the terminal master key. All are taken, or none when one check value is wrong
	 * (unionpay-terminal.md, 4). Each cryptogram is 8 or 16 bytes, each check value 4.
	 */
	readonly "import-working-keys": {
		readonly ask: {
			readonly keys: readonly {
				readonly slot: WorkingSlot;
				readonly cryptogram: string;
				readonly kcv: string;
			}[];
		};
		readonly answer: { readonly slots: readonly WorkingSlot[] };
	};
	readonly "drop-working-keys": { readonly ask: Record<never, never>; readonly answer: Record<never, never> };
	/**
	 * MAC over hex data by the rule of the slot's usage. Without a slot the UnionPay ECB MAC under `mak`: 8
	 * ASCII characters, given as hex of those 8 bytes.
	 */
	readonly mac: {
		readonly ask: { readonly data: string; readonly slot?: Slot };
		readonly answer: { readonly mac: string; readonly ksn?: string };
	};
	readonly "verify-mac": {
		readonly ask: { readonly data: string; readonly mac: string; readonly slot?: Slot };
		readonly answer: { readonly good: boolean };
	};
	/** Takes the PIN itself from its keys. While it runs, events `{id, digits}` come before the answer. */
	readonly "enter-pin": { readonly ask: PinRequest; readonly answer: PinEnd };
	/** Ends a running enter-pin as cancelled (the card was taken out). */
	readonly "cancel-pin": { readonly ask: Record<never, never>; readonly answer: Record<never, never> };
	/** AES-256-GCM under a key that never leaves; `context` is bound as additional data. */
	readonly "seal-account": {
		readonly ask: { readonly account: Account; readonly context: string };
		readonly answer: { readonly sealed: string };
	};
	readonly "open-account": {
		readonly ask: { readonly sealed: string; readonly context: string };
		readonly answer: Account;
	};
	/** Every key by its record, and how many requests were refused since the vault started. */
	readonly "key-report": {
		readonly ask: Record<never, never>;
		readonly answer: { readonly keys: readonly KeyRecord[]; readonly refused: number };
	};
	/**
	 * A key from components that custodians type on the vault's keys, two or three of them under dual control,
	 * within 15 minutes. While it runs, `CeremonyEvent`s come before the answer. `kcv` is the whole key's check
	 * value, 3 bytes. Refused while a terminal is connected: it may hear the same keys.
	 */
	readonly "enter-components": {
		readonly ask: {
			readonly slot: CeremonySlot;
			readonly algorithm: "T" | "A";
			readonly bytes: 16 | 24 | 32;
			readonly custodians: 2 | 3;
			readonly kcv: string;
		};
		readonly answer: { readonly end: "entered" | "cancelled" | "timeout" };
	};
	/**
	 * A TR-31 block of version B or D under the key-block protection key. Usage, algorithm and mode must be the
	 * slot's, exportability N, the key version not below the one that stands there; an initial DUKPT key brings
	 * its serial number (KS) and is taken once. Answers with the key's check value.
	 */
	readonly "load-block": {
		readonly ask: { readonly slot: BlockSlot; readonly block: string };
		readonly answer: { readonly kcv: string };
	};
	/** Erases every key, durably, before it answers. Nothing but provisioning brings the vault back. */
	readonly zeroise: { readonly ask: Record<never, never>; readonly answer: Record<never, never> };
}
export type Operation = keyof Operations;

export interface VaultStatus {
	/** `failed`: a self-test came out wrong, and no key is used until the vault starts anew and passes. */
	readonly state: "ready" | "zeroised" | "failed";
	readonly keys: readonly { readonly slot: Slot; readonly kcv: string }[];
	/** Whether its PIN keys could be reached at the last look. */
	readonly pinKeys: "ready" | "gone";
	/** Why it is not ready. */
	readonly reason?: DownReason;
}
/** `no-root-key`: never provisioned, or the power went while it was erased. */
export type DownReason = "tamper" | "technician" | "no-root-key" | "self-test";

export type Reply =
	| { readonly id: number; readonly ok: true; readonly answer: unknown }
	| { readonly id: number; readonly ok: false; readonly fault: VaultFault }
	/** While a PIN is entered: how many digits stand now. */
	| { readonly id: number; readonly digits: number };
/** Where a key ceremony stands: whose turn (from 1), what is typed, how many digits of it. */
export interface CeremonyStep {
	readonly turn: number;
	readonly step: "custodian" | "passcode" | "component" | "check-value";
	readonly digits: number;
	/** What was typed before was wrong: this asks for it again. */
	readonly wrong?: boolean;
}
export interface CeremonyEvent {
	readonly id: number;
	readonly ceremony: CeremonyStep;
}
export interface VaultFault {
	readonly code: FaultCode;
	/** The field, slot or operation at fault. */
	readonly at: string;
}

/**
 * Who may ask what; the asker says its name in the first frame `{hello}` and its user is checked by the
 * socket's mode.
 */
export const mayAsk = {
	terminal: [
		"status",
		"import-working-keys",
		"drop-working-keys",
		"mac",
		"verify-mac",
		"enter-pin",
		"cancel-pin",
		"seal-account",
		"open-account",
		"load-block",
	],
	technician: ["status", "key-report", "enter-components", "load-block", "zeroise"],
} as const satisfies Record<string, readonly Operation[]>;
export type Asker = keyof typeof mayAsk;
