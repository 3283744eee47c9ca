import type { FaultCode } from "../../../contract/faults.ts";
import type { Copy } from "../../payment/ports.ts";
import type { NotCharged, Page } from "../page.ts";
import type { Advice, Code } from "./codes-table.ts";

/** Every sentence of the screen. A language that lacks one does not compile. */
export interface Words {
	/** The name of the terminal. */
	readonly brand: string;
	readonly keys: Readonly<Record<"confirm" | "cancel" | "clear" | "function", string>>;
	/** At the foot while no key does anything. */
	readonly noKeys: string;
	/** 11月24日 星期二 */
	readonly day: (month: number, day: number, weekday: number) => string;
	/** What stands in the title bar. */
	readonly flow: Readonly<Record<"sale" | "menu" | "signIn" | "start" | "restart" | "stopped", string>>;
	/** Reversals and slips that wait, and the same where a large amount leaves little room. */
	readonly marks: Marks;
	readonly shortMarks: Marks;
	readonly starting: Readonly<Record<Extract<Page, { page: "starting" }>["doing"], string>>;
	readonly outOfService: {
		readonly title: string;
		readonly why: Readonly<Record<Extract<Page, { page: "out-of-service" }>["why"], string>>;
		readonly call: string;
	};
	readonly signIn: Readonly<Record<Extract<Page, { page: "sign-in" }>["phase"], string>> & {
		readonly title: string;
		readonly failed: string;
		readonly check: string;
	};
	readonly idle: {
		readonly hint: string;
		readonly menu: string;
		readonly card: string;
		readonly scan: string;
	};
	readonly menu: readonly (readonly [key: string, item: string])[];
	readonly choose: string;
	readonly back: string;
	readonly amount: {
		readonly ask: string;
		readonly fen: (digits: string) => string;
		readonly next: string;
		readonly rub: string;
	};
	readonly insert: {
		readonly ask: string;
		readonly again: string;
		readonly seconds: (n: number) => string;
		readonly end: string;
	};
	readonly reading: { readonly title: string; readonly leave: string };
	readonly application: { readonly title: string; readonly pick: string };
	readonly pin: {
		readonly title: string;
		readonly cover: string;
		readonly empty: string;
		readonly done: string;
		/** What 确认 does before the first digit, where the card takes no PIN for an answer. */
		readonly none: string;
		readonly rub: string;
		readonly end: string;
		readonly triesLeft: (n: number) => string;
	};
	readonly contacting: {
		readonly title: string;
		readonly steps: readonly [connect: string, send: string, wait: string, finish: string];
		readonly seconds: (n: number) => string;
	};
	readonly approved: {
		readonly title: string;
		readonly line: (trace: string, authorisation: string) => string;
		readonly printing: Readonly<Record<"merchant" | "cardholder", string>>;
		readonly next: string;
		readonly finish: string;
		readonly takeCard: string;
	};
	readonly declined: { readonly title: string; readonly doThis: string; readonly notTaken: string };
	readonly notCharged: {
		readonly title: string;
		readonly why: Readonly<Record<NotCharged, readonly [why: string, advice: string]>>;
	};
	readonly reversing: {
		readonly title: string;
		readonly now: string;
		readonly warn: readonly [string, string];
		readonly attempt: (n: number, of: number, seconds: number) => string;
	};
	readonly reversed: { readonly title: string; readonly say: string; readonly again: string };
	readonly unresolved: {
		readonly title: string;
		readonly trace: (trace: string) => string;
		readonly warn: readonly [string, string];
		readonly later: string;
	};
	readonly takeCard: { readonly title: string; readonly say: string };
	readonly paperOut: {
		readonly why: Readonly<
			Record<Extract<Page, { page: "paper-out" }>["why"], readonly [title: string, doThis: string]>
		>;
		readonly stands: string;
		readonly copy: Readonly<Record<Copy, string>>;
		readonly rule: string;
		readonly goOn: string;
		readonly later: string;
	};
	readonly afterRestart: {
		readonly title: string;
		readonly became: Readonly<
			Record<Extract<Page, { page: "after-restart" }>["became"], readonly [string, string]>
		>;
		readonly trace: (trace: string) => string;
		readonly read: string;
	};
	readonly wrongPin: { readonly title: string; readonly left: (n: number) => string; readonly ask: string };
	readonly notAvailable: Readonly<
		Record<Extract<Page, { page: "not-available" }>["what"], readonly [string, string]>
	>;
	readonly finish: string;
	/** F39: what is said; what to do stands beside the codes (codes-table.ts). */
	readonly codes: Readonly<Record<Code, string>>;
	/** Any other F39. */
	readonly otherCode: string;
	readonly advice: Readonly<Record<Advice, string>>;
	/** Why a sign-in failed before the acquirer could say so itself. */
	readonly faults: Readonly<Record<SignInFault, string>>;
}
export interface Marks {
	readonly unresolved: (n: number) => string;
	readonly unprinted: (n: number) => string;
}
export type SignInFault = Extract<FaultCode, `host.${string}` | `vault.${string}`>;
