/**
 * One question to the acquirer over TCP: connect, send one frame, wait for its answer, and say exactly how it
 * ended.
 */
import { connect } from "node:net";
import type { Clock } from "../../kit/clock.ts";
import { FrameReader } from "../../spec/iso8583/frame.ts";
import type { HostPhase } from "../payment/ports.ts";

export interface HostAddress {
	readonly host: string;
	readonly port: number;
	/** Until the connection stands. */
	readonly connectMs: number;
	/** From the first byte sent to the whole answer. */
	readonly answerMs: number;
}

/** What a frame is to the asker. */
export type Taken<Answer> =
	| { readonly is: "ours"; readonly answer: Answer }
	/** The answer to an earlier question: waiting goes on. */
	| { readonly is: "other" }
	| { readonly is: "unreadable" };

export type LinkEnd<Answer> =
	| { readonly end: "answered"; readonly answer: Answer }
	/** No connection: no byte has left. */
	| { readonly end: "unreachable" }
	/**
	 * The line ended, or time ran out, before the whole request was handed to the network: a part may have left.
	 */
	| { readonly end: "send-failed" }
	| { readonly end: "silent" }
	| { readonly end: "cut" }
	| { readonly end: "garbled" };

/** Nothing is under way. */
const still = (): void => {};

export class HostLink {
	readonly #address: HostAddress;
	readonly #clock: Clock;
	#hangUp: () => void = still;

	constructor(address: HostAddress, clock: Clock) {
		this.#address = address;
		this.#clock = clock;
	}

	/** Ends the exchange under way as if the line had been cut. */
	hangUp(): void {
		this.#hangUp();
	}

	/**
	 * Sends `frame` on a connection of its own and gives the first answer that `take` calls ours. It always
	 * ends: at the latest `connectMs + answerMs` after it began. The connection is closed then, so that a late
	 * answer to this question cannot be heard as the answer to the next one.
	 */
	exchange<Answer>(
		frame: Uint8Array,
		take: (content: Uint8Array) => Taken<Answer>,
		phase: (p: HostPhase) => void,
	): Promise<LinkEnd<Answer>> {
		const { host, port, connectMs, answerMs } = this.#address;
		return new Promise((done) => {
			const reader = new FrameReader();
			let progress: HostPhase | "ended" = "connecting";
			const enter = (p: HostPhase): void => {
				progress = p;
				phase(p);
			};
			enter("connecting");
			const socket = connect({ host, port, noDelay: true });
			let off = this.#clock.after(connectMs, () => settle({ end: "unreachable" }));
			const settle = (end: LinkEnd<Answer>): void => {
				if (progress === "ended") return;
				progress = "ended";
				off();
				socket.destroy();
				// What hangs up knows the whole request: account and track are not kept until the next one.
				if (this.#hangUp === hangUp) this.#hangUp = still;
				done(end);
			};
			const hangUp = (): void => settle({ end: endOf(progress) });
			this.#hangUp = hangUp;
			socket.once("connect", () => {
				if (progress === "ended") return;
				off();
				off = this.#clock.after(answerMs, () =>
					settle({ end: progress === "waiting" ? "silent" : "send-failed" }),
				);
				enter("sending");
				socket.write(frame, (error) => {
					if (!error && progress === "sending") enter("waiting");
				});
			});
			socket.on("data", (chunk: Uint8Array) => {
				for (const content of reader.feed(chunk)) {
					const taken: Taken<Answer> = content.ok ? take(content.value) : { is: "unreadable" };
					if (taken.is === "ours") settle({ end: "answered", answer: taken.answer });
					if (taken.is === "unreadable") settle({ end: "garbled" });
					if (progress === "ended") return;
				}
			});
			// An error is always followed by close, which alone decides what it meant.
			socket.on("error", () => {});
			socket.on("close", () => settle({ end: endOf(progress) }));
		});
	}
}

const endOf = (progress: HostPhase | "ended"): "unreachable" | "send-failed" | "cut" =>
	progress === "connecting" ? "unreachable" : progress === "sending" ? "send-failed" : "cut";
