/**
 * What comes from an ESC/POS printer: five kinds of answer on one line, told apart by their fixed bits
 * (devices/06).
 */
import type { PrinterStatus } from "../../src/contract/device.ts";
import type { FaultCode } from "../../src/contract/faults.ts";
import { unlatin } from "../../src/kit/bytes.ts";

export type StatusFrame =
	/** Answer to DLE EOT n: the question alone tells what its bits mean. */
	| { readonly is: "real-time"; readonly byte: number }
	/** Automatic status back, 4 bytes. */
	| { readonly is: "automatic"; readonly bytes: Uint8Array }
	/** Answer to GS r. */
	| { readonly is: "paper"; readonly byte: number }
	/** GS ( H: all before this id is on paper. */
	| { readonly is: "process"; readonly id: string }
	/** DLE DC4 8: the buffers are empty. */
	| { readonly is: "cleared" }
	/** GS I: maker, model, … */
	| { readonly is: "text"; readonly text: string };

const automaticBytes = 4;
/** Longest block from its head to its 00: GS I texts are up to 80 characters. */
const blockMost = 84;
/** Blocks end with 00; those of other kinds are read past. */
const heads: ReadonlySet<number> = new Set([0x35, 0x37, 0x3b, 0x3d, 0x5f]);

/**
 * Demultiplexes the printer's answers. XON and XOFF between them are dropped; what fits nothing loses one
 * byte.
 */
export class StatusReader {
	#automatic: number[] = [];
	#block: number[] = [];

	feed(chunk: Uint8Array): readonly StatusFrame[] {
		const frames: StatusFrame[] = [];
		for (const byte of chunk) {
			const frame = this.#take(byte);
			if (frame !== undefined) frames.push(frame);
		}
		return frames;
	}

	#take(byte: number): StatusFrame | undefined {
		if (this.#block.length > 0) return this.#inBlock(byte);
		// Bits 4 and 7 are 0 in the second to fourth byte of ASB: another answer may fall between them.
		if (this.#automatic.length > 0 && (byte & 0x90) === 0) return this.#inAutomatic(byte);
		if (heads.has(byte)) {
			this.#block = [byte];
			return undefined;
		}
		if ((byte & 0x93) === 0x12) return { is: "real-time", byte };
		if ((byte & 0x93) === 0x10) {
			this.#automatic = [byte];
			return undefined;
		}
		return (byte & 0xf0) === 0 ? { is: "paper", byte } : undefined;
	}

	#inAutomatic(byte: number): StatusFrame | undefined {
		this.#automatic.push(byte);
		if (this.#automatic.length < automaticBytes) return undefined;
		const frame = Uint8Array.from(this.#automatic);
		this.#automatic = [];
		return { is: "automatic", bytes: frame };
	}

	#inBlock(byte: number): StatusFrame | undefined {
		if (byte === 0) {
			const block = this.#block;
			this.#block = [];
			return blockFrame(block);
		}
		// Below 20 nothing belongs to a block: a real-time answer, or flow control.
		if (byte < 0x20) return (byte & 0x93) === 0x12 ? { is: "real-time", byte } : undefined;
		this.#block.push(byte);
		if (this.#block.length > blockMost) this.#block = [];
		return undefined;
	}
}

function blockFrame(block: readonly number[]): StatusFrame | undefined {
	const [head, kind] = block;
	if (head === 0x5f) return { is: "text", text: unlatin(Uint8Array.from(block.slice(1))) };
	if (head !== 0x37) return undefined;
	if (kind === 0x25) return { is: "cleared" };
	if (kind === 0x22 && block.length === 6)
		return { is: "process", id: unlatin(Uint8Array.from(block.slice(2))) };
	return undefined;
}

/** Where the printer stands, with what the port does not name: a mechanical, cutter or head fault. */
export interface Condition extends PrinterStatus {
	readonly error: boolean;
}

/** The four bytes of ASB. */
export function automaticCondition(bytes: Uint8Array): Condition {
	const [b0 = 0, b1 = 0, b2 = 0] = bytes;
	return {
		online: (b0 & 0x08) === 0,
		coverOpen: (b0 & 0x20) !== 0,
		error: (b1 & 0x6c) !== 0,
		paper: (b2 & 0x0c) !== 0 ? "out" : (b2 & 0x03) !== 0 ? "low" : "ok",
	};
}
export function automaticBytesOf(condition: Condition): Uint8Array {
	const b0 = 0x10 | (condition.online ? 0 : 0x08) | (condition.coverOpen ? 0x20 : 0);
	return Uint8Array.of(b0, condition.error ? 0x08 : 0, { ok: 0, low: 0x03, out: 0x0f }[condition.paper], 0);
}

/** Answers to DLE EOT 1, 2, 3 and 4 in this order, as one condition. */
export function realTimeCondition(answers: readonly number[]): Condition {
	const [printer = 0, offline = 0, error = 0, paper = 0] = answers;
	return {
		online: (printer & 0x08) === 0,
		coverOpen: (offline & 0x04) !== 0,
		error: (error & 0x6c) !== 0,
		paper: (paper & 0x60) !== 0 || (offline & 0x20) !== 0 ? "out" : (paper & 0x0c) !== 0 ? "low" : "ok",
	};
}
/** What the printer answers to DLE EOT n (1 to 4). */
export function realTimeByte(n: number, condition: Condition): number {
	const bits: Readonly<Record<number, number>> = {
		1: condition.online ? 0 : 0x08,
		2:
			(condition.coverOpen ? 0x04 : 0) |
			(condition.paper === "out" ? 0x20 : 0) |
			(condition.error ? 0x40 : 0),
		3: condition.error ? 0x08 : 0,
		4: { ok: 0, low: 0x0c, out: 0x6c }[condition.paper],
	};
	return 0x12 | (bits[n] ?? 0);
}

/** GS r 1: near end 03, out 0C. */
export const paperByte = (condition: Condition): number => ({ ok: 0, low: 0x03, out: 0x0f })[condition.paper];

/** Why a job cannot go on; undefined when it can. The cover first: an open one reads as no paper, too. */
export function stopped(condition: Condition): FaultCode | undefined {
	if (condition.coverOpen) return "printer.cover-open";
	if (condition.paper === "out") return "printer.paper-out";
	if (condition.error || !condition.online) return "printer.error";
	return undefined;
}
