/** A command of the technician's line: what it is called, what it may be given, and what it says. */
import { unhex } from "../kit/bytes.ts";

/** The command line is wrong: said with the usage, exit code 2. Names an option, never its value. */
export class UsageFault extends Error {}
/** The deed was not done: exit code 1. */
export class DeedFault extends Error {}

/** What stood on the command line behind the command's name. */
export class Given {
	/** What has no option's name, in its order. */
	readonly words: readonly string[];
	readonly #options: Readonly<Record<string, unknown>>;

	constructor(words: readonly string[], options: Readonly<Record<string, unknown>>) {
		this.words = words;
		this.#options = options;
	}

	readonly flag = (name: string): boolean => this.#options[name] === true;
	readonly maybe = (name: string): string | undefined => {
		const value = this.#options[name];
		return typeof value === "string" ? value : undefined;
	};
	readonly text = (name: string): string => {
		const value = this.maybe(name);
		if (value === undefined) throw new UsageFault(`--${name} is needed`);
		return value;
	};
	readonly digits = (name: string): string => {
		const value = this.text(name);
		if (!/^\d+$/.test(value)) throw new UsageFault(`--${name} is digits`);
		return value;
	};
	/** One of the names of a table; `usual` when it is not given. */
	readonly one = <T>(name: string, of: Readonly<Record<string, T>>, usual?: string): T => {
		const key = this.maybe(name) ?? usual;
		const found = key !== undefined && Object.hasOwn(of, key) ? of[key] : undefined;
		if (found === undefined) throw new UsageFault(`--${name} is one of ${Object.keys(of).join(", ")}`);
		return found;
	};
	/** Hexadecimal, of one of these sizes in bytes; of any when none is named. */
	readonly bytes = (name: string, ...sizes: readonly number[]): Uint8Array => {
		const bytes = readHex(`--${name}`, this.text(name));
		if (sizes.length > 0 && !sizes.includes(bytes.length))
			throw new UsageFault(`--${name} has ${bytes.length} bytes, not ${sizes.join(" or ")}`);
		return bytes;
	};
	/** The word at a place, as hexadecimal. */
	readonly wordBytes = (at: number): Uint8Array => {
		const word = this.words[at];
		if (word === undefined) throw new UsageFault("hexadecimal is needed");
		return readHex("HEX", word);
	};
}

function readHex(name: string, text: string): Uint8Array {
	try {
		return unhex(text);
	} catch (error) {
		throw new UsageFault(`${name}: ${error instanceof Error ? error.message : "not hexadecimal"}`, {
			cause: error,
		});
	}
}

export type Say = (line: string) => void;
export interface Command {
	/** What is written behind the name. */
	readonly usage: string;
	readonly says: string;
	/** Names of options that take a value, and of those that do not. */
	readonly options?: readonly string[];
	readonly flags?: readonly string[];
	/** Lines for the one who asked; `say` is for what takes long. Throws UsageFault or DeedFault. */
	readonly run: (given: Given, say: Say) => readonly string[] | Promise<readonly string[]>;
}
/** Commands by name, and a warning that stands above everything one of them says. */
export interface Chapter {
	readonly says: string;
	readonly warning?: string;
	readonly commands: Readonly<Record<string, Command>>;
}
