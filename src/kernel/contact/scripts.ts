/** Commands that the issuer sends to its card through the terminal (EMV 4.4 Book 3, 10.10). */
import { concat } from "../../kit/bytes.ts";
import { tsi, tvr } from "../../spec/emv/bits-table.ts";
import { isDone } from "../../spec/iso7816/status.ts";
import type { TlvNode } from "../../spec/tlv/tlv.ts";
import { type Asking, exchange, type Session } from "./session.ts";

/** Least bytes of a command: CLA INS P1 P2. Most: a case 4 command. */
const commandBytes = { least: 4, most: 261 } as const;

/** High half of the first byte of a script's results (Book 4, A5). */
const performed = { notDone: 0x00, failed: 0x10, successful: 0x20 } as const;

/**
 * Sends the commands of one script in order and stops at the first error. Gives the first byte of its
 * results.
 */
function* run(script: TlvNode): Asking<number> {
	const commands = (script.inner ?? []).filter((node) => node.tag === "86");
	if (commands.length === 0) return performed.notDone;
	for (const [i, { value }] of commands.entries()) {
		// 15 stands for every later one.
		const failed = performed.failed | Math.min(i + 1, 15);
		if (value.length < commandBytes.least || value.length > commandBytes.most) return failed;
		const answer = yield* exchange("script", value);
		// Warnings 62xx and 63xx go on (10.10); a card that is gone has done no more.
		if (answer === undefined || !isDone(answer.sw)) return failed;
	}
	return performed.successful;
}

/**
 * Runs the scripts of one template: 71 before, 72 after the second GENERATE AC. The results, five bytes a
 * script, are put behind those that DF31 holds (unionpay-terminal.md, 7; EMV calls them 9F5B). Never ends
 * the transaction.
 */
export function* runScripts(
	session: Session,
	issuer: readonly TlvNode[],
	template: "71" | "72",
): Asking<void> {
	for (const script of issuer.filter((node) => node.tag === template)) {
		const first = yield* run(script);
		const identifier = new Uint8Array(4);
		identifier.set(script.inner?.find((node) => node.tag === "9F18")?.value.subarray(0, 4) ?? []);
		const earlier = session.get("DF31") ?? new Uint8Array(0);
		session.give("DF31", concat(earlier, Uint8Array.of(first), identifier));
		session.performed(tsi.scriptPerformed);
		if ((first & 0xf0) !== performed.successful)
			session.found(template === "71" ? tvr.scriptFailedBefore : tvr.scriptFailedAfter);
	}
}
