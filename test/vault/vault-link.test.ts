import { rmSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Operation, Operations, VaultFault } from "../../src/contract/vault.ts";
import { HandClock } from "../../src/kit/clock.ts";
import { silent } from "../../src/kit/log.ts";
import { seeded } from "../../src/kit/random.ts";
import type { Result } from "../../src/kit/result.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { listenLocal, type Wire } from "../../src/runtime/socket.ts";
import { VaultLink } from "../../src/terminal/vault/vault-link.ts";
import { heldKeys } from "../../src/terminal/vault/vault-ports.ts";
import { selfTestMs } from "../../src/vault/self-test.ts";
import { act, type Scene } from "./scene.ts";

const link = suite("the terminal's link to the vault");

const fault = <Op extends Operation>(end: Result<Operations[Op]["answer"], VaultFault>): string =>
	end.ok ? "ok" : `${end.error.code} ${end.error.at}`;
const linkTo = (scene: Scene, clock = systemClock): VaultLink =>
	new VaultLink({ socketPath: scene.paths.socketPath, clock, random: seeded(1), log: silent });
const soon = async (look: () => boolean): Promise<void> => {
	for (let n = 0; n < 400 && !look(); n += 1) await new Promise((done) => setTimeout(done, 5));
	assert.ok(look(), "waited in vain");
};

link(
	"asks by operation and hears digits on the way",
	act({}, async (scene) => {
		const vault = linkTo(scene);
		await vault.open();
		const status = await vault.ask("status", {});
		assert.ok(status.ok);
		assert.is(status.value.state, "ready");
		const heard: number[] = [];
		const entered = vault.ask(
			"enter-pin",
			{ pan: "6212345678901232", least: 4, most: 6, emptyAllowed: true, firstMs: 5000, betweenMs: 5000 },
			(digits) => heard.push(digits),
		);
		await soon(() => heard.length === 1);
		scene.keypad.type("1234");
		scene.keypad.press("confirm");
		const end = await entered;
		assert.ok(end.ok);
		assert.is(end.value.end, "entered");
		assert.equal(heard, [0, 1, 2, 3, 4]);
		await vault.close();
	}),
);

let wrong = false;
const bent = { algorithm: "bent", run: () => Uint8Array.of(wrong ? 1 : 0), must: "00" };
link(
	"the counter is told why there are no keys: failed is not erased",
	act({ knownAnswers: [bent] }, async (scene) => {
		const vault = linkTo(scene);
		await vault.open();
		assert.is(await heldKeys(vault), "working");
		wrong = true;
		scene.clock.pass(selfTestMs);
		assert.is(await heldKeys(vault), "vault.failed");
		scene.vault.zeroise("technician");
		assert.is(await heldKeys(vault), "vault.zeroised");
		await vault.close();
		assert.is(await heldKeys(vault), "vault.unreachable");
	}),
);

link(
	"a vault that goes away is unreachable at once, and there again when it is back",
	act({}, async (scene) => {
		const vault = linkTo(scene);
		const told: boolean[] = [];
		vault.listen((connected) => told.push(connected));
		await vault.open();
		const waiting = vault.ask("enter-pin", {
			...{ pan: "6212345678901232", least: 4, most: 6, emptyAllowed: true, firstMs: 5000, betweenMs: 5000 },
		});
		await soon(() => scene.keypad.read());
		await scene.vault.close();
		assert.match(fault(await waiting), /^(vault.unreachable enter-pin|ok)$/);
		await soon(() => !vault.connected());
		assert.is(fault(await vault.ask("mac", { data: "00" })), "vault.unreachable mac");
		await scene.restart();
		await soon(() => vault.connected());
		assert.is(fault(await vault.ask("mac", { data: "00" })), "ok");
		assert.equal(told, [true, false, true]);
		await vault.close();
		assert.is(fault(await vault.ask("mac", { data: "00" })), "vault.unreachable mac");
	}),
);

link(
	"opens although there is no vault yet",
	act({}, async (scene) => {
		await scene.vault.close();
		rmSync(scene.paths.socketPath, { force: true });
		const vault = linkTo(scene);
		await vault.open();
		assert.not(vault.connected());
		await scene.restart();
		await soon(() => vault.connected());
		await vault.close();
	}),
);

link(
	"a vault that takes the request and says nothing: 5 s; a PIN has its cardholder's time",
	act({}, async (scene) => {
		await scene.vault.close();
		const heard: unknown[] = [];
		let far: Wire | undefined;
		const mute = await listenLocal(scene.paths.socketPath, {
			heard: (message, wire) => {
				heard.push(message);
				far = wire;
			},
		});
		const clock = new HandClock();
		const vault = linkTo(scene, clock);
		await vault.open();
		const mac = vault.ask("mac", { data: "00" });
		const pin = vault.ask("enter-pin", {
			...{
				pan: "6212345678901232",
				least: 4,
				most: 6,
				emptyAllowed: true,
				firstMs: 30_000,
				betweenMs: 10_000,
			},
		});
		await soon(() => heard.length === 3);
		clock.pass(5000);
		assert.is(fault(await mac), "vault.unreachable mac");
		clock.pass(34_000);
		far?.send({ id: 2, digits: 1 });
		await new Promise((done) => setTimeout(done, 30));
		clock.pass(39_999);
		assert.is(heard.length, 3);
		clock.pass(1);
		assert.is(fault(await pin), "vault.unreachable enter-pin");
		await soon(() => heard.length === 4);
		assert.equal(heard.at(-1), { id: 3, op: "cancel-pin", ask: {} });
		await vault.close();
		await mute.close();
	}),
);

link(
	"an answer that is none ends the connection",
	act({}, async (scene) => {
		await scene.vault.close();
		const mad = await listenLocal(scene.paths.socketPath, {
			heard: (message, wire) => {
				if (typeof message === "object" && message !== null && "id" in message)
					wire.send({ id: 1, ok: "yes" });
			},
		});
		const vault = linkTo(scene, new HandClock());
		await vault.open();
		assert.is(fault(await vault.ask("status", {})), "vault.unreachable status");
		await vault.close();
		await mad.close();
	}),
);
link.run();
