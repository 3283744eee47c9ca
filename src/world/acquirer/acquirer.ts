/**
 * An acquirer on a real TCP port: it books like one, and misbehaves when told to, so that the terminal can be
 * proved.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Listen } from "../../contract/device.ts";
import { concat, latin, unhex } from "../../kit/bytes.ts";
import type { Calendar } from "../../kit/calendar.ts";
import type { Clock } from "../../kit/clock.ts";
import type { Part } from "../../kit/part.ts";
import type { Random } from "../../kit/random.ts";
import { readGbk } from "../../runtime/gbk.ts";
import { pack, unpack } from "../../spec/iso8583/codec.ts";
import { describe, describeText } from "../../spec/iso8583/describe.ts";
import type { Message, Value } from "../../spec/iso8583/field.ts";
import { type Frame, FrameReader, readFrame, tpduBytes, writeFrame } from "../../spec/iso8583/frame.ts";
import { unionpay } from "../../spec/iso8583/unionpay-table.ts";
import { AcquirerBooks } from "./books.ts";
import type { AcquirerDoor, AcquirerEvent, Books, Misbehaviour } from "./door.ts";
import { Rules } from "./faults.ts";
import { deedOf, type Enrolled, Host, type Reply, textOf } from "./host.ts";
import type { Issuers } from "./issuers.ts";

export interface AcquirerNeeds {
	/** 0 takes a free one. */
	readonly port: number;
	/** A file, or ":memory:". */
	readonly booksPath: string;
	readonly enrolled: readonly Enrolled[];
	readonly issuers: Issuers;
	readonly clock: Clock;
	readonly calendar: Calendar;
	readonly random: Random;
}

/** Late answers kept for a terminal that has no line now; more: the oldest go. */
const lateMost = 16;
/** What a request was, and the answer that belongs on its line. */
interface Exchange {
	readonly socket: Socket;
	readonly request: Message;
	readonly frame: Frame;
	readonly reply: Reply;
	readonly rule: Misbehaviour | undefined;
}

export class Acquirer implements Part, AcquirerDoor {
	readonly name = "acquirer";
	readonly #needs: AcquirerNeeds;
	readonly #rules = new Rules();
	readonly #listeners = new Set<(event: AcquirerEvent) => void>();
	readonly #sockets = new Set<Socket>();
	/** By terminal: the line it used last, and answers that missed theirs. */
	readonly #lines = new Map<string, Socket>();
	readonly #late = new Map<string, Uint8Array[]>();
	readonly #timers = new Set<() => void>();
	#running: { readonly server: Server; readonly books: AcquirerBooks; readonly host: Host } | undefined;

	constructor(needs: AcquirerNeeds) {
		this.#needs = needs;
	}

	async open(): Promise<void> {
		if (this.#running !== undefined) return;
		const books = new AcquirerBooks(this.#needs.booksPath);
		const server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
		this.#running = { server, books, host: new Host({ ...this.#needs, books }) };
		try {
			await new Promise<void>((done, fail) => {
				server.once("error", fail);
				server.listen(this.#needs.port, "127.0.0.1", done);
			});
		} catch (error) {
			this.#running = undefined;
			books.close();
			throw error;
		}
	}

	async close(): Promise<void> {
		const running = this.#running;
		if (running === undefined) return;
		this.#running = undefined;
		for (const off of this.#timers) off();
		this.#timers.clear();
		for (const socket of this.#sockets) socket.destroy();
		await new Promise<void>((done) => {
			running.server.close(() => done());
		});
		running.books.close();
	}

	readonly events: Listen<AcquirerEvent> = (to) => {
		// Listeners are told apart even when one function listens twice.
		const one = (event: AcquirerEvent): void => to(event);
		this.#listeners.add(one);
		return () => this.#listeners.delete(one);
	};

	readonly port = (): number => {
		const address = this.#running?.server.address();
		return typeof address === "object" && address !== null ? address.port : 0;
	};

	async behave(rule: Misbehaviour): Promise<void> {
		this.#rules.add(rule);
	}

	async clear(): Promise<void> {
		this.#rules.clear();
	}

	async books(): Promise<Books> {
		return this.#running?.books.all() ?? { balances: [], transactions: [], reversals: [], net: "0" };
	}

	#serve(socket: Socket): void {
		const reader = new FrameReader();
		this.#sockets.add(socket);
		socket.on("error", () => {});
		socket.on("close", () => this.#sockets.delete(socket));
		socket.on("data", (chunk: Uint8Array) => {
			for (const content of reader.feed(chunk)) {
				// What cannot be read cannot be answered: there is no trace number to answer with.
				if (!content.ok || !this.#heard(socket, content.value)) socket.destroy();
			}
		});
	}

	/** Gives whether it was a request. */
	#heard(socket: Socket, content: Uint8Array): boolean {
		// The first byte of a header is 60; no MTI begins like that.
		const frame = readFrame(content, content[tpduBytes] === 0x60 ? 6 : 0);
		const read = frame.ok ? unpack(unionpay, frame.value.body) : undefined;
		const host = this.#running?.host;
		if (!frame.ok || read?.ok !== true || host === undefined) return false;
		const request = read.value;
		const deed = deedOf(request.mti);
		const terminal = textOf(request, 41);
		if (deed === undefined) return false;
		this.#lines.set(terminal, socket);
		this.#say("heard", request, {});
		const rule = this.#rules.take(deed);
		const reply = host.answer(request, frame.value.body, rule?.do === "decline" ? rule.code : undefined);
		for (const late of this.#late.get(terminal) ?? []) socket.write(late);
		this.#late.delete(terminal);
		this.#deliver({ socket, request, frame: frame.value, reply, rule });
		return true;
	}

	/** The deed is done; only now may a rule bend or swallow the answer. */
	#deliver(exchange: Exchange): void {
		const { socket, rule, request } = exchange;
		const terminal = textOf(request, 41);
		const right = (): Uint8Array => seal(exchange, exchange.reply.answer);
		const say = (on: AcquirerEvent["on"]): void => this.#told(on, exchange);
		switch (rule?.do) {
			case "silent":
				say("mute");
				break;
			case "late":
				say("mute");
				this.#after(rule.ms, () => {
					say("late");
					this.#sendLate(terminal, right());
				});
				break;
			case "delay":
				this.#after(rule.ms, () => {
					say("answered");
					socket.write(right());
				});
				break;
			case "cut-before-answer":
				say("cut");
				socket.destroy();
				break;
			case "cut-mid-answer":
				say("cut");
				socket.end(right().subarray(0, right().length >> 1));
				break;
			case "garbage":
				say("answered");
				socket.write(writeFrame({ ...exchange.frame, body: this.#needs.random.bytes(60) }));
				break;
			default:
				say("answered");
				socket.write(bent(exchange) ?? right());
		}
	}

	#after(ms: number, then: () => void): void {
		const off = this.#needs.clock.after(ms, () => {
			this.#timers.delete(off);
			then();
		});
		this.#timers.add(off);
	}

	/** On the line that the terminal has now, else in front of its next answer. */
	#sendLate(terminal: string, frame: Uint8Array): void {
		const line = this.#lines.get(terminal);
		if (line !== undefined && !line.destroyed && line.writable) {
			line.write(frame);
			return;
		}
		this.#late.set(terminal, [...(this.#late.get(terminal) ?? []), frame].slice(-lateMost));
	}

