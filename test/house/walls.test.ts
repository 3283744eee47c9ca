/** Every wall of scripts/house/rules.cjs falls by its own name when one import is planted against it. */
import { createRequire } from "node:module";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { scratch } from "./scratch.ts";

interface Rules {
	readonly forbidden: readonly { readonly name: string }[];
}
const rules = createRequire(import.meta.url)("../../scripts/house/rules.cjs") as Rules;

/** One file for each place of the house, importing all that the plan lets it import. */
const allowed: Readonly<Record<string, readonly string[]>> = {
	"src/kit/result.ts": [],
	"src/spec/tlv/tlv.ts": ["src/kit/result.ts"],
	"src/contract/device.ts": ["src/kit/result.ts", "src/spec/tlv/tlv.ts"],
	"src/runtime/files.ts": ["src/kit/result.ts", "node:fs"],
	"src/runtime/sqlite.ts": ["better-sqlite3"],
	"src/kernel/dialogue.ts": ["src/kit/result.ts", "src/spec/tlv/tlv.ts"],
	"src/boot/boot.ts": ["src/kit/result.ts", "src/runtime/files.ts"],
	"src/boot/main.ts": ["src/boot/boot.ts"],
	"src/vault/vault.ts": ["src/contract/device.ts", "src/runtime/sqlite.ts", "node-forge"],
	"src/vault/main.ts": ["src/vault/vault.ts", "drivers/boards/board.ts", "drivers/transport/serial.ts"],
	"src/technician/technician.ts": ["src/kernel/dialogue.ts", "src/runtime/files.ts"],
	"src/cloud/platform.ts": ["src/contract/device.ts", "src/runtime/sqlite.ts", "aedes", "node-forge"],
	"src/terminal/terminal.ts": ["src/terminal/ledger/ledger.ts", "src/terminal/fleet/fleet.ts"],
	"src/terminal/payment/sale.ts": ["src/kernel/dialogue.ts", "src/spec/tlv/tlv.ts", "src/runtime/files.ts"],
	"src/terminal/ledger/ledger.ts": ["src/runtime/sqlite.ts"],
	"src/terminal/fleet/fleet.ts": ["src/contract/device.ts", "mqtt"],
	"src/terminal/main.ts": [
		"src/terminal/terminal.ts",
		"drivers/boards/board.ts",
		"drivers/transport/serial.ts",
	],
	"src/world/shop.ts": [
		...["src/kernel/dialogue.ts", "src/runtime/sqlite.ts", "drivers/keypad/emulator.ts"],
		...["src/terminal/terminal.ts", "src/terminal/fleet/fleet.ts", "src/vault/vault.ts"],
		...["src/cloud/platform.ts", "src/boot/boot.ts", "node-forge", "aedes"],
	],
	"drivers/transport/serial.ts": ["serialport", "node-hid", "src/contract/device.ts"],
	"drivers/keypad/protocol.ts": ["src/kit/result.ts", "src/spec/tlv/tlv.ts"],
	"drivers/keypad/driver.ts": ["drivers/keypad/protocol.ts", "src/runtime/files.ts"],
	"drivers/keypad/emulator.ts": ["drivers/keypad/protocol.ts", "drivers/transport/serial.ts"],
	"drivers/boards/board.ts": ["drivers/keypad/driver.ts", "drivers/transport/serial.ts"],
	"scripts/figures.ts": ["src/world/shop.ts", "src/terminal/ledger/ledger.ts", "src/runtime/sqlite.ts"],
	"test/world/shop.test.ts": [
		...["src/world/shop.ts", "src/terminal/payment/sale.ts", "drivers/keypad/emulator.ts"],
		...["better-sqlite3", "mqtt", "node-forge", "serialport"],
	],
};

/**
 * [the file that is planted, what it imports, the walls that must fall]. Nearly each breaks one wall only.
 */
