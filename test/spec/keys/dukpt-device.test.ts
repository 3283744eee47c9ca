import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { aesFor } from "../../../src/runtime/aes.ts";
import { desFor } from "../../../src/runtime/des.ts";
import {
	type DukptScheme,
	isTransaction,
	lowestOf,
	nextCounter,
	transactionKey,
} from "../../../src/spec/keys/dukpt.ts";
import { aesDukpt } from "../../../src/spec/keys/dukpt-aes.ts";
import {
	type DukptDevice,
	type DukptEffect,
	loadDevice,
	readDevice,
	storeDevice,
	takeKey,
	wipeDevice,
} from "../../../src/spec/keys/dukpt-device.ts";
import { tdesDukpt } from "../../../src/spec/keys/dukpt-tdes.ts";

interface Book {
	readonly name: string;
	readonly scheme: DukptScheme;
	readonly initialKey: Uint8Array;
	readonly keyId: Uint8Array;
	readonly last: number;
}
const aes = (initialKey: string): Omit<Book, "name"> => ({
	scheme: aesDukpt(aesFor),
	initialKey: unhex(initialKey),
	keyId: unhex("1234567890123456"),
	last: 0xffff0000,
});
/** Where the power goes in one transaction: not at all, or around the write or the use. */
const cuts = ["none", "before-note", "after-note", "in-use"] as const;
type Cut = (typeof cuts)[number];
const books: readonly Book[] = [
	{
		name: "TDES",
		scheme: tdesDukpt(desFor),
		initialKey: unhex("6AC292FAA1315B4D858AB3A3D7D5933A"),
		keyId: unhex("FFFF9876543210E00000"),
		last: 0x1ff800,
	},
	{ name: "AES-128", ...aes("1273671EA26AC29AFA4D1084127652A1") },
	{ name: "AES-192", ...aes("1273671EA26AC29AFA4D1084127652A11273671EA26AC29A") },
	{ name: "AES-256", ...aes("CE9CE0C101D1138F97FB6CAD4DF045A7083D4EAE2D35A31789D01CCF0949550F") },
];

function host({ scheme, initialKey, keyId }: Book, counter: number): string {
	const key = transactionKey(scheme, initialKey, keyId, counter);
	return key.ok ? hex(key.value) : `refused at ${key.error.at}`;
}
function loaded({ scheme, initialKey, keyId }: Book): DukptDevice {
	const device = loadDevice(scheme, initialKey, keyId);
	assert.ok(device.ok);
	return device.value;
}

/**
 * What the books say the registers hold at a counter, reached or not: the key of the counter itself at its
 * lowest one, and at every zero above that the key of the counter that will first have a one there.
 */
function deviceAt(book: Book, counter: number): DukptDevice {
	const lowest = lowestOf(counter);
	const registers = Array.from({ length: book.scheme.counter.bits }, (_, bit) => {
		const here = 2 ** bit;
		if (here < lowest || (here > lowest && Math.floor(counter / here) % 2 === 1)) return undefined;
		const first = here === lowest ? counter : Math.floor(counter / here) * here + here;
		// A register that only counters with too many ones would use was never filled.
		if (!isTransaction(book.scheme.counter, first)) return undefined;
		return unhex(host(book, first));
	});
	const updateKey = book.scheme.updateKey(book.initialKey, book.keyId);
	return { at: "ready", keyId: book.keyId, counter, registers, updateKey };
}

