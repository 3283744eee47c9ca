/**
 * Where a secret could have got to on a disk: every byte of every file, and what a database gives out row
 * by row.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { readDatabase } from "../../src/runtime/sqlite.ts";
import { type Search, told } from "./search.ts";

/** Every regular file under a folder, deep; not sockets, not links. */
const filesIn = (folder: string): readonly string[] =>
	readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
	});

/** Hits in the files of a folder, told by their place. `but`: paths within the folder that are left out. */
export const inFolder = (
	search: Search,
	folder: string,
	but: readonly string[] = [],
): { readonly looked: readonly string[]; readonly hits: readonly string[] } => {
	const looked = filesIn(folder)
		.map((path) => relative(folder, path))
		.filter((path) => !but.some((each) => path === each || path.startsWith(`${each}/`)));
	return {
		looked,
		hits: looked.flatMap((path) => told(path, search.find(readFileSync(join(folder, path))))),
	};
};

/** The same of each value of each row: a value that is long lies in pieces on the pages of its file. */
export function inDatabase(
	search: Search,
	path: string,
): { readonly values: number; readonly hits: readonly string[] } {
	const db = readDatabase(path);
	try {
		const tables = db
			.prepare<[], string>("select name from sqlite_master where type = 'table'")
			.pluck()
			.all();
		const hits: string[] = [];
		let values = 0;
		for (const table of tables)
			for (const row of db.prepare<[], Record<string, unknown>>(`select * from "${table}"`).all())
				for (const [column, value] of Object.entries(row)) {
					values += 1;
					const place = `${path}: ${table}.${column}`;
					if (value instanceof Uint8Array) hits.push(...told(place, search.find(value)));
					else hits.push(...told(place, search.findText(String(value))));
				}
		return { values, hits };
	} finally {
		db.close();
	}
}

/** Names of files that a crash leaves. */
export const coresIn = (folder: string): readonly string[] =>
	existsSync(folder) ? readdirSync(folder).filter((name) => /^core(\.|$)/.test(name)) : [];
