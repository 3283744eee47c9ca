/** What the kernel says about a process: its memory and its time on a processor. */
import { readdirSync, readFileSync } from "node:fs";

export interface Memory {
	/** Mebibytes. */
	readonly resident: number;
	/** Of those, what no other process shares. */
	readonly own: number;
}

const kib = (text: string, name: string): number =>
	Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);

export function memoryOf(pid: number): Memory {
	const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
	const own = kib(text, "Private_Clean") + kib(text, "Private_Dirty");
	return { resident: kib(text, "Rss") / 1024, own: own / 1024 };
}

/** Milliseconds that all threads of a process have had on a processor. */
export function processorMs(pid: number): number {
	const tasks = readdirSync(`/proc/${pid}/task`);
	return tasks.reduce((sum, task) => {
		try {
			return sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]) / 1e6;
		} catch {
			return sum;
		}
	}, 0);
}