const test = suite("DUKPT in the device");
for (const book of books) {
	const { name, scheme, last } = book;
	const take = takeKey(scheme);
	/** What a step gives out, as counter and key. */
	const given = (effects: ReturnType<typeof take>["effects"]): readonly [number, string] | undefined => {
		const use = effects.find((effect) => effect.do === "use");
		return use === undefined ? undefined : [use.counter, hex(use.key)];
	};

	test(`${name}: forty transactions, each noted and then used, have the host's keys`, () => {
		let device = loaded(book);
		for (let counter = 1; counter <= 40; counter += 1) {
			const { state, effects } = take(device, "take");
			assert.equal(
				effects.map((effect) => effect.do),
				["note", "use"],
			);
			assert.equal(effects[0], { do: "note", device: state });
			assert.equal(given(effects), [counter, host(book, counter)]);
			device = state;
		}
	});
	test(`${name}: after each transaction the registers hold what the book says, and nothing else`, () => {
		let device = loaded(book);
		for (let counter = 1; counter <= 70; counter += 1) {
			assert.equal(device, deviceAt(book, counter));
			device = take(device, "take").state;
		}
	});
	test(`${name}: from any counter on, 20 transactions have the host's keys`, () => {
		const start = fc.integer({ min: 1, max: 2 ** scheme.counter.bits - 1 });
		fc.assert(
			fc.property(start, (any) => {
				fc.pre(isTransaction(scheme.counter, any));
				let device = deviceAt(book, any);
				let counter: number | undefined = any;
				for (let n = 0; n < 20 && counter !== undefined; n += 1) {
					const { state, effects } = take(device, "take");
					assert.equal(given(effects), [counter, host(book, counter)]);
					counter = nextCounter(scheme.counter, counter);
					if (counter !== undefined) assert.equal(state, deviceAt(book, counter));
					device = state;
				}
			}),
			{ numRuns: 8 },
		);
	});
	test(`${name}: the last transaction, and then a refusal for ever; the update key outlives it`, () => {
		const { state, effects } = take(deviceAt(book, last), "take");
		assert.equal(given(effects), [last, host(book, last)]);
		assert.is(state.at, "exhausted");
		const again = take(state, "take");
		assert.equal(again.effects, [{ do: "refuse" }]);
		assert.is(again.state, state);
		assert.is((state.updateKey ?? unhex("")).length, name === "TDES" ? 0 : book.initialKey.length);
	});
	test(`${name}: an empty register is stepped over; without any the device is exhausted`, () => {
		const device = loaded(book);
		assert.ok(device.at === "ready");
		const holed = { ...device, registers: device.registers.with(0, undefined) };
		assert.equal(given(take(holed, "take").effects), [2, host(book, 2)]);
		const none = { ...device, registers: device.registers.map(() => undefined) };
		const { state, effects } = take(none, "take");
		assert.equal(effects, [{ do: "note", device: state }, { do: "refuse" }]);
		assert.is(state.at, "exhausted");
	});
	test(`${name}: the step changes nothing of the state before it`, () => {
		const device = loaded(book);
		const before = hex(storeDevice(device));
		take(device, "take");
		assert.is(hex(storeDevice(device)), before);
	});
	test(`${name}: an update: a new initial key under a new ID takes the place of all that was`, () => {
		let device = loaded(book);
		for (let n = 0; n < 5; n += 1) device = take(device, "take").state;
		const initialKey = book.initialKey.toReversed();
		const renewed = { ...book, initialKey, keyId: book.keyId.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) };
		assert.equal(given(take(loaded(renewed), "take").effects), [1, host(renewed, 1)]);
		assert.is.not(host(renewed, 1), host(book, 1));
	});
	test(`${name}: wiping the state before leaves the state after, and takes the key that was given out`, () => {
		const device = loaded(book);
		const { state, effects } = take(device, "take");
		const after = hex(storeDevice(state));
		wipeDevice(device, state);
		assert.is(hex(storeDevice(state)), after);
		assert.match(given(effects)?.[1] ?? "", /^0+$/);
		wipeDevice(state);
		assert.match(hex(storeDevice(state)).slice(2 * (11 + book.keyId.length)), /^0*$/);
	});
	test(`${name}: bad initial keys and names are refused by their place`, () => {
		const odd = loadDevice(scheme, book.initialKey.subarray(1), book.keyId);
		assert.equal(odd, { ok: false, error: { at: "initial-key", offset: 0 } });
		const unnamed = loadDevice(scheme, book.initialKey, book.keyId.subarray(1));
		assert.equal(unnamed, { ok: false, error: { at: "key-id", offset: 0 } });
	});

	test(`${name}: 1,000 transactions with power cuts repeat no key, and host and device agree`, () => {
		const run = fc.array(fc.constantFrom("none", ...cuts), { minLength: 1000, maxLength: 1000 });
		fc.assert(
			fc.property(run, (plan) => {
				powerCuts(book, loaded(book), plan);
			}),
			{ numRuns: 1 },
		);
	});
	test(`${name}: power cuts up to the end of the initial key: the refusal, too, lasts`, () => {
		const end = fc.array(fc.constantFrom(...cuts), { minLength: 60, maxLength: 60 });
		const near = name === "TDES" ? 0x1ff000 : 0xfffe0000;
		fc.assert(
			fc.property(end, (plan) => {
				powerCuts(book, deviceAt(book, near), plan);
			}),
			{ numRuns: 5 },
		);
	});

	test(`${name}: a stored state reads back, fresh, under way and exhausted`, () => {
		for (const device of [loaded(book), deviceAt(book, 5), take(deviceAt(book, last), "take").state])
			assert.equal(readDevice(scheme, storeDevice(device)), { ok: true, value: device });
	});
	test(`${name}: a stored state that is cut, longer or altered at its head is refused`, () => {
		const stored = storeDevice(deviceAt(book, 6));
		const at = 3 + book.keyId.length;
		const place = (bytes: Uint8Array): number | undefined => {
			const read = readDevice(scheme, bytes);
			return read.ok ? undefined : read.error.offset;
		};
		assert.is(place(stored), undefined);
		for (let end = 0; end < stored.length; end += 1)
			assert.type(place(stored.subarray(0, end)), "number", `cut at ${end}`);
		assert.type(place(Uint8Array.of(...stored, 0)), "number");
		assert.is(place(stored.with(0, 2)), 0);
		assert.is(place(stored.with(1, 15)), 1);
		assert.is(
			place(
				stored
					.with(at + 1, 0xff)
					.with(at + 2, 0xff)
					.with(at + 3, 0xff),
			),
			at,
		);
	});
}

