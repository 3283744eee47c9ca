/**
 * What the terminal proposes to the card, and what the card makes of it: the first GENERATE AC (EMV 4.4
 * Book 3, 10.7 and 10.8).
 */
import { unhex } from "../../kit/bytes.ts";
import { no, ok } from "../../kit/result.ts";
import { tsi } from "../../spec/emv/bits-table.ts";
import { type Cryptogram, cryptogram, generateAc, mostData } from "../../spec/iso7816/apdu.ts";
import { sw } from "../../spec/iso7816/status.ts";
import { fillDol, parseDol } from "../../spec/tlv/dol.ts";
import { leaves, parse } from "../../spec/tlv/tlv.ts";
import { type Asking, exchange, type Phase, type Session } from "./session.ts";

/** Whether an action code of the issuer or of the acquirer names anything that the TVR found. */
const named = (tvr: Uint8Array, ...codes: readonly Uint8Array[]): boolean =>
	codes.some((code) => tvr.some((found, i) => (found & (code[i] ?? 0)) !== 0));

/** By the last digit of the terminal type; the others decide offline and can go online (Book 4, A1). */
const reaches: Readonly<Record<number, "online" | "offline">> = {
	1: "online",
	3: "offline",
	4: "online",
	6: "offline",
};

/** Terminal action analysis (10.7): the first code that names a finding decides. */
function propose(session: Session): Cryptogram {
	const { tvr, application } = session;
	// A card that gives no codes denies nothing and wants everything online (10.7).
	const issuer = (tag: string, absent: number): Uint8Array =>
		session.get(tag) ?? new Uint8Array(5).fill(absent);
	const acquirer = (code: string | undefined): Uint8Array => unhex(code ?? "0000000000");
	if (named(tvr, issuer("9F0E", 0x00), acquirer(application?.tacDenial))) return "aac";
	const where = reaches[(session.get("9F35")?.[0] ?? 0) & 15] ?? "both";
	if (where === "online") return "arqc";
	if (where === "both")
		return named(tvr, issuer("9F0F", 0xff), acquirer(application?.tacOnline)) ? "arqc" : "tc";
	return named(tvr, issuer("9F0D", 0xff), acquirer(application?.tacDefault)) ? "aac" : "tc";
}

const kinds: ReadonlyMap<number, Cryptogram> = new Map([
	[cryptogram.aac, "aac"],
	[cryptogram.tc, "tc"],
	[cryptogram.arqc, "arqc"],
]);

/** CID, ATC and cryptogram have their lengths; the issuer's data is optional and at most 32 bytes. */
const lengths = { "9F27": [1, 1], "9F36": [2, 2], "9F26": [8, 8], "9F10": [0, 32] } as const;
type Part = keyof typeof lengths;
const parts = Object.keys(lengths) as readonly Part[];

/** Format 1: the parts one after another, without tags (Book 3, 6.5.5.4). */
function unfold(value: Uint8Array): ReadonlyMap<string, Uint8Array> {
	const found = new Map<string, Uint8Array>();
	let at = 0;
	for (const part of parts) {
		const most = lengths[part][1];
		if (at < value.length) found.set(part, value.subarray(at, part === "9F10" ? undefined : at + most));
		at += most;
	}
	return found;
}

/**
 * Takes the answer to a GENERATE AC into the session and gives the kind of its cryptogram; undefined when
 * it has neither format, a wrong length, or a CID with both bits set, which is reserved (Book 3, 6.5.5.4,
 * table 14).
 */
export function takeCryptogram(session: Session, answer: Uint8Array): Cryptogram | undefined {
	const tree = parse(answer);
	const [only, ...others] = tree.ok ? tree.value : [];
	if (only === undefined || others.length > 0) return undefined;
	if (only.tag !== "80" && only.tag !== "77") return undefined;
	const found =
		only.tag === "80"
			? unfold(only.value)
			: new Map(leaves(only.inner ?? []).map((node) => [node.tag, node.value]));
	const fits = parts.every((part) => {
		const size = found.get(part)?.length;
		const [least, most] = lengths[part];
		return size === undefined ? least === 0 : size >= least && size <= most;
	});
	if (!fits) return undefined;
	const kind = kinds.get((found.get("9F27")?.[0] ?? 0) & 0xc0);
	if (kind !== undefined) for (const [tag, value] of found) session.take(tag, value);
	return kind;
}

/** The command's data by CDOL1 (8C) or CDOL2 (8D); undefined when the list is broken or asks for too much. */
export function fillCdol(session: Session, tag: "8C" | "8D"): Uint8Array | undefined {
	const list = parseDol(session.get(tag) ?? new Uint8Array(0));
	if (!list.ok) return undefined;
	const filled = fillDol(list.value, (wanted) => session.get(wanted));
	return filled.length > mostData ? undefined : filled;
}

/** TC over ARQC over AAC: a card may only lower what was proposed (10.8). */
const rank: Readonly<Record<Cryptogram, number>> = { tc: 2, arqc: 1, aac: 0 };

/** The first GENERATE AC. Gives what the card decided. */
export function* act(session: Session): Asking<Phase<Cryptogram>> {
	const step = "generate-ac-1";
	const data = fillCdol(session, "8C");
	if (data === undefined) return session.refuse("bad-answer", step);
	const proposed = propose(session);
	const answer = yield* exchange(step, generateAc(proposed, data));
	if (answer === undefined) return no(session.gone());
	if (answer.sw === sw.conditionsNotSatisfied) return session.refuse("conditions-not-satisfied", step);
	const decided = answer.sw === sw.ok ? takeCryptogram(session, answer.data) : undefined;
	if (decided === undefined || rank[decided] > rank[proposed]) return session.refuse("bad-answer", step);
	session.performed(tsi.cardRiskPerformed);
	return ok(decided);
}
