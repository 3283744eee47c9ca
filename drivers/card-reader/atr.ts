/** The answer to reset, read as far as a reader must know it: the parameters of T=0 (ISO 7816-3, 8.2). */
import { no, ok, type Result } from "../../src/kit/result.ts";

export interface AtrFault {
	readonly kind: "short" | "wrong-ts" | "wrong-tck" | "no-t0";
	readonly offset: number;
}

/** TA1, its value when absent, and the default waiting integer (ISO 7816-3, 8.3 and 10.2). */
const usual = { fiDi: 0x11, guard: 0x00, waiting: 10 } as const;

interface Interface {
	/** "TA1", "TD2" … */
	readonly bytes: ReadonlyMap<string, number>;
	readonly protocols: readonly number[];
	/** Where the historical bytes begin. */
	readonly end: number;
}

/** The interface bytes behind T0, level by level, as each TD says which come next. */
function interfaceBytes(atr: Uint8Array): Result<Interface, AtrFault> {
	const bytes = new Map<string, number>();
	const protocols: number[] = [];
	let at = 2;
	let present = (atr[1] ?? 0) >> 4;
	for (let level = 1; present !== 0; level += 1) {
		const names = ["A", "B", "C", "D"].filter((_, bit) => (present & (1 << bit)) !== 0);
		if (atr.length < at + names.length) return no({ kind: "short", offset: atr.length });
		for (const [i, name] of names.entries()) bytes.set(`T${name}${level}`, atr[at + i] ?? 0);
		at += names.length;
		const next = bytes.get(`TD${level}`);
		if (next !== undefined) protocols.push(next & 0x0f);
		present = (next ?? 0) >> 4;
	}
	return ok({ bytes, protocols, end: at });
}

/**
 * The five bytes of CCID SetParameters for T=0: FiDi, TCCKS, guard time, waiting integer, clock stop. TA1
 * counts only in the specific mode (TA2 present): nobody negotiates here, so otherwise the card stays at the
 * default rate.
 */
export function t0Parameters(atr: Uint8Array): Result<Uint8Array, AtrFault> {
	const [ts = 0, t0 = 0] = atr;
	if (atr.length < 2) return no({ kind: "short", offset: atr.length });
	if (ts !== 0x3b && ts !== 0x3f) return no({ kind: "wrong-ts", offset: 0 });
	const found = interfaceBytes(atr);
	if (!found.ok) return found;
	const { bytes, protocols } = found.value;
	const end = found.value.end + (t0 & 0x0f);
	if (atr.length < end) return no({ kind: "short", offset: atr.length });
	const checked = protocols.some((protocol) => protocol !== 0);
	if (checked && atr.subarray(1, end + 1).reduce((sum, byte) => sum ^ byte, 0) !== 0)
		return no({ kind: "wrong-tck", offset: end });
	if (protocols.length > 0 && !protocols.includes(0)) return no({ kind: "no-t0", offset: 0 });
	const fiDi = bytes.has("TA2") ? (bytes.get("TA1") ?? usual.fiDi) : usual.fiDi;
	const convention = ts === 0x3f ? 0x02 : 0x00;
	const guard = bytes.get("TC1") ?? usual.guard;
	return ok(Uint8Array.of(fiDi, convention, guard, bytes.get("TC2") ?? usual.waiting, 0x00));
}
