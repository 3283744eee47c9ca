/**
 * The terminal's counter towards the acquirer: builds, seals, sends, and believes an answer only when it is
 * proved.
 */
import type { FaultCode } from "../../contract/faults.ts";
import type { Settings } from "../../contract/settings.ts";
import type { VaultFault } from "../../contract/vault.ts";
import { concat, unhex } from "../../kit/bytes.ts";
import type { Clock } from "../../kit/clock.ts";
import type { Log } from "../../kit/log.ts";
import type { Result } from "../../kit/result.ts";
import { readGbk } from "../../runtime/gbk.ts";
import { pack, unpack } from "../../spec/iso8583/codec.ts";
import { describe, describeText } from "../../spec/iso8583/describe.ts";
import type { Message } from "../../spec/iso8583/field.ts";
import { type HeaderBytes, readFrame, writeFrame } from "../../spec/iso8583/frame.ts";
import { readReserved, readWorkingKeys, type WrappedKey } from "../../spec/iso8583/unionpay.ts";
import { unionpay } from "../../spec/iso8583/unionpay-table.ts";
import type {
	AcquirerPort,
	HostEnd,
	HostPhase,
	ReversalReason,
	ReversalRequest,
	SaleRequest,
	SignInEnd,
} from "../payment/ports.ts";
import { HostLink, type LinkEnd, type Taken } from "./link.ts";
import {
	belongs,
	bytesOf,
	hostAnswer,
	macRule,
	mismatch,
	reversalRequest,
	saleRequest,
	signInRequest,
	textOf,
} from "./messages.ts";

/** What the desk asks of whoever holds the keys: the vault. */
export interface HostKeys {
	/** F64 over the bytes from the MTI to the last one before it: 8 ASCII bytes. */
	mac(data: Uint8Array): Promise<Result<Uint8Array, VaultFault>>;
	verify(data: Uint8Array, mac: Uint8Array): Promise<Result<boolean, VaultFault>>;
	/** Takes all working keys, or none when a check value is wrong. */
	importKeys(keys: readonly WrappedKey[]): Promise<Result<unknown, VaultFault>>;
}

export interface AcquirerDeskParts {
	readonly settings: Settings;
	readonly keys: HostKeys;
	readonly clock: Clock;
	readonly log: Log;
}

/** An answer as it came, with the bytes that its MAC covers. */
interface Heard {
	readonly message: Message;
	readonly header: Uint8Array;
	readonly body: Uint8Array;
}
type Asked =
	| { readonly end: "heard"; readonly heard: Heard }
	| { readonly end: "not-sent"; readonly code: FaultCode }
	| { readonly end: "unknown"; readonly code: FaultCode; readonly reason: ReversalReason };

/**
 * F39 of the reversal by how the exchange ended (unionpay-terminal.md, 8.2): 98 no answer, 06 not readable.
 */
const unanswered: Readonly<
	Record<Exclude<LinkEnd<Heard>["end"], "answered" | "unreachable">, Extract<Asked, { end: "unknown" }>>
> = {
	"send-failed": { end: "unknown", code: "host.send-failed", reason: "98" },
	silent: { end: "unknown", code: "host.silent", reason: "98" },
	cut: { end: "unknown", code: "host.cut", reason: "98" },
	garbled: { end: "unknown", code: "host.garbled", reason: "06" },
};
const macBytes = 8;

export class AcquirerDesk implements AcquirerPort {
	readonly #settings: Settings;
	readonly #keys: HostKeys;
	readonly #log: Log;
	readonly #link: HostLink;
	#late = 0;
	#selling = false;
	#ending = false;

	constructor({ settings, keys, clock, log }: AcquirerDeskParts) {
		this.#settings = settings;
		this.#keys = keys;
		this.#log = log;
		this.#link = new HostLink(settings.acquirer, clock);
	}

	/** Answers to earlier questions that were heard and dropped since the start. */
	get lateAnswers(): number {
		return this.#late;
	}

