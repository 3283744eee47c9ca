/**
 * Whether the cardholder is who may use the card: online PIN, signature, or nothing (EMV 4.4 Book 3, 10.5).
 */
import { hex } from "../../kit/bytes.ts";
import { no, ok } from "../../kit/result.ts";
import { has } from "../../spec/emv/bits.ts";
import { aip, type Bit, capabilities, tsi, tvr } from "../../spec/emv/bits-table.ts";
import { type CvmList, type CvmRule, cvm, cvmOf, parseCvmList } from "../../spec/emv/cvm.ts";
import { type Asking, answered, type Phase, type Session } from "./session.ts";
import { amountOf, isUnattended, kindOf, panOf } from "./values.ts";

const result = { unknown: 0, failed: 1, successful: 2 } as const;

const needs: Readonly<Record<number, Bit>> = {
	[cvm.plainPin]: capabilities.plainPin,
	[cvm.onlinePin]: capabilities.onlinePin,
	[cvm.encipheredPin]: capabilities.encipheredPin,
	[cvm.signature]: capabilities.signature,
	[cvm.noCvm]: capabilities.noCvm,
};
const withSignature: Readonly<Record<number, Bit>> = {
	[cvm.plainPinAndSignature]: capabilities.plainPin,
	[cvm.encipheredPinAndSignature]: capabilities.encipheredPin,
};

/** Whether 9F33 says that this terminal can do the method. */
function supports(session: Session, method: number): boolean {
	const can = session.get("9F33");
	const both = withSignature[method];
	if (both !== undefined) return has(can, both) && has(can, capabilities.signature);
	const one = needs[method];
	return one !== undefined && has(can, one);
}

/** Whether a rule's condition holds; one that is not known, or lacks its data, does not (10.5, C3). */
function applies(session: Session, list: CvmList, rule: CvmRule): boolean {
	const kind = kindOf(session);
	const unattended = isUnattended(session);
	const currency = session.get("9F42");
	const own = currency !== undefined && hex(currency) === hex(session.get("5F2A") ?? new Uint8Array(0));
	const amount = amountOf(session);
	const holds: Readonly<Record<number, () => boolean>> = {
		0: () => true,
		1: () => kind === "cash" && unattended,
		2: () => kind === "purchase",
		3: () => supports(session, rule.method),
		4: () => kind === "cash" && !unattended,
		5: () => kind === "cashback",
		6: () => own && amount < list.x,
		7: () => own && amount > list.x,
		8: () => own && amount < list.y,
		9: () => own && amount > list.y,
	};
	return holds[rule.condition]?.() ?? false;
}

type PinEnd = "entered" | "empty" | "unavailable";

/** Has the PIN taken; cancelled or too slow ends the transaction before any cryptogram was asked for. */
function* askPin(session: Session, emptyAllowed: boolean): Asking<Phase<PinEnd>> {
	const pan = panOf(session.get("5A")) ?? "";
	const { end } = answered("pin", yield { ask: "pin", pan, emptyAllowed });
	if (end === "cancelled") return no({ end: "cancelled", why: "cardholder", data: session.snapshot() });
	if (end === "timeout") return no({ end: "cancelled", why: "pin-timeout", data: session.snapshot() });
	return ok(end);
}

/** What an online PIN leaves in the TVR (10.5.2; Book 4, 6.3.4.2). */
const pinFound: Readonly<Record<PinEnd, Bit>> = {
	entered: tvr.onlinePinEntered,
	empty: tvr.pinNotEntered,
	unavailable: tvr.pinPadMissing,
};

/** 5F28 of the profile's country, or none: a card of a domestic issuer. */
function isDomesticUnionPay(session: Session): boolean {
	const country = session.get("5F28");
	const home = country === undefined || hex(country) === session.terms.domesticCountry;
	return session.application?.scheme === "unionpay" && home;
}

/**
 * The rule of the house that a domestic UnionPay card is always asked for its online PIN, whatever its list
 * says; an empty one is the issuer's to judge (unionpay-terminal.md, 7).
 */
