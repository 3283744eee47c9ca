import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concat, hex, unhex, xor } from "../../src/kit/bytes.ts";
import { aesFor } from "../../src/runtime/aes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { aesKcv, desKcv } from "../../src/spec/keys/kcv.ts";
import { type CeremonyAnswer, type CeremonyAsk, ceremony } from "../../src/vault/ceremony.ts";
import { provisionVault } from "../../src/vault/vault.ts";
import { act, type RawAsker, type Scene, standsIn, TamperLine, tmk } from "./scene.ts";

const one = "0123456789ABCDEFFEDCBA9876543210";
const two = "1F2E3D4C5B6A79880A1B2C3D4E5F6071";
const kcv = (key: Uint8Array): string => hex(desKcv(desFor(key), 3));
const whole = xor(unhex(one), unhex(two));

/** Hex digits as they are keyed: A to F with a star before them. */
const keyed = (text: string): string =>
	[...text].map((c) => (/[A-F]/.test(c) ? `*${c.charCodeAt(0) - 65}` : c)).join("");
const turn = (number: number, passcode: string, component: string): string =>
	`${number}K${passcode}K${keyed(component)}K${keyed(kcv(unhex(component)))}K`;

const dialogue = suite("the key ceremony as a dialogue");
const names = { K: "confirm", X: "cancel", C: "clear", "*": "star", F: "function", "#": "hash" } as const;
const passcodes: Readonly<Record<number, string>> = { 1: "111111", 2: "222222", 3: "333333" };

/** Plays presses into the dialogue; gives how it ended, and the last step told. */
function play(custodians: number, bytes: number, presses: string): string {
	const run = ceremony(custodians, bytes);
	let left = [...presses];
	let next = run.next();
	let told = "";
	while (next.done !== true) {
		const answer = answered(next.value, left);
		if (answer === undefined) return told;
		if (next.value.ask === "key") left = left.slice(1);
		next = run.next(answer);
		if (next.done !== true && next.value.ask === "key") {
			const { turn: which, step, digits, wrong = false } = next.value.told;
			told = `${which} ${step} ${digits}${wrong ? " wrong" : ""}`;
		}
	}
	return next.value.end === "entered" ? hex(next.value.key) : next.value.end;
}
function answered(asked: CeremonyAsk, left: readonly string[]): CeremonyAnswer | undefined {
	if (asked.ask === "passcode") {
		const digits = Array.from(asked.passcode).join("");
		return { of: "passcode", good: passcodes[asked.custodian] === digits };
	}
	if (asked.ask === "check-value") {
		const { component } = asked;
		return {
			of: "check-value",
			kcv: component.length === 32 ? aesKcv(aesFor(component)) : desKcv(desFor(component), 3),
		};
	}
	const [key] = left;
	if (key === undefined) return undefined;
	return { of: "key", key: key in names ? names[key as keyof typeof names] : (key as "0") };
}

dialogue("two custodians, two components, one key: their xor", () => {
	assert.is(play(2, 16, turn(1, "111111", one) + turn(2, "222222", two)), hex(whole));
});
dialogue("three custodians in any order", () => {
	const three = "FF00FF00FF00FF00FF00FF00FF00FF0F";
	const presses = turn(3, "333333", three) + turn(1, "111111", one) + turn(2, "222222", two);
	assert.is(play(3, 16, presses), hex(xor(whole, unhex(three))));
});
dialogue(
	"any components, any length: the key is their xor, whatever is keyed in between and taken back",
	() => {
		fc.assert(
			fc.property(
				fc.constantFrom(16, 24),
				fc.uint8Array({ minLength: 48, maxLength: 48 }),
				fc.constantFrom("", "*C", "#", "*9", "*#C"),
				(bytes, chance, noise) => {
					const parts = [chance.slice(0, bytes), chance.slice(24, 24 + bytes)] as const;
					const presses = parts.map((part, i) => turn(i + 1, passcodes[i + 1] ?? "", hex(part)));
					const begun = presses.join("").replace(/^(1K111111K)/, `$1${noise}`);
					assert.is(play(2, bytes, begun), hex(xor(parts[0], parts[1])));
				},
			),
			{ numRuns: 40 },
		);
	},
);
dialogue("AES: 32 bytes, and check values by CMAC", () => {
	const a = `${one}${two}`;
	const b = `${two}${one.slice(0, 30)}AA`;
	const check = (text: string): string => keyed(hex(aesKcv(aesFor(unhex(text)))));
	const presses = `1K111111K${keyed(a)}K${check(a)}K2K222222K${keyed(b)}K${check(b)}K`;
	assert.is(play(2, 32, presses), hex(xor(unhex(a), unhex(b))));
});

