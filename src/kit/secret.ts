/**
 * Bytes for a secret: outside the heap that the collector moves, so that wiping them wipes the only copy. (A
 * small typed array made in the usual way lies inside, and is copied when it is moved or handed to a cipher.)
 */
export const secretBytes = (size: number): Uint8Array => new Uint8Array(new ArrayBuffer(size));

/** A log and a screen take only what is safe by its type: a PAN must be masked before it fits. */
declare const safe: unique symbol;
export type Masked = string & { readonly [safe]: "masked" };

/** First six, last four digits. Fails closed: what is too short to be a PAN shows nothing of itself. */
export const maskPan = (pan: string): Masked =>
	(/^\d{12,19}$/.test(pan) ? `${pan.slice(0, 6)}******${pan.slice(-4)}` : "[hidden]") as Masked;
