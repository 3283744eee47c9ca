/**
 * The contact kernel: one transaction with one card, phase after phase as the books tell it (EMV 4.4 Books
 * 1 to 4).
 */
import { latin } from "../../kit/bytes.ts";
import { tvr } from "../../spec/emv/bits-table.ts";
import type { Dialogue, Terms } from "../dialogue.ts";
import { act } from "./action.ts";
import { complete } from "./completion.ts";
import { readRecords } from "./records.ts";
import { restrict } from "./restrictions.ts";
import { manageRisk } from "./risk.ts";
import { openApplication } from "./selection.ts";
import { answered, Session } from "./session.ts";
import { verify } from "./verification.ts";

/**
 * A whole transaction with a card that is powered. Yields what it wants and is handed what came; ends in an
 * outcome, whatever the card answers. An answer of another kind than was asked for throws TypeError.
 */
export function* contact(terms: Terms): Dialogue {
	const session = new Session(terms);
	const opened = yield* openApplication(session);
	if (!opened.ok) return opened.error;
	const read = yield* readRecords(session, opened.value);
	if (!read.ok) return read.error;
	const { go } = answered("account", yield { ask: "account", data: session.snapshot() });
	if (!go) return { end: "cancelled", why: "account", data: session.snapshot() };
	// Offline data authentication: this kernel has none yet, and says so (Book 3, 10.3).
	session.found(tvr.odaNotPerformed);
	restrict(session);
	const verified = yield* verify(session);
	if (!verified.ok) return verified.error;
	const managed = yield* manageRisk(session);
	if (!managed.ok) return managed.error;
	const decided = yield* act(session);
	if (!decided.ok) return decided.error;
	if (decided.value === "arqc") return yield* complete(session);
	// Y1 and Z1: decided offline (Book 4, A6).
	session.give("8A", latin(decided.value === "tc" ? "Y1" : "Z1"));
	const data = session.snapshot();
	if (decided.value === "tc") return { end: "approved", online: false, data };
	return { end: "declined", online: false, byCard: false, data };
}
