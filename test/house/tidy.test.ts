/** Each ban of scripts/house/tidy.ts finds the line that was planted for it, and nothing else. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { scratch } from "./scratch.ts";

const readme = `# A house

| where | what |
|---|---|
| \`src/kit/\` | small words |
| \`src/runtime/\` | the process itself |
| \`src/terminal/\` | the terminal |
| \`src/world/\` | the world |
| \`src/world/scenarios/\` | plays |
| \`src/terminal/words/\` | what it says |
| \`drivers/keypad/\` | keys |
| \`drivers/transport/\` | wires |

| \`power-cut\` | the power goes | reversed |
`;
const clean: Readonly<Record<string, string>> = {
	"README.md": readme,
	"src/kit/a.ts": "export const a = 1;\n",
	"src/runtime/clock.ts": "export const now = (): number => Date.now();\n",
	"src/terminal/main.ts": `console.log("a program may speak as it ends");\n`,
	"src/terminal/words/en.ts": "// as long as the book is\n".repeat(500),
	"drivers/transport/turn.ts": "export const now = (): number => performance.now();\n",
	"drivers/keypad/protocol.ts": "export const bytes = 8;\n",
	"drivers/keypad/README.md": "# Keys\n\n| byte | what |\n|---|---|\n| 0 | modifiers |\n",
	"scripts/a.ts": "export {};\n",
	"src/world/scenarios/power-cut.json": "{}",
	"test/kit/a.test.ts": `import { suite } from "uvu";\nconst a = suite("a");\na("a", () => {});\na.run();\n`,
};
const wide = (n: number): string => `export const wide = ${"1 + ".repeat(n)}1;\n`;

/** [what is planted where, the line that must be complained of, in which words]. */
type Case = readonly [file: string, text: string, complaint: string];
const planted: readonly Case[] = [
	["src/kit/a.ts", "export const a = 1;\nexport const at = Date.now();\n", "src/kit/a.ts:2: *take a Clock"],
	["src/kit/a.ts", "export const at = new Date();\n", "src/kit/a.ts:1: *take a Clock"],
	[
		"drivers/keypad/protocol.ts",
		"export const at = performance.now();\n",
		"drivers/keypad/protocol.ts:1: *take a Clock",
	],
	["src/kit/a.ts", "export const g = globalThis;\n", "src/kit/a.ts:1: *take it as an argument"],
	["src/runtime/clock.ts", "export const dice = Math.random();\n", "src/runtime/clock.ts:1: *take a Random"],
	["src/kit/a.ts", `console.error("heard");\n`, "src/kit/a.ts:1: *take a Log"],
	["src/kit/a.ts", "export const a: any = 1;\n", "src/kit/a.ts:1: *unknown and a guard"],
	["src/kit/a.ts", "export const a = 1 as any;\n", "src/kit/a.ts:1: *unknown and a guard"],
	["src/kit/a.ts", "// FIXME later\n", "src/kit/a.ts:1: *finish it before it lands"],
	[
		"test/kit/a.test.ts",
		`${clean["test/kit/a.test.ts"]}a.only("b", () => {});\n`,
		"test/kit/a.test.ts:5: *finish it before it lands",
	],
	["src/kit/a.ts", "// biome-ignore lint: because\n", "src/kit/a.ts:1: *mend what the tool says"],
	["scripts/a.ts", "// @ts-expect-error\n", "scripts/a.ts:1: *mend what the tool says"],
	[
		"test/kit/b.ts",
		`import { mock } from "node:test";\nmock.method({}, "a");\n`,
		"test/kit/b.ts:2: *stand on the other side of the wire",
	],
	["src/kit/a.ts", wide(30), "src/kit/a.ts:1: wider than 110 columns"],
	["src/kit/a.ts", "export const a = 1;\n".repeat(400), "src/kit/a.ts:401: longer than 400 lines"],
	[
		"test/kit/a.test.ts",
		`import { suite } from "uvu";\nconst a = suite("a");\na("a", () => {});\n`,
		"test/kit/a.test.ts:1: a.run() is missing: these tests never ran",
	],
	[
		"test/kit/a.test.ts",
		`import { test } from "uvu";\ntest("a", () => {});\n`,
		"test/kit/a.test.ts:1: test.run() is missing: these tests never ran",
	],
	["src/kit/a.ts", "export const a = 1;\n", "src/kit/a.ts:1: says nowhere at its head what it is"],
	["test/kit/a.test.ts", "export {};\n", "test/kit/a.test.ts:1: no suite of uvu: nothing runs here"],
	["src/terminal/deep/down/a.ts", "export {};\n", "README.md:1: src/terminal/deep/ has no line"],
	["src/terminal/deep/down/a.ts", "export {};\n", "README.md:1: src/terminal/deep/down/ has no line"],
	["src/world/scenarios/line-cut.json", "{}", "README.md:1: scenario line-cut has no line"],
	["README.md", readme.replace(/.*l\/words.*\n/, ""), "README.md:1: src/terminal/words/ has no line"],
	["README.md", readme.replace("| small words |", "| |"), "README.md:1: src/kit/ has no line"],
	["README.md", `${readme}| \`src/gone/\` | nothing |\n`, "README.md:15: src/gone/ is not there"],
	["README.md", `${readme}| \`src/kit/\` | again |\n`, "README.md:15: src/kit/ has its line already"],
	[
		"drivers/printer/protocol.ts",
		"export {};\n",
		"drivers/printer/README.md:1: missing: the wire with a byte table",
	],
	["drivers/keypad/README.md", "# Keys\n", "drivers/keypad/README.md:1: has no table"],
];

/** Each file says what it is on its first line, so that only what was planted is a fault. */
const headed = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
	Object.fromEntries(
		Object.entries(files).map(([file, text]) => [
			file,
			file.endsWith(".ts") && !file.startsWith("test/") ? `/** It. */ ${text}` : text,
		]),
	);

const tidy = suite("tidy");

tidy("a clean house passes", () => {
	const tree = scratch({ bare: true });
	tree.plant(headed(clean));
	const { code, lines } = tree.run("scripts/house/tidy.ts");
	assert.match(lines.at(-1) ?? "", /^tidy: \d+ files, 0 faults$/);
	assert.is(lines.length, 1);
	assert.is(code, 0);
	tree.clear();
});

/** `*` stands for the ban itself, as its expression spells it. */
const says = (line: string, complaint: string): boolean => {
	const [head = "", tail = ""] = complaint.split("*");
	return complaint.includes("*") ? line.startsWith(head) && line.endsWith(tail) : line === complaint;
};
for (const [file, text, complaint] of planted)
	tidy(complaint.replace("*", ""), () => {
		const tree = scratch({ bare: true });
		tree.plant(headed({ ...clean, [file]: text }));
		if (complaint.includes("head")) tree.plant({ [file]: text });
		const { code, lines } = tree.run("scripts/house/tidy.ts");
		assert.ok(
			lines.some((line) => says(line, complaint)),
			lines.join("\n"),
		);
		const paths = new Set(lines.slice(0, -1).map((line) => line.replace(/:.*/, "")));
		assert.equal(
			[...paths].filter((path) => !complaint.startsWith(path)).filter((p) => p !== "README.md"),
			[],
		);
		assert.is(code, 1);
		tree.clear();
	});

tidy.run();
