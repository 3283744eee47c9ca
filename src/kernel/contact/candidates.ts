/**
 * Which applications of the card the terminal supports: by the card's directory, or name by name (EMV 4.4
 * Book 1, 12.3).
 */
import { hex, latin, unhex, unlatin } from "../../kit/bytes.ts";
import { limits } from "../../kit/limits.ts";
import { no, ok } from "../../kit/result.ts";
import { has } from "../../spec/emv/bits.ts";
import { moreCapabilities } from "../../spec/emv/bits-table.ts";
import { type Response, readRecord, select } from "../../spec/iso7816/apdu.ts";
import { isDone, sw } from "../../spec/iso7816/status.ts";
import { find, leaves, objects, parse, type TlvNode } from "../../spec/tlv/tlv.ts";
import type { Application, Candidate } from "../dialogue.ts";
import { type Asking, exchange, type Phase, type Session } from "./session.ts";

/** A candidate and the row of the profile that it fits. */
export interface Fit extends Candidate {
	readonly application: Application;
}

const environment = latin("1PAY.SYS.DDF01");

/**
 * The longest name of the terminal that fits: exactly, or as a beginning where the profile allows it
 * (12.3.1).
 */
function fitting(applications: readonly Application[], aid: string): Application | undefined {
	return applications
		.filter((a) => a.aid === aid || (a.partial && aid.startsWith(a.aid)))
		.reduce<Application | undefined>(
			(best, a) => (best === undefined || a.aid.length > best.aid.length ? a : best),
			undefined,
		);
}

/** Printable ASCII of a name; anything else is a blank. */
const printable = (bytes: Uint8Array): string =>
	unlatin(bytes)
		.replaceAll(/[^\x20-\x7e]/g, " ")
		.trim();

/**
 * The preferred name when the terminal can write its alphabet, else the label, else the scheme (Book 4,
 * 11.1).
 */
function labelOf(session: Session, said: ReadonlyMap<string, Uint8Array>, application: Application): string {
	const preferred = said.get("9F12");
	const readable = said.get("9F11")?.[0] === 1 && has(session.get("9F40"), moreCapabilities.codeTable1);
	const shown = [
		preferred !== undefined && readable ? printable(preferred) : "",
		printable(said.get("50") ?? new Uint8Array(0)),
	];
	return shown.find((text) => text !== "") ?? application.scheme.toUpperCase();
}

/** One entry of the directory or one FCI, when the terminal supports what it names. */
function fitOf(session: Session, aid: Uint8Array, said: ReadonlyMap<string, Uint8Array>): Fit | undefined {
	if (aid.length < 5 || aid.length > 16) return undefined;
	const application = fitting(session.terms.applications, hex(aid));
	if (application === undefined) return undefined;
	const indicator = said.get("87")?.[0] ?? 0;
	return {
		aid: aid.slice(),
		label: labelOf(session, said, application),
		priority: indicator & 0x0f,
		confirm: (indicator & 0x80) !== 0,
		application,
	};
}

/** The first of each name counts: a directory may list one twice. */
const distinct = (fits: readonly Fit[]): readonly Fit[] =>
	fits.filter((fit, i) => fits.findIndex((other) => hex(other.aid) === hex(fit.aid)) === i);

/** Entries of one directory record; undefined when it is not a record of 61 templates (12.2.3). */
function entries(record: Uint8Array): readonly TlvNode[] | undefined {
	const tree = parse(record);
	const inner = tree.ok ? find(tree.value, "70")?.inner : undefined;
	return inner?.filter((node) => node.tag === "61");
}

/** Where the directory is, and in which alphabet it writes names. */
interface Directory {
	readonly sfi: number;
	readonly codeTable: Uint8Array | undefined;
}

/** What the FCI of the environment says; undefined when its directory is not in SFI 1 to 10 (12.2.2). */
function directoryOf(answer: Uint8Array): Directory | undefined {
	const tree = parse(answer);
	const control = tree.ok ? (find(tree.value, "6F", "A5")?.inner ?? []) : [];
	const sfi = find(control, "88")?.value[0] ?? 0;
	return sfi >= 1 && sfi <= 10 ? { sfi, codeTable: find(control, "9F11")?.value } : undefined;
}

