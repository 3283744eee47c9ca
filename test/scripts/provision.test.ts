import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readBoard } from "../../drivers/boards/board.ts";

const test = suite("provisioning by command");
const dir = mkdtempSync(join(tmpdir(), "guitai-provision-"));
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
const run = (...args: string[]): { readonly code: number | null; readonly said: string } => {
	const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/provision.ts", ...args], {
		encoding: "utf8",
	});
	return { code: status, said: stdout + stderr };
};

test("it sets a folder up and says for whom", () => {
	const { code, said } = run("--state", dir, "--mqtt", "9001");
	assert.is(code, 0);
	assert.match(said, /^T10016919 is provisioned in /);
	for (const path of [
		"terminal/settings.json",
		"vault/vault.db",
		"cloud/cloud.json",
		"acquirer/acquirer.json",
	])
		assert.ok(existsSync(join(dir, path)), path);
});

test("without a folder it says what is missing", () => {
	assert.equal(run(), { code: 2, said: "provision: --state DIR is needed\n" });
});

test("a port that is none is refused before anything is made", () => {
	const { code, said } = run("--state", join(dir, "none"), "--mqtt", "many");
	assert.is(code, 2);
	assert.match(said, /--mqtt/);
	assert.not.ok(existsSync(join(dir, "none")));
});

test("the example of a board file has the shape of one", () => {
	const board = readBoard("firmware-config/boards/example.json");
	assert.ok(board.ok, board.ok ? "" : board.error.at);
});

test.run();
