/** What a pad can be asked, each as one exchange or a few: key load, check, PIN, MAC, tests (devices/04). */
import type {
	DeviceFault,
	Digit,
	PadMacAsk,
	PadMacSlot,
	PadPinAsk,
	PadPinEnd,
	PadSlot,
} from "../../src/contract/device.ts";
import { latin } from "../../src/kit/bytes.ts";
import { no, ok, type Result } from "../../src/kit/result.ts";
import {
	dukptErrors,
	type ErrorTable,
	initialKeyErrors,
	loadErrors,
	macErrors,
	pinErrors,
	selfTestErrors,
} from "./errors-table.ts";
import { type Dialect, FS } from "./protocol.ts";
import { macAnswer, macRequests, pinAnswer, pinRequest, promptRequest, timeoutMs } from "./requests.ts";
import type { Session } from "./session.ts";

export type End<T = undefined> = Result<T, DeviceFault>;
const done = ok(undefined);
const refusal = (table: ErrorTable, at: string, reason: string): End<never> =>
	no({ code: table[reason] ?? "pad.unknown", at: `${at}:${reason}` });

/** An administration question whose answer begins with its own id. */
function told(session: Session, id: string, rest = ""): Promise<End<string>> {
	return session.exchange<string>({
		at: id,
		kind: "administration",
		data: latin(id + rest),
		repeatable: true,
		answer: (text) => (text.startsWith(id) ? ok(text.slice(id.length)) : undefined),
	});
}

/** 11: EOT says that the pad is there. */
export const alive = (session: Session): Promise<End> =>
	session.exchange<undefined>({
		at: "11",
		kind: "administration",
		data: latin("11"),
		repeatable: true,
		onEot: done,
	});

/** The serial number that cannot be set on a Verifone pad (M04), the one of packet 05 on a UIC pad. */
export const serialOf = (session: Session, dialect: Dialect): Promise<End<string>> =>
	told(session, dialect === "verifone" ? "M04" : "06");

export const setSerial = (session: Session, serial: string): Promise<End> =>
	session.exchange<undefined>({
		at: "05",
		kind: "administration",
		data: latin(`05${serial}`),
		echoed: done,
	});

/** 16: `pad.self-test` names what failed. */
export async function selfTest(session: Session): Promise<End> {
	const end = await told(session, "16");
	if (!end.ok) return end;
	const failed = [...end.value].filter((each) => each !== "0");
	if (failed.length === 0) return done;
	return no({ code: "pad.self-test", at: `16:${failed.map((x) => selfTestErrors[x] ?? x).join(",")}` });
}

/** 02: `data` is id, slot and key; it is stored when its echo is acknowledged. */
export const load = (session: Session, data: Uint8Array): Promise<End> =>
	session.exchange<undefined>({
		at: "02",
		kind: "administration",
		data,
		echoed: done,
		// Without a word: its custodians have not shown themselves.
		onEot: no({ code: "pad.not-authorised", at: "02" }),
		answer: (text) => {
			const reason = /^02\?(.)$/.exec(text)?.[1];
			return reason === undefined ? undefined : refusal(loadErrors, "02", reason);
		},
	});

/** 90: a DUKPT initial key as a TR-31 block. */
export const loadInitialKey = (session: Session, block: string): Promise<End> =>
	session.exchange<undefined>({
		at: "90",
		kind: "transaction",
		data: latin(`90${block}`),
		answer: (text) => {
			if (text === "910") return done;
			const reason = /^911(.)$/.exec(text)?.[1];
			return reason === undefined ? undefined : refusal(initialKeyErrors, "90", reason);
		},
	});

/** 04: 0, or F with the key's attributes behind it. */
export async function loaded(session: Session, slot: PadSlot): Promise<End<boolean>> {
	const end = await told(session, "04", slot);
	if (!end.ok) return end;
	const [state = ""] = end.value.split(FS);
	if (state.startsWith("F")) return ok(true);
	return state === "0" ? ok(false) : no({ code: "device.garbled", at: "04" });
}

export async function mac(session: Session, ask: PadMacAsk): Promise<End<Uint8Array>> {
	for (const packet of macRequests(ask)) {
		const end = await session.exchange<Uint8Array | "more">({
			at: "Z66",
			kind: "transaction",
			data: latin(packet),
			answer: (text) => {
				const said = macAnswer(text);
				if (said === undefined || said === "more" || said instanceof Uint8Array)
					return said === undefined ? undefined : ok(said);
				return refusal(macErrors, "Z66", said.reason);
			},
		});
		if (!end.ok) return end;
		if (end.value !== "more") return ok(end.value);
	}
	return no({ code: "pad.mac-sequence", at: "Z66" });
}

/** The MAC of one block of zeros is that block enciphered under the key: its check value (ISO 9797-1). */
export async function checkValue(session: Session, slot: PadMacSlot): Promise<End<Uint8Array>> {
	const end = await mac(session, { slot, message: new Uint8Array(8) });
	return end.ok ? ok(end.value.slice(0, 3)) : end;
}

/** 08. A Verifone pad says EOT whatever it holds: the PIN packet tells then. */
export function select(session: Session, dialect: Dialect, slot: Digit): Promise<End> {
	const exchange = { at: "08", kind: "administration", data: latin(`08${slot}`), repeatable: true } as const;
	if (dialect === "verifone") return session.exchange<undefined>({ ...exchange, onEot: done });
	return session.exchange<undefined>({
		...exchange,
		answer: (text) => {
			if (text === "080") return done;
			return text === "081" ? no({ code: "pad.no-key", at: "08:1" }) : undefined;
		},
	});
}

/** Z2 and Z3: lines of the pad's table are answered, plain text is only acknowledged. */
export async function prompt(session: Session, dialect: Dialect, ask: PadPinAsk): Promise<End> {
	const packet = promptRequest(dialect, ask);
	if (packet === undefined) return done;
	const at = packet.slice(0, 2);
	const exchange = { at, kind: "transaction", data: latin(packet), repeatable: true } as const;
	if (dialect === "verifone") return session.exchange<undefined>({ ...exchange, onAck: done });
	return session.exchange<undefined>({
		...exchange,
		answer: (text) => {
			if (text === `${at}0`) return done;
			return text === `${at}1` ? no({ code: "pad.request", at: `${at}:1` }) : undefined;
		},
	});
}

/** 70, Z60, Z62, Z63: until the cardholder is done, the pad's time-out, or `Session.cancel`. */
export function pin(
	session: Session,
	ask: PadPinAsk,
	how: { readonly dialect: Dialect; readonly graceMs: number },
): Promise<End<PadPinEnd>> {
	const keys = ask.under.keys;
	const table = keys === "dukpt" ? dukptErrors : pinErrors;
	const packet = pinRequest(how.dialect, ask);
	const at = packet.startsWith("Z") ? packet.slice(0, 3) : "70";
	return session.exchange<PadPinEnd>({
		at,
		kind: "transaction",
		data: latin(packet),
		waitMs: timeoutMs(ask) + how.graceMs,
		onEot: ok<PadPinEnd>({ end: "cancelled" }),
		answer: (text) => {
			const said = pinAnswer(keys, text);
			if (said?.end === "refused") return refusal(table[how.dialect], at, said.reason);
			return said === undefined ? undefined : ok(said);
		},
	});
}