const halts: readonly (readonly [string, string, string])[] = [
	["31 digits and confirm: still asked for", `1K111111K${keyed(one).slice(0, -1)}K`, "1 component 31"],
	["a digit too many does nothing", `1K111111K${keyed(one)}7`, "1 component 32"],
	["clear takes a digit back", "1K111111K12C", "1 component 1"],
	["clear takes a star back first", "1K111111K12*C", "1 component 2"],
	["a letter is no digit of a passcode", "1K1*1", "1 passcode 2"],
	["five digits are no passcode", "1K11111K", "1 passcode 5"],
	["a wrong passcode", "1K999999K", "1 custodian 0 wrong"],
	["a number nobody has", "7K111111K", "1 custodian 0 wrong"],
	["the same custodian twice", `${turn(1, "111111", one)}1K111111K`, "2 custodian 0 wrong"],
	["a wrong check value", `1K111111K${keyed(one)}K000000K`, "1 component 0 wrong"],
	["three wrong in all", `9K111111K1K999999K1K111111K${keyed(one)}K000000K`, "refused"],
	["cancel at the first key", "X", "cancelled"],
	["cancel in the second component", `${turn(1, "111111", one)}2K222222K12X`, "cancelled"],
];
for (const [what, presses, ends] of halts)
	dialogue(what, () => {
		assert.is(play(2, 16, presses), ends);
	});
dialogue("what it lent out is wiped when it ends early", () => {
	const run = ceremony(2, 16);
	let lent: Uint8Array | undefined;
	let left = [...`1K111111K${keyed(one)}K000000K`];
	let next = run.next();
	while (next.done !== true && lent === undefined) {
		if (next.value.ask === "check-value") lent = next.value.component;
		const answer = answered(next.value, left);
		if (next.value.ask === "key") left = left.slice(1);
		assert.ok(answer);
		if (lent === undefined) next = run.next(answer);
	}
	assert.is(lent && hex(lent), one);
	run.return({ end: "cancelled" });
	assert.is(lent && hex(lent), "0".repeat(32));
});
dialogue.run();

const load = suite("key components on the vault's keys");
const ask = { slot: "kbpk", algorithm: "T", bytes: 16, custodians: 2, kcv: kcv(whole) };
const withCustodians = (
	play: (scene: Scene) => Promise<void>,
	tamper = new TamperLine(),
): (() => Promise<void>) =>
	act({ keys: false, tamper }, async (scene) => {
		await scene.vault.close();
		const custodians = Object.entries(passcodes).map(([number, passcode]) => ({
			number: Number(number),
			passcode: Uint8Array.from(passcode, Number),
		}));
		provisionVault({ ...scene.paths, tmk: unhex(tmk), custodians });
		await scene.restart();
		await play(scene);
	});

interface Told {
	readonly id: number;
	readonly ceremony: { readonly turn: number; readonly step: string; readonly digits: number };
}
const steps = (asker: RawAsker, id: number): readonly Told["ceremony"][] =>
	asker.heard.flatMap((m) => (m.id === id && "ceremony" in m ? [(m as unknown as Told).ceremony] : []));
async function begin(scene: Scene, more: object = {}): Promise<{ asker: RawAsker; id: number }> {
	const asker = scene.asker({ hello: "technician" });
	const id = asker.start("enter-components", { ...ask, ...more });
	await asker.until(() => steps(asker, id)[0] ?? asker.heard.find((m) => m.id === id));
	return { asker, id };
}
/** Each press waits until the vault has told that it stands for the next. */
async function press(
	scene: Scene,
	{ asker, id }: { asker: RawAsker; id: number },
	presses: string,
): Promise<void> {
	for (const key of presses) {
		const before = asker.heard.length;
		const named = key in names ? names[key as keyof typeof names] : undefined;
		const sent = named === undefined ? scene.keypad.type(key) : scene.keypad.press(named);
		assert.ok(sent, `nobody reads ${key}`);
		await asker.until(() => (asker.heard.length > before ? true : undefined));
	}
	assert.ok(id > 0);
}
const starless = (presses: string): string => presses.replaceAll("*", "F");
const ending = async ({ asker, id }: { asker: RawAsker; id: number }): Promise<string> => {
	const { ok, answer, fault } = await asker.answer(id);
	return ok === true ? String((answer as { end: string }).end) : `${fault?.code} ${fault?.at}`;
};

