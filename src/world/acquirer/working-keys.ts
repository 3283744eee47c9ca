/**
 * The acquirer's key host: new working keys for a terminal, under its master key, in the layout that it asked
 * for.
 */
import type { Random } from "../../kit/random.ts";
import { desFor } from "../../runtime/des.ts";
import { type WrappedKey, writeWorkingKeys } from "../../spec/iso8583/unionpay.ts";
import { oddParity } from "../../spec/keys/issuer.ts";
import { desKcv } from "../../spec/keys/kcv.ts";

type Layout = readonly (readonly [WrappedKey["slot"], 8 | 16])[];

/** Keys by 60.3 (unionpay-terminal.md, 4): 001 single length, 003 double, 004 double with a track key. */
const layouts: Readonly<Record<string, Layout>> = {
	"001": [
		["pik", 8],
		["mak", 8],
	],
	"003": [
		["pik", 16],
		["mak", 8],
	],
	"004": [
		["pik", 16],
		["mak", 8],
		["tdk", 16],
	],
};
const usual: Layout = [
	["pik", 16],
	["mak", 8],
];
export const layoutOf = (network: string): Layout => layouts[network] ?? usual;

/** F62 of a sign-in answer. The clear keys are wiped; who has the master key finds them in F62 again. */
export function freshKeys(layout: Layout, tmk: Uint8Array, random: Random): Uint8Array {
	const master = desFor(tmk);
	return writeWorkingKeys(
		layout.map(([slot, size]) => {
			const key = oddParity(random.bytes(size));
			const wrapped = { slot, cryptogram: master.encrypt(key), kcv: desKcv(desFor(key)) };
			key.fill(0);
			return wrapped;
		}),
	);
}
