/**
 * The technician's command line: `technician key|decode|lab COMMAND …`. Without a command it says what there
 * is.
 */
import { parseArgs } from "node:util";
import { type Chapter, type Command, DeedFault, Given, UsageFault } from "./command.ts";
import { decode } from "./decode.ts";
import { key } from "./key.ts";
import { lab } from "./lab.ts";

const chapters: Readonly<Record<string, Chapter>> = { key, decode, lab };

const line = (to: NodeJS.WriteStream, text: string): void => void to.write(`${text}\n`);

function overview(): readonly string[] {
	return Object.entries(chapters).flatMap(([chapter, { says, commands }]) => [
		`technician ${chapter} …  ${says}`,
		...Object.entries(commands).flatMap(([name, { usage, says: does }]) => [
			`  ${chapter} ${name} ${usage}`,
			`      ${does}`,
		]),
	]);
}

function read(command: Command, args: readonly string[]): Given {
	const { options = [], flags = [] } = command;
	try {
		const { values, positionals } = parseArgs({
			args: [...args],
			allowPositionals: true,
			options: Object.fromEntries([
				...options.map((name) => [name, { type: "string" as const }] as const),
				...flags.map((name) => [name, { type: "boolean" as const }] as const),
			]),
		});
		return new Given(positionals, values);
	} catch (error) {
		// Node repeats the word that it does not know: a word may be a key in the wrong place.
		const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
		throw new UsageFault(
			code === "ERR_PARSE_ARGS_UNKNOWN_OPTION" ? "an option that it does not know" : code,
			{ cause: error },
		);
	}
}

async function main(): Promise<number> {
	const [chapterName = "", name = "", ...rest] = process.argv.slice(2);
	const chapter = Object.hasOwn(chapters, chapterName) ? chapters[chapterName] : undefined;
	const command =
		chapter !== undefined && Object.hasOwn(chapter.commands, name) ? chapter.commands[name] : undefined;
	if (chapter === undefined || command === undefined) {
		for (const each of overview()) line(process.stderr, each);
		return 2;
	}
	if (chapter.warning !== undefined) line(process.stderr, chapter.warning);
	try {
		const say = (text: string): void => line(process.stderr, text);
		for (const each of await command.run(read(command, rest), say)) line(process.stdout, each);
		return 0;
	} catch (error) {
		if (error instanceof UsageFault) {
			line(process.stderr, `technician: ${error.message}`);
			line(process.stderr, `usage: technician ${chapterName} ${name} ${command.usage}`);
			return 2;
		}
		if (error instanceof DeedFault || error instanceof RangeError) {
			line(process.stderr, `technician: ${error.message}`);
			return 1;
		}
		throw error;
	}
}

main().then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		line(process.stderr, `technician: ${error instanceof Error ? error.message : "unknown"}`);
		process.exitCode = 1;
	},
);
