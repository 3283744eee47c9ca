/**
 * Deterministic simulation of a shop's money: the real sale and reversal machines, their real shell and the
 * real ledger, against a host that loses, delays and doubles, with power cuts around every effect. One seed
 * is one run; what was committed is what survives (fleet/reliability.md, 5). Seven bugs can be sown into
 * it, to prove the oracle.
 */

import type { Random } from "../../../src/kit/random.ts";
import { seeded } from "../../../src/kit/random.ts";
import { ok } from "../../../src/kit/result.ts";
import type { Database } from "../../../src/runtime/sqlite.ts";
import { openDatabase, openImage } from "../../../src/runtime/sqlite.ts";
import { Ledger } from "../../../src/terminal/ledger/ledger.ts";
import type { Books, JournalRow } from "../../../src/terminal/payment/books.ts";
import type { AcquirerPort, HostEnd, SlipFacts } from "../../../src/terminal/payment/ports.ts";
import { reversalBy } from "../../../src/terminal/payment/reversal.ts";
import { sale as saleMachine } from "../../../src/terminal/payment/sale.ts";
import type { CardRun } from "../../../src/terminal/payment/sale-run.ts";
import { Session } from "../../../src/terminal/payment/session.ts";

export const bugs = [
	...(["send-first", "no-reversal", "resend-new-stan", "late-is-ok"] as const),
	...(["forget-stan", "tell-before-note", "normal-sync"] as const),
] as const;
export type Bug = (typeof bugs)[number];

/** A power cut: nothing after it happens. */
class Cut extends Error {}

/** Images of the database after each commit; a cut goes back to the last that reached the disk. */
class Disk {
	readonly #random: Random;
	readonly #losing: boolean;
	#images: Buffer[] = [];
	db: Database;

	constructor(random: Random, losing: boolean) {
		this.#random = random;
		this.#losing = losing;
		this.db = openDatabase(":memory:");
		// Small pages: an image is taken after each of half a million commits.
		this.db.pragma("page_size = 512");
		this.db.exec("vacuum");
	}
	committed(): void {
		this.#images.push(this.db.serialize());
		if (this.#images.length > 4) this.#images.shift();
	}
	cut(): void {
		const lost = this.#losing ? this.#random.below(3) : 0;
		const keep = Math.max(0, this.#images.length - 1 - lost);
		this.#images = this.#images.slice(0, keep + 1);
		const image = this.#images[keep];
		if (image === undefined) throw new Error("no image");
		this.db.close();
		this.db = openImage(image);
	}
}

interface Booked {
	readonly intent: string;
	readonly amount: bigint;
	readonly good: boolean;
}
/** The acquirer's books: an authorisation a trace, a reversal a trace; both idempotent. */
class Host {
	readonly booked = new Map<number, Booked>();
	readonly reversed = new Set<number>();
	/** Two sales under one trace: what must never happen. */
	readonly reused: number[] = [];
	sale(trace: number, intent: string, amount: bigint): boolean {
		const known = this.booked.get(trace);
		if (known !== undefined && known.intent !== intent) this.reused.push(trace);
		if (known === undefined) this.booked.set(trace, { intent, amount, good: amount % 7n !== 0n });
		return (this.booked.get(trace)?.good ?? false) && !this.reversed.has(trace);
	}
	reverse(trace: number): void {
		this.reversed.add(trace);
	}
	charged(intent: string): number {
		return [...this.booked].filter(
			([t, b]) => b.intent.startsWith(`${intent}/`) && b.good && !this.reversed.has(t),
		).length;
	}
}

export interface Outcome {
	readonly wrong: readonly string[];
	readonly cuts: number;
	readonly sales: number;
}

const sales = 6;

export async function simulate(seed: number, bug?: Bug): Promise<Outcome> {
	const world = new World(seed, bug);
	// What the ledger itself refuses (a row that is not in the state it must be in) is found, too.
	const thrown = await world.live().then(
		() => [],
		(error: unknown) => [String(error)],
	);
	return { wrong: thrown.length > 0 ? thrown : world.audit(), cuts: world.cuts, sales };
}

class World {
	readonly #random: Random;
	readonly #bug: Bug | undefined;
	readonly #disk: Disk;
	readonly #host = new Host();
	readonly #told = new Map<string, boolean>();
	readonly #odds: Readonly<Record<"cut" | "drop" | "lose" | "late" | "double" | "aac", number>>;
	readonly #late: { readonly trace: number; readonly good: boolean }[] = [];
	#healed = false;
	#serving = "";
	cuts = 0;

	constructor(seed: number, bug: Bug | undefined) {
		this.#random = seeded(seed);
		this.#bug = bug;
		this.#disk = new Disk(this.#random, bug === "normal-sync");
		const up = (most: number): number => this.#random.below(most);
		this.#odds = {
			cut: 5 + up(30),
			drop: up(150),
			lose: up(200),
			late: up(150),
			double: up(100),
			aac: up(60),
		};
	}

	#chance(perMille: number): boolean {
		return !this.#healed && this.#random.below(1000) < perMille;
	}
	#maybeCut(): void {
		if (this.#chance(this.#odds.cut)) throw new Cut();
	}

