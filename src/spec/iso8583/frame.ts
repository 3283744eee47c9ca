/** The frame of a terminal message on TCP: length, TPDU, header, message (unionpay-terminal.md, 1). */
import { big, concat, unbig } from "../../kit/bytes.ts";
import { limits } from "../../kit/limits.ts";
import { no, ok, type Result } from "../../kit/result.ts";

export const tpduBytes = 5;
/** Some acquirers have no header: the dialect says which. */
export type HeaderBytes = 0 | 6;

export interface Frame {
	/** 5 bytes; in an answer its halves may be swapped: never compared. */
	readonly tpdu: Uint8Array;
	/** 6 bytes, hex letters occur, or none. */
	readonly header: Uint8Array;
	/** From the MTI to the last field. */
	readonly body: Uint8Array;
}
export interface FrameFault {
	readonly kind: "too-long" | "too-short";
	/** The size that the frame claims, in bytes. */
	readonly size: number;
}

/** Length (2 bytes, big endian, not counting itself), TPDU, header, body. */
export const writeFrame = (frame: Frame): Uint8Array => {
	const content = concat(frame.tpdu, frame.header, frame.body);
	if (content.length > limits.hostFrameBytes) throw new RangeError(`frame of ${content.length} bytes`);
	return concat(big(content.length, 2), content);
};

/** Takes the content of a frame apart. Shorter than TPDU, header, MTI and bitmap: refused. */
export function readFrame(content: Uint8Array, headerBytes: HeaderBytes): Result<Frame, FrameFault> {
	const from = tpduBytes + headerBytes;
	if (content.length < from + 10) return no({ kind: "too-short", size: content.length });
	return ok({
		tpdu: content.slice(0, tpduBytes),
		header: content.slice(tpduBytes, from),
		body: content.slice(from),
	});
}

/** What the host wants next: the sixth nibble of an answer's header, 0 where there is none. */
export const wantsOf = (header: Uint8Array): number => (header[2] ?? 0) & 0x0f;

/**
 * Fed with what the line gave, gives the contents of whole frames, the same wherever the line was cut. A
 * length over `limits.hostFrameBytes` cannot be skipped on a stream: the reader says so once and is deaf from
 * then on.
 */
export class FrameReader {
	#held: Uint8Array = new Uint8Array(0);
	#broken = false;

	/** Bytes of a frame that has begun and has not ended. */
	get held(): number {
		return this.#held.length;
	}

	feed(chunk: Uint8Array): readonly Result<Uint8Array, FrameFault>[] {
		if (this.#broken) return [];
		this.#held = concat(this.#held, chunk);
		const found: Result<Uint8Array, FrameFault>[] = [];
		while (this.#held.length >= 2) {
			const size = unbig(this.#held.subarray(0, 2));
			if (size > limits.hostFrameBytes) {
				this.#broken = true;
				this.#held = new Uint8Array(0);
				found.push(no({ kind: "too-long", size }));
				break;
			}
			if (this.#held.length < 2 + size) break;
			found.push(ok(this.#held.slice(2, 2 + size)));
			this.#held = this.#held.slice(2 + size);
		}
		return found;
	}
}
