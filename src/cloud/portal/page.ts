/** The page of terminals and their sales, as HTML. */
import type { Alarm, SaleRow, TerminalRow } from "../inbox.ts";

export interface Shown {
	readonly language: string | undefined;
	readonly terminals: readonly (TerminalRow & {
		readonly name: string;
		readonly sales: readonly SaleRow[];
		readonly totals: readonly { readonly state: string; readonly count: number; readonly sum: string }[];
	})[];
	readonly alarms: readonly Alarm[];
}
export const page = (shown: Shown): string =>
	`<!doctype html><meta charset=utf-8><title>Guitai</title>${shown.terminals.length}`;
