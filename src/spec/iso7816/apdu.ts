/** Commands to a card and its responses as bytes (ISO 7816-4; EMV 4.4 Book 1, 11 and Book 3, 6.5). */
import { concat, unhex } from "../../kit/bytes.ts";
import { no, ok, type Result } from "../../kit/result.ts";

export interface Command {
	readonly cla: number;
	readonly ins: number;
	readonly p1: number;
	readonly p2: number;
	/** 0 to 255 bytes. */
	readonly data: Uint8Array;
	/** Bytes that are expected, 0 for as many as there are; undefined: no answer data. */
	readonly le: number | undefined;
}
/** A response without its status. */
export interface Response {
	readonly data: Uint8Array;
	/** SW1 SW2. */
	readonly sw: number;
}
export interface ApduFault {
	readonly kind: "short" | "length";
	/** Where, in bytes from CLA. */
	readonly offset: number;
}

/** Most bytes of command data: Lc is one byte. */
export const mostData = 255;

/** Longer data than 255 bytes throws RangeError: whoever lets a card choose lengths looks first. */
export function encode(command: Command): Uint8Array {
	const { cla, ins, p1, p2, data, le } = command;
	if (data.length > mostData) throw new RangeError(`${data.length} bytes of command data`);
	return concat(
		Uint8Array.of(cla, ins, p1, p2),
		data.length > 0 ? Uint8Array.of(data.length) : new Uint8Array(0),
		data,
		le === undefined ? new Uint8Array(0) : Uint8Array.of(le),
	);
}

/** Reads a command of cases 1 to 4, short lengths only. */
export function decode(bytes: Uint8Array): Result<Command, ApduFault> {
	const [cla, ins, p1, p2, third] = bytes;
	if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined)
		return no({ kind: "short", offset: bytes.length });
	const head = { cla, ins, p1, p2 };
	const none = new Uint8Array(0);
	if (third === undefined) return ok({ ...head, data: none, le: undefined });
	if (bytes.length === 5) return ok({ ...head, data: none, le: third });
	const end = 5 + third;
	if (third === 0 || bytes.length < end) return no({ kind: "short", offset: bytes.length });
	if (bytes.length > end + 1) return no({ kind: "length", offset: end + 1 });
	return ok({ ...head, data: bytes.slice(5, end), le: bytes[end] });
}

/** Splits what a card said; undefined when it is too short for a status. */
export const responseOf = (bytes: Uint8Array): Response | undefined =>
	bytes.length < 2
		? undefined
		: {
				data: bytes.subarray(0, -2),
				sw: ((bytes[bytes.length - 2] ?? 0) << 8) | (bytes[bytes.length - 1] ?? 0),
			};

const none = new Uint8Array(0);

/** By name; `next` asks for the next application whose name begins so (Book 1, 11.3). */
export const select = (name: Uint8Array, next = false): Uint8Array =>
	encode({ cla: 0x00, ins: 0xa4, p1: 0x04, p2: next ? 0x02 : 0x00, data: name, le: 0 });

/** `sfi` 1 to 30, `record` 1 to 255 (Book 1, 11.2). */
export const readRecord = (sfi: number, record: number): Uint8Array =>
	encode({ cla: 0x00, ins: 0xb2, p1: record, p2: (sfi << 3) | 4, data: none, le: 0 });

/** `related`: the filled PDOL without its template; at most 253 bytes (Book 3, 6.5.8). */
export const getProcessingOptions = (related: Uint8Array): Uint8Array =>
	encode({
		cla: 0x80,
		ins: 0xa8,
		p1: 0,
		p2: 0,
		data: concat(
			related.length < 0x80 ? Uint8Array.of(0x83, related.length) : Uint8Array.of(0x83, 0x81, related.length),
			related,
		),
		le: 0,
	});

/** `tag` is two bytes in hex: "9F36" (Book 3, 6.5.7). */
export const getData = (tag: string): Uint8Array => {
	const [p1 = 0, p2 = 0] = unhex(tag);
	return encode({ cla: 0x80, ins: 0xca, p1, p2, data: none, le: 0 });
};

/** What the terminal asks for, as bits 8 and 7 of P1 and of the CID (Book 3, 6.5.5). */
export const cryptogram = { aac: 0x00, tc: 0x40, arqc: 0x80 } as const;
export type Cryptogram = keyof typeof cryptogram;
export const generateAc = (what: Cryptogram, data: Uint8Array): Uint8Array =>
	encode({ cla: 0x80, ins: 0xae, p1: cryptogram[what], p2: 0, data, le: 0 });

/** `data`: tag 91, 8 to 16 bytes (Book 3, 6.5.4). */
export const externalAuthenticate = (data: Uint8Array): Uint8Array =>
	encode({ cla: 0x00, ins: 0x82, p1: 0, p2: 0, data, le: undefined });

/** T=0: fetches what 61xx announced (Book 1, 9.3.1.3). */
export const getResponse = (length: number): Uint8Array =>
	encode({ cla: 0x00, ins: 0xc0, p1: 0, p2: 0, data: none, le: length });
