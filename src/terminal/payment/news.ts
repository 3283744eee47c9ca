import type { SaleEvent } from "../../contract/fleet.ts";
import type { CardOfSale, Numbered, OpenedSale } from "./books.ts";
import type { HostAnswer } from "./ports.ts";

const six = (n: number): string => String(n).padStart(6, "0");

/** What the cloud is told of a sale: one row of the outbox. Each attempt is a sale of its own there. */
export const saleEvent = (
	of: OpenedSale & CardOfSale & Numbered,
	state: SaleEvent["state"],
	answer?: Pick<HostAnswer, "code" | "reference" | "authorisation">,
): SaleEvent => ({
	type: "sale",
	state,
	intent: `${of.intent}-${of.attempt}`,
	amount: String(of.amount),
	trace: six(of.trace),
	batch: six(of.batch),
	card: of.card,
	scheme: of.scheme,
	at: of.at,
	operator: of.operator,
	...(answer === undefined ? {} : { responseCode: answer.code }),
	...(answer?.reference === undefined ? {} : { reference: answer.reference }),
	...(answer?.authorisation === undefined ? {} : { authorisation: answer.authorisation }),
});
