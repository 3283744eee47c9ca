/**
 * The device's end of DUKPT, TDES and AES: future-key registers and the counter as data, and the step that
 * gives out one transaction key. What is given out stands in no register afterwards, and nothing that is left
 * leads back to it.
 */
import { big, concat, unbig } from "../../kit/bytes.ts";
import type { Machine, Step } from "../../kit/machine.ts";
import { no, ok, type Result } from "../../kit/result.ts";
import { secretBytes } from "../../kit/secret.ts";
import { type DukptFault, type DukptScheme, isTransaction, lowestOf, nextCounter, onesOf } from "./dukpt.ts";

interface Named {
	readonly keyId: Uint8Array;
	/** Under which a new initial key may come, also after the last transaction; undefined with TDES. */
	readonly updateKey: Uint8Array | undefined;
}
interface Ready extends Named {
	readonly at: "ready";
	/** Of the next transaction. */
	readonly counter: number;
	/** By the counter's lowest bit that is one: its key, once the step before has derived it. */
	readonly registers: readonly (Uint8Array | undefined)[];
}
export type DukptDevice = Ready | (Named & { readonly at: "exhausted" });

/** What the step wants done, in this order: nothing is used before it is noted. */
export type DukptEffect =
	/** Make this state durable, in place of the one before. Only then go on. */
	| { readonly do: "note"; readonly device: DukptDevice }
	/** Work with this transaction key, then wipe it. */
	| { readonly do: "use"; readonly ksn: Uint8Array; readonly counter: number; readonly key: Uint8Array }
	/** There is no key any more: ask for a new initial key. */
	| { readonly do: "refuse" };

/**
 * Takes an initial key into the registers: the initial key itself is kept nowhere, and is the caller's to
 * wipe. The state takes the place of whatever was there, which is also how a key is updated.
 */
export function loadDevice(
	scheme: DukptScheme,
	initialKey: Uint8Array,
	keyId: Uint8Array,
): Result<DukptDevice, DukptFault> {
	if (!scheme.keyBytes.includes(initialKey.length)) return no({ at: "initial-key", offset: 0 });
	if (keyId.length !== scheme.keyIdBytes) return no({ at: "key-id", offset: 0 });
	const registers = Array.from({ length: scheme.counter.bits }, (_, bit) =>
		scheme.child(initialKey, keyId, 2 ** bit),
	);
	const updateKey = scheme.updateKey(initialKey, keyId);
	return ok({ at: "ready", keyId: keyId.slice(), counter: 1, registers, updateKey });
}

/**
 * Gives out the key of the next transaction (X9.24-1:2009, annex A "Request PIN Entry"; X9.24-3:2017
 * "Generate Working Keys" and "Update State For Next Transaction"): derives the future keys that hang on it,
 * drops it, and moves the counter on. A register that is empty is stepped over, as the books step over one
 * that is damaged.
 */
export const takeKey =
	(scheme: DukptScheme): Machine<DukptDevice, "take", DukptEffect> =>
	(device) => {
		if (device.at === "exhausted") return { state: device, effects: [{ do: "refuse" }] };
		const { bits, mostOnes } = scheme.counter;
		const limit = 2 ** bits;
		let { counter } = device;
		for (; counter < limit; counter += lowestOf(counter)) {
			const bit = 31 - Math.clz32(lowestOf(counter));
			const key = device.registers[bit];
			if (key === undefined) continue;
			const derives = onesOf(counter) < mostOnes;
			const registers = device.registers.map((held, below) => {
				if (below === bit) return undefined;
				return below < bit && derives ? scheme.child(key, device.keyId, counter + 2 ** below) : held;
			});
			return took(scheme, { ...device, counter, registers }, key);
		}
		const spent = exhausted(device);
		return { state: spent, effects: [{ do: "note", device: spent }, { do: "refuse" }] };
	};

const exhausted = ({ keyId, updateKey }: Named): DukptDevice => ({ at: "exhausted", keyId, updateKey });

