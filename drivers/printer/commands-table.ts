/** How long each ESC/POS command is, for whoever reads a printer's input (devices/06, command subset). */

/** What is held, and from where on a command is looked at. */
type Size = (at: (offset: number) => number | undefined) => number | undefined;
const fixed =
	(size: number): Size =>
	() =>
		size;
/** A 16-bit length, low byte first, stands at `offset`; that many bytes follow it. */
const counted =
	(offset: number): Size =>
	(at) => {
		const [low, high] = [at(offset), at(offset + 1)];
		return low === undefined || high === undefined ? undefined : offset + 2 + low + 256 * high;
	};
const zeroEnded =
	(from: number): Size =>
	(at) => {
		for (let n = from; ; n += 1) {
			const byte = at(n);
			if (byte === undefined) return undefined;
			if (byte === 0) return n + 1;
		}
	};
const barcode: Size = (at) => {
	const [kind, count] = [at(2), at(3)];
	if (kind === undefined || count === undefined) return undefined;
	return kind < 65 ? zeroEnded(3)(at) : 4 + count;
};
const raster: Size = (at) => {
	const [xl, xh, yl, yh] = [at(4), at(5), at(6), at(7)];
	if (xl === undefined || xh === undefined || yl === undefined || yh === undefined) return undefined;
	return 8 + (xl + 256 * xh) * (yl + 256 * yh);
};
const bitImage: Size = (at) => {
	const [mode, low, high] = [at(2), at(3), at(4)];
	if (mode === undefined || low === undefined || high === undefined) return undefined;
	return 5 + (low + 256 * high) * (mode >= 32 ? 3 : 1);
};
const longGraphics: Size = (at) => {
	const [a, b, c, d] = [at(3), at(4), at(5), at(6)];
	if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
	return 7 + a + 256 * b + 65_536 * c + 16_777_216 * d;
};
const cutter: Size = (at) => {
	const mode = at(2);
	return mode === undefined ? undefined : mode >= 65 ? 4 : 3;
};
const tabs = zeroEnded(2);
const realTime: Size = (at) => {
	const kind = at(2);
	return kind === undefined ? undefined : kind === 8 ? 10 : 5;
};
const each = (codes: string, size: Size): readonly (readonly [number, Size])[] =>
	[...codes].map((code) => [code.charCodeAt(0), size]);

/** After the first byte: the second byte's commands. */
const families: Readonly<Record<number, ReadonlyMap<number, Size>>> = {
	0x10: new Map([
		[0x04, fixed(3)],
		[0x05, fixed(3)],
		[0x14, realTime],
	]),
	0x1b: new Map([
		...each("@2<", fixed(2)),
		...each(" !%-=?3EGJKMRTUV{adert", fixed(3)),
		...each("$\\", fixed(4)),
		...each("c", fixed(4)),
		...each("p", fixed(5)),
		...each("W", fixed(10)),
		...each("*", bitImage),
		...each("(", counted(3)),
		...each("D", tabs),
	]),
	0x1c: new Map([
		...each("&.", fixed(2)),
		...each("!-CW", fixed(3)),
		...each("Sp", fixed(4)),
		...each("(", counted(3)),
	]),
	0x1d: new Map([
		...each(":\f", fixed(2)),
		...each("!/BHIabfhrwT", fixed(3)),
		...each("$LPW\\", fixed(4)),
		...each("^", fixed(5)),
		...each("(", counted(3)),
		...each("8", longGraphics),
		...each("V", cutter),
		...each("k", barcode),
		...each("v", raster),
	]),
};

/**
 * Bytes of the command that begins at offset 0 of `at`, or 1 for a character or an unknown code. Undefined:
 * it has not all come yet.
 */
export function commandSize(at: (offset: number) => number | undefined): number | undefined {
	const first = at(0);
	if (first === undefined) return undefined;
	const family = families[first];
	if (family === undefined) return 1;
	const second = at(1);
	if (second === undefined) return undefined;
	const size = family.get(second);
	// A command nobody knows: its code goes, its parameters become text, as on a printer that lacks it.
	if (size === undefined) return 2;
	const whole = size(at);
	return whole === undefined || at(whole - 1) === undefined ? undefined : whole;
}
