/** Vectors of UnionPay's MAC: field 64, the key from under its master key, and the steps between. */
import { hex, unlatin, xor } from "../../src/kit/bytes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { unionPayMac } from "../../src/spec/keys/mac.ts";
import { byShape, bytesOf, type Made } from "./parts/expect.ts";
import type { RunVector, Vector } from "./runner.ts";

/** Xor of the first `count` blocks of 8, zero fill. */
function foldedAfter(data: Uint8Array, count: number): Uint8Array {
	let folded: Uint8Array = new Uint8Array(8);
	for (let at = 0; at < Math.min(8 * count, data.length); at += 8) {
		const block = new Uint8Array(8);
		block.set(data.subarray(at, at + 8));
		folded = xor(folded, block);
	}
	return folded;
}

function made(vector: Vector, mak: Uint8Array): Made {
	const data = bytesOf(vector, "mab");
	const mac = unionPayMac(desFor(mak), data);
	const steps = Object.keys(vector.expected).flatMap((key) => {
		const count = /^xor_after_M(\d+)$/.exec(key)?.[1];
		return count === undefined ? [] : [[key, hex(foldedAfter(data, Number(count)))] as const];
	});
	return {
		...Object.fromEntries(steps),
		mak: hex(mak),
		field64_ascii: unlatin(mac),
		field64_hex: hex(mac),
		mac_ascii_computed_here: unlatin(mac),
		// What the page calls so is the fold, before it is spelled out and enciphered.
		result_block: hex(foldedAfter(data, Math.ceil(data.length / 8))),
	};
}

export const run: RunVector = (vector) =>
	byShape(
		{
			"mab mak": (v) => made(v, bytesOf(v, "mak")),
			"mab mak_encrypted_under_tmk tmk": (v) =>
				made(v, desFor(bytesOf(v, "tmk")).decrypt(bytesOf(v, "mak_encrypted_under_tmk"))),
		},
		vector,
	);
