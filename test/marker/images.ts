/**
 * The inside of a process, looked at from outside: its heap as V8 writes it down, and its memory as the
 * kernel shows it.
 *
 * What each proves. A **heap snapshot** is made after a full collection: it holds every string and object
 * that the program can still reach, and nothing of the contents of its buffers. So "not in the snapshot"
 * means: no string is kept; of buffers it says nothing. The **memory image** holds all of it, buffers and
 * native memory, and also what was freed and not yet written over: "not in the image" is the stronger
 * claim, and can be made for what never was in that process.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { type Clock, sleep } from "../../src/kit/clock.ts";
import { type Hit, type Search, told } from "./search.ts";

/**
 * What Node is started with so that SIGUSR2 writes a snapshot into `folder`, its strings whole and not cut
 * at 1024 characters.
 */
export const snapshotFlags = (folder: string): readonly string[] => [
	...["--heapsnapshot-signal=SIGUSR2", `--diagnostic-dir=${folder}`],
	"--heap-snapshot-string-limit=1000000",
];

const waits = { snapshotMs: 30_000, lookMs: 100 } as const;

interface Snapshot {
	readonly snapshot: {
		readonly meta: {
			readonly node_fields: readonly string[];
			readonly node_types: readonly [readonly string[], ...unknown[]];
			readonly edge_fields: readonly string[];
		};
		readonly node_count: number;
	};
	readonly nodes: readonly number[];
	readonly edges: readonly number[];
	readonly strings: readonly string[];
}

/** A heap as V8 wrote it down: every text in it, and the names of the classes of which objects live. */
export interface Heap {
	readonly texts: readonly string[];
	readonly classes: ReadonlySet<string>;
}

/** Has a process that was started with `snapshotFlags` write its heap down. */
export async function heapOf(pid: number, folder: string, clock: Clock): Promise<Heap> {
	const before = new Set(readdirSync(folder));
	process.kill(pid, "SIGUSR2");
	const until = clock.now() + waits.snapshotMs;
	while (clock.now() < until) {
		await sleep(clock, waits.lookMs);
		const name = readdirSync(folder).find((each) => each.endsWith(".heapsnapshot") && !before.has(each));
		const read = name === undefined ? undefined : whole(join(folder, name));
		if (read !== undefined) return { texts: [...read.strings, ...joined(read)], classes: classesIn(read) };
	}
	throw new Error(`no heap snapshot of ${pid}`);
}

/** Undefined while it is still being written. */
function whole(path: string): Snapshot | undefined {
	const text = readFileSync(path, "utf8");
	if (!text.trimEnd().endsWith("]}")) return undefined;
	try {
		return JSON.parse(text) as Snapshot;
	} catch {
		return undefined;
	}
}

function classesIn({ snapshot, nodes, strings }: Snapshot): ReadonlySet<string> {
	const { node_fields, node_types } = snapshot.meta;
	const object = node_types[0].indexOf("object");
	const classes = new Set<string>();
	for (let node = 0; node < nodes.length; node += node_fields.length)
		if (nodes[node + node_fields.indexOf("type")] === object)
			classes.add(strings[nodes[node + node_fields.indexOf("name")] ?? 0] ?? "");
	return classes;
}

const textMost = 1_000_000;

/**
 * Texts that V8 keeps as two halves ("a" + "b"): the snapshot lists the halves, and no search would see
 * what stands across the seam.
 */
function joined({ snapshot, nodes, edges, strings }: Snapshot): readonly string[] {
	const { node_fields, node_types, edge_fields } = snapshot.meta;
	const size = node_fields.length;
	const edgeSize = edge_fields.length;
	const at = (field: string): number => node_fields.indexOf(field);
	const [type, name, count] = [at("type"), at("name"), at("edge_count")];
	const concatenated = node_types[0].indexOf("concatenated string");
	/** By node: where its first edge stands. */
	const firstEdge: number[] = [];
	let edge = 0;
	for (let node = 0; node < nodes.length; node += size) {
		firstEdge.push(edge);
		edge += nodes[node + count] ?? 0;
	}
	const halvesOf = (node: number): readonly number[] => {
		const from = firstEdge[node / size] ?? 0;
		const to = from + (nodes[node + count] ?? 0);
		const halves = new Map<string, number>();
		for (let e = from; e < to; e += 1) {
			const label = strings[edges[e * edgeSize + 1] ?? 0] ?? "";
			halves.set(label, edges[e * edgeSize + 2] ?? 0);
		}
		return ["first", "second"].flatMap((label) => halves.get(label) ?? []);
	};
	const isJoined = (node: number): boolean => nodes[node + type] === concatenated;
	const textOf = (root: number): string => {
		let text = "";
		const due = [root];
		for (let node = due.pop(); node !== undefined && text.length < textMost; node = due.pop())
			if (isJoined(node)) due.push(...halvesOf(node).toReversed());
			else text += strings[nodes[node + name] ?? 0] ?? "";
		return text;
	};
	const roots: number[] = [];
	const halves = new Set<number>();
	for (let node = 0; node < nodes.length; node += size)
		if (isJoined(node)) {
			roots.push(node);
			for (const half of halvesOf(node)) halves.add(half);
		}
	return roots.filter((node) => !halves.has(node)).map(textOf);
}

/** Hits in a heap's texts. */
export const inHeap = (search: Search, place: string, { texts }: Heap): readonly string[] =>
	told(place, search.findText(texts.join("\n")));

const pieceBytes = 4 << 20;

/**
 * Hits in everything that a process has written into memory: heap, stacks, buffers, data. The process is
 * stopped meanwhile, so that nothing moves behind the search's back. Needs the same user (ptrace's rule).
 */
export function inMemory(
	search: Search,
	place: string,
	pid: number,
): { readonly bytes: number; readonly hits: readonly string[] } {
	process.kill(pid, "SIGSTOP");
	const memory = openSync(`/proc/${pid}/mem`, "r");
	try {
		const hits: Hit[] = [];
		let bytes = 0;
		const piece = new Uint8Array(pieceBytes + search.overlap);
		for (const { from, to } of writable(pid))
			for (let at = from; at < to; at += pieceBytes) {
				const size = read(memory, piece, Math.min(to - at, piece.length), at);
				bytes += Math.min(size, pieceBytes);
				hits.push(...search.find(piece.subarray(0, size)).map((hit) => ({ ...hit, at: at + hit.at })));
			}
		return { bytes, hits: told(place, hits) };
	} finally {
		closeSync(memory);
		process.kill(pid, "SIGCONT");
	}
}

/** Ranges of addresses that the process may write, as /proc/PID/maps lists them. */
const writable = (pid: number): readonly { readonly from: number; readonly to: number }[] =>
	readFileSync(`/proc/${pid}/maps`, "utf8")
		.split("\n")
		.flatMap((line) => {
			const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
			return from === undefined || to === undefined
				? []
				: [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) }];
		});

/** Bytes read; 0 for a range that has no memory behind it. */
function read(memory: number, into: Uint8Array, size: number, at: number): number {
	try {
		return readSync(memory, into, 0, size, at);
	} catch {
		return 0;
	}
}