/**
 * A shell as the vault has one: the disk holds the noted state, and memory is lost with the power. Throws
 * when a key is used twice, or is another than the host's.
 */
class Shell {
	readonly #book: Book;
	#disk: Uint8Array;
	#memory: DukptDevice;
	readonly keys = new Set<string>();
	#highest = 0;

	constructor(book: Book, first: DukptDevice) {
		this.#book = book;
		this.#disk = storeDevice(first);
		this.#memory = first;
	}

	get spent(): boolean {
		return this.#memory.at === "exhausted";
	}

	transaction(cut: Cut): void {
		const { state, effects } = takeKey(this.#book.scheme)(this.#memory, "take");
		const lasted = effects.every((effect) => this.#done(effect, cut));
		if (lasted) this.#memory = state;
		else this.#start();
	}

	/** False when the power went. */
	#done(effect: DukptEffect, cut: Cut): boolean {
		if (effect.do === "use") {
			this.#use(effect);
			return cut !== "in-use";
		}
		if (effect.do === "note" && cut !== "before-note") this.#disk = storeDevice(effect.device);
		return effect.do !== "note" || (cut !== "before-note" && cut !== "after-note");
	}

	#start(): void {
		const device = readDevice(this.#book.scheme, this.#disk);
		assert.ok(device.ok);
		this.#memory = device.value;
	}

	#use({ counter, key, ksn }: Extract<DukptEffect, { readonly do: "use" }>): void {
		const text = hex(key);
		if (this.keys.has(text) || counter <= this.#highest) assert.unreachable(`${counter} once more`);
		assert.is(text, host(this.#book, counter));
		assert.is(hex(ksn), hex(this.#book.scheme.ksn(this.#book.keyId, counter)));
		this.keys.add(text);
		this.#highest = counter;
	}
}

function powerCuts(book: Book, first: DukptDevice, plan: readonly Cut[]): void {
	const shell = new Shell(book, first);
	for (const cut of plan) shell.transaction(cut);
	const uses = plan.filter((cut) => cut === "none" || cut === "in-use").length;
	if (shell.spent) assert.ok(shell.keys.size > 0 && shell.keys.size <= uses);
	else assert.is(shell.keys.size, uses, "a use that gave no key");
}
test.run();