	/** A shop's day: sales one after the other, restarts after cuts; then the line heals and a last restart. */
	async live(): Promise<void> {
		let shop = await this.#open();
		for (let n = 0; n < sales; n += 1) {
			const intent = `s${n}`;
			const amount = BigInt(100 + this.#random.below(500));
			shop = await this.#through(shop, (open) => this.#sell(open, intent, amount));
		}
		this.#healed = true;
		this.#disk.cut();
		await this.#recover(await this.#open());
	}

	/** Does it; after a power cut, restarts until a restart comes through. */
	async #through(open: Shop, act: (shop: Shop) => Promise<unknown>): Promise<Shop> {
		let shop = open;
		let todo = act;
		for (;;) {
			try {
				await todo(shop);
				return shop;
			} catch (error) {
				if (!(error instanceof Cut)) throw error;
				this.cuts += 1;
				this.#disk.cut();
				shop = await this.#open();
				todo = (restarted) => this.#recover(restarted);
			}
		}
	}

	async #open(): Promise<Shop> {
		const ledger = new Ledger(() => this.#disk.db, this.#random);
		await ledger.open();
		this.#disk.committed();
		const books = this.#sown(recording(ledger, () => this.#disk.committed()));
		const machine: typeof saleMachine = this.#bug === "tell-before-note" ? tellFirst : saleMachine;
		const session = new Session({
			...{ books, acquirer: this.#acquirer(ledger), at: () => "2026-11-24T09:41:00", keysRefused: () => {} },
			accounts: {
				seal: (account) => Promise.resolve(ok(JSON.stringify(account))),
				open: (sealed) => Promise.resolve(ok(JSON.parse(sealed))),
			},
			paper: { print: () => Promise.resolve(ok("printed" as const)) },
			machines: { sale: machine, reversal: reversalBy({ endsReversal: ["00", "12", "25"], tries: 2 }) },
			news: {
				sale: (news) => {
					if (news.news === "approved") this.#told.set(this.#serving, true);
					else if (news.news !== "contacting" && news.news !== "reversing") this.#tellFailed(this.#serving);
				},
				reversal: (news, row) => {
					if (news.news === "reversed") this.#tellFailed(row.intent);
				},
				phase: () => {},
			},
			moment: () => Promise.resolve().then(() => this.#maybeCut()),
		});
		return { ledger, books, session };
	}
	#tellFailed(intent: string): void {
		if (this.#told.get(intent) !== true) this.#told.set(intent, false);
	}

	/** The rows of a bug that lives in the ledger or beside it. */
	#sown(books: Ledger): Ledger {
		switch (this.#bug) {
			case "send-first":
				return sendFirst(books, () => this.#peekTrace());
			case "no-reversal":
				return over(books, {
					armReversal: (id) => {
						books.noteNotSent(id);
						this.#tellFailed(books.row(id).intent);
					},
				});
			case "forget-stan":
				return over(books, {
					noteReversed: (id, code, event) => {
						books.noteReversed(id, code, event);
						this.#disk.db
							.prepare("update counter set value = value - 1 where name = 'trace' and value > 0")
							.run();
						this.#disk.committed();
					},
				});
			default:
				return books;
		}
	}
	#peekTrace(): number {
		return Number(this.#disk.db.prepare("select value from counter where name = 'trace'").pluck().get()) + 1;
	}

	#acquirer(ledger: Ledger): AcquirerPort {
		const answered = (code: string): HostEnd => ({
			end: "answered",
			answer: { code, chipData: new Uint8Array(0), wants: 0 },
		});
		const unknown: HostEnd = { end: "unknown", code: "host.silent", reason: "98" };
		const line = (deed: () => string, trace: number): HostEnd => {
			this.#lateArrives(ledger);
			if (this.#chance(this.#odds.drop)) return unknown;
			this.#maybeCut();
			const code = deed();
			if (this.#chance(this.#odds.double)) deed();
			this.#maybeCut();
			if (this.#chance(this.#odds.lose)) return unknown;
			if (this.#chance(this.#odds.late)) {
				this.#late.push({ trace, good: code === "00" });
				return unknown;
			}
			return answered(code);
		};
		return {
			signIn: () => Promise.resolve({ end: "signed-in", what: { batch: 1 } }),
			sale: async ({ trace, amount, track2 }) =>
				line(() => (this.#host.sale(trace, track2, amount) ? "00" : "51"), trace),
			reverse: async ({ trace }) =>
				line(() => {
					this.#host.reverse(trace);
					return "00";
				}, -trace),
		};
	}
	/** An answer that comes too late: dropped, unless the bug believes it. */
	#lateArrives(ledger: Ledger): void {
		if (this.#late.length === 0 || this.#random.below(2) === 0) return;
		const late = this.#late.shift();
		if (this.#bug !== "late-is-ok" || late === undefined || !late.good || late.trace < 0) return;
		this.#disk.db
			.prepare("update sale set state = 'approved' where trace = ? and state in ('reversing', 'reversed')")
			.run(late.trace);
		this.#disk.committed();
		void ledger;
	}

	async #sell(shop: Shop, intent: string, amount: bigint): Promise<void> {
		if ((await shop.session.reverseAll()) === "unresolved") return this.#tellFailed(intent);
		this.#serving = intent;
		await this.#attempt(shop, intent, 1, amount);
		await this.#print(shop);
	}
	async #attempt(shop: Shop, intent: string, attempt: number, amount: bigint): Promise<void> {
		const run = await shop.session.open(intent, attempt, amount, "01");
		const end = await run.online(this.#card(`${intent}/${attempt}`));
		if (end.end === "reversing") await shop.session.reverse(end.row);
	}
	#card(name: string): CardRun {
		return {
			request: {
				...{ pan: "6217970000005090", expiry: "3012", cardSequence: 1, track2: name, entry: "05" },
				...{
					chipData: new Uint8Array(0),
					reversalData: new Uint8Array(0),
					card: "621797******5090",
					scheme: "unionpay",
				},
			},
			finish: async (answer) => {
				if (answer === undefined || answer.code !== "00") return "aac";
				return this.#chance(this.#odds.aac) ? "aac" : "tc";
			},
			slip: () => ({}) as SlipFacts,
		};
	}
	async #print(shop: Shop): Promise<void> {
		for (const slip of shop.books.unprinted()) await shop.session.printSlip(slip);
	}

	async #recover(shop: Shop): Promise<void> {
		const { session, books } = shop;
		if (this.#bug === "resend-new-stan")
			for (const row of books.unfinished().filter((r) => r.state === "sent")) await this.#resend(shop, row);
		await session.restart();
		await session.reverseAll();
		for (const row of books.untold()) {
			if (row.state === "approved") this.#told.set(row.intent, true);
			else this.#tellFailed(row.intent);
			books.noteTold(row.id);
		}
		await this.#print(shop);
	}
	async #resend(shop: Shop, row: JournalRow): Promise<void> {
		shop.books.noteNotSent(row.id);
		this.#serving = row.intent;
		await this.#attempt(shop, row.intent, row.attempt + 1, row.amount);
	}

	/** The oracle: terminal, acquirer, cloud and cashier agree about every sale. */
	audit(): readonly string[] {
		const { db } = this.#disk;
		const wrong = [...this.#rowsAgree(db), ...this.#peopleAgree()];
		const seqs = db.prepare<[], number>("select seq from outbox order by seq").pluck().all();
		if (seqs.some((seq, i) => seq !== i + 1)) wrong.push("the outbox has a gap");
		const sums = sumOf(db);
		if (sums.terminal !== sums.cloud) wrong.push(`terminal ${sums.terminal}, cloud ${sums.cloud}`);
		const slips = db.prepare("select count(*) from slip where state not in ('printed')").pluck().get();
		if (slips !== 0) wrong.push(`${slips} slips not printed`);
		db.close();
		return wrong;
	}

	#stands(trace: number): boolean {
		return (this.#host.booked.get(trace)?.good ?? false) && !this.#host.reversed.has(trace);
	}

	#rowsAgree(db: Database): readonly string[] {
		const rows = db
			.prepare<[], { trace: number; intent: string; attempt: number; state: string }>(
				"select trace, intent, attempt, state from sale where state not in ('cancelled', 'opened')",
			)
			.all();
		const wrong = rows.flatMap(({ trace, intent, attempt, state }) => [
			...(state === "sent" || state === "reversing" ? [`${intent} is still ${state}`] : []),
			...((this.#host.booked.get(trace)?.intent ?? `${intent}/${attempt}`) === `${intent}/${attempt}`
				? []
				: [`trace ${trace} reused`]),
			...((state === "approved") === this.#stands(trace) ? [] : [`${intent} is ${state}, host otherwise`]),
		]);
		const known = new Set(rows.filter((r) => r.state === "approved").map((r) => r.trace));
		const unknown = [...this.#host.booked].filter(([trace]) => this.#stands(trace) && !known.has(trace));
		return [
			...wrong,
			...unknown.map(([, { intent }]) => `${intent} charged, unknown to the terminal`),
			...this.#host.reused.map((trace) => `trace ${trace} carried two sales`),
		];
	}

	#peopleAgree(): readonly string[] {
		return Array.from({ length: sales }, (_, n) => `s${n}`).flatMap((intent) => {
			const charged = this.#host.charged(intent);
			const told = this.#told.get(intent);
			if (charged > 1) return [`${intent} charged ${charged} times`];
			if (told === true && charged !== 1) return [`${intent} told approved, charged ${charged}`];
			return told === false && charged !== 0 ? [`${intent} told failed, charged ${charged}`] : [];
		});
	}
}

interface Shop {
	readonly ledger: Ledger;
	readonly books: Ledger;
	readonly session: Session;
}

/**
 * What stands in the terminal's books, and what a cloud that applies every outbox row in order would hold.
 */
function sumOf(db: Database): { readonly terminal: number; readonly cloud: number } {
	const terminal = Number(
		db.prepare("select coalesce(sum(amount), 0) from sale where state = 'approved'").pluck().get(),
	);
	const last = new Map<string, number>();
	for (const text of db.prepare<[], string>("select event from outbox order by seq").pluck().all()) {
		const event = JSON.parse(text) as { type: string; intent: string; state: string; amount: string };
		if (event.type === "sale") last.set(event.intent, event.state === "approved" ? Number(event.amount) : 0);
	}
	return { terminal, cloud: [...last.values()].reduce((n, v) => n + v, 0) };
}

/** The same ledger, with some methods replaced. */
function over(books: Ledger, own: Partial<Books>): Ledger {
	return new Proxy(books, {
		get: (target, name) => {
			const mine = own[name as keyof Books];
			if (mine !== undefined) return mine;
			const value = Reflect.get(target, name, target) as unknown;
			return typeof value === "function" ? value.bind(target) : value;
		},
	});
}
/** The same ledger; after each call that writes, its image is kept. */
function recording(ledger: Ledger, committed: () => void): Ledger {
	return new Proxy(ledger, {
		get: (target, name) => {
			const value = Reflect.get(target, name, target) as unknown;
			if (typeof value !== "function") return value;
			return (...values: unknown[]) => {
				const gave = value.apply(target, values) as unknown;
				if (/^(note|arm|take|ack)/.test(String(name))) committed();
				return gave;
			};
		},
	});
}
/** Bug: the request leaves before its row is durable; the row follows with the next note. */
function sendFirst(books: Ledger, peek: () => number): Ledger {
	let owed: (() => void) | undefined;
	const pay = (): void => {
		owed?.();
		owed = undefined;
	};
	const before =
		<A extends unknown[], R>(call: (...args: A) => R) =>
		(...args: A): R => {
			pay();
			return call(...args);
		};
	return over(books, {
		noteSent: (id, card) => {
			owed = () => books.noteSent(id, card);
			return { id, trace: peek(), batch: 1 };
		},
		noteApproved: before((...a: Parameters<Books["noteApproved"]>) => books.noteApproved(...a)),
		noteDeclined: before((...a: Parameters<Books["noteDeclined"]>) => books.noteDeclined(...a)),
		noteNotSent: before((...a: Parameters<Books["noteNotSent"]>) => books.noteNotSent(...a)),
		armReversal: before((...a: Parameters<Books["armReversal"]>) => books.armReversal(...a)),
	});
}
/** Bug: the cashier is told before the note is durable. */
const tellFirst: typeof saleMachine = (state, input) => {
	const step = saleMachine(state, input);
	const tells = step.effects.filter((e) => e.do === "tell");
	const noted = step.effects.some((e) => e.do === "note-approved" || e.do === "note-declined");
	return noted ? { ...step, effects: [...tells, ...step.effects.filter((e) => e.do !== "tell")] } : step;
};
