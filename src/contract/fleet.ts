/**
 * What terminal and cloud say to each other over MQTT (fleet/sync.md, 4). Topics are
 * pos/v1/<tenant>/<terminal>/<leaf>;
 * the terminal's name is the CN of its certificate and its client id. Bodies are JSON.
 */
export const leaves = ["up/ev", "up/birth", "up/death", "down/ack"] as const;
export type Leaf = (typeof leaves)[number];
export const topic = (tenant: string, terminal: string, leaf: Leaf): string =>
	`pos/v1/${tenant}/${terminal}/${leaf}`;

/** Amounts are fen, as decimal digits: JSON numbers are no money. */
export interface SaleEvent {
	readonly type: "sale";
	readonly state: "approved" | "declined" | "reversed" | "unresolved";
	/** One a sale, minted when the sale is opened: the same in every row about it. */
	readonly intent: string;
	readonly amount: string;
	readonly trace: string;
	readonly batch: string;
	/** First six, last four. */
	readonly card: string;
	readonly scheme: string;
	readonly responseCode?: string;
	readonly reference?: string;
	readonly authorisation?: string;
	/** Local time at the terminal, 2026-11-24T09:41:02. */
	readonly at: string;
	readonly operator: string;
}
export interface SignInEvent {
	readonly type: "sign-in";
	readonly batch: string;
	readonly at: string;
}
export type FleetEvent = SaleEvent | SignInEvent;

/** A row of the terminal's outbox. `seq` has no gaps; (terminal, seq) is applied once. */
export interface OutboxRow {
	readonly seq: number;
	/** Never reused: a repeated seq with another id is a cloned terminal or a restored backup. */
	readonly id: string;
	readonly event: FleetEvent;
}
export interface Bodies {
	readonly "up/ev": { readonly rows: readonly OutboxRow[] };
	/** `head`: highest seq ever posted; `tail`: the oldest row still kept, when there is one. */
	readonly "up/birth": {
		readonly session: number;
		readonly version: string;
		readonly head: number;
		readonly tail?: number;
	};
	readonly "up/death": { readonly session: number };
	/** All rows up to `through` are applied and durable, but for those refused, which stay shown. */
	readonly "down/ack": {
		readonly through: number;
		readonly reject?: readonly { readonly seq: number; readonly code: string }[];
	};
}
