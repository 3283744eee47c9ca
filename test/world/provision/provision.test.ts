import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readJson } from "../../../src/runtime/files.ts";
import { settingsFrom } from "../../../src/terminal/settings.ts";
import { readConfig } from "../../../src/world/acquirer/config.ts";
import { isGood, makeCertificate } from "../../../src/world/provision/certificates.ts";
import { type Provisioned, type Provisioning, provision } from "../../../src/world/provision/provision.ts";

const test = suite("provisioning");
const dir = mkdtempSync(join(tmpdir(), "guitai-provision-"));
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
const ports = { acquirer: 5600, mqtt: 8883, http: 8081 };
const again = (more: Partial<Provisioning> = {}): Promise<Provisioned> =>
	provision({ stateDir: dir, ports, ...more });
const text = (...names: string[]): string => readFileSync(join(dir, ...names), "utf8");
const cert = (...names: string[]): X509Certificate => new X509Certificate(text(...names));

test.before(async () => {
	await again();
});

test("each program finds its folder", () => {
	const there = [
		["terminal", "settings.json", "device.key", "device.crt", "ca.crt"],
		["vault", "vault.db", "root.key"],
		["cloud", "cloud.json", "ca.crt", "server.crt", "server.key"],
		["acquirer", "acquirer.json"],
		["run"],
	];
	for (const [folder = "", ...files] of there) {
		assert.is(statSync(join(dir, folder)).mode & 0o777, 0o700, folder);
		for (const file of files) assert.ok(existsSync(join(dir, folder, file)), `${folder}/${file}`);
	}
});

test("what is secret is its owner's alone", () => {
	for (const path of [
		"terminal/device.key",
		"vault/root.key",
		"cloud/server.key",
		"cloud/ca.key",
		"acquirer/acquirer.json",
	])
		assert.is(statSync(join(dir, path)).mode & 0o777, 0o600, path);
});

test("the system's cryptography finds the chain good", () => {
	const authority = cert("cloud", "ca.crt");
	assert.is(text("terminal", "ca.crt"), text("cloud", "ca.crt"));
	assert.ok(authority.ca);
	assert.ok(authority.verify(authority.publicKey));
	for (const [folder, name] of [
		["cloud", "server"],
		["terminal", "device"],
	] as const) {
		const one = cert(folder, `${name}.crt`);
		assert.ok(one.checkIssued(authority), name);
		assert.ok(one.verify(authority.publicKey), name);
		assert.ok(one.checkPrivateKey(createPrivateKey(text(folder, `${name}.key`))), name);
		assert.not.ok(one.ca, name);
		const { modulusLength, publicExponent } = one.publicKey.asymmetricKeyDetails ?? {};
		assert.equal([modulusLength, publicExponent], [3072, 65_537n], name);
	}
});

