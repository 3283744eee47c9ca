/** The vectors command, run as a process over copied and broken files; and runners that look at every key. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunVector, Vector } from "../../scripts/vectors/runner.ts";
import { hex } from "../../src/kit/bytes.ts";

const folder = mkdtempSync(join(tmpdir(), "vectors-"));
function write(name: string, held: unknown): string {
	const path = join(folder, name);
	writeFileSync(path, typeof held === "string" ? held : JSON.stringify(held));
	return path;
}
function vectors(...args: readonly string[]): {
	readonly code: number | null;
	readonly lines: readonly string[];
} {
	const { status, stdout } = spawnSync(process.execPath, ["scripts/vectors.ts", ...args], {
		encoding: "utf8",
	});
	return { code: status, lines: stdout.trimEnd().split("\n") };
}
const length = (id: string, size: number, hex: string): unknown => ({
	id,
	input: { length: size },
	expected: { hex },
});

const command = suite("npm run vectors");
command.after(() => rmSync(folder, { recursive: true }));

command("runs a file through the runner of its group and closes with the count", () => {
	const { code, lines } = vectors("test/vectors/dol.json", "test/vectors/cvm.json");
	assert.equal(lines, ["13 passed, 0 failed, 0 skipped"]);
	assert.is(code, 0);
});
command("names vector and key of each difference, and fails", () => {
	const wrong = [length("len-1", 1, "01"), length("len-2", 2, "03"), length("len-3", 3, "04")];
	const { code, lines } = vectors(write("wrong.json", { group: "ber-tlv", vectors: wrong }));
	assert.equal(lines, [
		"failed len-2: hex: expected 03, got 02",
		"failed len-3: hex: expected 04, got 03",
		"1 passed, 2 failed, 0 skipped",
	]);
	assert.is(code, 1);
});
command("skips, and names, a group without runner and a file of another shape", () => {
	const group = write("new.json", {
		group: "quantum",
		vectors: [length("q", 1, "01"), length("r", 1, "01")],
	});
	const { code, lines } = vectors(group, write("messages.json", { messages: [] }));
	assert.equal(lines, [
		"skipped new.json: group quantum has no runner (2)",
		"skipped messages.json: it holds no group of vectors (1)",
		"0 passed, 0 failed, 3 skipped",
	]);
	assert.is(code, 0);
});
command("takes neither a vector of another shape, nor an unknown key, nor nothing, for good", () => {
	const odd = [
		{ id: "no-input", expected: { hex: "00" } },
		{ id: "new-shape", input: { weight: 1 }, expected: { hex: "00" } },
		{ id: "new-key", input: { length: 0 }, expected: { hex: "00", sum: "00" } },
		{ id: "nothing", input: { length: 0 }, expected: {} },
		{ id: "throws", input: { hex: "9C0" }, expected: { tags: {} } },
	];
	const { code, lines } = vectors(write("odd.json", { group: "ber-tlv", vectors: odd }));
	assert.equal(lines, [
		"failed vector 0: vector: expected id, input and expected, got another shape",
		"failed new-shape: input: expected hex, hex_prefix, tags or length, got weight",
		"failed new-key: sum: expected 00, got a key this runner knows not",
		"failed nothing: expected: expected something, got nothing",
		"failed throws: run: expected an end, got half a byte at 2",
		"0 passed, 5 failed, 0 skipped",
	]);
	assert.is(code, 1);
});
command("fails for a file that cannot be read, and goes on", () => {
	const { code, lines } = vectors(
		join(folder, "away.json"),
		write("torn.json", "{"),
		"test/vectors/cvm.json",
	);
	assert.match(lines[0] ?? "", /^failed away\.json: file: expected read, got ENOENT/);
	assert.match(lines[1] ?? "", /^failed torn\.json: file: expected read, got /);
	assert.is(lines[2], "4 passed, 2 failed, 0 skipped");
	assert.is(code, 1);
});
command("tells a machine the same as one object", () => {
	const path = write("one.json", { group: "ber-tlv", vectors: [length("len-2", 2, "03")] });
	const { code, lines } = vectors("--json", path, write("messages.json", {}));
	assert.equal(
		lines.map((line) => JSON.parse(line)),
		[
			{
				passed: 0,
				failed: 1,
				skipped: 1,
				failures: [{ file: "one.json", id: "len-2", key: "hex", expected: "03", got: "02" }],
				skips: [{ file: "messages.json", what: "it holds no group of vectors", vectors: 1 }],
			},
		],
	);
	assert.is(code, 1);
});
command("wants a file", () => assert.is(vectors().code, 2));
command.run();

interface File {
	readonly group: string;
	readonly vectors: readonly Vector[];
}
const read = (name: string): File => JSON.parse(readFileSync(join("test/vectors", name), "utf8")) as File;
const runners = suite("runners");
/** Another digit; not only the parity of a DES key is changed by it. */
const other = (digit: string): string => hex(Uint8Array.of(Number.parseInt(digit, 16) ^ 8)).slice(1);
/** Every way to make one number, digit or flag of a value wrong. Words alone at the top are prose. */
function* wrongs(value: unknown, within: boolean): Generator {
	if (typeof value === "number") yield value + 1;
	else if (typeof value === "boolean") yield !value;
	else if (typeof value === "string") {
		if (/^([0-9A-F]{2})+$/.test(value)) yield value.slice(0, -1) + other(value.slice(-1));
		else if (within) yield `${value}0`;
	} else if (Array.isArray(value)) {
		for (const [at, held] of value.entries())
			for (const wrong of wrongs(held, true)) yield value.with(at, wrong);
	} else if (typeof value === "object" && value !== null) {
		for (const [key, held] of Object.entries(value))
			for (const wrong of wrongs(held, true)) yield { ...value, [key]: wrong };
	}
}
/** The same vector with one thing in `expected` made wrong, and the key it stands under. */
function* spoiled(vector: Vector): Generator<readonly [string, Vector]> {
	for (const [key, value] of Object.entries(vector.expected))
		for (const wrong of wrongs(value, false))
			yield [key, { ...vector, expected: { ...vector.expected, [key]: wrong } }];
	yield ["unheard-of", { ...vector, expected: { ...vector.expected, "unheard-of": "00" } }];
}
const grounded = readdirSync("scripts/vectors")
	.map((name) => basename(name, ".ts"))
	.filter((group) => existsSync(`test/vectors/${group}.json`));