/** The entry of a directory as a candidate; one without its name counts for nothing. */
function entryFit(session: Session, entry: TlvNode, { codeTable }: Directory): Fit | undefined {
	const said = new Map(leaves(entry.inner ?? []).map((node) => [node.tag, node.value]));
	if (codeTable !== undefined) said.set("9F11", codeTable);
	return fitOf(session, said.get("4F") ?? new Uint8Array(0), said);
}

/** What the directory names; undefined where the book says to try name by name instead (12.3.2). */
function* byDirectory(session: Session): Asking<Phase<readonly Fit[] | undefined>> {
	const answer = yield* exchange("select-pse", select(environment));
	if (answer === undefined) return no(session.gone());
	// 12.3.2, step 1: 6A81 says that the card is blocked, or cannot select at all.
	if (answer.sw === sw.functionNotSupported) return session.refuse("card-blocked", "select-pse");
	// No directory (6A82), or a blocked one (6283): by name.
	const directory = answer.sw === sw.ok ? directoryOf(answer.data) : undefined;
	if (directory === undefined) return ok(undefined);
	const fits: Fit[] = [];
	for (let n = 1; n <= limits.directoryRecords; n += 1) {
		const record = yield* exchange("read-directory", readRecord(directory.sfi, n));
		if (record === undefined) return no(session.gone());
		if (record.sw === sw.recordNotFound) break;
		const found = record.sw === sw.ok ? entries(record.data) : undefined;
		// 12.3.2, step 2: anything else than records to the end: what was found is forgotten.
		if (found === undefined) return ok(undefined);
		fits.push(...found.flatMap((entry) => entryFit(session, entry, directory) ?? []));
	}
	return ok(fits);
}

interface Named {
	readonly fits: readonly Fit[];
	/** Whether a name was found that is blocked. */
	readonly blocked: boolean;
}

/** One answer to SELECT: the name that it gives, and the candidate in it when it is not blocked. */
function namedIn(
	session: Session,
	answer: Response,
): { readonly df: string; readonly fit?: Fit } | undefined {
	const said = isDone(answer.sw) ? objects(answer.data) : undefined;
	const df = said?.ok === true ? said.value.get("84") : undefined;
	if (said?.ok !== true || df === undefined) return undefined;
	const fit = answer.sw === sw.ok ? fitOf(session, df, said.value) : undefined;
	return { df: hex(df), ...(fit === undefined ? {} : { fit }) };
}

/** All applications of the card that begin with one name of the terminal (12.3.3, steps 2 to 7). */
function* withName(session: Session, { aid }: Application): Asking<Phase<Named>> {
	const fits: Fit[] = [];
	let blocked = false;
	for (let n = 0; n < limits.directoryRecords; n += 1) {
		const answer = yield* exchange("select-aid", select(unhex(aid), n > 0));
		if (answer === undefined) return no(session.gone());
		if (answer.sw === sw.functionNotSupported && n === 0) return session.refuse("card-blocked", "select-aid");
		const named = namedIn(session, answer);
		if (named === undefined || !named.df.startsWith(aid)) break;
		blocked = blocked || answer.sw === sw.fileInvalidated;
		if (named.fit !== undefined) fits.push(named.fit);
		// Step 3: the very name was found, so there is no other beginning with it to be asked for.
		if (named.df === aid) break;
	}
	return ok({ fits, blocked });
}

function* byName(session: Session): Asking<Phase<Named>> {
	const fits: Fit[] = [];
	let blocked = false;
	for (const application of session.terms.applications) {
		const named = yield* withName(session, application);
		if (!named.ok) return named;
		fits.push(...named.value.fits);
		blocked = blocked || named.value.blocked;
	}
	return ok({ fits, blocked });
}

/** Priority 1 first, 15 last, those without one behind, else as the card has them (12.4, step 4). */
const byPriority = (a: Fit, b: Fit): number => (a.priority || 16) - (b.priority || 16);

/** Builds the candidate list. It is not empty: a card without one is not accepted (12.4, step 1). */
export function* candidates(session: Session): Asking<Phase<readonly Fit[]>> {
	const listed = yield* byDirectory(session);
	if (!listed.ok) return listed;
	let fits = listed.value ?? [];
	let blocked = false;
	// 12.3.2, step 5: a directory without anything for this terminal is followed by the names, too.
	if (fits.length === 0) {
		const named = yield* byName(session);
		if (!named.ok) return named;
		({ fits, blocked } = named.value);
	}
	if (fits.length === 0)
		return session.refuse(blocked ? "application-blocked" : "no-application", "select-aid");
	return ok(distinct(fits).toSorted(byPriority));
}
