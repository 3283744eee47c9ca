/** One question to the vault by its socket, as the technician. */
import type { CeremonyEvent, CeremonyStep, mayAsk, Operations, Reply } from "../contract/vault.ts";
import { type Clock, within } from "../kit/clock.ts";
import { no, ok, type Result } from "../kit/result.ts";
import { connectLocal } from "../runtime/socket.ts";

export type TechnicianOperation = (typeof mayAsk.technician)[number];
/** Where and why, as the vault says it: `vault.refused at key-report`. */
type Refusal = string;

/** Until the vault counts as silent. */
const answerMs = 5000;

const isReply = (message: unknown): message is Reply =>
	typeof message === "object" && message !== null && "ok" in message;
const isCeremony = (message: unknown): message is CeremonyEvent =>
	typeof message === "object" && message !== null && "ceremony" in message;

/** How long the vault may take, and who hears what it tells meanwhile. */
interface Patience {
	readonly ms: number;
	readonly told: (step: CeremonyStep) => void;
}
const none: Patience = { ms: answerMs, told: () => {} };

/**
 * Connects, asks, and hangs up. Never rejects. Whoever ends this process hangs up, too: a ceremony is over.
 */
export async function askVault<Op extends TechnicianOperation>(
	socketPath: string,
	clock: Clock,
	op: Op,
	ask: Operations[Op]["ask"],
	{ ms, told }: Patience = none,
): Promise<Result<Operations[Op]["answer"], Refusal>> {
	let heard: (reply: Reply | undefined) => void = () => {};
	const answer = new Promise<Reply | undefined>((done) => {
		heard = done;
	});
	try {
		const wire = await connectLocal(socketPath, {
			heard: (message) => {
				if (isReply(message)) heard(message);
				else if (isCeremony(message)) told(message.ceremony);
			},
			closed: () => heard(undefined),
		});
		wire.send({ hello: "technician" });
		wire.send({ id: 1, op, ask });
		const reply = await within(clock, ms, answer, undefined);
		wire.close();
		if (reply === undefined || !("ok" in reply)) return no("the vault hung up or was silent");
		// The vault is our own program and speaks the contract: the answer has its operation's shape.
		if (reply.ok) return ok(reply.answer as Operations[Op]["answer"]);
		return no(`${reply.fault.code} at ${reply.fault.at}`);
	} catch {
		return no("no vault listens there");
	}
}
