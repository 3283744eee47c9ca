/** Vectors of PIN blocks: ISO 9564-1 formats 0 to 4, built, opened, refused, and translated between keys. */
import { hex, unhex, xor } from "../../src/kit/bytes.ts";
import { type Random, seeded } from "../../src/kit/random.ts";
import type { Result } from "../../src/kit/result.ts";
import { aesFor } from "../../src/runtime/aes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { desKcv } from "../../src/spec/keys/kcv.ts";
import {
	format0,
	format1,
	format2,
	format3,
	openFormat0,
	openFormat1,
	openFormat2,
	openFormat3,
	openPinField,
	type PinBlockFault,
} from "../../src/spec/pin/block.ts";
import { format4, format4PanField, format4PinField, openFormat4 } from "../../src/spec/pin/format-4.ts";
import { differences, type Facts, firstOf, has, named, pinOf, text } from "./parts/named.ts";
import type { RunVector, Vector } from "./runner.ts";

type Input = Vector["input"];
type Made = Result<Uint8Array, PinBlockFault>;
type Build = (pin: Uint8Array, input: Input, random: Random) => Made;
type Open = (block: Uint8Array, input: Input) => Made;
const pan = (input: Input): string => text(input, "pan");
const aes = (input: Input) => aesFor(unhex(text(input, "key")));
interface Format {
	readonly build: Build;
	readonly open: Open;
}
const formats: Readonly<Record<string, Format>> = {
	0: {
		build: (pin, input) => format0(pin, pan(input)),
		open: (block, input) => openFormat0(block, pan(input)),
	},
	1: { build: (pin, _, random) => format1(pin, random), open: openFormat1 },
	2: { build: format2, open: openFormat2 },
	3: {
		build: (pin, input, random) => format3(pin, pan(input), random),
		open: (block, input) => openFormat3(block, pan(input)),
	},
	4: {
		build: (pin, input, random) => format4(aes(input), pin, pan(input), random),
		open: (block, input) => openFormat4(aes(input), block, pan(input)),
	},
};

/** Chance that is no chance: the nibbles of a vector, each as the draw that a block makes of it. */
function scripted(nibbles: string): Random {
	let at = 0;
	const next = (): number => {
		const nibble = Number.parseInt(nibbles.charAt(at), 16);
		if (Number.isNaN(nibble)) throw new RangeError(`no fill at ${at}`);
		at += 1;
		return nibble;
	};
	return {
		below: (below) => next() - (16 - below),
		bytes: (count) => Uint8Array.from({ length: count }, () => next() * 16 + next()),
	};
}
/** A nonce is a number: the book's fill takes its least significant byte first. */
const backwards = (bytes: string): string => hex(unhex(bytes).reverse());
function chance(input: Input): Random {
	if (has(input, "nonce")) return scripted(backwards(text(input, "nonce")));
	const given = ["fill", "random"].find((key) => input[key] !== undefined);
	return given === undefined ? seeded(1) : scripted(text(input, given));
}

function taken(made: Made): Uint8Array {
	if (made.ok) return made.value;
	throw new RangeError(`refused: ${made.error.at} ${made.error.offset}`);
}
function formatNamed(name: string): Format {
	const known = formats[name];
	if (known === undefined) throw new RangeError("a format that the runner does not know");
	return known;
}
const format = ({ format: name }: { readonly format?: unknown }): Format => formatNamed(String(name));
const digits = (pin: Uint8Array): string => [...pin].join("");

/** The block, proved by opening it again. */
function built(input: Input): Uint8Array {
	const { build, open } = format(input);
	const pin = text(input, "pin");
	const block = taken(build(pinOf(pin), input, chance(input)));
	if (digits(taken(open(block, input))) !== pin) throw new RangeError("the block opens to another PIN");
	return block;
}
/** A clear field of format 4 stands for itself; blocks are opened by their format. */
function openedOf(input: Input): Made {
	if (has(input, "pin_field")) return openPinField(4, unhex(text(input, "pin_field")));
	return format(input).open(unhex(text(input, "block")), input);
}
const opened = (input: Input): Uint8Array => taken(openedOf(input));
const pinField = (input: Input): Uint8Array =>
	taken(format4PinField(pinOf(text(input, "pin")), chance(input)));
const panField = (input: Input): Uint8Array => taken(format4PanField(pan(input)));

const facts = (input: Input): Facts =>
	named({
		block: () => hex(built(input)),
		pin: () => digits(opened(input)),
		pin_field: () => hex(pinField(input)),
		pan_field: () => hex(panField(input)),
		intermediate_block_a: () => hex(aes(input).encrypt(pinField(input))),
		intermediate_block_b: () => hex(xor(aes(input).encrypt(pinField(input)), panField(input))),
	});

/** A prefix is compared where the rest is chance; an error where a block or its parts must be refused. */
const shaped = (input: Input, expected: Vector["expected"]): Facts => {
	const whole = facts(input);
	return (key) => {
		const wanted = String(expected[key]);
		if (key.endsWith("_prefix")) return whole(key.slice(0, -"_prefix".length))?.slice(0, wanted.length);
		if (key !== "error") return whole(key);
		const made =
			has(input, "block") || has(input, "pin_field")
				? openedOf(input)
				: format(input).build(pinOf(text(input, "pin")), input, chance(input));
		return made.ok ? "no refusal" : wanted;
	};
};

/** From one zone key to another, from one format to another. */
const translated = (input: Input): Facts => {
	const zone = (way: "in" | "out") => desFor(unhex(text(input, `zpk_${way}`)));
	const pin = (): Uint8Array => {
		const name = Object.keys(input).find((key) => key.startsWith("block_in_f")) ?? "block_in_f";
		return taken(
			formatNamed(name.slice("block_in_f".length)).open(zone("in").decrypt(unhex(text(input, name))), input),
		);
	};
	return firstOf(
		named({
			pin: () => digits(pin()),
			kcv_in: () => hex(desKcv(zone("in"), 3)),
			kcv_out: () => hex(desKcv(zone("out"), 3)),
		}),
		(key) => {
			const [, name, fill] = /^block_out_f(\d)(?:_fill([0-9A-F]))?$/.exec(key) ?? [];
			if (name === undefined) return undefined;
			const random = fill === undefined ? seeded(1) : scripted(fill.repeat(14));
			return hex(zone("out").encrypt(taken(formatNamed(name).build(pin(), input, random))));
		},
	);
};

const reads = ["format", "pin", "pan", "block", "pin_field", "nonce", "fill", "random", "key"];
const readsTranslated = ["zpk_in", "zpk_out", "pan", ..."01234".split("").map((f) => `block_in_f${f}`)];

export const run: RunVector = (vector) =>
	!has(vector.input, "zpk_in")
		? differences(vector, reads, shaped(vector.input, vector.expected))
		: differences(vector, readsTranslated, translated(vector.input));
