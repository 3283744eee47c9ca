/** Whether an amount, chance or the card's counters want this transaction online (EMV 4.4 Book 3, 10.6). */
import { unbig } from "../../kit/bytes.ts";
import { no, ok } from "../../kit/result.ts";
import { has } from "../../spec/emv/bits.ts";
import { aip, tsi, tvr } from "../../spec/emv/bits-table.ts";
import { getData } from "../../spec/iso7816/apdu.ts";
import { sw } from "../../spec/iso7816/status.ts";
import { objects } from "../../spec/tlv/tlv.ts";
import type { Application } from "../dialogue.ts";
import { type Asking, exchange, type Phase, random, type Session } from "./session.ts";
import { amountOf, panOf } from "./values.ts";

/**
 * In how many of a hundred transactions one of `amount` minor units is selected: the target up to the
 * threshold, then rising to the greatest target at the floor limit (10.6.2).
 */
export function chance(row: Application, amount: number): number {
	const { threshold, floorLimit, target, targetMost } = row;
	if (amount < threshold || floorLimit <= threshold) return target;
	return target + ((targetMost - target) * (amount - threshold)) / (floorLimit - threshold);
}

/** Floor limit with the earlier sales of this account (10.6.1), and below it random selection (10.6.2). */
function* amounts(session: Session, row: Application): Asking<void> {
	const amount = amountOf(session);
	const earlier = session.terms.earlierWith(panOf(session.get("5A")) ?? "");
	if (amount + earlier >= row.floorLimit) {
		session.found(tvr.overFloorLimit);
		return;
	}
	// A number from 1 to 99.
	const drawn = (unbig(yield* random(2)) % 99) + 1;
	if (drawn <= chance(row, amount)) session.found(tvr.selectedRandomly);
}

/** One counter of the card; undefined when it does not tell it. */
function* counter(session: Session, tag: string): Asking<Phase<number | undefined>> {
	const answer = yield* exchange("get-data", getData(tag));
	if (answer === undefined) return no(session.gone());
	const said = answer.sw === sw.ok ? objects(answer.data) : undefined;
	const value = said?.ok === true ? said.value.get(tag) : undefined;
	if (value?.length !== 2) return ok(undefined);
	session.take(tag, value);
	return ok(unbig(value));
}

/**
 * Transactions since the card was last online, against the issuer's limits; only when it gives both
 * (10.6.3).
 */
function* velocity(session: Session): Asking<Phase<undefined>> {
	const lower = session.get("9F14");
	const upper = session.get("9F23");
	if (lower === undefined || upper === undefined) return ok(undefined);
	const now = yield* counter(session, "9F36");
	if (!now.ok) return now;
	const online = yield* counter(session, "9F13");
	if (!online.ok) return online;
	const since = now.value === undefined || online.value === undefined ? undefined : now.value - online.value;
	// Counters that are missing or run backwards exceed both limits.
	const wrong = since === undefined || since <= 0;
	if (wrong || since > unbig(lower)) session.found(tvr.lowerLimitExceeded);
	if (wrong || since > unbig(upper)) session.found(tvr.upperLimitExceeded);
	if (online.value === 0) session.found(tvr.newCard);
	return ok(undefined);
}

/** Terminal risk management; what it finds stands in the TVR. */
export function* manageRisk(session: Session): Asking<Phase<undefined>> {
	// The merchant's wish does not depend on the card (Book 4, 6.3.5).
	if (session.terms.forceOnline) session.found(tvr.forcedOnline);
	const row = session.application;
	// The acquirer's limits hold for every card; the issuer's own only where its card wants them (10.6).
	if (row !== undefined) yield* amounts(session, row);
	if (has(session.get("82"), aip.terminalRisk)) {
		const checked = yield* velocity(session);
		if (!checked.ok) return checked;
	}
	session.performed(tsi.terminalRiskPerformed);
	return ok(undefined);
}
