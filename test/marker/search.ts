/** One pass over a heap of bytes for hundreds of needles at once. */
import type { Needle } from "./forms.ts";

export interface Hit {
	readonly needle: Needle;
	readonly at: number;
}

/** Bytes of a gram; hits kept of one haystack. */
const gramBytes = 3;
const hitsMost = 10_000;
const leastBytes = 5;

const gramAt = (bytes: Uint8Array, at: number): number =>
	(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
const bucket = (gram: number): number => (Math.imul(gram, 0x9e3779b1) >>> 14) & 0x3ffff;
/** Grams that memory and text are full of: looking each of them up would be slow. */
const dull = (gram: number): boolean => {
	const [a, b, c] = [gram & 0xff, (gram >> 8) & 0xff, gram >> 16];
	return (a === b && b === c) || (a === 0 && b === 0) || (b === 0 && c === 0);
};

interface Place {
	readonly needle: Needle;
	readonly offset: number;
}

/**
 * Wu and Manber's way: every needle has a window as long as the shortest needle; of the haystack every n-th
 * gram is looked up, so that one gram of any needle's window is met wherever it stands, and what is met is
 * compared.
 */
export class Search {
	readonly #stride: number;
	readonly #longest: number;
	readonly #met = new Uint8Array(0x40000);
	readonly #places = new Map<number, Place[]>();
	/** Needles made of dull grams alone: few, and looked for one by one. */
	readonly #plain: Needle[] = [];

	/** Throws RangeError for a needle of less than five bytes: chance would find it. */
	constructor(needles: readonly Needle[]) {
		const sizes = needles.map(({ bytes }) => bytes.length);
		const shortest = Math.min(...sizes);
		if (shortest < leastBytes) throw new RangeError(`a needle of ${shortest} bytes`);
		this.#longest = Math.max(...sizes);
		this.#stride = shortest - gramBytes + 1;
		for (const needle of needles) this.#add(needle);
	}

	/** Bytes that two neighbouring pieces of one haystack must share. */
	get overlap(): number {
		return this.#longest - 1;
	}

	#add(needle: Needle): void {
		const { bytes } = needle;
		const windows = bytes.length - (this.#stride + gramBytes - 1) + 1;
		const grams = (from: number): number[] =>
			Array.from({ length: this.#stride }, (_, j) => gramAt(bytes, from + j));
		for (let from = 0; from < windows; from += 1) {
			const found = grams(from);
			if (found.some(dull)) continue;
			for (const [j, gram] of found.entries()) {
				this.#met[bucket(gram)] = 1;
				const places = this.#places.get(gram) ?? [];
				places.push({ needle, offset: from + j });
				this.#places.set(gram, places);
			}
			return;
		}
		this.#plain.push(needle);
	}

	/** Where needles stand, the first ten thousand. */
	find(hay: Uint8Array): readonly Hit[] {
		const hits: Hit[] = [];
		const last = hay.length - gramBytes;
		for (let at = 0; at <= last && hits.length < hitsMost; at += this.#stride) {
			const gram = (hay[at] as number) | ((hay[at + 1] as number) << 8) | ((hay[at + 2] as number) << 16);
			if (this.#met[(Math.imul(gram, 0x9e3779b1) >>> 14) & 0x3ffff] !== 1) continue;
			for (const { needle, offset } of this.#places.get(gram) ?? [])
				if (stands(hay, at - offset, needle.bytes)) hits.push({ needle, at: at - offset });
		}
		const whole = Buffer.from(hay.buffer, hay.byteOffset, hay.byteLength);
		for (const needle of this.#plain) {
			const at = whole.indexOf(needle.bytes);
			if (at >= 0) hits.push({ needle, at });
		}
		return hits;
	}

	/** The same of a text: its characters below 256 as bytes, and all as UTF-8. */
	findText(text: string): readonly Hit[] {
		return [...this.find(Buffer.from(text, "latin1")), ...this.find(Buffer.from(text, "utf8"))];
	}
}

function stands(hay: Uint8Array, from: number, bytes: Uint8Array): boolean {
	if (from < 0 || from + bytes.length > hay.length) return false;
	for (let i = 0; i < bytes.length; i += 1) if (hay[from + i] !== bytes[i]) return false;
	return true;
}

/** Hits as a person reads them: what was found in which form, where, never the value. */
export const told = (place: string, hits: readonly Hit[]): readonly string[] => [
	...new Set(hits.map(({ needle, at }) => `${place}: ${needle.secret} as ${needle.form} at ${at}`)),
];
