/** Decimal digits out of a cryptogram or a hash, as PVV, CVV and card keys take them. */
import { hex } from "../../kit/bytes.ts";

/**
 * Digits 0 to 9 from the left; where they do not suffice, the letters A to F from the left as 0 to 5 (EMV 4.4
 * Book 2, A1.4.2; Visa PVV and CVV).
 */
export function digitsOf(bytes: Uint8Array, count: number): string {
	const text = hex(bytes);
	const letters = text.replaceAll(/[0-9]/g, "").replaceAll(/[A-F]/g, (c) => `${Number.parseInt(c, 16) - 10}`);
	return (text.replaceAll(/[A-F]/g, "") + letters).slice(0, count);
}
