import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concat, latin, unhex } from "../../src/kit/bytes.ts";
import { HandClock } from "../../src/kit/clock.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { desFor } from "../../src/runtime/des.ts";
import { format0, openFormat0 } from "../../src/spec/pin/block.ts";
import { PinRate } from "../../src/vault/pin-rate.ts";
import { act, pik, type RawAsker, type Scene, standsIn, TamperLine } from "./scene.ts";

const pan = "6212345678901232";
const request = { pan, least: 4, most: 12, emptyAllowed: false, firstMs: 30_000, betweenMs: 10_000 };
type Request = Partial<typeof request>;

/** Starts an entry and waits until the keys are the vault's. */
async function begin(scene: Scene, more: Request = {}): Promise<{ asker: RawAsker; id: number }> {
	const asker = scene.asker();
	const id = asker.start("enter-pin", { ...request, ...more });
	await asker.until(() => asker.digits(id)[0]);
	return { asker, id };
}
async function press(scene: Scene, typed: string): Promise<void> {
	const names = { K: "confirm", X: "cancel", C: "clear", F: "function" } as const;
	for (const key of typed) {
		const named = Object.entries(names).find(([short]) => short === key)?.[1];
		assert.ok(
			named === undefined ? scene.keypad.type(key) : scene.keypad.press(named),
			`nobody reads ${key}`,
		);
		await new Promise((done) => setTimeout(done, 1));
	}
}
const ends = async ({ asker, id }: { asker: RawAsker; id: number }): Promise<string> => {
	const reply = await asker.answer(id);
	if (reply.ok !== true) return `${reply.fault?.code} ${reply.fault?.at}`;
	const { end } = reply.answer as { end: string };
	return end;
};
/** What the acquirer's security module makes of the block. */
const atTheHost = (asker: RawAsker, id: number): string => {
	const reply = asker.heard.find((m) => m.id === id && m.ok === true)?.answer as { block: string };
	const read = openFormat0(desFor(unhex(pik)).decrypt(unhex(reply.block)), pan);
	assert.ok(read.ok);
	return read.value.join("");
};

const entry = suite("PIN entry");

entry(
	"six digits, one taken back: the host reads the PIN, the asker only ever heard how many",
	act({}, async (scene) => {
		const { asker, id } = await begin(scene);
		await press(scene, "738C9105K");
		assert.is(await ends({ asker, id }), "entered");
		assert.is(atTheHost(asker, id), "739105");
		assert.equal(asker.digits(id), [0, 1, 2, 3, 2, 3, 4, 5, 6]);
		const crossed = concat(...asker.bytes);
		const digits = Uint8Array.from("739105", Number);
		const clear = format0(digits, pan);
		assert.ok(clear.ok);
		const forms = {
			ascii: latin("739105"),
			bcd: unhex("739105"),
			digits,
			clear: clear.value,
		};
		for (const [form, bytes] of Object.entries(forms)) assert.not(standsIn(crossed, bytes), form);
		assert.ok(standsIn(crossed, latin(pan)), "the search sees what does cross");
	}),
);

interface Row {
	readonly says: string;
	readonly terms?: Request;
	readonly typed: string;
	readonly end: string;
	readonly counts?: readonly number[];
}
const rows: readonly Row[] = [
	{ says: "confirm too early does nothing", typed: "123K4K", end: "entered", counts: [0, 1, 2, 3, 4] },
	{ says: "six are the least for a domestic card", terms: { least: 6 }, typed: "12345K6K", end: "entered" },
	{
		says: "a digit too many does nothing",
		terms: { most: 6 },
		typed: "1234567K",
		end: "entered",
		counts: [0, 1, 2, 3, 4, 5, 6],
	},
	{ says: "no PIN by confirm at once", terms: { emptyAllowed: true }, typed: "K", end: "empty", counts: [0] },
	{
		says: "no PIN after all was taken back",
		terms: { emptyAllowed: true },
		typed: "1CCK",
		end: "empty",
		counts: [0, 1, 0],
	},
	{ says: "no PIN where there must be one does nothing", typed: "K1234K", end: "entered" },
	{ says: "cancel ends it", typed: "12X", end: "cancelled", counts: [0, 1, 2] },
	{ says: "the function key does nothing", typed: "F12F34K", end: "entered", counts: [0, 1, 2, 3, 4] },
];
for (const { says, terms, typed, end, counts } of rows)
	entry(
		`${typed}: ${says}`,
		act({}, async (scene) => {
			const run = await begin(scene, terms);
			await press(scene, typed);
			assert.is(await ends(run), end);
			if (counts !== undefined) assert.equal(run.asker.digits(run.id), counts);
			assert.not(scene.keypad.read(), "the keys are let go before the answer");
		}),
	);

