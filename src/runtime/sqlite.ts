import Sqlite from "better-sqlite3";

/**
 * The one opener of databases. In WAL mode better-sqlite3's build runs at synchronous=NORMAL after the first
 * write unless FULL is set on the connection, and the pragma says FULL until then (fleet/reliability.md,
 * 2.1): so FULL is set here, and asserted after a write.
 */
export type Database = Sqlite.Database;
export type Statement<P extends unknown[], R = unknown> = Sqlite.Statement<P, R>;

/** Opens or creates a file, or `":memory:"`. Throws when the connection would not be durable. */
export function openDatabase(path: string): Database {
	const db = new Sqlite(path);
	prepare(db, path !== ":memory:");
	return db;
}

/** Opens a database from an image made by `db.serialize()`: for the simulation's power cuts. */
export function openImage(image: Uint8Array): Database {
	const db = new Sqlite(Buffer.from(image.buffer, image.byteOffset, image.byteLength));
	prepare(db, false);
	return db;
}

function prepare(db: Database, onDisk: boolean): void {
	if (onDisk) {
		db.pragma("journal_mode = WAL");
		db.pragma("wal_autocheckpoint = 200");
		db.pragma("journal_size_limit = 1048576");
	}
	db.pragma("synchronous = FULL");
	db.pragma("foreign_keys = ON");
	db.pragma("trusted_schema = OFF");
	db.pragma("cell_size_check = ON");
	db.pragma("secure_delete = ON");
	db.pragma("busy_timeout = 2000");
	db.exec(
		"create table if not exists opened (id integer primary key check (id = 1), times integer not null) strict",
	);
	db.exec("insert into opened values (1, 1) on conflict (id) do update set times = times + 1");
	const level = db.pragma("synchronous", { simple: true });
	if (level !== 2) {
		db.close();
		throw new Error(`synchronous is ${String(level)} after the first write, not FULL`);
	}
}

/**
 * One step of a schema: run once, in order, each in its own transaction; the number reached stands in
 * user_version.
 */
export function migrate(db: Database, steps: readonly string[]): void {
	const reached = Number(db.pragma("user_version", { simple: true }));
	if (reached > steps.length)
		throw new Error(`the database is newer than this program: ${reached} > ${steps.length}`);
	for (let n = reached; n < steps.length; n += 1) {
		db.transaction(() => {
			db.exec(steps[n] ?? "");
			db.pragma(`user_version = ${n + 1}`);
		})();
	}
}

/** Opens somebody else's file to look at it: nothing is written, a missing file throws. */
export const readDatabase = (path: string): Database =>
	new Sqlite(path, { readonly: true, fileMustExist: true });