type Case = readonly [file: string, imports: string, walls: readonly string[]];
const planted: readonly Case[] = [
	["src/terminal/screen/round.ts", "src/terminal/screen/trip.ts", ["no-circles"]],
	["src/kit/a.ts", "src/spec/tlv/tlv.ts", ["kit-stands-alone"]],
	["src/kit/b.ts", "src/runtime/files.ts", ["kit-stands-alone"]],
	["src/spec/tlv/a.ts", "src/contract/device.ts", ["spec-on-kit"]],
	["src/contract/a.ts", "src/runtime/files.ts", ["contract-on-spec"]],
	["src/runtime/a.ts", "src/contract/device.ts", ["runtime-on-kit"]],
	["drivers/keypad/a.ts", "src/terminal/terminal.ts", ["drivers-know-contracts"]],
	["drivers/keypad/b.ts", "src/runtime/sqlite.ts", ["drivers-know-contracts", "who-keeps-books"]],
	["src/vault/a.ts", "drivers/transport/serial.ts", ["vault-alone"]],
	["src/vault/b.ts", "src/terminal/terminal.ts", ["vault-alone"]],
	["src/vault/main.ts", "drivers/keypad/driver.ts", ["vault-main"]],
	["src/boot/a.ts", "src/contract/device.ts", ["boot-alone"]],
	["src/boot/b.ts", "src/runtime/sqlite.ts", ["boot-alone", "who-keeps-books"]],
	["src/technician/a.ts", "src/terminal/terminal.ts", ["technician"]],
	["src/cloud/a.ts", "src/terminal/fleet/fleet.ts", ["cloud"]],
	["src/cloud/b.ts", "drivers/transport/serial.ts", ["cloud"]],
	["src/terminal/payment/a.ts", "drivers/keypad/driver.ts", ["terminal"]],
	["src/terminal/payment/b.ts", "src/vault/vault.ts", ["terminal"]],
	["src/terminal/payment/c.ts", "src/cloud/platform.ts", ["terminal"]],
	["src/terminal/main.ts", "drivers/keypad/driver.ts", ["terminal-main"]],
	["src/world/a.ts", "src/terminal/payment/sale.ts", ["world-uses-front-doors"]],
	["src/world/b.ts", "scripts/figures.ts", ["world-uses-front-doors"]],
	["src/boot/c.ts", "src/world/shop.ts", ["boot-alone", "nobody-knows-the-world"]],
	["drivers/keypad/c.ts", "test/world/shop.test.ts", ["drivers-know-contracts", "nobody-knows-the-world"]],
	["drivers/boards/a.ts", "drivers/keypad/emulator.ts", ["emulators-stay-in-the-world"]],
	["scripts/a.ts", "drivers/keypad/emulator.ts", ["emulators-stay-in-the-world"]],
	["scripts/b.ts", "src/terminal/payment/sale.ts", ["scripts-as-the-world"]],
	["test/world/a.ts", "src/boot/main.ts", ["no-program-is-imported"]],
	["src/kernel/a.ts", "src/contract/device.ts", ["the-kernel-is-pure"]],
	["src/kit/c.ts", "node:fs", ["ground-has-no-io"]],
	["src/spec/tlv/b.ts", "valibot", ["ground-has-no-io"]],
	["src/contract/b.ts", "node:crypto", ["ground-has-no-io"]],
	["src/kernel/b.ts", "node:timers", ["ground-has-no-io"]],
	["drivers/keypad/d.ts", "serialport", ["one-door-to-hardware"]],
	["src/world/c.ts", "node-hid", ["one-door-to-hardware"]],
	["src/terminal/payment/d.ts", "onoff", ["one-door-to-hardware"]],
	["src/terminal/ledger/a.ts", "better-sqlite3", ["one-door-to-sqlite"]],
	["src/cloud/c.ts", "node:sqlite", ["one-door-to-sqlite"]],
	["src/terminal/payment/e.ts", "src/runtime/sqlite.ts", ["who-keeps-books"]],
	["src/terminal/payment/f.ts", "mqtt", ["one-door-to-mqtt"]],
	["src/vault/c.ts", "mqtt", ["one-door-to-mqtt"]],
	["src/terminal/payment/g.ts", "node-forge", ["keys-stay-in-the-vault"]],
	["src/terminal/payment/h.ts", "src/terminal/payment/nowhere.ts", ["no-strangers"]],
];