entry(
	"30 s to the first digit, 10 s between digits",
	act({}, async (scene) => {
		const first = await begin(scene);
		scene.clock.pass(29_999);
		assert.equal(first.asker.digits(first.id), [0]);
		scene.clock.pass(1);
		assert.is(await ends(first), "timeout");
		const second = await begin(scene);
		scene.clock.pass(29_000);
		await press(scene, "1");
		await second.asker.until(() => second.asker.digits(second.id)[1]);
		scene.clock.pass(9999);
		await press(scene, "2");
		await second.asker.until(() => second.asker.digits(second.id)[2]);
		scene.clock.pass(10_000);
		assert.is(await ends(second), "timeout");
	}),
);

entry(
	"keys pressed before the vault had them belong to nobody",
	act({}, async (scene) => {
		const terminal = scene.keys();
		await terminal.open();
		await press(scene, "99");
		await terminal.close();
		const run = await begin(scene);
		await press(scene, "1234K");
		assert.is(await ends(run), "entered");
		assert.is(atTheHost(run.asker, run.id), "1234");
	}),
);

entry(
	"the card is taken out: cancel-pin ends it as cancelled",
	act({}, async (scene) => {
		const run = await begin(scene);
		await press(scene, "12");
		assert.is(await run.asker.ask("cancel-pin"), "ok {}");
		assert.is(await ends(run), "cancelled");
		assert.is(await run.asker.ask("cancel-pin"), "ok {}", "and with nothing to end it is no fault");
	}),
);

entry(
	"whoever asked goes away: the keys are let go, the next entry begins anew",
	act({}, async (scene) => {
		const run = await begin(scene);
		await press(scene, "12");
		run.asker.end();
		const watch = scene.asker();
		await watch.until(() => (scene.keypad.read() ? undefined : true));
		const next = await begin(scene);
		await press(scene, "5678K");
		assert.is(await ends(next), "entered");
		assert.is(atTheHost(next.asker, next.id), "5678");
	}),
);

entry(
	"one at a time",
	act({}, async (scene) => {
		const run = await begin(scene);
		assert.is(await scene.asker().ask("enter-pin", request), "device.busy enter-pin");
		await press(scene, "1234K");
		assert.is(await ends(run), "entered");
	}),
);

entry(
	"without a PIN key the keys are not even opened",
	act({ keys: false }, async (scene) => {
		assert.is(await scene.asker().ask("enter-pin", request), "vault.no-key pik");
		assert.not(scene.keypad.read());
	}),
);

entry(
	"keys that another program holds are waited for, and taken when they are let go",
	act({ clock: systemClock }, async (scene) => {
		const terminal = scene.keys();
		await terminal.open();
		const asker = scene.asker();
		const id = asker.start("enter-pin", request);
		await asker.until(() => (scene.keypad.refused() > 0 ? true : undefined));
		await terminal.close();
		await asker.until(() => asker.digits(id)[0]);
		await press(scene, "1234K");
		assert.is(await ends({ asker, id }), "entered");
	}),
);

entry(
	"keys that never come are a fault, and so are keys pulled out half-way",
	act({}, async (scene) => {
		const terminal = scene.keys();
		await terminal.open();
		const asker = scene.asker();
		const id = asker.start("enter-pin", request);
		await asker.until(() => (scene.keypad.refused() > 0 ? true : undefined));
		scene.clock.pass(3000);
		assert.is(await ends({ asker, id }), "device.gone pin-keys");
		assert.match(await asker.ask("status"), /"pinKeys":"gone"/);
		await terminal.close();
		const run = await begin(scene);
		await press(scene, "12");
		scene.keypad.unplug();
		assert.is(await ends(run), "device.gone pin-keys");
	}),
);

