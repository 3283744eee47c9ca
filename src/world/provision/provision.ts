/**
 * What a workshop does before a terminal is delivered: keys, certificates and settings, in one folder for
 * each program. What is there and good stays, so that it can be done again.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { Dialect, Language, Settings } from "../../contract/settings.ts";
import { hex, unhex } from "../../kit/bytes.ts";
import { readJson, writeAtomic } from "../../runtime/files.ts";
import { systemRandom } from "../../runtime/random.ts";
import { provisionVault } from "../../vault/vault.ts";
import type { IssuedCard } from "../cards/deck.ts";
import { isGood, type Kind, makeCertificate, type Signed } from "./certificates.ts";
import { acquirerWaits, retryMs, shop, waits } from "./shop-table.ts";

export interface Ports {
	readonly acquirer: number;
	readonly mqtt: number;
	readonly http: number;
}
export interface Provisioning {
	readonly stateDir: string;
	/** On 127.0.0.1; the acquirer's may be 0 only for who asks it for its port afterwards. */
	readonly ports: Ports;
	/** Forgets the five folders first: new keys, empty books. */
	readonly fresh?: boolean;
	/** Gives the vault its keys again although it has some: after a tamper. */
	readonly rekey?: boolean;
	/** How long the terminal waits for the acquirer; 60 s unless told. */
	readonly answerMs?: number;
	readonly language?: Language;
	/** Cards beside the deck: the acquirer hands them on to their banks. */
	readonly cards?: readonly IssuedCard[];
	/** Name of a dialect: firmware-config/profiles/dialect-NAME.json. */
	readonly dialect?: string;
}
export interface Provisioned {
	readonly stateDir: string;
	readonly ports: Ports;
	readonly tenant: string;
	/** The terminal's id: its client id, its certificate's common name, its topics' last but one word. */
	readonly terminal: string;
	readonly settings: Settings;
}

const folders = ["terminal", "vault", "cloud", "acquirer", "run"] as const;
const authorityName = "Guitai Platform CA";
const profiles = fileURLToPath(new URL("../../../firmware-config/profiles/", import.meta.url));

/** Resolves when every program can be started on its folder; rejects when a file cannot be written. */
export async function provision(wanted: Provisioning): Promise<Provisioned> {
	const stateDir = resolve(wanted.stateDir);
	const { ports, fresh = false } = wanted;
	const at = (folder: (typeof folders)[number], ...more: string[]): string => join(stateDir, folder, ...more);
	for (const folder of folders) {
		if (fresh) rmSync(at(folder), { recursive: true, force: true });
		mkdirSync(at(folder), { recursive: true, mode: 0o700 });
	}
	await Promise.resolve();
	certificates(at("cloud"), at("terminal"));
	keys(at("vault"), at("acquirer"), wanted);
	const settings = settingsOf(wanted);
	writeAtomic(at("terminal", "settings.json"), json(settings));
	writeAtomic(
		at("cloud", "cloud.json"),
		json({
			...{ tenant: shop.tenant, mqttPort: ports.mqtt, httpPort: ports.http },
			...{ caFile: "ca.crt", certFile: "server.crt", keyFile: "server.key" },
			names: { [shop.terminal]: shop.merchant.name },
		}),
	);
	return { stateDir, ports, tenant: shop.tenant, terminal: shop.terminal, settings };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, "\t")}\n`;

/**
 * The authority's key stays with the platform; a device gets its own pair and the authority's
 * certificate.
 */
function certificates(cloud: string, terminal: string): void {
	const authority = pairAt(cloud, "ca", { kind: "authority", name: authorityName });
	pairAt(cloud, "server", { kind: "server", name: "localhost", by: authority });
	pairAt(terminal, "device", { kind: "device", name: shop.terminal, by: authority });
	writeAtomic(join(terminal, "ca.crt"), authority.cert, 0o644);
}

interface Wanted {
	readonly kind: Kind;
	readonly name: string;
	readonly by?: Signed;
}

/**
 * The pair that stands there, when it is good; else a new one. A certificate that fails the system's
 * check is never left behind.
 */
function pairAt(folder: string, file: string, wanted: Wanted): Signed {
	const [keyPath, certPath] = [join(folder, `${file}.key`), join(folder, `${file}.crt`)];
	if (existsSync(keyPath) && existsSync(certPath)) {
		const there = { key: readFileSync(keyPath, "utf8"), cert: readFileSync(certPath, "utf8") };
		if (isGood(there, wanted.by?.cert ?? there.cert, wanted.name)) return there;
	}
	const made = makeCertificate(wanted);
	if (!isGood(made, wanted.by?.cert ?? made.cert, wanted.name))
		throw new Error(`the certificate of ${wanted.kind} does not verify`);
	writeAtomic(keyPath, made.key, 0o600);
	writeAtomic(certPath, made.cert, 0o644);
	return made;
}

const enrolled = v.looseObject({
	terminals: v.tuple([v.looseObject({ tmk: v.pipe(v.string(), v.regex(/^[0-9A-F]{32}$/)) })]),
});

/** The master key goes to the vault and, as from the acquirer's key host, to the acquirer: nowhere else. */
function keys(vault: string, acquirer: string, { rekey = false, ports, cards = [] }: Provisioning): void {
	const path = join(acquirer, "acquirer.json");
	const store = { storePath: join(vault, "vault.db"), rootKeyPath: join(vault, "root.key") };
	const file = readJson(path);
	const known = v.safeParse(enrolled, file.ok ? file.value : undefined);
	const keep = known.success && !rekey && existsSync(store.storePath) && existsSync(store.rootKeyPath);
	const tmk = keep ? known.output.terminals[0].tmk : hex(systemRandom.bytes(16));
	const { terminalNumber: terminal, merchant } = shop;
	writeAtomic(
		path,
		json({
			port: ports.acquirer,
			books: join(acquirer, "books.db"),
			terminals: [{ terminal, merchant: merchant.number, tmk }],
			cards: cards.map((card) => ({ ...card, balanceFen: String(card.balanceFen) })),
		}),
		0o600,
	);
	if (!keep) provisionVault({ ...store, tmk: unhex(tmk) });
}

function settingsOf({ ports, answerMs, language = "zh-CN", dialect = "demo" }: Provisioning): Settings {
	const { tenant, terminal, serial, merchant, terminalNumber, operator } = shop;
	const read = readJson(join(profiles, `dialect-${dialect}.json`));
	if (!read.ok) throw new Error(`no dialect ${dialect}`);
	return {
		...{ tenant, terminal, serial, language, merchant, terminalNumber, operator },
		...{ country: "156", currency: "156", waits, profile: "applications.json" },
		acquirer: {
			...{ host: "127.0.0.1", port: ports.acquirer, name: shop.acquirer, ...acquirerWaits },
			...(answerMs === undefined ? {} : { answerMs }),
			dialect: read.value as Dialect,
		},
		cloud: { host: "127.0.0.1", port: ports.mqtt, retryMs },
	};
}
