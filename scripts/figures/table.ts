/** Figures as a table for people and as one object for programs. */

export interface Figure {
	readonly name: string;
	/** Empty: it could not be measured, and `note` says why. */
	readonly values: readonly number[];
	readonly unit: "ms" | "MiB" | "fsyncs";
	/** What is in it and what is not. */
	readonly note: string;
}

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);
/** Between the two middle values where there is no middle one. */
function median(values: readonly number[]): number {
	const all = sorted(values);
	const half = all.length / 2;
	return ((all[Math.ceil(half) - 1] ?? Number.NaN) + (all[Math.floor(half)] ?? Number.NaN)) / 2;
}

const written = (value: number, unit: Figure["unit"]): string =>
	unit === "fsyncs" || value >= 100 ? value.toFixed(0) : value.toFixed(1);

export const asRow = ({ name, values, unit, note }: Figure): string => {
	const all = sorted(values);
	const range = `${written(all[0] ?? 0, unit)}–${written(all.at(-1) ?? 0, unit)}`;
	const value = all.length === 0 ? "–" : `${written(median(values), unit)} ${unit}`;
	const spread = all.length > 1 ? `${range}, ${all.length} runs` : "";
	return `  ${name.padEnd(46)} ${value.padStart(10)}  ${spread.padEnd(22)} ${note}`.trimEnd();
};

export const asObject = ({ name, values, unit, note }: Figure): unknown => {
	const all = sorted(values);
	const short = (value = 0): number => Math.round(value * 100) / 100;
	const numbers =
		all.length === 0 ? {} : { median: short(median(values)), least: short(all[0]), most: short(all.at(-1)) };
	return { name, unit, runs: all.length, ...numbers, note };
};
