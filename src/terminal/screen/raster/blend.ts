/** Colours of 16 bits, and one laid over another by a coverage of 0 to 255. */

/** RGB565 of a 24-bit colour. */
export const to565 = (rgb: number): number =>
	((rgb >> 8) & 0xf800) | ((rgb >> 5) & 0x07e0) | ((rgb >> 3) & 0x001f);

/** A product of two bytes divided by 255, rounded, for whole numbers up to 255 · 255. */
const by255 = (n: number): number => (n + 128 + ((n + 128) >> 8)) >> 8;

/** `cover` of 255 parts of a 24-bit colour over a pixel. */
export function mix(under: number, rgb: number, cover: number): number {
	const rest = 255 - cover;
	const red = by255(((rgb >> 16) & 255) * cover + (((under >> 8) & 0xf8) | (under >> 13)) * rest);
	const green = by255(((rgb >> 8) & 255) * cover + (((under >> 3) & 0xfc) | ((under >> 9) & 3)) * rest);
	const blue = by255((rgb & 255) * cover + (((under << 3) & 0xf8) | ((under >> 2) & 7)) * rest);
	return ((red << 8) & 0xf800) | ((green << 3) & 0x07e0) | (blue >> 3);
}
