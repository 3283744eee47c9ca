import { unhex } from "../../kit/bytes.ts";
import { never } from "../../kit/result.ts";
import { accountContext, type JournalRow, type SlipRow } from "./books.ts";
import { saleEvent } from "./news.ts";
import { type PrintEffect, type PrintInput, type PrintState, print } from "./print.ts";
import type { ReversalEffect, ReversalInput, ReversalState } from "./reversal.ts";
import { SaleRun } from "./sale-run.ts";
import { around, heed, type SessionPorts } from "./session-ports.ts";

/**
 * The shell of the money machines: it does their effects in order, through ports, and feeds back what came.
 */
export class Session {
	readonly #ports: SessionPorts;

	constructor(ports: SessionPorts) {
		this.#ports = ports;
	}

	/**
	 * Notes one attempt at one sale. Rejects when the journal could not be written: the process must stop then.
	 */
	async open(intent: string, attempt: number, amount: bigint, operator: string): Promise<SaleRun> {
		const run = new SaleRun(this.#ports, { intent, attempt, amount, operator, at: this.#ports.at() });
		await run.drive({ on: "open" });
		return run;
	}

	/**
	 * After a restart: what was opened is closed, and every sale left between its note and its result becomes a
	 * reversal. Nothing is sent yet; `reverseAll` does that.
	 */
	async restart(): Promise<void> {
		for (const row of this.#ports.books.unfinished()) {
			const run = new SaleRun(this.#ports, row, row);
			await run.drive({ on: "restart" });
		}
	}

	/** Tries every pending reversal once, oldest first; stops at the first that stays open. */
	async reverseAll(): Promise<"clear" | "unresolved"> {
		for (const row of this.#ports.books.pendingReversals())
			if ((await this.reverse(row)) === "unresolved") return "unresolved";
		return "clear";
	}

	/** One go at one reversal. The account comes out of its seal for the message and is not kept. */
	async reverse(row: JournalRow): Promise<"reversed" | "unresolved"> {
		let state: ReversalState = { at: "armed", attempts: 0 };
		let input: ReversalInput | undefined = { on: "go" };
		while (input !== undefined) {
			const step = this.#ports.machines.reversal(state, input);
			state = step.state;
			input = undefined;
			for (const effect of step.effects) {
				if (effect.do === "send-reversal" && this.#ports.ending?.() === true) return "unresolved";
				const came = await around(this.#ports.moment, `reversal:${effect.do}`, () =>
					this.#performReversal(effect, row),
				);
				if (came !== undefined) input = came;
			}
		}
		return state.at === "reversed" ? "reversed" : "unresolved";
	}

	async #performReversal(effect: ReversalEffect, row: JournalRow): Promise<ReversalInput | undefined> {
		const { books, news } = this.#ports;
		switch (effect.do) {
			case "send-reversal":
				return this.#sendReversal(row);
			case "note-reversed":
				books.noteReversed(row.id, effect.code, saleEvent(row, "reversed", { code: effect.code }));
				return undefined;
			case "note-unresolved":
				books.noteUnresolved(row.id, effect.attempts);
				return undefined;
			case "tell-reversal":
				news.reversal(effect.news, row);
				return undefined;
			default:
				return never(effect);
		}
	}

	async #sendReversal(row: JournalRow): Promise<ReversalInput> {
		const { news, acquirer, accounts, moment } = this.#ports;
		const account = await accounts.open(row.sealed, accountContext(row.intent, row.attempt));
		if (!account.ok) return { on: "host", end: { end: "not-sent", code: account.error.code } };
		const { trace, batch, amount, cardSequence, pin, authorisation } = row;
		const end = await acquirer.reverse(
			{
				...{ trace, batch, amount, cardSequence, pin, entry: "05" },
				...account.value,
				reason: row.reason ?? "06",
				chipData: unhex(row.reversalData),
				...(authorisation === undefined ? {} : { authorisation }),
			},
			(phase) => {
				news.phase(phase);
				if (phase === "waiting") void moment("during", "reversal:send-reversal");
			},
		);
		return { on: "host", end: heed(end, this.#ports.keysRefused) };
	}

	/** One try at one slip. What is not done stays noted and comes again as a reprint. */
	async printSlip(slip: SlipRow): Promise<PrintState> {
		let state: PrintState = slip.state === "waiting" ? { at: "waiting" } : { at: "begun" };
		let input: PrintInput | undefined = { on: "go" };
		while (input !== undefined) {
			const step = print(state, input);
			state = step.state;
			input = undefined;
			for (const effect of step.effects) {
				const came = await around(this.#ports.moment, `print:${effect.do}`, () =>
					this.#performPrint(effect, slip),
				);
				if (came !== undefined) input = came;
			}
		}
		return state;
	}

	async #performPrint(effect: PrintEffect, slip: SlipRow): Promise<PrintInput | undefined> {
		const { books, paper } = this.#ports;
		switch (effect.do) {
			case "note-printing":
				books.notePrinting(slip.slip);
				return undefined;
			case "print": {
				const end = await paper.print(slip, effect.reprint);
				return end.ok ? { on: "printed", end: end.value } : { on: "failed", code: end.error.code };
			}
			case "note-printed":
				books.notePrinted(slip.slip, effect.end);
				return undefined;
			default:
				return never(effect);
		}
	}
}
