/** Vectors of MACs and paddings. Which ISO 9797-1 algorithm is meant stands in the id alone: mac-alg1-… */
import { hex } from "../../src/kit/bytes.ts";
import { aesFor } from "../../src/runtime/aes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { hashes } from "../../src/runtime/hash.ts";
import { sm4For } from "../../src/runtime/sm4.ts";
import { cmac } from "../../src/spec/keys/cmac.ts";
import { algorithm1Mac, algorithm3Mac, hmac, type MacPadding, macPadded } from "../../src/spec/keys/macs.ts";
import { byShape, bytesOf, dataOf, type Made, numberOf, type Shapes, textOf } from "./parts/expect.ts";
import type { RunVector, Vector } from "./runner.ts";

const paddings: readonly MacPadding[] = [1, 2, 3];
function paddingOf(number: number): MacPadding {
	const padding = paddings.find((p) => p === number);
	if (padding === undefined) throw new RangeError(`padding ${number}`);
	return padding;
}

/** One key: the whole of it chains (1), or its halves take turns (3). */
const algorithms: Readonly<
	Record<string, (key: Uint8Array, data: Uint8Array, padding: MacPadding) => Uint8Array>
> = {
	alg1: (key, data, padding) => algorithm1Mac(desFor(key), data, padding),
	alg3: (key, data, padding) => {
		const ciphers = { left: desFor(key.subarray(0, 8)), right: desFor(key.subarray(8, 16)) };
		return algorithm3Mac(ciphers, data, padding);
	},
};
/** X9.9 and X9.19 are the two by other names. */
const names: Readonly<Record<string, string>> = { x99: "alg1", x919: "alg3", retail: "alg3", cbc: "alg1" };

const lengths = (tag: Uint8Array): Made => ({ mac: hex(tag), mac4: hex(tag.subarray(0, 4)), mac8: hex(tag) });

function oneKey(vector: Vector): Made {
	const word = vector.id.split("-")[1] ?? "";
	const make = algorithms[names[word] ?? word];
	if (make === undefined) throw new RangeError(`a MAC by ${word}`);
	return lengths(make(bytesOf(vector, "key"), dataOf(vector), paddingOf(numberOf(vector, "padding"))));
}

function twoKeys(vector: Vector): Made {
	const ciphers = { left: desFor(bytesOf(vector, "key1")), right: desFor(bytesOf(vector, "key2")) };
	return lengths(algorithm3Mac(ciphers, dataOf(vector), paddingOf(numberOf(vector, "padding"))));
}

/** Named by `algorithm`: CMAC over a cipher, HMAC over a hash. */
function named(vector: Vector): Made {
	const algorithm = textOf(vector, "algorithm");
	const [key, data] = [bytesOf(vector, "key"), dataOf(vector)];
	if (algorithm === "AES") return { cmac: hex(cmac(aesFor(key), 16, data)) };
	if (algorithm === "SM4") return { cmac: hex(cmac(sm4For(key), 16, data)) };
	if (algorithm === "TDES") return { cmac: hex(cmac(desFor(key), 8, data)) };
	const hash = Object.entries(hashes).find(
		([name]) => algorithm.toLowerCase().replaceAll(/hmac|[^a-z0-9]/g, "") === name,
	);
	if (hash === undefined) throw new RangeError(`a MAC by ${algorithm}`);
	return { hmac: hex(hmac(hash[1], /512|384/.test(hash[0]) ? 128 : 64, key, data)) };
}

const padded = (vector: Vector): Made => {
	const method = /^pad(\d)$/.exec(textOf(vector, "method"))?.[1];
	return { padded: hex(macPadded(dataOf(vector), paddingOf(Number(method)))) };
};

const shapes: Shapes = {
	"algorithm data key": named,
	"algorithm data_ascii key": named,
	"data key padding": oneKey,
	"data_ascii key padding": oneKey,
	"data key1 key2 padding": twoKeys,
	"data_ascii key1 key2 padding": twoKeys,
	"data method": padded,
	"data_ascii method": padded,
};
export const run: RunVector = (vector) => byShape(shapes, vector);
