/** The technician at a real vault's socket: what stands there, and its end. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, unhex, xor } from "../../src/kit/bytes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { desKcv } from "../../src/spec/keys/kcv.ts";
import { provisionVault } from "../../src/vault/vault.ts";
import { act, mak, pik, type Scene, standsIn, tmk } from "../vault/scene.ts";
import { Technician, technician } from "./run.ts";

const keys = suite("technician key");
keys(
	"status tells each key by usage and check value, and no key",
	act({}, async (scene) => {
		const { code, lines } = await technician("key", "status", "--socket", scene.paths.socketPath);
		assert.is(code, 0);
		assert.is(lines[0], "vault: ready");
		assert.ok(lines.some((line) => /^key pik: usage P0, .* kcv [0-9A-F]{8}, exportability N$/.test(line)));
		assert.ok(lines.some((line) => line.startsWith("key tmk: ")));
		for (const key of [tmk, pik, mak]) assert.not.match(lines.join("\n"), key);
	}),
);
keys(
	"zeroise wants to be meant, then erases every key and says why",
	act({}, async (scene) => {
		const socket = ["--state", scene.folder];
		const unmeant = await technician("key", "zeroise", ...socket);
		assert.is(unmeant.code, 2);
		assert.match(unmeant.said, /nothing was erased/);
		assert.is((await technician("key", "status", ...socket)).lines[0], "vault: ready");
		const erased = await technician("key", "zeroise", ...socket, "--erase-every-key");
		assert.is(erased.code, 0);
		assert.equal(erased.lines, ["vault: zeroised (technician)"]);
		const after = await technician("key", "status", ...socket);
		assert.is(after.code, 0, after.said);
		assert.is(after.lines[0], "vault: zeroised (technician)");
		assert.ok(after.lines.includes("keys: 0"));
	}),
);
const kcv = (key: Uint8Array): string => hex(desKcv(desFor(key), 3));
const parts = ["0123456789ABCDEFFEDCBA9876543210", "1F2E3D4C5B6A79880A1B2C3D4E5F6071"] as const;
const whole = xor(unhex(parts[0]), unhex(parts[1]));
/** Types on the vault's keys: A to F behind the function key. */
function type(scene: Scene, text: string): void {
	for (const digit of text)
		if (/[A-F]/.test(digit)) {
			scene.keypad.press("function");
			scene.keypad.type(String(digit.charCodeAt(0) - 65));
		} else scene.keypad.type(digit);
	scene.keypad.press("confirm");
}
const ceremony = (play: (scene: Scene, line: Technician) => Promise<void>): (() => Promise<void>) =>
	act({ keys: false }, async (scene) => {
		await scene.vault.close();
		const custodians = [1, 2].map((number) => ({ number, passcode: new Uint8Array(6).fill(number) }));
		provisionVault({ ...scene.paths, tmk: unhex(tmk), custodians });
		await scene.restart();
		const args = ["--socket", scene.paths.socketPath, "--slot", "kbpk", "--kcv", kcv(whole)];
		await play(scene, new Technician("key", "load-components", ...args));
	});
keys(
	"load-components asks two custodians, who type on the vault's keys; a block comes under that key",
	ceremony(async (scene, line) => {
		for (const [i, part] of parts.entries()) {
			const turn = `turn ${i + 1}`;
			await line.hears(`${turn}: custodian's number`);
			type(scene, String(i + 1));
			await line.hears(`${turn}: passcode`);
			type(scene, String(i + 1).repeat(6));
			await line.hears(`${turn}: component`);
			type(scene, part);
			await line.hears(`${turn}: check value`);
			type(scene, kcv(unhex(part)));
		}
		const { code, lines, said } = await line.ended;
		assert.equal(lines, [`key kbpk: loaded, kcv ${kcv(whole)}`]);
		assert.is(code, 0);
		const output = new TextEncoder().encode(lines.join("\n") + said);
		for (const secret of [whole, ...parts.map((part) => unhex(part))]) assert.not(standsIn(output, secret));
		const status = await technician("key", "status", "--socket", scene.paths.socketPath);
		assert.ok(status.lines.some((each) => each.startsWith("key kbpk: usage K1, algorithm T")));
		// What the key host would send under it, made in the laboratory.
		const sent = "F039121BEC83D26B169BDCD5B22AAF8F";
		const wrap = ["--kbpk", hex(whole), "--header", "B0000P0TE00N0000", "--key", sent];
		const made = await technician("lab", "tr31", "wrap", ...wrap);
		const block = made.lines[0]?.slice("block: ".length) ?? "";
		const load = ["--socket", scene.paths.socketPath, "--block", block];
		const wrong = await technician("key", "load-block", ...load, "--slot", "mak");
		assert.is(wrong.code, 1);
		assert.match(wrong.said, "vault.refused at block.usage");
		const right = await technician("key", "load-block", ...load, "--slot", "pik");
		assert.equal(right.lines, [`key pik: loaded, kcv ${hex(desKcv(desFor(unhex(sent))))}`], right.said);
	}),
);
keys(
	"a ceremony that is cancelled, or whose technician goes away, loads nothing",
	ceremony(async (scene, line) => {
		await line.hears("turn 1: custodian's number");
		scene.keypad.press("cancel");
		const { code, lines, said } = await line.ended;
		assert.is(code, 1);
		assert.equal(lines, []);
		assert.match(said, "nothing was loaded: cancelled");
		const again = new Technician(
			...["key", "load-components", "--state", scene.folder, "--slot", "kbpk", "--kcv", kcv(whole)],
		);
		await again.hears("turn 1: custodian's number");
		again.interrupt();
		await again.ended;
		const status = await technician("key", "status", "--state", scene.folder);
		assert.not.ok(status.lines.some((each) => each.startsWith("key kbpk")));
	}),
);
keys("a vault that is not there is said to be so", async () => {
	const { code, lines, said } = await technician("key", "status", "--socket", "/nonexistent/vault.sock");
	assert.is(code, 1);
	assert.equal(lines, []);
	assert.match(said, "no vault listens there");
});
keys.run();
