import { readFileSync } from "node:fs";
import { type StyleName, styleNames, styles } from "./raster/styles-table.ts";

/**
 * Glyphs drawn at build time (scripts/atlas.ts): 8-bit coverage, so that the board needs neither fonts nor a
 * canvas.
 *
 * The file, little endian: "GTGL", u16 version 3, u16 number of styles, u32 mark of the styles, u32 mark of
 * the characters; a style: i16 ascent, i16 line height, u32 count, then `count` entries of 16 bytes sorted
 * by code point: u32 key (code point · 4 + quarter of a pixel to the right), u32 offset of the coverage, i16
 * left, i16 top (above the base line), u8 width, u8 height, u16 advance in 1/16 px; after the last style all
 * coverage, row by row.
 */
export interface Glyph {
	/** Left edge from the pen, and top edge above the base line, px. */
	readonly left: number;
	readonly top: number;
	readonly width: number;
	readonly height: number;
	/** 1/16 px. */
	readonly advance: number;
	/** Where its coverage begins in `Atlas.coverage`. */
	readonly at: number;
}
interface Face {
	readonly ascent: number;
	readonly lineHeight: number;
	/** Whether the character itself is there. */
	has(codePoint: number): boolean;
	/**
	 * As drawn `quarter` (0 to 3) quarters of a pixel to the right of the pen, for `isPhased` characters. A
	 * missing character is shown as □, and nothing breaks.
	 */
	glyph(codePoint: number, quarter?: number): Glyph | undefined;
}
export interface Atlas {
	readonly coverage: Uint8Array;
	readonly face: (style: StyleName) => Face;
}
export interface AtlasHead {
	readonly stylesMark: number;
	readonly charactersMark: number;
}

export const atlasFormat = {
	magic: "GTGL",
	version: 3,
	headBytes: 16,
	styleBytes: 8,
	entryBytes: 16,
} as const;
const instead = 0x25a1;
/** Latin letters and digits stand close: to whole pixels, their gaps would be seen to differ. */
export const isPhased = (codePoint: number): boolean => codePoint < 0x250;
export const quarters = 4;

/** FNV-1a, 32 bits: tells one build's tables from another's. */
export function markOf(text: string): number {
	let mark = 0x811c9dc5;
	for (let i = 0; i < text.length; i += 1) mark = Math.imul(mark ^ text.charCodeAt(i), 0x01000193);
	return mark >>> 0;
}
/** Of the table of styles: faces are found by their place in it. */
export const stylesMark = (): number => markOf(JSON.stringify(styles));

const viewOf = (file: Uint8Array): DataView => new DataView(file.buffer, file.byteOffset, file.byteLength);

/** Undefined when the bytes are no atlas of this version. */
export function headOf(file: Uint8Array): AtlasHead | undefined {
	if (file.length < atlasFormat.headBytes) return undefined;
	const view = viewOf(file);
	const magic = String.fromCharCode(...file.subarray(0, 4));
	if (magic !== atlasFormat.magic || view.getUint16(4, true) !== atlasFormat.version) return undefined;
	return { stylesMark: view.getUint32(8, true), charactersMark: view.getUint32(12, true) };
}

function contentOf(path: string): Uint8Array {
	try {
		return readFileSync(path);
	} catch (error) {
		throw new Error(`the glyph atlas ${path} cannot be read: npm run build makes it`, { cause: error });
	}
}

/** One read, no copy, and no object a glyph. Throws when the file is missing, damaged or of another build. */
export function readAtlas(path: string): Atlas {
	const file = contentOf(path);
	const head = headOf(file);
	if (head === undefined)
		throw new Error(`${path} is no glyph atlas of this version: npm run build makes it`);
	if (head.stylesMark !== stylesMark()) throw new Error(`${path} was made for other styles: npm run build`);
	const view = viewOf(file);
	const faces = new Map<StyleName, Face>();
	let at: number = atlasFormat.headBytes;
	for (const name of styleNames) {
		const count = at + atlasFormat.styleBytes <= file.length ? view.getUint32(at + 4, true) : Number.NaN;
		const end = at + atlasFormat.styleBytes + count * atlasFormat.entryBytes;
		if (!(end <= file.length)) throw new Error(`${path} ends within its table: npm run build makes it anew`);
		faces.set(name, new FileFace(view, at, count));
		at = end;
	}
	return {
		coverage: file.subarray(at),
		face: (style) => {
			const face = faces.get(style);
			if (face === undefined) throw new Error(`no face ${style}`);
			return face;
		},
	};
}

/**
 * Entries are read where they lie: thousands of objects at start would cost more than the page they are
 * for.
 */
class FileFace implements Face {
	readonly ascent: number;
	readonly lineHeight: number;
	readonly #view: DataView;
	readonly #first: number;
	readonly #count: number;
	readonly #known = new Map<number, Glyph | undefined>();

	constructor(view: DataView, at: number, count: number) {
		this.ascent = view.getInt16(at, true);
		this.lineHeight = view.getInt16(at + 2, true);
		this.#view = view;
		this.#first = at + atlasFormat.styleBytes;
		this.#count = count;
	}

	has(codePoint: number): boolean {
		return this.#find(codePoint * quarters) !== undefined;
	}

	glyph(codePoint: number, quarter = 0): Glyph | undefined {
		const key = codePoint * quarters + quarter;
		const known = this.#known.get(key);
		if (known !== undefined) return known;
		const at = this.#find(key) ?? this.#find(instead * quarters);
		const glyph = at === undefined ? undefined : this.#read(at);
		this.#known.set(key, glyph);
		return glyph;
	}

	#find(key: number): number | undefined {
		let low = 0;
		let high = this.#count - 1;
		while (low <= high) {
			const middle = (low + high) >> 1;
			const at = this.#first + middle * atlasFormat.entryBytes;
			const there = this.#view.getUint32(at, true);
			if (there === key) return at;
			if (there < key) low = middle + 1;
			else high = middle - 1;
		}
		return undefined;
	}

	#read(at: number): Glyph {
		const view = this.#view;
		return {
			at: view.getUint32(at + 4, true),
			left: view.getInt16(at + 8, true),
			top: view.getInt16(at + 10, true),
			width: view.getUint8(at + 12),
			height: view.getUint8(at + 13),
			advance: view.getUint16(at + 14, true),
		};
	}
}
