import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ReaderEmulator } from "../../../drivers/card-reader/emulator.ts";
import { hex } from "../../../src/kit/bytes.ts";
import { seeded } from "../../../src/kit/random.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { desFor } from "../../../src/runtime/des.ts";
import { cardFor, deck } from "../../../src/world/cards/deck.ts";
import { pseFci } from "../../../src/world/cards/product-table.ts";
import { openPty } from "../../../src/world/wires/pty.ts";

/**
 * A foreign judge: Debian's pcscd with libccid's serial driver opens the emulated reader, and its own tools
 * read the card. A private mount namespace keeps it apart from any other pcscd of this machine; that needs
 * root. Packages: pcscd libccid pcsc-tools opensc.
 */
const judge = suite("pcscd and libccid on the emulated reader");

const configuration = (path: string): string => `FRIENDLYNAME "Emulated GemCorePOSPro"
DEVICENAME ${path}:GemCorePOSPro
LIBPATH /usr/lib/pcsc/drivers/serial/libccidtwin.so
`;
/** Everything in one shell, so that the daemon's socket is seen by its clients and by nobody else. */
const session = `set -eu
mkdir -p /run/pcscd
mount -t tmpfs tmpfs /run/pcscd
pcscd -f -c "$1/reader.conf" >"$1/pcscd.log" 2>&1 &
daemon=$!
trap 'kill $daemon; wait $daemon || true' EXIT
n=0
until [ -S /run/pcscd/pcscd.comm ] || [ $n -ge 100 ]; do sleep 0.05; n=$((n+1)); done
echo "== list"; timeout 10 opensc-tool -l 2>&1 || true
echo "== atr"; timeout 10 opensc-tool -a 2>&1 || true
echo "== apdus"; timeout 10 scriptor -r "Emulated GemCorePOSPro 00 00" -p T=0 "$1/apdus" 2>&1 || true
echo "== scan"; timeout 1 pcsc_scan -n 2>&1 || true
`;
/** As a T=0 client sends them: no Le behind data, GET RESPONSE by itself, the right length after 6Cxx. */
const spaced = (bytes: Uint8Array): string => hex(bytes).replaceAll(/(..)(?=.)/g, "$1 ");
const fetch = spaced(Uint8Array.of(0x00, 0xc0, 0x00, 0x00, pseFci.length));
const apdus = `00 A4 04 00 0E 31 50 41 59 2E 53 59 53 2E 44 44 46 30 31
00 C0 00 00 00
${fetch}
00 B2 01 0C 00
80 CA 9F 36 03
`;

interface Ran {
	readonly text: string;
	readonly code: number | null;
}
const run = (command: string, ...args: readonly string[]): Promise<Ran> =>
	new Promise((done) => {
		const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
		let text = "";
		child.stdout.on("data", (part) => {
			text += String(part);
		});
		child.stderr.on("data", (part) => {
			text += String(part);
		});
		child.on("error", () => done({ text, code: 127 }));
		child.on("close", (code) => done({ text, code }));
	});

judge("the tools are installed and this is root", async () => {
	assert.is(process.getuid?.(), 0, "a private pcscd needs root");
	for (const tool of ["pcscd", "opensc-tool", "scriptor", "pcsc_scan", "unshare"]) {
		const { code } = await run("sh", "-c", `command -v ${tool}`);
		assert.is(code, 0, `${tool}: apt-get install -y pcscd libccid pcsc-tools opensc`);
	}
});

judge("lists the reader, reads the ATR, exchanges APDUs", async () => {
	const card = deck.find((each) => each.id === "unionpay-debit");
	assert.ok(card);
	const wire = await openPty();
	const emulator = new ReaderEmulator({ clock: systemClock });
	emulator.plug(wire.line);
	emulator.insert(cardFor(card, { desFor, random: seeded(1) }));
	const folder = mkdtempSync(join(tmpdir(), "pcscd-"));
	writeFileSync(join(folder, "reader.conf"), configuration(wire.path));
	writeFileSync(join(folder, "apdus"), apdus);
	writeFileSync(join(folder, "session"), session);
	const { text } = await run("unshare", "-m", "sh", join(folder, "session"), folder);
	wire.close();
	const part = (name: string): string => text.split(`== ${name}\n`)[1]?.split("\n== ")[0] ?? "";

	assert.match(part("list"), /Emulated GemCorePOSPro 00 00/, text);
	assert.match(part("atr"), /3b:6a:00:00:47:55:49:54:41:49:54:45:53:54/, text);
	const answers = part("apdus").replaceAll(/ ?\n(?![<>])/g, " ");
	const given = [...answers.matchAll(/< ([0-9A-F ]+[0-9A-F]) :/g)].map((found) => found[1]);
	assert.is(given[0], spaced(Uint8Array.of(0x61, pseFci.length)), text);
	assert.is(given[1], spaced(Uint8Array.of(0x6c, pseFci.length)), text);
	assert.is(given[2], `${spaced(pseFci)} 90 00`, text);
	assert.match(given[3] ?? "", /^6C [0-9A-F]{2}$/, text);
	assert.is(given[4], "69 85", text);
	assert.match(part("scan"), /3B 6A 00 00 47 55 49 54 41 49 54 45 53 54/, text);
	for (const name of ["escape", "slotStatus", "powerOn", "setParameters", "transfer"] as const)
		assert.ok(emulator.heard().includes(name), `libccid sent ${name}`);
	rmSync(folder, { recursive: true });
});
judge.run();
