/**
 * One connection's way of bringing the outbox up (fleet/sync.md, 4): resume where the platform stands, a window of
 * batches, and nothing counts as delivered until the platform says so after its commit. A PUBACK says nothing.
 */
import type { Bodies, OutboxRow } from "../../contract/fleet.ts";
import type { Clock } from "../../kit/clock.ts";
import { limits } from "../../kit/limits.ts";
import type { Log } from "../../kit/log.ts";
import type { Outbox } from "./outbox.ts";

export interface DeliveryNeeds {
	readonly outbox: Outbox;
	readonly clock: Clock;
	readonly log: Log;
	/** Hands one batch to the connection. */
	readonly send: (rows: readonly OutboxRow[]) => void;
	/** The platform is silent although the connection stands: it should be ended and made anew. */
	readonly silent: () => void;
}

/** Until an acknowledgement; then the window is sent again, once. */
export const ackMs = 10_000;
/** A batch is cut shorter than 50 rows where its JSON would come near the platform's bound. */
const batchBytes = limits.fleetMessageBytes - 2048;

export class Delivery {
	readonly #needs: DeliveryNeeds;
	/** The birth was answered. */
	#resumed = false;
	/** Delivered up to here; sent up to here, on this connection. */
	#mark = 0;
	#sent = 0;
	/** Last seq of each batch under way. */
	#batches: number[] = [];
	#silences = 0;
	#offTimer: (() => void) | undefined;

	constructor(needs: DeliveryNeeds) {
		this.#needs = needs;
	}

	/** The birth has been sent: nothing goes up before it is answered. */
	begin(): void {
		this.#arm();
	}

	end(): void {
		this.#disarm();
		this.#batches = [];
		this.#resumed = false;
	}

	/** The platform's word. One that goes beyond what was sent is believed only as far as that. */
	heard({ through, reject = [] }: Bodies["down/ack"]): void {
		const { outbox, log } = this.#needs;
		this.#silences = 0;
		if (!this.#resumed) {
			this.#resumed = true;
			const head = outbox.head();
			// The platform knows rows that this ledger has not: it was set back. All that is held is shown to the platform,
			// which refuses, row by row, what it knows otherwise.
			if (through > head) log("bug", "fleet-outbox-behind", { through, head });
			this.#mark = through > head ? 0 : through;
			this.#sent = this.#mark;
			outbox.acknowledged(this.#mark, reject);
		} else {
			const mark = Math.max(this.#mark, Math.min(through, this.#sent));
			if (mark > this.#mark || reject.length > 0) outbox.acknowledged(mark, reject);
			this.#mark = mark;
			this.#batches = this.#batches.filter((last) => last > mark);
		}
		for (const { seq, code } of reject) log("fault", "fleet-refused", { seq, code });
		log("trace", "fleet-acknowledged", { through });
		this.#disarm();
		this.pump();
	}

	/** Fills the window from the outbox. Called when a row was posted. */
	pump(): void {
		if (!this.#resumed) return;
		while (this.#batches.length < limits.outboxWindow) {
			const rows = fitting(this.#needs.outbox.pending(this.#sent, limits.outboxBatch));
			const last = rows.at(-1);
			if (last === undefined) break;
			this.#sent = last.seq;
			this.#batches.push(last.seq);
			this.#needs.send(rows);
		}
		if (this.#batches.length > 0) this.#arm();
	}

	/** One deadline for whatever waits longest: new batches do not put it off. */
	#arm(): void {
		this.#offTimer ??= this.#needs.clock.after(ackMs, () => this.#late());
	}
	#disarm(): void {
		this.#offTimer?.();
		this.#offTimer = undefined;
	}

	#late(): void {
		this.#disarm();
		this.#silences += 1;
		this.#needs.log("fault", "fleet-no-acknowledgement", { through: this.#mark, sent: this.#sent });
		if (!this.#resumed || this.#silences > 1) {
			this.#needs.silent();
			return;
		}
		this.#batches = [];
		this.#sent = this.#mark;
		this.pump();
	}
}

/** As many of the rows as one message may carry; at least one. */
function fitting(rows: readonly OutboxRow[]): readonly OutboxRow[] {
	let bytes = 0;
	const past = rows.findIndex((row, at) => {
		bytes += new TextEncoder().encode(JSON.stringify(row)).length + 1;
		return bytes > batchBytes && at > 0;
	});
	return past < 0 ? rows : rows.slice(0, past);
}
