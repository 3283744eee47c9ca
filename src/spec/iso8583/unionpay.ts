/**
 * The sub-fields of a UnionPay terminal's own fields: 60, 61, 62 at sign-in and 63 (unionpay-terminal.md, 2
 * and 4).
 */
import { concat, latin } from "../../kit/bytes.ts";
import { no, ok, type Result } from "../../kit/result.ts";

/** Where the sub-field begins that cannot be read: digits of F60 and F61, bytes of F62. */
export interface SubfieldFault {
	readonly field: 60 | 61 | 62;
	readonly at: number;
}

/** F60 as far as it goes: management messages stop after the network code, older ones after the batch. */
export interface Reserved {
	/** 60.1, two digits. */
	readonly type: string;
	/** 60.2, 0 to 999999. */
	readonly batch: number;
	/** 60.3, three digits. */
	readonly network?: string;
	/** 60.4: 5 contact, 6 contactless ready. */
	readonly capability?: string;
	/** 60.5: 0 not used, 1 the chip read before was good or none, 2 it failed. */
	readonly condition?: string;
	/** 60.6. */
	readonly partial?: string;
	/** 60.7, three digits; older senders cut it. */
	readonly account?: string;
}

const parts60 = [
	["network", 8, 3],
	["capability", 11, 1],
	["condition", 12, 1],
	["partial", 13, 1],
	["account", 14, 3],
] as const;

const six = (n: number): string => String(n).padStart(6, "0");

/** Writes F60 up to the first part that is absent. */
export function writeReserved(f60: Reserved): string {
	let digits = f60.type + six(f60.batch);
	for (const [name] of parts60) {
		const part = f60[name];
		if (part === undefined) break;
		digits += part;
	}
	return digits;
}

/** Reads F60 of 8 to 19 digits; parts that are not there, or not whole, stay absent. */
export function readReserved(digits: string): Result<Reserved, SubfieldFault> {
	if (!/^\d{8,19}$/.test(digits)) return no({ field: 60, at: 0 });
	const there = parts60.filter(([, from, size]) => digits.length >= from + size);
	const rest = Object.fromEntries(there.map(([name, from, size]) => [name, digits.slice(from, from + size)]));
	return ok({ type: digits.slice(0, 2), batch: Number(digits.slice(2, 8)), ...rest });
}

/** F61: which message this one is about. */
export interface Original {
	readonly batch: number;
	readonly trace: number;
	/** MMDD. */
	readonly date?: string;
	/** 61.4, two digits. */
	readonly mode?: string;
	/** 61.5, up to eleven digits. */
	readonly institution?: string;
}

export const writeOriginal = (f61: Original): string =>
	six(f61.batch) +
	six(f61.trace) +
	(f61.date ?? "") +
	(f61.date === undefined ? "" : (f61.mode ?? "")) +
	(f61.date === undefined || f61.mode === undefined ? "" : (f61.institution ?? ""));

export function readOriginal(digits: string): Result<Original, SubfieldFault> {
	const parts = /^(\d{6})(\d{6})(?:(\d{4})(?:(\d{2})(\d{1,11})?)?)?$/.exec(digits);
	if (parts === null) return no({ field: 61, at: 0 });
	const [, batch, trace, date, mode, institution] = parts;
	return ok({
		batch: Number(batch),
		trace: Number(trace),
		...(date === undefined ? {} : { date }),
		...(mode === undefined ? {} : { mode }),
		...(institution === undefined ? {} : { institution }),
	});
}

/**
 * F62 of a sign-in request: "Sequence No", two digits of length, then vendor code and serial of the terminal.
 */
export const writeSequence = (vendorAndSerial: string): Uint8Array =>
	latin(`Sequence No${String(vendorAndSerial.length).padStart(2, "0")}${vendorAndSerial}`);

/** Gives vendor code and serial, which are as long as they say. */
export function readSequence(f62: Uint8Array): Result<string, SubfieldFault> {
	const text = f62.length > 112 ? "" : String.fromCharCode(...f62);
	const parts = /^Sequence No(\d{2})([ -~]*)$/.exec(text);
	if (parts?.[2] === undefined || Number(parts[1]) !== parts[2].length) return no({ field: 62, at: 11 });
	return ok(parts[2]);
}

/** A working key as the host hands it out: under the terminal master key, with its check value. */
export interface WrappedKey {
	readonly slot: "pik" | "mak" | "tdk";
	/** 8 bytes for a single-length key, else 16. */
	readonly cryptogram: Uint8Array;
	/** 4 bytes. */
	readonly kcv: Uint8Array;
}

/**
 * Layouts of the sign-in answer by its whole length: slot, bytes of the cryptogram. Four bytes of KCV follow
 * each.
 */
const layouts: Readonly<Record<number, readonly (readonly [WrappedKey["slot"], 8 | 16])[]>> = {
	24: [
		["pik", 8],
		["mak", 8],
	],
	40: [
		["pik", 16],
		["mak", 16],
	],
	60: [
		["pik", 16],
		["mak", 16],
		["tdk", 16],
	],
};
const kcvBytes = 4;

/**
 * F62 of a sign-in answer of 24, 40 or 60 bytes (unionpay-terminal.md, 4). A second half of eight zero bytes
 * means a single-length key: its cryptogram is then the first eight. Other lengths are an acquirer's own:
 * refused.
 */
export function readWorkingKeys(f62: Uint8Array): Result<readonly WrappedKey[], SubfieldFault> {
	const layout = Object.hasOwn(layouts, f62.length) ? layouts[f62.length] : undefined;
	if (layout === undefined) return no({ field: 62, at: f62.length });
	let at = 0;
	return ok(
		layout.map(([slot, size]) => {
			const whole = f62.slice(at, at + size);
			const kcv = f62.slice(at + size, at + size + kcvBytes);
			at += size + kcvBytes;
			const single = size === 16 && whole.subarray(8).every((b) => b === 0);
			return { slot, cryptogram: single ? whole.slice(0, 8) : whole, kcv };
		}),
	);
}

/**
 * The host's side: keys in the order PIK, MAK, TDK; with 16-byte places a single-length key is followed by
 * zeros.
 */
export function writeWorkingKeys(keys: readonly WrappedKey[]): Uint8Array {
	const place = keys.some((k) => k.cryptogram.length === 16) ? 16 : 8;
	return concat(...keys.flatMap((k) => [k.cryptogram, new Uint8Array(place - k.cryptogram.length), k.kcv]));
}

/**
 * F63 of an answer: the organisation (CUP, VIS …), then remarks of issuer, centre and acquirer, 20 bytes
 * each.
 */
export interface Remarks {
	readonly organisation: string;
	/** Bytes in GBK, as they came; spaces at the end are cut. */
	readonly remark: Uint8Array;
}
export function readRemarks(f63: Uint8Array): Remarks {
	const end = f63.findLastIndex((b) => b !== 0x20 && b !== 0) + 1;
	return {
		organisation: String.fromCharCode(...f63.subarray(0, 3)).trim(),
		remark: f63.slice(3, Math.max(3, end)),
	};
}
