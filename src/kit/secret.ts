/** A value that the program may use and nobody may see. */
const hidden = "[secret]";

/**
 * Bytes for a secret: outside the heap that the collector moves, so that wiping them wipes the only copy. (A
 * small
 * typed array made in the usual way lies inside, and is copied when it is moved or handed to a cipher.)
 */
export const secretBytes = (size: number): Uint8Array => new Uint8Array(new ArrayBuffer(size));

export class Secret<Kind extends string> {
	readonly kind: Kind;
	readonly #bytes: Uint8Array;
	#spent = false;

	/** Takes the bytes over: they are wiped when the secret is spent. */
	constructor(kind: Kind, bytes: Uint8Array) {
		this.kind = kind;
		this.#bytes = bytes;
	}

	/** Lends the bytes to one function, then wipes them. Throws when it was spent before. */
	spend<T>(use: (bytes: Uint8Array) => T): T {
		if (this.#spent) throw new Error(`${this.kind} was already spent`);
		this.#spent = true;
		try {
			return use(this.#bytes);
		} finally {
			this.#bytes.fill(0);
		}
	}

	wipe(): void {
		this.#spent = true;
		this.#bytes.fill(0);
	}

	toString(): string {
		return hidden;
	}
	toJSON(): string {
		return hidden;
	}
	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return `Secret<${this.kind}>`;
	}
}

/** A log and a screen take only what is safe by its type: a PAN must be masked before it fits. */
declare const safe: unique symbol;
export type Masked = string & { readonly [safe]: "masked" };

/** First six, last four digits. Fails closed: what is too short to be a PAN shows nothing of itself. */
export const maskPan = (pan: string): Masked =>
	(/^\d{12,19}$/.test(pan) ? `${pan.slice(0, 6)}******${pan.slice(-4)}` : "[hidden]") as Masked;
