/**
 * What the fleet link needs of the ledger: rows with gap-free numbers, kept until the cloud has them
 * for good.
 */
import type { OutboxRow } from "../../contract/fleet.ts";

export interface Outbox {
	/** Highest seq ever posted; 0 when none. */
	head(): number;
	/**
	 * At most `most` rows above `after`, in order: also delivered ones, for a platform that must be told
	 * again.
	 */
	pending(after: number, most: number): readonly OutboxRow[];
	/** The cloud has applied all rows up to `through` for good, but for those refused. May be told twice. */
	acknowledged(through: number, reject: readonly { readonly seq: number; readonly code: string }[]): void;
	/**
	 * Called after a row was posted and is durable. What a listener does must not throw: it stands in a
	 * sale's way.
	 */
	readonly onNew: (listener: () => void) => () => void;
}