for (const group of grounded)
	runners(`${group}: a vector without its input does not hold`, async () => {
		const { run } = (await import(`../../scripts/vectors/${group}.ts`)) as { readonly run: RunVector };
		for (const vector of read(`${group}.json`).vectors) {
			const empty = { ...vector, input: {} };
			// What a runner throws is a failure, too.
			const holds = (): boolean => {
				try {
					return run(empty).length === 0;
				} catch {
					return false;
				}
			};
			assert.not(holds(), vector.id);
		}
	});
for (const group of grounded)
	runners(`${group}: every vector holds, and every number in it counts`, async () => {
		const { run } = (await import(`../../scripts/vectors/${group}.ts`)) as { readonly run: RunVector };
		for (const vector of read(`${group}.json`).vectors) {
			assert.equal(run(vector), [], vector.id);
			for (const [key, wrong] of spoiled(vector)) {
				const found = run(wrong).some((one) => one.key === key || one.key.startsWith(`${key}.`));
				assert.ok(found, `${vector.id}: a wrong ${key} is not seen`);
			}
		}
	});
runners("a disputed vector is one that we have, and it does differ", async () => {
	const { disputed } = JSON.parse(readFileSync("test/vectors/disputed.json", "utf8")) as {
		readonly disputed: readonly { readonly id: string; readonly group: string; readonly reason: string }[];
	};
	for (const { id, group, reason } of disputed) {
		const { run } = (await import(`../../scripts/vectors/${group}.ts`)) as { readonly run: RunVector };
		const vector = read(`${group}.json`).vectors.find((each) => each.id === id);
		assert.ok(vector, `${id} is here`);
		if (vector !== undefined) assert.is.not(run(vector).length, 0, `${id} differs`);
		assert.ok(reason.length > 0);
	}
});
runners.run();