	async signIn(trace: number, batch: number, phase: (p: HostPhase) => void): Promise<SignInEnd> {
		const request = signInRequest(this.#settings, trace, batch);
		const packed = pack(unionpay, request);
		if (!packed.ok) return { end: "fault", code: "settings.invalid" };
		const asked = await this.#ask(request, packed.value, phase);
		if (asked.end !== "heard") return { end: "fault", code: asked.code };
		const { message } = asked.heard;
		const wrong = mismatch(request, message);
		if (wrong !== undefined) {
			this.#log("fault", "host-mismatch", { mti: message.mti, stan: textOf(message, 11), field: wrong });
			return { end: "fault", code: wrong === 39 ? "host.garbled" : "host.mismatch" };
		}
		const code = textOf(message, 39) ?? "";
		return code === "00" ? this.#takeKeys(message) : { end: "refused", code };
	}

	async sale(request: SaleRequest, phase: (p: HostPhase) => void): Promise<HostEnd> {
		this.#selling = true;
		try {
			return await this.#sealed(saleRequest(this.#settings, request), phase);
		} finally {
			this.#selling = false;
		}
	}

	/** Whether a sale is out: its answer is waited for whatever happens. */
	get selling(): boolean {
		return this.#selling;
	}

	/**
	 * The process was asked to end: what can be asked again later (sign-in, reversal) is not waited for
	 * any more.
	 */
	end(): void {
		this.#ending = true;
		if (!this.#selling) this.#link.hangUp();
	}

	reverse(request: ReversalRequest, phase: (p: HostPhase) => void): Promise<HostEnd> {
		return this.#sealed(reversalRequest(this.#settings, request), phase);
	}

	async #takeKeys(message: Message): Promise<SignInEnd> {
		const keys = readWorkingKeys(bytesOf(message, 62) ?? new Uint8Array(0));
		const f60 = readReserved(textOf(message, 60) ?? "");
		if (!keys.ok || !f60.ok) return { end: "fault", code: "host.garbled" };
		const taken = await this.#keys.importKeys(keys.value);
		if (!taken.ok) {
			this.#log("fault", "sign-in-keys", { code: taken.error.code, slot: taken.error.at });
			return { end: "fault", code: taken.error.code };
		}
		const time = textOf(message, 12);
		const date = textOf(message, 13);
		return {
			end: "signed-in",
			what: {
				batch: f60.value.batch,
				...(time === undefined ? {} : { time }),
				...(date === undefined ? {} : { date }),
			},
		};
	}

	/** A request that carries a MAC, and an answer that has to. */
	async #sealed(request: Message, phase: (p: HostPhase) => void): Promise<HostEnd> {
		const open = pack(unionpay, {
			mti: request.mti,
			fields: new Map([...request.fields, [64, new Uint8Array(macBytes)]]),
		});
		if (!open.ok) {
			this.#log("bug", "host-request", { mti: request.mti, field: open.error.field, kind: open.error.kind });
			return { end: "not-sent", code: "settings.invalid" };
		}
		// F64 is the last field: the MAC covers all before it.
		const covered = open.value.subarray(0, -macBytes);
		const mac = await this.#keys.mac(covered);
		if (!mac.ok) return { end: "not-sent", code: mac.error.code };
		const body = concat(covered, mac.value);
		open.value.fill(0);
		const asked = await this.#ask(request, body, phase);
		return asked.end === "heard" ? this.#believe(request, asked.heard) : asked;
	}

	/** From an answer to the request to a result, or to the reason why it is none. */
	async #believe(request: Message, { message, header, body }: Heard): Promise<HostEnd> {
		const { dialect } = this.#settings.acquirer;
		const about = { mti: message.mti, stan: textOf(message, 11) };
		const rule = macRule(dialect, message);
		const checked =
			rule === "verify"
				? await this.#keys.verify(body.subarray(0, -macBytes), body.subarray(-macBytes))
				: { ok: true as const, value: rule === "accept" };
		const authorisation = textOf(message, 38)?.trim();
		const known = authorisation ? { authorisation } : {};
		if (!checked.ok) return { end: "unknown", code: checked.error.code, reason: "06", ...known };
		if (!checked.value) {
			this.#log("fault", "host-wrong-mac", { ...about, missing: rule === "missing" });
			return { end: "unknown", code: "host.wrong-mac", reason: "A0", ...known };
		}
		const wrong = mismatch(request, message);
		const tolerated = wrong === 42 && !dialect.compareMerchant;
		if (wrong !== undefined) {
			this.#log(tolerated ? "note" : "fault", "host-mismatch", { ...about, field: wrong });
		}
		if (wrong === undefined || tolerated) {
			return { end: "answered", answer: hostAnswer(message, header, readGbk) };
		}
		return { end: "unknown", code: wrong === 39 ? "host.garbled" : "host.mismatch", reason: "06" };
	}

	async #ask(request: Message, body: Uint8Array, phase: (p: HostPhase) => void): Promise<Asked> {
		if (this.#ending && !this.#selling) return { end: "not-sent", code: "host.unreachable" };
		const { dialect } = this.#settings.acquirer;
		const frame = writeFrame({ tpdu: unhex(dialect.tpdu), header: unhex(dialect.header), body });
		const ended = await this.#link.exchange(
			frame,
			(content) => this.#take(request, content),
			(p) => {
				if (p === "sending") this.#note("host-sent", request);
				phase(p);
			},
		);
		// Track and PIN block must not outlive the exchange.
		frame.fill(0);
		body.fill(0);
		if (ended.end === "answered") return { end: "heard", heard: ended.answer };
		this.#log("fault", "host-unheard", { mti: request.mti, stan: textOf(request, 11), end: ended.end });
		return ended.end === "unreachable"
			? { end: "not-sent", code: "host.unreachable" }
			: unanswered[ended.end];
	}

	/** Whether a frame answers this request. An answer to another one is dropped and counted (8.6). */
	#take(request: Message, content: Uint8Array): Taken<Heard> {
		const headerBytes: HeaderBytes = this.#settings.acquirer.dialect.header === "" ? 0 : 6;
		const frame = readFrame(content, headerBytes);
		const read = frame.ok ? unpack(unionpay, frame.value.body) : undefined;
		if (!frame.ok || read?.ok !== true) {
			const at = read?.ok === false ? read.error : { field: 0, kind: "short", offset: 0 };
			this.#log("fault", "host-garbled", { ...at });
			return { is: "unreadable" };
		}
		const message = read.value;
		if (!belongs(request, message)) {
			this.#late += 1;
			this.#log("note", "host-late", { mti: message.mti, stan: textOf(message, 11), count: this.#late });
			return { is: "other" };
		}
		this.#note("host-heard", message);
		return { is: "ours", answer: { message, header: frame.value.header, body: frame.value.body } };
	}

	#note(event: "host-sent" | "host-heard", message: Message): void {
		this.#log("note", event, {
			mti: message.mti,
			stan: textOf(message, 11),
			fields: describeText(describe(unionpay, message, readGbk)),
		});
	}
}
