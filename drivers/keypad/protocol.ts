/**
 * The boot report of a USB keyboard (HID 1.11, appendix B; devices/05): which keys are down, and so which
 * were pressed.
 */

/** Modifiers, a zero, and up to six usages of page 07. */
const reportBytes = 8;
const keysAt = 2;
const keysMost = reportBytes - keysAt;
/** Usages 01 to 03 are no keys: roll-over, power-on self-test failed, undefined error. */
const firstKey = 0x04;

/**
 * Usages that are down, in the order of the report. Undefined when it says nothing about keys: another
 * length, or an error usage (01 roll-over: more keys are down than fit, which keys cannot be told).
 */
export function downIn(report: Uint8Array): readonly number[] | undefined {
	if (report.length !== reportBytes) return undefined;
	const usages = [...report.subarray(keysAt)].filter((usage) => usage !== 0);
	return usages.every((usage) => usage >= firstKey) ? [...new Set(usages)] : undefined;
}

/** A report with these usages down; roll-over when there are more than six. */
export function report(down: readonly number[]): Uint8Array {
	const bytes = new Uint8Array(reportBytes);
	if (down.length > keysMost) return bytes.fill(0x01, keysAt);
	bytes.set(down, keysAt);
	return bytes;
}

/** Tells presses from reports: a key that is down now and was not in the report before. */
export class Presses {
	#down: readonly number[] = [];

	/** Usages newly pressed, in the order of the report. */
	feed(bytes: Uint8Array): readonly number[] {
		const now = downIn(bytes);
		if (now === undefined) return [];
		const fresh = now.filter((usage) => !this.#down.includes(usage));
		this.#down = now;
		return fresh;
	}
}

/** Cuts a byte stream into reports, for wires that keep no borders between them. */
export class ReportCutter {
	readonly #held = new Uint8Array(reportBytes);
	#count = 0;

	feed(chunk: Uint8Array): readonly Uint8Array[] {
		const whole: Uint8Array[] = [];
		for (const byte of chunk) {
			this.#held[this.#count] = byte;
			this.#count += 1;
			if (this.#count < reportBytes) continue;
			whole.push(this.#held.slice());
			this.#held.fill(0);
			this.#count = 0;
		}
		return whole;
	}
}

/** A usage as a board file writes it: two hex digits, either case. */
export const usageName = (usage: number): string => usage.toString(16).toUpperCase().padStart(2, "0");
