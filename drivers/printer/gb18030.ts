/** Text as a Chinese receipt printer takes it: ASCII, and the two-byte characters of GB18030 (devices/06). */

const [leadFirst, leadLast, trailFirst, trailLast] = [0x81, 0xfe, 0x40, 0xfe];
/** Printed for what has no two-byte code: 〓, the mark of the trade for a missing type. */
const missing = 0xa1fe;
/** Characters that have a near twin in the set, as wide on paper. */
const twins: Readonly<Record<string, string>> = {
	"¥": "￥",
	"•": "·",
	"\u00a0": "\u3000",
	"‑": "‐",
	"−": "－",
};

/** From UTF-16 unit to its two bytes, 0 for none: made from the platform's own decoder when first asked. */
function reverse(): Uint16Array {
	const codes = new Uint16Array(0x10000);
	const decoder = new TextDecoder("gb18030");
	const pair = new Uint8Array(2);
	for (let lead = leadFirst; lead <= leadLast; lead += 1)
		for (let trail = trailFirst; trail <= trailLast; trail += 1) {
			pair[0] = lead;
			pair[1] = trail;
			const text = decoder.decode(pair);
			const unit = text.charCodeAt(0);
			// A pair that is no character gives a replacement mark, private use no glyph.
			if (text.length !== 1 || unit === 0xfffd || (unit >= 0xe000 && unit <= 0xf8ff)) continue;
			if (codes[unit] === 0) codes[unit] = lead * 256 + trail;
		}
	return codes;
}
let made: Uint16Array | undefined;

/** The two bytes of one character as a number; undefined when the set has none. */
function pairOf(character: string): number | undefined {
	made ??= reverse();
	const code = character.length === 1 ? made[character.charCodeAt(0)] : undefined;
	return code === 0 ? undefined : code;
}

/** Half-width cells on paper: one for ASCII, two for everything else. */
export const cells = (text: string): number =>
	[...text].reduce((n, character) => n + (character.charCodeAt(0) < 0x80 ? 1 : 2), 0);

/**
 * Bytes for a printer in two-byte mode. A control character becomes a blank, so that a text can never be a
 * command;
 * a character outside the set becomes 〓.
 */
export function gb18030(text: string): Uint8Array {
	const bytes: number[] = [];
	for (const written of text) {
		const character = twins[written] ?? written;
		const unit = character.charCodeAt(0);
		if (unit < 0x80) {
			bytes.push(unit < 0x20 || unit === 0x7f ? 0x20 : unit);
			continue;
		}
		const pair = pairOf(character) ?? missing;
		bytes.push(pair >> 8, pair & 0xff);
	}
	return Uint8Array.from(bytes);
}

/** One two-byte character, or 〓 when the bytes are none. */
export function character(lead: number, trail: number): string {
	const text = new TextDecoder("gb18030").decode(Uint8Array.of(lead, trail));
	return text.length === 1 && text !== "\ufffd" ? text : "〓";
}

/** Whether a byte begins a two-byte character. */
export const leads = (byte: number): boolean => byte >= leadFirst && byte <= leadLast;
