/** The technician at a real vault's socket: what stands there, and its end. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { act, mak, pik, tmk } from "../vault/scene.ts";
import { technician } from "./run.ts";

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
keys("a vault that is not there is said to be so", async () => {
	const { code, lines, said } = await technician("key", "status", "--socket", "/nonexistent/vault.sock");
	assert.is(code, 1);
	assert.equal(lines, []);
	assert.match(said, "no vault listens there");
});
keys.run();
