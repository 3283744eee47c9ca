import type { Result } from "../../kit/result.ts";

/**
 * A field of ISO 8583 on three axes: how the value is written, how its length is told, how it is filled. A
 * profile is a table of these; the codec (codec.ts) reads the table and nothing else.
 */

/** Digits two a byte; characters one a byte; nibbles 0–F two a byte; raw bytes; text in a multi-byte code. */
export type Encoding = "bcd" | "ascii" | "nibbles" | "bytes" | "gbk";
export type Size =
	/** In units: digits, characters, nibbles or bytes. */
	| { readonly fixed: number }
	/** LL and LLL as BCD bytes (`bcd`) or ASCII digits. The length counts units. */
	| { readonly upTo: number; readonly digits: 2 | 3; readonly as: "bcd" | "ascii" };
export interface Field {
	readonly name: string;
	readonly as: Encoding;
	readonly size: Size;
	/**
	 * Where an odd digit (with a 0 nibble) or a short fixed text (with spaces) is filled. Short numbers are
	 * refused.
	 */
	readonly fill: "left" | "right";
	/** What a log, a trace or a screen may show. */
	readonly show: "plain" | "masked" | "nothing";
	/** Where the book says so. */
	readonly see: string;
}
/**
 * Text for digits, characters and nibbles (`D` for the separator of track 2); bytes for raw fields and for
 * text in a multi-byte code, where `pack` also takes plain ASCII text.
 */
export type Value = string | Uint8Array;
export interface Profile {
	readonly name: string;
	/** How the four digits of the MTI are written, and the bitmap. */
	readonly mti: "bcd" | "ascii";
	readonly bitmap: "bytes" | "hex";
	readonly fields: Readonly<Record<number, Field>>;
}
export interface Message {
	/** Four digits. */
	readonly mti: string;
	readonly fields: ReadonlyMap<number, Value>;
}
export type CodecKind =
	| "unknown-field"
	| "wrong-type"
	| "wrong-length"
	| "too-long"
	| "bad-character"
	| "bad-length-digits"
	| "bad-fill"
	| "bad-mti"
	| "short"
	| "trailing-bytes";
/** Where, never what. `offset` counts bytes from the MTI. */
export interface CodecFault {
	/** 0 the MTI, 1 the bitmap, else the field. */
	readonly field: number;
	readonly kind: CodecKind;
	readonly offset: number;
}
export type Pack = (profile: Profile, message: Message) => Result<Uint8Array, CodecFault>;
export type Unpack = (profile: Profile, bytes: Uint8Array) => Result<Message, CodecFault>;
