/** The build refuses to ship what belongs to the world, and the pure folders cannot even name the machine. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { scratch } from "./scratch.ts";

const programs = ["boot", "vault", "terminal", "technician", "cloud"] as const;
const part = `export const part = (): string => "shipped";\n`;
const main = `import { part } from "./part.ts";\nprocess.stdout.write(part());\n`;
const plain = Object.fromEntries(
	programs.flatMap((name) => [
		[`src/${name}/main.ts`, main],
		[`src/${name}/part.ts`, part],
	]),
);
const far: Readonly<Record<string, string>> = {
	"drivers/keypad/emulator.ts": `export const emulator = (): string => "the far end";\n`,
	"drivers/keypad/driver.ts": `export const driver = (): string => "our end";\n`,
	"src/world/shop.ts": `export const shop = (): string => "the world";\n`,
	"test/world/bank.ts": `export const bank = (): string => "a test's bank";\n`,
};
const holding = (name: string, from: string): string =>
	`import { ${name} } from "../../${from}";\nexport const part = (): string => ${name}();\n`;

const build = suite("the build");
const tree = scratch();
build.before(() => {
	tree.bring("firmware-config/profiles");
	tree.plant(far);
});
build.before.each(() => tree.plant(plain));
build.after(() => tree.clear());

build("ships programs that hold only what is theirs", () => {
	tree.plant({ "src/terminal/part.ts": holding("driver", "drivers/keypad/driver.ts") });
	const { code, lines } = tree.run("scripts/build.ts");
	assert.equal(lines, []);
	assert.is(code, 0);
	for (const name of programs) assert.ok(existsSync(join(tree.root, `dist/${name}.cjs`)), name);
});

build("fails by name when a program holds an emulator, two imports away", () => {
	tree.plant({ "src/terminal/part.ts": holding("emulator", "drivers/keypad/emulator.ts") });
	const { code, lines } = tree.run("scripts/build.ts");
	assert.equal(lines, ["dist/terminal.cjs holds drivers/keypad/emulator.ts"]);
	assert.is(code, 1);
});

build("fails by name for the world and for tests, in each program", () => {
	tree.plant({
		"src/boot/part.ts": holding("shop", "src/world/shop.ts"),
		"src/cloud/part.ts": holding("bank", "test/world/bank.ts"),
		"src/vault/part.ts": holding("emulator", "drivers/keypad/emulator.ts"),
	});
	const { code, lines } = tree.run("scripts/build.ts");
	assert.equal(lines.toSorted(), [
		"dist/boot.cjs holds src/world/shop.ts",
		"dist/cloud.cjs holds test/world/bank.ts",
		"dist/vault.cjs holds drivers/keypad/emulator.ts",
	]);
	assert.is(code, 1);
});

/**
 * Lines that compile anywhere else, and the word that a pure folder does not know. (A package would bring
 * Node's types with it: the wall "ground-has-no-io" keeps packages out.)
 */
const impure: readonly (readonly [line: string, unknown: string])[] = [
	["export const a: unknown = process.pid;", "process"],
	["export const b: unknown = setTimeout;", "setTimeout"],
	[`export const c: unknown = Buffer.from("");`, "Buffer"],
	[`export const d: unknown = import("node:fs");`, "node:fs"],
	[`export const e: unknown = console.log;`, "console"],
	["export const f: unknown = performance;", "performance"],
	["export const g: unknown = crypto.subtle;", "crypto"],
	["export const h: unknown = fetch;", "fetch"],
];
const pure = ["kit", "spec", "contract", "kernel"] as const;

const grounds = suite("pure folders");
const ground = scratch();
grounds.before(() => {
	for (const folder of pure) ground.bring(`src/${folder}/tsconfig.json`);
	ground.plant({
		"src/kit/text.ts": `export const bytes = (text: string) => new TextEncoder().encode(text);\n`,
		"src/terminal/impure.ts": `${impure.map(([line]) => line).join("\n")}\n`,
	});
});
grounds.after(() => ground.clear());

/** The lines of a file that the compiler complains about. */
const refused = (lines: readonly string[], file: string): readonly number[] =>
	[
		...new Set(lines.flatMap((l) => (l.includes(file) ? [Number(/\((\d+),\d+\)/.exec(l)?.[1])] : []))),
	].toSorted((x, y) => x - y);

for (const folder of pure)
	grounds(`src/${folder} knows no machine: each line is refused by the compiler`, () => {
		ground.plant({
			[`src/${folder}/clean.ts`]: `export const now = (at: Date): number => at.getTime();\n`,
			[`src/${folder}/impure.ts`]: `${impure.map(([line]) => line).join("\n")}\n`,
		});
		const { code, lines } = ground.tool("tsc", "--pretty", "false", "-p", `src/${folder}`);
		assert.is.not(code, 0);
		assert.equal(
			refused(lines, "impure.ts"),
			impure.map((_, n) => n + 1),
			lines.join("\n"),
		);
		assert.equal(refused(lines, "clean.ts"), []);
		for (const [n, [, word]] of impure.entries())
			assert.ok(
				lines.some((line) => line.includes(`impure.ts(${n + 1},`) && line.includes(`'${word}'`)),
				`${word} is named`,
			);
	});

grounds("a program's folder may name them: the lines themselves are sound", () => {
	for (const folder of pure) ground.plant({ [`src/${folder}/impure.ts`]: "export {};\n" });
	const { code, lines } = ground.tool("tsc", "--pretty", "false", "-p", ".");
	assert.equal(lines, []);
	assert.is(code, 0);
});

build.run();
grounds.run();
