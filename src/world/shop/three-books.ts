/**
 * The three books side by side: the terminal's ledger, the acquirer's, and the cloud's copy; and whether
 * they agree.
 */
import { existsSync } from "node:fs";
import * as v from "valibot";
import { readDatabase } from "../../runtime/sqlite.ts";
import type { Books as AcquirerBooks } from "../acquirer/door.ts";
import type { Book, BookRow, Books } from "./floor.ts";

const nothing: Book = { reached: false, count: 0, net: "0", rows: [] };

/** The book of rows of which those in `standing` are money. */
function bookOf(rows: readonly BookRow[], standing: string): Book {
	const stand = rows.filter((row) => row.state === standing);
	const net = stand.reduce((sum, row) => sum + BigInt(row.amount), 0n);
	return { reached: true, count: stand.length, net: String(net), rows };
}

export interface TerminalBook {
	readonly book: Book;
	readonly unresolved: number;
	readonly waiting: number;
}

/** Looks into the terminal's ledger without writing; a ledger that is not there yet is an empty book. */
export function terminalBook(path: string): TerminalBook {
	if (!existsSync(path)) return { book: nothing, unresolved: 0, waiting: 0 };
	const db = readDatabase(path);
	try {
		const rows = db
			.prepare<[], { trace: number; amount: number; state: string }>(
				`select trace, amount, state from sale where trace > 0
				and batch = (select value from counter where name = 'batch') order by id`,
			)
			.all()
			.map((row) => ({
				trace: String(row.trace).padStart(6, "0"),
				amount: String(row.amount),
				state: row.state,
			}));
		const count = (sql: string): number => db.prepare<[], number>(sql).pluck().get() ?? 0;
		return {
			book: bookOf(rows, "approved"),
			unresolved: count("select count(*) from sale where state in ('sent', 'reversing')"),
			waiting: count("select count(*) from outbox where state = 'waiting'"),
		};
	} finally {
		db.close();
	}
}

export const acquirerBook = (books: AcquirerBooks | undefined): Book =>
	books === undefined
		? nothing
		: bookOf(
				books.transactions.map(({ stan, amount, state }) => ({ trace: stan, amount, state })),
				"booked",
			);

const sales = v.array(v.looseObject({ trace: v.string(), amount: v.string(), state: v.string() }));

/** `answer` is what the cloud's door gave; undefined when it could not be asked. */
export function cloudBook(answer: unknown): Book {
	const read = v.safeParse(
		v.union([
			sales,
			v.pipe(
				v.object({ sales }),
				v.transform((o) => o.sales),
			),
		]),
		answer,
	);
	if (!read.success) return nothing;
	return bookOf(
		read.output.map(({ trace, amount, state }) => ({ trace, amount, state })),
		"approved",
	);
}

/** Puts the three side by side. They agree only when all were reached and no row is still under way. */
export function sideBySide({ book, unresolved, waiting }: TerminalBook, acquirer: Book, cloud: Book): Books {
	const nets = [book, acquirer, cloud].map(({ net }) => BigInt(net));
	const sorted = nets.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
	const apart = (sorted.at(-1) ?? 0n) - (sorted[0] ?? 0n);
	const counts = new Set([book, acquirer, cloud].map(({ count }) => count));
	const reached = book.reached && acquirer.reached && cloud.reached;
	const same = apart === 0n && counts.size === 1;
	const underWay = unresolved > 0 || waiting > 0 || !reached;
	return {
		terminal: book,
		acquirer,
		cloud,
		verdict: same && !underWay ? "agree" : underWay ? "wait" : "differ",
		difference: String(apart),
		unresolved,
		waiting,
	};
}