function took(scheme: DukptScheme, used: Ready, key: Uint8Array): Step<DukptDevice, DukptEffect> {
	const { keyId, counter } = used;
	const next = nextCounter(scheme.counter, counter);
	const state = next === undefined ? exhausted(used) : { ...used, counter: next };
	const use = { do: "use", ksn: scheme.ksn(keyId, counter), counter, key } as const;
	return { state, effects: [{ do: "note", device: state }, use] };
}

/** Layout of a stored state; a store of another layout is refused. */
const layout = 1;

/**
 * The state as bytes, for whoever seals and keeps it: layout 1 ‖ bytes of a key 1 ‖ update keys 1 ‖ key ID ‖
 * counter of the next transaction 4 (zero: exhausted) ‖ which registers are full 4 ‖ update key ‖ the full
 * registers, lowest first. The caller wipes it.
 */
export function storeDevice(device: DukptDevice): Uint8Array {
	const { counter, registers } = device.at === "ready" ? device : { counter: 0, registers: [] };
	const update = device.updateKey === undefined ? [] : [device.updateKey];
	const full = registers.flatMap((key, bit) => (key === undefined ? [] : [{ key, mask: 2 ** bit }]));
	const mask = full.reduce((sum, register) => sum + register.mask, 0);
	const keys = [...update, ...full.map(({ key }) => key)];
	const bytes = keys[0]?.length ?? 0;
	const head = concat(
		Uint8Array.of(layout, bytes, update.length),
		device.keyId,
		big(counter, 4),
		big(mask, 4),
	);
	const whole = secretBytes(head.length + keys.length * bytes);
	whole.set(head);
	for (const [n, key] of keys.entries()) whole.set(key, head.length + n * bytes);
	return whole;
}

/** What `storeDevice` wrote; anything else is refused: layout, lengths, a counter that no key stands for. */
export function readDevice(scheme: DukptScheme, stored: Uint8Array): Result<DukptDevice, DukptFault> {
	const [found, bytes = 0, updates = 0] = stored;
	const at = 3 + scheme.keyIdBytes;
	const counter = unbig(stored.subarray(at, at + 4));
	const mask = unbig(stored.subarray(at + 4, at + 8));
	const keysAt = at + 8;
	const keys = updates + onesOf(mask);
	if (found !== layout) return no({ at: "stored", offset: 0 });
	if (keys > 0 && !scheme.keyBytes.includes(bytes)) return no({ at: "stored", offset: 1 });
	if (updates > 1) return no({ at: "stored", offset: 2 });
	if (stored.length !== keysAt + keys * bytes)
		return no({ at: "stored", offset: Math.min(stored.length, at) });
	if (counter !== 0 && !isTransaction(scheme.counter, counter)) return no({ at: "stored", offset: at });
	if (mask >= 2 ** scheme.counter.bits) return no({ at: "stored", offset: at + 4 });
	let taken = 0;
	const take = (): Uint8Array => {
		const key = secretBytes(bytes);
		key.set(stored.subarray(keysAt + taken * bytes, keysAt + (taken + 1) * bytes));
		taken += 1;
		return key;
	};
	const keyId = stored.slice(3, at);
	const updateKey = updates === 1 ? take() : undefined;
	if (counter === 0) return ok({ at: "exhausted", keyId, updateKey });
	const registers = Array.from({ length: scheme.counter.bits }, (_, bit) =>
		(mask & (2 ** bit)) === 0 ? undefined : take(),
	);
	return ok({ at: "ready", keyId, counter, registers, updateKey });
}

/** Wipes every key of a state that something else has taken the place of, but what `kept` still holds. */
export function wipeDevice(device: DukptDevice, kept?: DukptDevice): void {
	const keysOf = (of: DukptDevice): readonly (Uint8Array | undefined)[] =>
		of.at === "ready" ? [of.updateKey, ...of.registers] : [of.updateKey];
	const stays = new Set(kept === undefined ? [] : keysOf(kept));
	for (const key of keysOf(device)) if (key !== undefined && !stays.has(key)) key.fill(0);
}
