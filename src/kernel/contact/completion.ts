/**
 * Online and after: the host's answer, the issuer's authentication and scripts, the second GENERATE AC (EMV
 * 4.4 Book 3, 10.9 to 10.11).
 */
import { latin } from "../../kit/bytes.ts";
import { no, ok } from "../../kit/result.ts";
import { has } from "../../spec/emv/bits.ts";
import { aip, tsi, tvr } from "../../spec/emv/bits-table.ts";
import { type Cryptogram, externalAuthenticate, generateAc } from "../../spec/iso7816/apdu.ts";
import { sw } from "../../spec/iso7816/status.ts";
import { find, parse, type TlvNode } from "../../spec/tlv/tlv.ts";
import type { Outcome } from "../dialogue.ts";
import { fillCdol, takeCryptogram } from "./action.ts";
import { runScripts } from "./scripts.ts";
import { type Asking, answered, exchange, type Phase, type Session } from "./session.ts";

/**
 * The authorisation response code when the answer gives none that fits: unable to go online, declined (Book
 * 4, A6).
 */
const unableDeclined = "Z3";

/** 91 to the card that wants it by a command of its own; others take it by CDOL2 (10.9). */
function* authenticateIssuer(session: Session): Asking<Phase<undefined>> {
	const data = session.get("91");
	if (data === undefined || !has(session.get("82"), aip.issuerAuthentication)) return ok(undefined);
	// 8 to 16 bytes (Book 3, 6.5.4.3): other lengths cannot be sent, and authenticate nobody.
	if (data.length < 8 || data.length > 16) {
		session.found(tvr.issuerAuthenticationFailed);
		return ok(undefined);
	}
	const answer = yield* exchange("external-authenticate", externalAuthenticate(data));
	if (answer === undefined) return no(session.gone());
	session.performed(tsi.issuerAuthenticationPerformed);
	if (answer.sw !== sw.ok) session.found(tvr.issuerAuthenticationFailed);
	return ok(undefined);
}

/** The second GENERATE AC: undefined when the card's answer is none that can be believed. */
function* actAgain(session: Session, wanted: Cryptogram): Asking<Phase<Cryptogram | undefined>> {
	const data = fillCdol(session, "8D");
	if (data === undefined) return ok(undefined);
	const answer = yield* exchange("generate-ac-2", generateAc(wanted, data));
	if (answer === undefined) return no(session.gone());
	return ok(answer.sw === sw.ok ? takeCryptogram(session, answer.data) : undefined);
}

/** Asks the host and gives the issuer's objects; they, and 8A, are in the session afterwards. */
function* goOnline(session: Session): Asking<readonly TlvNode[]> {
	const host = answered("host", yield { ask: "host", data: session.snapshot() });
	const heard = host.end === "answered";
	session.host = { approved: heard && host.approved };
	session.give("8A", latin(/^[\x20-\x7e]{2}$/.test(host.arc) ? host.arc : unableDeclined));
	// What cannot be read is as if the issuer had sent nothing: the card decides without it.
	const read = heard ? parse(host.issuerData, "strict") : undefined;
	const issuer = read?.ok === true ? read.value : [];
	const authentication = find(issuer, "91");
	if (authentication !== undefined) session.give("91", authentication.value.slice());
	return issuer;
}

/**
 * From the ARQC to the end. Once the host was asked only three ends are left: approved, declined, or the
 * card is gone; each tells what must become of the sale. Unable to go online asks for AAC always: a byte
 * may have left (unionpay-terminal.md, 7).
 */
export function* complete(session: Session): Asking<Outcome> {
	const issuer = yield* goOnline(session);
	const approved = session.host?.approved === true;
	const authenticated = yield* authenticateIssuer(session);
	if (!authenticated.ok) return authenticated.error;
	yield* runScripts(session, issuer, "71");
	const wanted = approved ? "tc" : "aac";
	const decided = yield* actAgain(session, wanted);
	if (!decided.ok) return decided.error;
	// A card that has decided is done: what becomes of the scripts behind it changes no money (10.10).
	yield* runScripts(session, issuer, "72");
	const data = session.snapshot();
	if (approved && decided.value === "tc") return { end: "approved", online: true, data };
	return { end: "declined", online: true, byCard: approved, data };
}