test("the device is its terminal's and a client's; the server is this machine's and a server's", () => {
	const device = cert("terminal", "device.crt");
	assert.ok(device.subject.split("\n").includes("CN=T10016919"));
	assert.is(device.subjectAltName, "URI:urn:pos:terminal:T10016919");
	assert.equal(device.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
	const server = cert("cloud", "server.crt");
	assert.equal(server.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
	assert.ok(server.checkHost("localhost"));
	assert.ok(server.checkIP("127.0.0.1"));
	assert.not.ok(server.checkHost("example.com"));
});

test("the terminal takes its settings, the acquirer its own", async () => {
	const { settings, terminal } = await again({ answerMs: 3000 });
	const json = readJson(join(dir, "terminal", "settings.json"));
	assert.ok(json.ok);
	const read = settingsFrom(json.value);
	assert.ok(read.ok, read.ok ? "" : read.error.at);
	assert.equal(read.value, settings);
	assert.is(settings.terminal, terminal);
	assert.is(settings.merchant.name, "晨光便利店");
	assert.equal([settings.acquirer.port, settings.acquirer.answerMs, settings.cloud.port], [5600, 3000, 8883]);
	const acquirer = readConfig(join(dir, "acquirer", "acquirer.json"));
	assert.ok(acquirer.ok);
	const [one] = acquirer.value.terminals;
	assert.equal([one?.terminal, one?.merchant], [settings.terminalNumber, settings.merchant.number]);
});

test("the 60 s of the acquirer stand unless told", async () => {
	assert.is((await again()).settings.acquirer.answerMs, 60_000);
});

const lasting = [
	"terminal/device.key",
	"terminal/device.crt",
	"cloud/ca.crt",
	"cloud/server.crt",
	"vault/root.key",
	"acquirer/acquirer.json",
] as const;
const all = (): readonly string[] => lasting.map((path) => readFileSync(join(dir, path), "latin1"));

test("done twice, nothing changes; other ports change only the settings", async () => {
	const before = all();
	await again();
	assert.equal(all(), before);
	const { settings } = await again({ ports: { ...ports, mqtt: 9999 } });
	assert.equal(all(), before);
	assert.is(settings.cloud.port, 9999);
});

test("the master key is in no file but the acquirer's", () => {
	const read = readConfig(join(dir, "acquirer", "acquirer.json"));
	assert.ok(read.ok);
	const tmk = read.value.terminals[0]?.tmk ?? "";
	assert.is(tmk.length, 32);
	const raw = Buffer.from(tmk, "hex");
	for (const path of ["vault/vault.db", "vault/root.key", "terminal/settings.json", "cloud/cloud.json"]) {
		const bytes = readFileSync(join(dir, path));
		assert.is(bytes.indexOf(raw), -1, path);
		assert.is(bytes.toString("latin1").toUpperCase().indexOf(tmk), -1, path);
		assert.is(bytes.indexOf(raw.toString("base64").slice(0, 20)), -1, path);
	}
});

test("a rekeyed vault has another master key, and nothing else is new", async () => {
	const before = all();
	await again({ rekey: true });
	const after = all();
	assert.equal(
		lasting.filter((_, i) => after[i] !== before[i]),
		["acquirer/acquirer.json"],
	);
});

test("a damaged certificate is made again, the others stay", async () => {
	const before = all();
	writeFileSync(join(dir, "terminal", "device.crt"), "-----BEGIN CERTIFICATE-----");
	await again();
	const after = all();
	assert.equal(
		lasting.filter((_, i) => after[i] !== before[i]),
		["terminal/device.key", "terminal/device.crt"],
	);
	assert.ok(cert("terminal", "device.crt").checkIssued(cert("cloud", "ca.crt")));
});

test("fresh, everything is new", async () => {
	const before = all();
	await again({ fresh: true });
	const after = all();
	assert.ok(after.every((content, i) => content !== before[i]));
});

test("a dialect that is none is refused; the others stand in the settings", async () => {
	assert.is((await again({ dialect: "no-header" })).settings.acquirer.dialect.header, "");
	let failed = false;
	await again({ dialect: "none" }).catch(() => {
		failed = true;
	});
	assert.ok(failed);
});

test("a certificate is good only whole, by its authority, under its name, and for a while yet", () => {
	const authority = makeCertificate({ kind: "authority", name: "A" });
	const other = makeCertificate({ kind: "authority", name: "A" });
	const device = makeCertificate({ kind: "device", name: "T1", by: authority });
	assert.ok(isGood(device, authority.cert, "T1"));
	assert.not.ok(isGood(device, other.cert, "T1"), "the same name, another key");
	assert.not.ok(isGood(device, authority.cert, "T2"));
	assert.not.ok(isGood({ ...device, key: other.key }, authority.cert, "T1"));
	const day = 86_400_000;
	const short = makeCertificate({
		...{ kind: "device", name: "T1", by: authority },
		validity: { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 20 * day) },
	});
	assert.not.ok(isGood(short, authority.cert, "T1"), "less than a month left");
});

test.run();
