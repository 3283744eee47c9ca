/**
 * A shop's cloud for tests: certificates made once, a platform on a free port, and a line that can be
 * cut or made deaf.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Platform, type PlatformNeeds } from "../../src/cloud/platform.ts";
import type { Settings } from "../../src/contract/settings.ts";
import { type Log, silent } from "../../src/kit/log.ts";
import { systemCalendar, systemClock } from "../../src/runtime/clock.ts";
import type { FleetIdentity } from "../../src/terminal/fleet/fleet.ts";
import { makeCertificate, type Signed } from "../../src/world/provision/certificates.ts";
import { provision } from "../../src/world/provision/provision.ts";

const dir = mkdtempSync(join(tmpdir(), "guitai-cloud-"));
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
export const shop = await provision({ stateDir: dir, ports: { acquirer: 1, mqtt: 1, http: 1 } });
export const at = (...names: string[]): string => join(dir, ...names);

export const authority: Signed = {
	key: readFileSync(at("cloud", "ca.key"), "utf8"),
	cert: readFileSync(at("cloud", "ca.crt"), "utf8"),
};
export const own: FleetIdentity = {
	key: at("terminal", "device.key"),
	cert: at("terminal", "device.crt"),
	ca: at("terminal", "ca.crt"),
};

/** Another device of the same authority, or of one that nobody knows. */
export function device(name: string, by: Signed = authority): FleetIdentity {
	const made = makeCertificate({ kind: "device", name, by });
	const folder = at(`device-${name}-${by === authority ? "ours" : "strange"}`);
	mkdirSync(folder, { recursive: true });
	const paths = { key: join(folder, "key"), cert: join(folder, "crt"), ca: join(folder, "ca") };
	writeFileSync(paths.key, made.key);
	writeFileSync(paths.cert, made.cert);
	copyFileSync(own.ca, paths.ca);
	return paths;
}
export const strangeAuthority = (): Signed => makeCertificate({ kind: "authority", name: "Strange CA" });

let folders = 0;
/** A folder with nothing in it. */
export function emptyFolder(): string {
	folders += 1;
	const folder = at(`folder-${folders}`);
	mkdirSync(folder);
	return folder;
}

export const platformNeeds = (stateDir: string, log: Log = silent): PlatformNeeds => ({
	...{ stateDir, tenant: shop.tenant, mqttPort: 0, httpPort: 0, log },
	...{ clock: systemClock, calendar: systemCalendar, names: { T10016919: "晨光便利店" } },
	caFile: at("cloud", "ca.crt"),
	certFile: at("cloud", "server.crt"),
	keyFile: at("cloud", "server.key"),
});

/** Opens a platform on free ports; its books are new unless a folder is given. */
export async function openPlatform(more: Partial<PlatformNeeds> = {}): Promise<Platform> {
	const platform = new Platform({ ...platformNeeds(more.stateDir ?? emptyFolder()), ...more });
	await platform.open();
	return platform;
}

/** What a Fleet needs of settings, with a port and waits for tests. */
export const settingsAt = (port: number, terminal: string = shop.terminal): Settings => ({
	...shop.settings,
	terminal,
	cloud: { host: "127.0.0.1", port, retryMs: { least: 20, most: 150 } },
});

/** Resolves when it is true; rejects, saying what was waited for, when it does not become so. */
export async function until(what: string, isSo: () => boolean, ms = 8000): Promise<void> {
	const end = performance.now() + ms;
	while (!isSo()) {
		if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
		await new Promise((done) => setTimeout(done, 5));
	}
}
export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A wire between terminal and platform that can be cut, and on which the platform's words can get lost. */
export class Wire {
	readonly #to: () => number;
	readonly #pairs = new Set<readonly [Socket, Socket]>();
	#server: Server | undefined;
	/** While true, nothing that the platform says arrives, though the connection stands. */
	deaf = false;
	cuts = 0;

	constructor(to: () => number) {
		this.#to = to;
	}
	async open(): Promise<void> {
		const server = createServer((near) => {
			const far = connect(this.#to(), "127.0.0.1");
			const pair = [near, far] as const;
			this.#pairs.add(pair);
			for (const socket of pair) {
				socket.setNoDelay(true);
				socket.on("error", () => {});
				socket.on("close", () => {
					near.destroy();
					far.destroy();
					this.#pairs.delete(pair);
				});
			}
			near.on("data", (chunk) => far.write(chunk));
			far.on("data", (chunk) => {
				if (!this.deaf) near.write(chunk);
			});
		});
		this.#server = server;
		await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
	}
	get port(): number {
		const address = this.#server?.address();
		return typeof address === "object" && address !== null ? address.port : 0;
	}
	/** Resets every connection, in the midst of whatever is on it. */
	cut(): void {
		this.cuts += this.#pairs.size;
		for (const [near, far] of this.#pairs) {
			near.resetAndDestroy();
			far.resetAndDestroy();
		}
	}
	async close(): Promise<void> {
		this.cut();
		await new Promise<void>((done) => this.#server?.close(() => done()));
	}
}
