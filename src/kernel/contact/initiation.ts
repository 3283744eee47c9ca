/**
 * Begins the selected application: GET PROCESSING OPTIONS with what its PDOL asks for (EMV 4.4 Book 3,
 * 10.1).
 */
import { no, ok } from "../../kit/result.ts";
import { getProcessingOptions, mostData } from "../../spec/iso7816/apdu.ts";
import { sw } from "../../spec/iso7816/status.ts";
import { fillDol, parseDol } from "../../spec/tlv/dol.ts";
import { leaves, parse } from "../../spec/tlv/tlv.ts";
import { type Asking, exchange, type Phase, random, type Session } from "./session.ts";

const step = "get-processing-options";
/** 83 81 xx before the data. */
const templateBytes = 3;

/** Takes AIP and AFL out of format 1 or 2 (Book 3, 6.5.8.4); false when the answer has neither form. */
function takeOptions(session: Session, answer: Uint8Array): boolean {
	const tree = parse(answer);
	const [only, ...others] = tree.ok ? tree.value : [];
	if (only === undefined || others.length > 0) return false;
	if (only.tag === "80") {
		// Format 1: AIP, then the AFL, without tags.
		session.take("82", only.value.subarray(0, 2));
		session.take("94", only.value.subarray(2));
	} else if (only.tag === "77") {
		for (const { tag, value } of leaves(only.inner ?? [])) session.take(tag, value);
	}
	return session.get("82")?.length === 2 && session.get("94") !== undefined;
}

/** Gives the application file locator; undefined on 6985, which returns to selection. */
export function* initiate(session: Session): Asking<Phase<Uint8Array | undefined>> {
	// One unpredictable number a transaction, ready for a PDOL that asks for it (Book 4, 6.5.6).
	session.give("9F37", yield* random(4));
	const list = parseDol(session.get("9F38") ?? new Uint8Array(0));
	if (!list.ok) return session.refuse("bad-answer", step);
	const related = fillDol(list.value, (tag) => session.get(tag));
	if (related.length + templateBytes > mostData) return session.refuse("bad-answer", step);
	const answer = yield* exchange(step, getProcessingOptions(related));
	if (answer === undefined) return no(session.gone());
	if (answer.sw === sw.conditionsNotSatisfied) return ok(undefined);
	if (answer.sw !== sw.ok || !takeOptions(session, answer.data)) return session.refuse("bad-answer", step);
	return ok(session.get("94"));
}
