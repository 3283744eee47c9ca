/** Reads the records that the application file locator names (EMV 4.4 Book 3, 10.2). */
import { hex } from "../../kit/bytes.ts";
import { limits } from "../../kit/limits.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import { readRecord } from "../../spec/iso7816/apdu.ts";
import { sw } from "../../spec/iso7816/status.ts";
import { parseDol } from "../../spec/tlv/dol.ts";
import { leaves, parse } from "../../spec/tlv/tlv.ts";
import { type Asking, exchange, type Phase, type Session } from "./session.ts";
import { panOf } from "./values.ts";

interface AflEntry {
	/** 1 to 30. */
	readonly sfi: number;
	readonly first: number;
	readonly last: number;
	/** How many records, from the first, take part in offline data authentication. */
	readonly signed: number;
}

/** Reads an AFL: four bytes a row; a row that cannot be is a fault at its offset (10.2). */
function parseAfl(bytes: Uint8Array): Result<readonly AflEntry[], { readonly offset: number }> {
	if (bytes.length === 0 || bytes.length % 4 !== 0) return no({ offset: bytes.length });
	const entries: AflEntry[] = [];
	for (let at = 0; at < bytes.length; at += 4) {
		const [file = 0, first = 0, last = 0, signed = 0] = bytes.subarray(at, at + 4);
		const sfi = file >> 3;
		const sound = (file & 7) === 0 && sfi >= 1 && sfi <= 30;
		if (!sound || first === 0 || last < first || signed > last - first + 1) return no({ offset: at });
		entries.push({ sfi, first, last, signed });
	}
	return ok(entries);
}

/** YYMMDD in BCD with a month and a day that exist. */
const isDate = (value: Uint8Array | undefined): boolean =>
	/^\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/.test(hex(value ?? new Uint8Array(0)));

/**
 * Stores a record of SFI 1 to 10. False: not one template 70, or an object that stood in a record before
 * (10.2).
 */
function store(session: Session, record: Uint8Array, seen: Set<string>): boolean {
	const tree = parse(record);
	const [template, ...others] = tree.ok ? tree.value : [];
	if (template?.tag !== "70" || others.length > 0) return false;
	for (const { tag, value } of leaves(template.inner ?? [])) {
		if (seen.has(tag)) return false;
		seen.add(tag);
		session.take(tag, value);
	}
	return true;
}

/**
 * Objects without which the transaction ends (Book 3, 7.2, table 26), and those whose value cannot be
 * (7.5).
 */
function unfit(session: Session): "missing-data" | "bad-answer" | undefined {
	const mandatory = ["5A", "5F24", "8C", "8D"];
	if (mandatory.some((tag) => session.get(tag) === undefined)) return "missing-data";
	const lists = ["8C", "8D"].every((tag) => parseDol(session.get(tag) ?? new Uint8Array(0)).ok);
	const effective = session.get("5F25");
	const dates = isDate(session.get("5F24")) && (effective === undefined || isDate(effective));
	return lists && dates && panOf(session.get("5A")) !== undefined ? undefined : "bad-answer";
}

/** Reads every record of the locator and keeps its objects. */
export function* readRecords(session: Session, locator: Uint8Array): Asking<Phase<undefined>> {
	const entries = parseAfl(locator);
	if (!entries.ok) return session.refuse("bad-answer", "get-processing-options");
	const count = entries.value.reduce((n, e) => n + e.last - e.first + 1, 0);
	if (count > limits.cardRecords) return session.refuse("bad-answer", "get-processing-options");
	const seen = new Set<string>();
	for (const { sfi, first, last } of entries.value) {
		for (let n = first; n <= last; n += 1) {
			const answer = yield* exchange("read-record", readRecord(sfi, n));
			if (answer === undefined) return no(session.gone());
			if (answer.sw !== sw.ok) return session.refuse("bad-answer", "read-record");
			// SFI 11 to 30 belong to the scheme or the issuer: read for data authentication only (Book 3, 5.3.2.2).
			if (sfi <= 10 && !store(session, answer.data, seen)) return session.refuse("bad-answer", "read-record");
		}
	}
	const why = unfit(session);
	return why === undefined ? ok(undefined) : session.refuse(why, "read-record");
}
