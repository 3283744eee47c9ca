import { readFileSync } from "node:fs";
import { type StyleName, styleNames } from "./raster/styles-table.ts";

/**
 * Glyphs drawn at build time (scripts/atlas.ts): 8-bit coverage, so that the board needs neither fonts nor a canvas.
 * The file: "GTGL", version 1, number of styles (u16 each, little endian); a style: ascent i16, line height i16, count
 * u32, then `count` entries of 16 bytes sorted by code point: u32 code point, u32 offset of the coverage, i16 left,
 * i16 top (above the base line), u8 width, u8 height, u16 advance in 1/16 px; then all coverage, row by row.
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
export interface Face {
	readonly ascent: number;
	readonly lineHeight: number;
	/** A missing character is shown as □, and nothing breaks. */
	glyph(codePoint: number): Glyph | undefined;
}
export interface Atlas {
	readonly coverage: Uint8Array;
	readonly face: (style: StyleName) => Face;
}

const entryBytes = 16;

/** Throws when the file is missing or of another build: `npm run build` makes it. */
export function readAtlas(path: string): Atlas {
	const file = readFileSync(path);
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
	if (file.toString("latin1", 0, 4) !== "GTGL" || view.getUint16(4, true) !== 1)
		throw new Error(`${path} is no glyph atlas`);
	if (view.getUint16(6, true) !== styleNames.length) throw new Error(`${path} was made for other styles`);
	const faces = new Map<StyleName, Face>();
	let at = 8;
	for (const name of styleNames) {
		const count = view.getUint32(at + 4, true);
		faces.set(name, new FileFace(view, at, count));
		at += 8 + count * entryBytes;
	}
	const coverage = new Uint8Array(file.buffer, file.byteOffset + at, file.byteLength - at);
	return {
		coverage,
		face: (style) => {
			const face = faces.get(style);
			if (face === undefined) throw new Error(`no face ${style}`);
			return face;
		},
	};
}

/** Entries are read where they lie: thousands of objects at start would cost more than the page they are for. */
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
		this.#first = at + 8;
		this.#count = count;
	}

	glyph(codePoint: number): Glyph | undefined {
		const known = this.#known.get(codePoint);
		if (known !== undefined) return known;
		const glyph = this.#find(codePoint) ?? this.#find(0x25a1);
		this.#known.set(codePoint, glyph);
		return glyph;
	}

	#find(codePoint: number): Glyph | undefined {
		let low = 0;
		let high = this.#count - 1;
		while (low <= high) {
			const middle = (low + high) >> 1;
			const at = this.#first + middle * entryBytes;
			const there = this.#view.getUint32(at, true);
			if (there === codePoint) return this.#read(at);
			if (there < codePoint) low = middle + 1;
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
