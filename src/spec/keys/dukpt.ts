/**
 * What both books of DUKPT share (ANSI X9.24-1:2009 for TDES, X9.24-3:2017 for AES): which counters are
 * used, and how the host reaches the key of any of them from the initial key.
 */
import { no, ok, type Result } from "../../kit/result.ts";

/** Where something is wrong; never what stood there. */
export interface DukptFault {
	readonly at: "bdk" | "initial-key" | "key" | "key-id" | "ksn" | "counter" | "key-type" | "stored";
	/** The byte at which it was seen; 0 for a wrong length. */
	readonly offset: number;
}

/** A transaction counter: how wide it is, and how many of its bits may be one. */
export interface CounterRule {
	readonly bits: number;
	readonly mostOnes: number;
}

/** What the two books differ in. Ciphers are inside; keys come in and go out as bytes. */
export interface DukptScheme {
	readonly counter: CounterRule;
	/** Bytes of a derivation key that the book knows. */
	readonly keyBytes: readonly number[];
	/** Bytes of the name of an initial key: the KSN with an empty counter, or the initial key ID. */
	readonly keyIdBytes: number;
	readonly ksn: (keyId: Uint8Array, counter: number) => Uint8Array;
	/** The derivation key one step below `key`: for a counter with one bit more. */
	readonly child: (key: Uint8Array, keyId: Uint8Array, counter: number) => Uint8Array;
	/** The key under which a new initial key may come; undefined where the book has none. */
	readonly updateKey: (initialKey: Uint8Array, keyId: Uint8Array) => Uint8Array | undefined;
}

/** Bits that are one, of an unsigned number below 2^32. */
export function onesOf(counter: number): number {
	let ones = 0;
	for (let rest = counter >>> 0; rest !== 0; rest &= rest - 1) ones += 1;
	return ones;
}

/** The lowest bit that is one, as a number: what the books call the shift register. */
export const lowestOf = (counter: number): number => (counter & -counter) >>> 0;

/** Whether a key stands for this counter: not zero, not wider than the rule, not more ones than it allows. */
export const isTransaction = ({ bits, mostOnes }: CounterRule, counter: number): boolean =>
	Number.isInteger(counter) && counter > 0 && counter < 2 ** bits && onesOf(counter) <= mostOnes;

/**
 * The counter after this one: counters with too many ones are stepped over (X9.24-1:2009, annex A "New Key";
 * X9.24-3:2017 "Update State For Next Transaction"). Undefined when the initial key is exhausted.
 */
export function nextCounter(rule: CounterRule, counter: number): number | undefined {
	const next = counter + (onesOf(counter) < rule.mostOnes ? 1 : lowestOf(counter));
	return next < 2 ** rule.bits ? next : undefined;
}

/** The counter's ones, highest first, each with all higher ones: the way from the initial key to a key. */
export function* pathTo(counter: number): Generator<number> {
	let reached = 0;
	for (let bit = 2 ** 31; bit >= 1; bit /= 2) {
		if ((counter & bit) === 0) continue;
		reached += bit;
		yield reached;
	}
}

/**
 * The key of one transaction, from the initial key: the host's way. Keys on the way are wiped; the result
 * is the caller's to wipe.
 */
export function transactionKey(
	scheme: DukptScheme,
	initialKey: Uint8Array,
	keyId: Uint8Array,
	counter: number,
): Result<Uint8Array, DukptFault> {
	if (!scheme.keyBytes.includes(initialKey.length)) return no({ at: "initial-key", offset: 0 });
	if (keyId.length !== scheme.keyIdBytes) return no({ at: "key-id", offset: 0 });
	if (!isTransaction(scheme.counter, counter)) return no({ at: "counter", offset: 0 });
	return ok(descend(scheme, initialKey, keyId, counter));
}

/** Down the path without a question: also to the counter that no transaction has. */
export function descend(
	scheme: Pick<DukptScheme, "child">,
	initialKey: Uint8Array,
	keyId: Uint8Array,
	counter: number,
): Uint8Array {
	let key = initialKey;
	for (const reached of pathTo(counter)) {
		const below = scheme.child(key, keyId, reached);
		if (key !== initialKey) key.fill(0);
		key = below;
	}
	return key;
}