/** Whatever way a module is named, it is known. */
const ways: readonly ((target: string) => string)[] = [
	(target) => `import "${target}";\n`,
	(target) => `import type * as it from "${target}";\nexport type It = typeof it;\n`,
	(target) => `export * from "${target}";\n`,
	(target) => `export const it = () => import("${target}");\n`,
];
const named = (file: string, target: string): string =>
	/^(src|drivers|test|scripts)\//.test(target)
		? `${"../".repeat(file.split("/").length - 1)}${target}`
		: target;
const importing = (file: string, targets: readonly string[], way = ways[0]): string =>
	`${targets.map((target) => way?.(named(file, target))).join("")}export {};\n`;

const plan = Object.fromEntries(Object.entries(allowed).map(([file, to]) => [file, importing(file, to)]));
/** Beside the plan only its own rules: the real walls.ts imports nothing of the house. */
const cut = (text: string): readonly [string, string] => {
	const [from = "", wall = ""] = text.split(/: | -> /);
	return [from, wall];
};

const walls = suite("walls");
const tree = scratch();
walls.after(() => tree.clear());

walls("what the plan allows passes, each place with all its imports", () => {
	tree.plant(plan);
	const { code, lines } = tree.run("scripts/house/walls.ts");
	assert.equal(lines.slice(0, -1), []);
	assert.match(lines.at(-1) ?? "", /^walls: \d+ modules, 0 not cruised, 0 violations$/);
	assert.is(code, 0);
});

walls("each forbidden import is named by its wall, however it is written", () => {
	for (const [n, way] of ways.entries()) {
		// A main.ts is planted over the plan's own; one circle needs two files.
		tree.plant(plan);
		tree.plant(Object.fromEntries(planted.map(([file, to]) => [file, importing(file, [to], way)])));
		tree.plant({
			"src/terminal/screen/trip.ts": importing("src/terminal/screen/trip.ts", [
				"src/terminal/screen/round.ts",
			]),
		});
		const { code, lines } = tree.run("scripts/house/walls.ts");
		assert.is(code, 1);
		const fallen = lines.slice(0, -1).map(cut);
		for (const [file, target, expected] of planted) {
			const names = fallen.filter(([from]) => from === file).map(([, wall]) => wall);
			assert.equal(names.toSorted(), [...expected].toSorted(), `way ${n}: ${file} importing ${target}`);
		}
		const files = new Set([...planted.map(([file]) => file), "src/terminal/screen/trip.ts"]);
		assert.equal(
			fallen.filter(([from]) => !files.has(from)),
			[],
			"nobody else is blamed",
		);
	}
});

walls("no rule is without its planted import", () => {
	const tried = new Set(planted.flatMap(([, , names]) => names));
	assert.equal(
		rules.forbidden.map(({ name }) => name).filter((name) => !tried.has(name)),
		[],
	);
});

const blind = suite("blind walls");
const other = scratch();
blind.after(() => other.clear());

const rulesWith = (more: string): Readonly<Record<string, string>> => ({
	"scripts/house/rules.cjs": `const rules = require("./real.cjs");\n${more}\nmodule.exports = rules;\n`,
});

blind("a file that was not cruised is named", () => {
	other.plant(plan);
	other.bring("scripts/house/rules.cjs", "scripts/house/real.cjs");
	other.plant(rulesWith(`rules.options.exclude = { path: "^src/boot/" };`));
	const { code, lines } = other.run("scripts/house/walls.ts");
	assert.is(code, 1);
	assert.equal(lines.slice(0, -1), ["src/boot/boot.ts: not cruised", "src/boot/main.ts: not cruised"]);
});

blind("a tool that looks at nothing does not say fine", () => {
	other.plant(rulesWith(`rules.options.exclude = { path: "^" };`));
	const { code, lines } = other.run("scripts/house/walls.ts");
	assert.is(code, 1);
	assert.match(lines.at(-1) ?? "", /^walls: 0 modules, \d+ not cruised, 0 violations$/);
});

walls.run();
blind.run();