function* domestic(session: Session): Asking<Phase<undefined>> {
	const pin = yield* askPin(session, true);
	if (!pin.ok) return pin;
	session.found(pinFound[pin.value]);
	if (pin.value === "unavailable") session.found(tvr.cvmFailed);
	const outcome = pin.value === "unavailable" ? result.failed : result.unknown;
	session.give("9F34", Uint8Array.of(cvm.onlinePin | 0x40, 3, outcome));
	session.performed(tsi.cvmPerformed);
	return ok(undefined);
}

/** Methods that want a PIN: not supported, they leave their own bit in the TVR (10.5.1). */
const pinMethods: ReadonlySet<number> = new Set([
	...[cvm.plainPin, cvm.plainPinAndSignature, cvm.encipheredPin, cvm.encipheredPinAndSignature],
	cvm.onlinePin,
]);

interface Tried {
	/** Whether the search for a method ends here, and how the results tell it. */
	readonly outcome: number;
	/** What the PIN was asked once: it is not asked again for a later rule. */
	readonly pin: PinEnd | undefined;
}

/** Performs one method whose condition holds. */
function* perform(session: Session, rule: CvmRule, before: PinEnd | undefined): Asking<Phase<Tried>> {
	const { method } = rule;
	if (method === cvm.fail) return ok({ outcome: result.failed, pin: before });
	if (cvmOf(method) === undefined || method === cvm.none) {
		session.found(tvr.unrecognisedCvm);
		return ok({ outcome: result.failed, pin: before });
	}
	if (!supports(session, method)) {
		if (pinMethods.has(method)) session.found(tvr.pinPadMissing);
		return ok({ outcome: result.failed, pin: before });
	}
	if (method === cvm.noCvm) return ok({ outcome: result.successful, pin: before });
	// A signature is compared when the slip is signed: unknown until then.
	if (method === cvm.signature) return ok({ outcome: result.unknown, pin: before });
	// No PIN is verified by the card in this kernel: 9F33 must not claim it.
	if (method !== cvm.onlinePin) return ok({ outcome: result.failed, pin: before });
	const again: Phase<PinEnd> = before === undefined ? yield* askPin(session, rule.applyNext) : ok(before);
	if (!again.ok) return again;
	session.found(pinFound[again.value]);
	return ok({ outcome: again.value === "entered" ? result.unknown : result.failed, pin: again.value });
}

/** Tries rule after rule until one is successful or fails for good (10.5). */
function* byList(session: Session, list: CvmList): Asking<Phase<undefined>> {
	// Where no condition held, nothing was performed (Book 4, table 2).
	let results = Uint8Array.of(cvm.none, 0, result.failed);
	let pin: PinEnd | undefined;
	let verified = false;
	for (const rule of list.rules) {
		if (!applies(session, list, rule)) continue;
		const tried: Phase<Tried> = yield* perform(session, rule, pin);
		if (!tried.ok) return tried;
		pin = tried.value.pin;
		results = Uint8Array.of(rule.code, rule.condition, tried.value.outcome);
		verified = tried.value.outcome !== result.failed;
		if (verified || !rule.applyNext) break;
	}
	if (!verified) session.found(tvr.cvmFailed);
	session.give("9F34", results);
	session.performed(tsi.cvmPerformed);
	return ok(undefined);
}

/** Verifies the cardholder. Afterwards 9F34, and its bits in the TVR and TSI, are set. */
export function* verify(session: Session): Asking<Phase<undefined>> {
	session.give("9F34", Uint8Array.of(cvm.none, 0, result.unknown));
	if (isDomesticUnionPay(session)) return yield* domestic(session);
	if (!has(session.get("82"), aip.cvm)) return ok(undefined);
	const value = session.get("8E");
	const list = parseCvmList(value ?? new Uint8Array(8));
	if (!list.ok) return session.refuse("bad-answer", "read-record");
	// No list, or one without rules: nothing is performed, and the TVR tells (10.5; 7.5).
	if (list.value.rules.length === 0) {
		session.found(tvr.cardDataMissing);
		return ok(undefined);
	}
	return yield* byList(session, list.value);
}
