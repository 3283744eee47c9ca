/** Laboratory: key blocks of TR-31 and X9.143 read, opened and made. */
import { hex } from "../kit/bytes.ts";
import { aesFor } from "../runtime/aes.ts";
import { desFor } from "../runtime/des.ts";
import { systemRandom } from "../runtime/random.ts";
import { anyKeyBlock, unwrapKeyBlock, wrapKeyBlock } from "../spec/keys/tr31.ts";
import { irregular, type KeyBlockFault, type KeyBlockHeader, readHeader } from "../spec/keys/tr31-header.ts";
import { type Command, DeedFault, type Given, UsageFault } from "./command.ts";

const ciphers = { desFor, aesFor };
const refused = ({ at, offset }: KeyBlockFault): DeedFault =>
	new DeedFault(`refused: ${at}${offset === undefined ? "" : ` at character ${offset}`}`);

function told(header: KeyBlockHeader): readonly string[] {
	const { version, usage, algorithm, mode, keyVersion, exportability, optional } = header;
	const odd = irregular(header);
	return [
		`version: ${version}`,
		`usage: ${usage}`,
		`algorithm: ${algorithm}`,
		`mode: ${mode}`,
		`key version: ${keyVersion}`,
		`exportability: ${exportability}`,
		...optional.map(
			({ id, data }) => `block ${id}: ${data}${odd.includes(id) ? " (not as the book has it)" : ""}`,
		),
	];
}

function header(text: string): KeyBlockHeader {
	const read = readHeader(text);
	if (!read.ok) throw refused(read.error);
	return read.value.header;
}

const deeds: Readonly<Record<string, (given: Given) => readonly string[]>> = {
	header: (given) => told(header(given.text("block"))),
	unwrap: (given) => {
		const opened = unwrapKeyBlock(ciphers, given.bytes("kbpk"), given.text("block"), anyKeyBlock);
		if (!opened.ok) throw refused(opened.error);
		return [...told(opened.value.header), `key: ${hex(opened.value.key)}`];
	},
	wrap: (given) => {
		const block = wrapKeyBlock(
			ciphers,
			given.bytes("kbpk"),
			{ header: header(given.text("header")), key: given.bytes("key") },
			{ random: systemRandom, spread: 0, ...(given.flag("legacy") ? { legacy: true } : {}) },
		);
		if (!block.ok) throw refused(block.error);
		return [`block: ${block.value}`];
	},
};

export const tr31: Command = {
	usage:
		"header --block TEXT | unwrap --kbpk HEX --block TEXT | wrap --kbpk HEX --header TEXT --key HEX [--legacy]",
	says: "key blocks, versions A to E; A and C are made only with --legacy; a header's length is filled in",
	options: ["kbpk", "block", "header", "key"],
	flags: ["legacy"],
	run: (given) => {
		const [name = ""] = given.words;
		const deed = Object.hasOwn(deeds, name) ? deeds[name] : undefined;
		if (deed === undefined) throw new UsageFault(`one of ${Object.keys(deeds).join(", ")}`);
		return deed(given);
	},
};