load(
	"two custodians bring a key-block protection key; the wire, the files and the report hold only its check value",
	withCustodians(async (scene) => {
		const at = await begin(scene);
		await press(scene, at, starless(turn(1, "111111", one) + turn(3, "333333", two)));
		assert.is(await ending(at), "entered");
		const report = await at.asker.ask("key-report");
		assert.match(
			report,
			`{"slot":"kbpk","usage":"K1","algorithm":"T","keySet":"0","version":"00","kcv":"${kcv(whole)}`,
		);
		const crossed = concat(...at.asker.bytes);
		await scene.vault.close();
		for (const secret of [whole, unhex(one), unhex(two)])
			for (const where of [crossed, scene.files()]) assert.not(standsIn(where, secret));
		for (const passcode of ["111111", "333333"])
			assert.not(standsIn(crossed, new TextEncoder().encode(passcode)), "passcode");
	}),
);

load(
	"the whole key's check value is wrong: nothing is stored",
	withCustodians(async (scene) => {
		const at = await begin(scene, { kcv: "000000" });
		await press(scene, at, starless(turn(1, "111111", one) + turn(2, "222222", two)));
		assert.is(await ending(at), "vault.wrong-kcv kbpk");
		assert.not.match(await at.asker.ask("key-report"), "kbpk");
	}),
);

load(
	"a key that another slot holds, no key at all, and two equal halves are refused",
	withCustodians(async (scene) => {
		const cases: readonly (readonly [string, string])[] = [
			[one, hex(xor(unhex(one), unhex(tmk)))],
			[one, one],
			[one, hex(xor(unhex(one), unhex("0123456789ABCDEF".repeat(2))))],
		];
		for (const [a, b] of cases) {
			const at = await begin(scene, { kcv: kcv(xor(unhex(a), unhex(b))) });
			await press(scene, at, starless(turn(1, "111111", a) + turn(2, "222222", b)));
			assert.is(await ending(at), "vault.refused kbpk");
		}
	}),
);

load(
	"a quarter of an hour, and no second more; then the keys are let go",
	withCustodians(async (scene) => {
		const at = await begin(scene);
		await press(scene, at, "1K1111");
		scene.clock.pass(899_999);
		await press(scene, at, "1");
		scene.clock.pass(1);
		assert.is(await ending(at), "timeout");
		const again = await begin(scene);
		await press(scene, again, "X");
		assert.is(await ending(again), "cancelled");
	}),
);

load(
	"one at a time, not beside a terminal, and a terminal that comes is sent away until it is over",
	withCustodians(async (scene) => {
		const terminal = scene.asker();
		await terminal.ask("status");
		const technician = scene.asker({ hello: "technician" });
		assert.is(await technician.ask("enter-components", ask), "device.busy terminal");
		terminal.end();
		await technician.until(async () => ((await technician.ask("status")) !== "" ? true : undefined));
		const at = await begin(scene);
		assert.is(await technician.ask("enter-components", ask), "device.busy enter-components");
		assert.ok(await scene.asker().ended());
		at.asker.end();
		await new Promise((done) => setTimeout(done, 50));
		assert.match(await scene.asker().ask("status"), /^ok/);
	}),
);

load(
	"five wrong passcodes lock a custodian for good, over ceremonies and restarts",
	withCustodians(async (scene) => {
		for (const presses of ["1K999999K1K999999K1K999999K", "1K999999K1K999999K1K111111K"]) {
			const at = await begin(scene);
			await press(scene, at, presses);
			assert.is(await ending(at), "vault.refused custodians");
			await scene.restart();
		}
	}),
);

const line = new TamperLine();
load(
	"a tamper ends the ceremony, and takes the custodians with it",
	withCustodians(async (scene) => {
		const at = await begin(scene);
		await press(scene, at, "1K111111K12");
		line.pull();
		assert.is(await ending(at), "vault.zeroised enter-components");
		assert.is(await at.asker.ask("enter-components", ask), "vault.zeroised keys");
	}, line),
);

load(
	"only the technician may, and only what a slot takes",
	withCustodians(async (scene) => {
		assert.is(
			await scene.asker({ hello: "technician" }).ask("enter-components", { ...ask, slot: "pik" }),
			"vault.bad-request enter-components.slot",
		);
		const aes = { ...ask, slot: "tmk", algorithm: "A" };
		assert.is(await scene.asker({ hello: "technician" }).ask("enter-components", aes), "vault.refused tmk");
		assert.is(await scene.asker().ask("enter-components", ask), "vault.refused enter-components");
	}),
);
load.run();
