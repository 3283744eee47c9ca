/**
 * The application that this transaction uses: chosen, selected and begun (EMV 4.4 Book 1, 12.4; Book 3,
 * 10.1).
 */
import { equal } from "../../kit/bytes.ts";
import { no, ok } from "../../kit/result.ts";
import { select } from "../../spec/iso7816/apdu.ts";
import { sw } from "../../spec/iso7816/status.ts";
import { find, leaves, parse } from "../../spec/tlv/tlv.ts";
import type { NotAccepted } from "../dialogue.ts";
import { candidates, type Fit } from "./candidates.ts";
import { initiate } from "./initiation.ts";
import { type Asking, answered, exchange, type Phase, type Session } from "./session.ts";

/** The only candidate that wants no agreement is taken; else the cardholder chooses (12.4, steps 2 to 4). */
function* choose(session: Session, among: readonly Fit[]): Asking<Phase<Fit>> {
	const [only] = among;
	if (only !== undefined && among.length === 1 && !only.confirm) return ok(only);
	const shown = among.map(({ aid, label, priority, confirm }) => ({ aid, label, priority, confirm }));
	const { index } = answered("choose", yield { ask: "choose", candidates: shown });
	const chosen = index === undefined ? undefined : among[index];
	if (chosen === undefined) return no({ end: "cancelled", why: "cardholder", data: session.snapshot() });
	return ok(chosen);
}

/** Selects for good; gives why the candidate cannot be used, or undefined when it can. */
function* selectFinally(session: Session, chosen: Fit): Asking<Phase<NotAccepted | undefined>> {
	session.begin(chosen.application);
	const answer = yield* exchange("select-aid", select(chosen.aid));
	if (answer === undefined) return no(session.gone());
	if (answer.sw === sw.functionNotSupported) return session.refuse("card-blocked", "select-aid");
	if (answer.sw === sw.fileInvalidated) return ok("application-blocked");
	if (answer.sw !== sw.ok) return ok("no-application");
	const tree = parse(answer.data);
	const template = tree.ok ? find(tree.value, "6F") : undefined;
	const df = find(template?.inner ?? [], "84")?.value;
	// The answer must be that of the name asked for (12.4, step 5).
	if (df === undefined || !equal(df, chosen.aid)) return ok("bad-answer");
	for (const { tag, value } of leaves(template?.inner ?? [])) session.take(tag, value);
	return ok(undefined);
}

/**
 * Selects an application and begins it; a candidate that fails, or answers 6985 to GET PROCESSING OPTIONS,
 * leaves the list and the choice is made again (Book 1, 12.4; Book 3, 10.1). Gives the application file
 * locator.
 */
export function* openApplication(session: Session): Asking<Phase<Uint8Array>> {
	const listed = yield* candidates(session);
	if (!listed.ok) return listed;
	let left = listed.value;
	let why: NotAccepted = "no-application";
	while (left.length > 0) {
		const chosen = yield* choose(session, left);
		if (!chosen.ok) return chosen;
		left = left.filter((fit) => fit !== chosen.value);
		const refused = yield* selectFinally(session, chosen.value);
		if (!refused.ok) return refused;
		if (refused.value !== undefined) {
			why = refused.value;
			continue;
		}
		const begun = yield* initiate(session);
		if (!begun.ok) return begun;
		if (begun.value !== undefined) return ok(begun.value);
		why = "conditions-not-satisfied";
	}
	return session.refuse(why, why === "conditions-not-satisfied" ? "get-processing-options" : "select-aid");
}
