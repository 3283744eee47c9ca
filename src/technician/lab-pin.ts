/** Laboratory: PIN blocks of ISO 9564-1 made and opened, clear and under a key. */
import { hex } from "../kit/bytes.ts";
import type { Result } from "../kit/result.ts";
import { aesFor } from "../runtime/aes.ts";
import { desFor } from "../runtime/des.ts";
import { systemRandom } from "../runtime/random.ts";
import {
	format0,
	format1,
	format2,
	format3,
	openFormat0,
	openFormat1,
	openFormat2,
	openFormat3,
	type PinBlockFault,
} from "../spec/pin/block.ts";
import { format4, openFormat4 } from "../spec/pin/format-4.ts";
import { type Command, DeedFault, type Given, UsageFault } from "./command.ts";

type Made = Result<Uint8Array, PinBlockFault>;
interface Format {
	readonly make: (pin: Uint8Array, pan: () => string) => Made;
	readonly open: (block: Uint8Array, pan: () => string) => Made;
}
/** Formats whose clear block is enciphered as it is. */
const formats: Readonly<Record<string, Format>> = {
	"0": { make: (pin, pan) => format0(pin, pan()), open: (block, pan) => openFormat0(block, pan()) },
	"1": { make: (pin) => format1(pin, systemRandom), open: openFormat1 },
	"2": { make: format2, open: openFormat2 },
	"3": {
		make: (pin, pan) => format3(pin, pan(), systemRandom),
		open: (block, pan) => openFormat3(block, pan()),
	},
};

function sure(made: Made): Uint8Array {
	if (!made.ok) throw new DeedFault(`${made.error.at} is wrong`);
	return made.value;
}
const pinOf = (given: Given): Uint8Array => Uint8Array.from(given.digits("pin"), Number);

function make(given: Given): readonly string[] {
	const pan = (): string => given.digits("pan");
	if (given.maybe("format") === "4") {
		const cipher = aesFor(given.bytes("key", 16, 24, 32));
		return [`enciphered: ${hex(sure(format4(cipher, pinOf(given), pan(), systemRandom)))}`];
	}
	const block = sure(given.one("format", formats, "0").make(pinOf(given), pan));
	const lines = [`block: ${hex(block)}`];
	if (given.maybe("key") === undefined) return lines;
	return [...lines, `enciphered: ${hex(desFor(given.bytes("key", 16, 24)).encrypt(block))}`];
}

function open(given: Given): readonly string[] {
	const pan = (): string => given.digits("pan");
	const four = given.maybe("format") === "4";
	const block = given.bytes("block", four ? 16 : 8);
	if (four) {
		const cipher = aesFor(given.bytes("key", 16, 24, 32));
		return [`pin: ${sure(openFormat4(cipher, block, pan())).join("")}`];
	}
	const clear = given.maybe("key") === undefined ? block : desFor(given.bytes("key", 16, 24)).decrypt(block);
	return [`pin: ${sure(given.one("format", formats, "0").open(clear, pan)).join("")}`];
}

const deeds: Readonly<Record<string, (given: Given) => readonly string[]>> = { make, open };

export const pinBlock: Command = {
	usage: "(make --pin DIGITS | open --block HEX) [--format 0|1|2|3|4] [--pan DIGITS] [--key HEX]",
	says: "PIN blocks of ISO 9564-1: formats 0 to 3 clear or under a TDES key, format 4 under an AES key",
	options: ["pin", "block", "format", "pan", "key"],
	run: (given) => {
		const [name = ""] = given.words;
		const deed = Object.hasOwn(deeds, name) ? deeds[name] : undefined;
		if (deed === undefined) throw new UsageFault(`one of ${Object.keys(deeds).join(", ")}`);
		return deed(given);
	},
};
