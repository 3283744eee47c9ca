/** What the cashier does about an answer of the acquirer, by its F39 (unionpay-terminal.md, 10). */
export type Advice =
	| "other-card"
	| "bank"
	/**
	 * Lost, stolen, to be kept: the cardholder reads this screen too, so it says no more than that the
	 * card is no good.
	 */
	| "stop-card"
	| "retry"
	| "amount"
	| "sign-in"
	| "support"
	| "later"
	| "pin";

/** Quoted throughout: a code is two characters, not a number. */
export const adviceOf = {
	"01": "other-card",
	"02": "other-card",
	"03": "support",
	"04": "stop-card",
	"05": "bank",
	"06": "other-card",
	"07": "stop-card",
	"09": "retry",
	"10": "other-card",
	"12": "other-card",
	"13": "amount",
	"14": "other-card",
	"15": "other-card",
	"19": "retry",
	"20": "other-card",
	"21": "bank",
	"22": "retry",
	"23": "other-card",
	"25": "support",
	"30": "retry",
	"31": "other-card",
	"33": "other-card",
	"34": "stop-card",
	"35": "stop-card",
	"36": "stop-card",
	"37": "stop-card",
	"38": "bank",
	"40": "other-card",
	"41": "stop-card",
	"43": "stop-card",
	"44": "other-card",
	"45": "retry",
	"51": "other-card",
	"52": "other-card",
	"53": "other-card",
	"54": "other-card",
	"55": "pin",
	"57": "other-card",
	"58": "support",
	"59": "other-card",
	"61": "other-card",
	"62": "other-card",
	"63": "other-card",
	"64": "support",
	"65": "other-card",
	"67": "stop-card",
	"68": "retry",
	"75": "bank",
	"77": "sign-in",
	"90": "later",
	"91": "later",
	"92": "later",
	"94": "sign-in",
	"96": "later",
	"97": "support",
	"98": "later",
	"99": "sign-in",
	A0: "sign-in",
	A1: "other-card",
	A3: "other-card",
	A7: "later",
} as const satisfies Record<string, Advice>;
export type Code = keyof typeof adviceOf;

/** Whether the table of the book knows this F39. */
export const isCode = (code: string): code is Code => Object.hasOwn(adviceOf, code);