	#told(on: AcquirerEvent["on"], { reply, rule }: Exchange): void {
		const { code, verified, answer } = reply;
		this.#say(on, answer, {
			code,
			...(verified === undefined ? {} : { verified }),
			...(rule === undefined ? {} : { rule: rule.do }),
		});
	}

	#say(
		on: AcquirerEvent["on"],
		message: Message,
		more: Pick<AcquirerEvent, "code" | "verified" | "rule">,
	): void {
		const event: AcquirerEvent = {
			on,
			mti: message.mti,
			stan: textOf(message, 11),
			terminal: textOf(message, 41),
			...more,
			fields: describeText(describe(unionpay, message, readGbk)),
		};
		for (const to of this.#listeners) to(event);
	}
}

/** An answer as a frame, with its MAC when there is a key: in the request's TPDU with its halves swapped. */
function seal({ frame, reply }: Pick<Exchange, "frame" | "reply">, answer: Message): Uint8Array {
	const seal = reply.seal;
	const fields = new Map<number, Value>(answer.fields);
	if (seal !== undefined) fields.set(64, new Uint8Array(8));
	const packed = pack(unionpay, { mti: answer.mti, fields });
	if (!packed.ok) throw new RangeError(`field ${packed.error.field} of an answer: ${packed.error.kind}`);
	const covered = packed.value.subarray(0, -8);
	const body = seal === undefined ? packed.value : concat(covered, seal(covered));
	const { tpdu } = frame;
	const header = frame.header.length === 0 ? frame.header : unhex("603100310000");
	const swapped = concat(tpdu.subarray(0, 1), tpdu.subarray(3, 5), tpdu.subarray(1, 3));
	return writeFrame({ tpdu: swapped, header, body });
}

/** The answer with the one wrong thing in it that the rule asks for. */
function bent(exchange: Exchange): Uint8Array | undefined {
	const { rule, reply } = exchange;
	const { answer } = reply;
	if (rule?.do === "wrong-mac") return seal({ ...exchange, reply: { ...reply, seal: wrongMac } }, answer);
	if (rule?.do === "wrong-stan") {
		const other = String((Number(textOf(answer, 11)) % 999_999) + 1).padStart(6, "0");
		return seal(exchange, { ...answer, fields: new Map([...answer.fields, [11, other]]) });
	}
	const f62 = answer.fields.get(62);
	if (rule?.do === "wrong-kcv" && f62 instanceof Uint8Array) {
		const wrong = f62.map((b, i) => (i === f62.length - 1 ? b ^ 1 : b));
		return seal(exchange, { ...answer, fields: new Map([...answer.fields, [62, wrong]]) });
	}
	return undefined;
}
const wrongMac = (): Uint8Array => latin("00000000");
