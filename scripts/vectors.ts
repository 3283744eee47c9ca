/**
 * Runs published vectors against this code, each by the runner of its group in scripts/vectors/. A line for
 * each failure; exits 0 only when nothing failed. Run: npm run vectors -- FILE… [--json]
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { Difference, RunVector, Vector } from "./vectors/runner.ts";

interface Failure extends Difference {
	readonly file: string;
	readonly id: string;
	/** The reason why this vector is held to be wrong, when it stands in test/vectors/disputed.json. */
	readonly disputed?: string;
}
interface Skip {
	readonly file: string;
	readonly what: string;
	/** Vectors that were not run; a file that holds none counts as one. */
	readonly vectors: number;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === "object" && value !== null && !Array.isArray(value);
function isVector(value: unknown): value is Vector {
	if (!isRecord(value)) return false;
	const { id, input, expected } = value;
	return typeof id === "string" && isRecord(input) && isRecord(expected);
}
const says = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const folder = join(import.meta.dirname, "vectors");
/** Groups that have a runner: one file each, loaded when it is first needed. */
const runners: ReadonlyMap<string, string> = new Map(
	readdirSync(folder)
		.filter((name) => name.endsWith(".ts") && name !== "runner.ts")
		.map((name) => [basename(name, ".ts"), join(folder, name)]),
);

async function runnerOf(path: string): Promise<RunVector> {
	const loaded: { readonly run?: unknown } = await import(pathToFileURL(path).href);
	if (typeof loaded.run !== "function") throw new Error("its runner has no run");
	return loaded.run as RunVector;
}

function disputes(): ReadonlyMap<string, string> {
	const file = join(import.meta.dirname, "../test/vectors/disputed.json");
	if (!existsSync(file)) return new Map();
	const { disputed } = JSON.parse(readFileSync(file, "utf8")) as {
		readonly disputed: readonly { readonly id: string; readonly reason: string }[];
	};
	return new Map(disputed.map(({ id, reason }) => [id, reason]));
}

/** What one vector shows. A runner that throws, and a vector that expects nothing, have failed. */
function judged(run: RunVector, vector: Vector): readonly Difference[] {
	if (Object.keys(vector.expected).length === 0)
		return [{ key: "expected", expected: "something", got: "nothing" }];
	try {
		return run(vector);
	} catch (error) {
		return [{ key: "run", expected: "an end", got: says(error) }];
	}
}

class Tally {
	passed = 0;
	failed = 0;
	readonly failures: Failure[] = [];
	readonly skips: Skip[] = [];
	readonly #disputed = disputes();

	async file(path: string): Promise<void> {
		const file = basename(path);
		const held: unknown = JSON.parse(readFileSync(path, "utf8"));
		const { group, vectors } = isRecord(held) ? held : {};
		if (typeof group !== "string" || !Array.isArray(vectors)) {
			this.skips.push({ file, what: "it holds no group of vectors", vectors: 1 });
			return;
		}
		const runner = runners.get(group);
		if (runner === undefined) {
			this.skips.push({ file, what: `group ${group} has no runner`, vectors: vectors.length });
			return;
		}
		const run = await runnerOf(runner);
		for (const [at, vector] of vectors.entries()) this.#vector(file, at, vector, run);
	}

	#vector(file: string, at: number, vector: unknown, run: RunVector): void {
		const id = isVector(vector) ? vector.id : `vector ${at}`;
		const differences = isVector(vector)
			? judged(run, vector)
			: [{ key: "vector", expected: "id, input and expected", got: "another shape" }];
		if (differences.length === 0) this.passed += 1;
		else this.failed += 1;
		const reason = this.#disputed.get(id);
		for (const difference of differences)
			this.failures.push({ file, id, ...difference, ...(reason === undefined ? {} : { disputed: reason }) });
	}

	get skipped(): number {
		return this.skips.reduce((sum, { vectors }) => sum + vectors, 0);
	}

	print(): void {
		const say = (line: string): void => void process.stdout.write(`${line}\n`);
		for (const { file, what, vectors } of this.skips) say(`skipped ${file}: ${what} (${vectors})`);
		for (const { id, key, expected, got, disputed } of this.failures)
			say(
				`failed ${id}: ${key}: expected ${expected}, got ${got}${disputed === undefined ? "" : ` (disputed: ${disputed})`}`,
			);
		say(`${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`);
	}

	printJson(): void {
		const { passed, failed, skipped, failures, skips } = this;
		process.stdout.write(`${JSON.stringify({ passed, failed, skipped, failures, skips })}\n`);
	}
}

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { json: { type: "boolean", default: false } },
	});
	if (positionals.length === 0) throw new Error("which files? npm run vectors -- FILE… [--json]");
	const tally = new Tally();
	for (const path of positionals) {
		try {
			await tally.file(path);
		} catch (error) {
			// A file that cannot be read, or whose runner cannot be loaded, has not passed.
			tally.failed += 1;
			const got = says(error);
			tally.failures.push({ file: basename(path), id: basename(path), key: "file", expected: "read", got });
		}
	}
	if (values.json) tally.printJson();
	else tally.print();
	process.exitCode = tally.failed === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
	process.stderr.write(`vectors: ${says(error)}\n`);
	process.exitCode = 2;
});
