/** Whether the application may be used here and today (EMV 4.4 Book 3, 10.4). */
import { equal } from "../../kit/bytes.ts";
import { has } from "../../spec/emv/bits.ts";
import { auc, type Bit, moreCapabilities, tvr } from "../../spec/emv/bits-table.ts";
import type { Session } from "./session.ts";
import { dateOf, isUnattended, type Kind, kindOf } from "./values.ts";

/** An automated teller: unattended, and it gives cash (Book 4, A1). */
const isTeller = (session: Session): boolean =>
	isUnattended(session) && has(session.get("9F40"), moreCapabilities.cash);

/** 9F08 against 9F09; a card that tells none counts as equal (10.4.1). */
function versions(session: Session): void {
	const card = session.get("9F08");
	const terminal = session.get("9F09");
	if (card !== undefined && terminal !== undefined && !equal(card, terminal))
		session.found(tvr.versionsDiffer);
}

/** Any one of these bits allows the kind; a terminal cannot tell goods from services (10.4.2, table 33). */
const allowing: Readonly<Record<Kind, Readonly<Record<"home" | "abroad", readonly Bit[]>>>> = {
	cash: { home: [auc.domesticCash], abroad: [auc.internationalCash] },
	purchase: {
		home: [auc.domesticGoods, auc.domesticServices],
		abroad: [auc.internationalGoods, auc.internationalServices],
	},
	cashback: { home: [auc.domesticCashback], abroad: [auc.internationalCashback] },
};

function usage(session: Session): void {
	const control = session.get("9F07");
	if (control === undefined) return;
	if (!has(control, isTeller(session) ? auc.atms : auc.notAtms)) session.found(tvr.serviceNotAllowed);
	const issuer = session.get("5F28");
	if (issuer === undefined) return;
	const where = equal(issuer, session.get("9F1A") ?? new Uint8Array(0)) ? "home" : "abroad";
	if (!allowing[kindOf(session)][where].some((bit) => has(control, bit)))
		session.found(tvr.serviceNotAllowed);
}

/** 5F25 and 5F24 against 9A: both days themselves are good (10.4.3, 10.4.4). */
function dates(session: Session): void {
	const today = dateOf(session.get("9A"));
	const effective = session.get("5F25");
	if (effective !== undefined && dateOf(effective) > today) session.found(tvr.notYetEffective);
	if (dateOf(session.get("5F24")) < today) session.found(tvr.expired);
}

export function restrict(session: Session): void {
	versions(session);
	usage(session);
	dates(session);
}