const line = new TamperLine();
entry(
	"a tamper during entry ends it without a block",
	act({ tamper: line }, async (scene) => {
		const run = await begin(scene);
		await press(scene, "1234");
		line.pull();
		assert.is(await ends(run), "vault.zeroised enter-pin");
		assert.not(scene.keypad.read());
	}),
);

entry("any order of keys ends as its count says", async () => {
	await act({ pinRate: { burst: 1000, refillMs: 1 } }, async (scene) => {
		const asker = scene.asker();
		await fc.assert(
			fc.asyncProperty(fc.array(fc.constantFrom(..."0123456789CKF"), { maxLength: 20 }), async (typed) => {
				let pin = "";
				const end = typed.findIndex((key) => {
					if (key === "C") pin = pin.slice(0, -1);
					else if (key === "K") return pin.length >= 4;
					else if (key !== "F" && pin.length < 12) pin += key;
					return false;
				});
				const id = asker.start("enter-pin", request);
				await asker.until(() => asker.digits(id)[0]);
				await press(scene, typed.slice(0, end < 0 ? typed.length : end + 1).join(""));
				if (end < 0) await press(scene, "X");
				assert.is(await ends({ asker, id }), end < 0 ? "cancelled" : "entered");
				if (end >= 0) assert.is(atTheHost(asker, id), pin);
			}),
			{ numRuns: 15 },
		);
	})();
});
entry.run();

const rate = suite("how fast PINs may be tried");
const enterOne = async (scene: Scene): Promise<string> => {
	const asker = scene.asker();
	const id = asker.start("enter-pin", request);
	const first = await asker.until(() => asker.heard.find((m) => m.id === id));
	if (first.digits === undefined) return ends({ asker, id });
	await press(scene, "1234K");
	return ends({ asker, id });
};
rate(
	"a burst, then one in 30 s; what is cancelled costs nothing; a restart gives nothing",
	act({ pinRate: { burst: 3, refillMs: 30_000 } }, async (scene) => {
		const gone = await begin(scene);
		await press(scene, "12X");
		assert.is(await ends(gone), "cancelled");
		for (const n of [1, 2, 3]) assert.is(await enterOne(scene), "entered", `block ${n}`);
		assert.is(await enterOne(scene), "vault.too-many-pins enter-pin");
		assert.not(scene.keypad.read());
		scene.clock.pass(29_999);
		assert.is(await enterOne(scene), "vault.too-many-pins enter-pin");
		await scene.restart();
		assert.is(await enterOne(scene), "vault.too-many-pins enter-pin");
		scene.clock.pass(1);
		assert.is(await enterOne(scene), "entered");
		assert.is(await enterOne(scene), "vault.too-many-pins enter-pin");
	}),
);

class Notes {
	tokens: number | undefined;
	readonly pinTokens = (): number | undefined => this.tokens;
	readonly notePinTokens = (tokens: number): void => {
		this.tokens = tokens;
	};
}
rate("200 asked for within an hour: 120 and the burst, whatever the power does", () => {
	for (const cuts of [false, true]) {
		const clock = new HandClock();
		const notes = new Notes();
		let bucket = new PinRate({ burst: 10, refillMs: 30_000 }, clock, notes);
		let made = 0;
		for (let n = 0; n < 200; n += 1) {
			if (bucket.take()) made += 1;
			clock.pass(18_000);
			if (cuts && n % 7 === 0) bucket = new PinRate({ burst: 10, refillMs: 30_000 }, clock, notes);
		}
		assert.ok(made <= 130, `${made} with${cuts ? "" : "out"} cuts`);
		assert.ok(made >= (cuts ? 60 : 129), `${made} with${cuts ? "" : "out"} cuts`);
	}
});
rate("a clock that jumps back gives nothing", () => {
	let now = 1_000_000;
	const bucket = new PinRate(
		{ burst: 1, refillMs: 30_000 },
		{ now: () => now, after: () => () => undefined },
		new Notes(),
	);
	assert.ok(bucket.take());
	now = 0;
	assert.not(bucket.free());
	now = 1_000_000 + 29_000;
	assert.not(bucket.free());
	now += 1000;
	assert.ok(bucket.free());
});
rate.run();
