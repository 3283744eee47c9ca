/** What the fleet link asks of the ledger: rows that wait for the cloud, and a place to note that they are there. */
import type { Bodies, OutboxRow } from "../../contract/fleet.ts";

export type Reject = NonNullable<Bodies["down/ack"]["reject"]>;

export interface Outbox {
	/** Highest seq ever posted; 0 when none. */
	head(): number;
	/** At most `most` rows above `after`, in order, delivered ones that are still held among them. */
	pending(after: number, most: number): readonly OutboxRow[];
	/** Durable when it returns. Rows up to `through` are delivered but for those in `reject`. May repeat. */
	acknowledged(through: number, reject: Reject): void;
	/** Called after a row was posted and is durable. Gives a function that ends it. */
	readonly onNew: (listener: () => void) => () => void;
}
