/**
 * Command APDUs over T=0 as a dialogue: GET RESPONSE on 61xx, repetition on 6Cxx, warnings with data behind
 * them.
 */
import { concat } from "../../src/kit/bytes.ts";

/** Most TPDUs for one command: a card that says 61xx for ever is not followed. */
const mostSteps = 40;
/** Most bytes of one response with its status: a short APDU's 256 and two. */
const mostBytes = 258;

type ApduFault = "bad-length" | "endless" | "no-status";
/**
 * Yields TPDUs, is given what the card answered (data, SW1 SW2), returns the response APDU or what was wrong.
 */
export type T0Dialogue = Generator<Uint8Array, Uint8Array | ApduFault, Uint8Array>;

const getResponse = (length: number): Uint8Array => Uint8Array.of(0x00, 0xc0, 0x00, 0x00, length);

/** A command's TPDU, and whether it has data and wants some (case 4). Undefined: no short APDU. */
function split(command: Uint8Array): { readonly tpdu: Uint8Array; readonly case4: boolean } | undefined {
	if (command.length < 4) return undefined;
	if (command.length === 4) return { tpdu: concat(command, Uint8Array.of(0)), case4: false };
	if (command.length === 5) return { tpdu: command, case4: false };
	const lc = command[4] ?? 0;
	if (lc === 0 || (command.length !== 5 + lc && command.length !== 6 + lc)) return undefined;
	return { tpdu: command.subarray(0, 5 + lc), case4: command.length === 6 + lc };
}

/** 62xx, 63xx, 91xx to 9Fxx: the command was done, with something to say about it. */
const warns = (sw1: number): boolean => sw1 === 0x62 || sw1 === 0x63 || (sw1 > 0x90 && sw1 <= 0x9f);

/**
 * One short command APDU (cases 1 to 4; ISO 7816-4, 5.1; EMV 4.4 Book 1, 9.3.1 and Annex A). Le of case 4 is
 * not sent: the card says how much waits. A warning before the data is the status of the whole command.
 */
export function* exchangeT0(command: Uint8Array): T0Dialogue {
	const parts = split(command);
	if (parts === undefined) return "bad-length";
	let tpdu = parts.tpdu;
	let collected: Uint8Array = new Uint8Array(0);
	let warning: Uint8Array | undefined;
	for (let step = 0; step < mostSteps; step += 1) {
		const response = yield tpdu;
		if (response.length < 2) return "no-status";
		const [sw1 = 0, sw2 = 0] = response.subarray(-2);
		collected = concat(collected, response.subarray(0, -2));
		if (collected.length + 2 > mostBytes) return "endless";
		if (sw1 === 0x6c) tpdu = concat(tpdu.subarray(0, 4), Uint8Array.of(sw2));
		else if (sw1 === 0x61) tpdu = getResponse(sw2);
		else if (parts.case4 && step === 0 && warns(sw1)) {
			warning = response.slice(-2);
			tpdu = getResponse(0);
		} else return concat(collected, warning ?? response.subarray(-2));
	}
	return "endless";
}
