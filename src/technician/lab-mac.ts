/** Laboratory: MACs by every rule the project knows, and check values. */
import { hex, latin, unlatin } from "../kit/bytes.ts";
import { aesFor } from "../runtime/aes.ts";
import { desFor } from "../runtime/des.ts";
import { hashes } from "../runtime/hash.ts";
import { sm4For } from "../runtime/sm4.ts";
import { cmac } from "../spec/keys/cmac.ts";
import { aesKcv, desKcv } from "../spec/keys/kcv.ts";
import { unionPayMac } from "../spec/keys/mac.ts";
import { algorithm1Mac, algorithm3Mac, hmac, type MacPadding } from "../spec/keys/macs.ts";
import { type Command, type Given, UsageFault } from "./command.ts";

const kcvs: Readonly<Record<string, (given: Given) => Uint8Array>> = {
	tdes: (given) => desKcv(desFor(given.bytes("key", 8, 16, 24))),
	aes: (given) => aesKcv(aesFor(given.bytes("key", 16, 24, 32)), 5),
	sm4: (given) => aesKcv(sm4For(given.bytes("key", 16)), 5),
};

export const kcv: Command = {
	usage: "--key HEX [--algorithm tdes|aes|sm4]",
	says: "check value: zero block of TDES (4 bytes), CMAC of AES and SM4 (5 bytes); often the first 3 are told",
	options: ["key", "algorithm"],
	run: (given) => [`kcv: ${hex(given.one("algorithm", kcvs, "tdes")(given))}`],
};

const paddings: Readonly<Record<string, MacPadding>> = { "1": 1, "2": 2, "3": 3 };
interface Rule {
	readonly keys: readonly number[];
	/** The padding that the rule's book names. */
	readonly padding: "1" | "2";
	readonly mac: (key: Uint8Array, data: Uint8Array, padding: MacPadding) => Uint8Array;
}
const halves = (key: Uint8Array) => ({ left: desFor(key.slice(0, 8)), right: desFor(key.slice(8)) });
const rules: Readonly<Record<string, Rule>> = {
	"x9.9": { keys: [8], padding: "1", mac: (key, data, padding) => algorithm1Mac(desFor(key), data, padding) },
	"x9.19": {
		keys: [16],
		padding: "1",
		mac: (key, data, padding) => algorithm3Mac(halves(key), data, padding),
	},
	emv: { keys: [16], padding: "2", mac: (key, data, padding) => algorithm3Mac(halves(key), data, padding) },
	"tdes-cbc": {
		keys: [16, 24],
		padding: "1",
		mac: (key, data, padding) => algorithm1Mac(desFor(key), data, padding),
	},
	"aes-cbc": {
		keys: [16, 24, 32],
		padding: "1",
		mac: (key, data, padding) => algorithm1Mac(aesFor(key), data, padding, 16),
	},
	"sm4-cbc": {
		keys: [16],
		padding: "1",
		mac: (key, data, padding) => algorithm1Mac(sm4For(key), data, padding, 16),
	},
	"tdes-cmac": { keys: [16, 24], padding: "2", mac: (key, data) => cmac(desFor(key), 8, data) },
	"aes-cmac": { keys: [16, 24, 32], padding: "2", mac: (key, data) => cmac(aesFor(key), 16, data) },
	"sm4-cmac": { keys: [16], padding: "2", mac: (key, data) => cmac(sm4For(key), 16, data) },
	"hmac-sha1": { keys: [], padding: "1", mac: (key, data) => hmac(hashes.sha1, 64, key, data) },
	"hmac-sha256": { keys: [], padding: "1", mac: (key, data) => hmac(hashes.sha256, 64, key, data) },
	"hmac-sm3": { keys: [], padding: "1", mac: (key, data) => hmac(hashes.sm3, 64, key, data) },
	unionpay: { keys: [8, 16], padding: "1", mac: (key, data) => unionPayMac(desFor(key), data) },
};

/** `--data` is hexadecimal, `--text` is one byte a character. */
function message(given: Given): Uint8Array {
	const text = given.maybe("text");
	if ((text === undefined) === (given.maybe("data") === undefined))
		throw new UsageFault("--data or --text is needed, and not both");
	return text === undefined ? given.bytes("data") : latin(text);
}

export const mac: Command = {
	usage: `--rule ${Object.keys(rules).join("|")} --key HEX (--data HEX | --text TEXT) [--padding 1|2|3]`,
	says: "MAC over data; the padding counts where a rule leaves it open",
	options: ["rule", "key", "data", "text", "padding"],
	run: (given) => {
		const rule = given.one("rule", rules);
		const padding = given.one("padding", paddings, rule.padding);
		const made = rule.mac(given.bytes("key", ...rule.keys), message(given), padding);
		const line = `mac: ${hex(made)}`;
		return given.maybe("rule") === "unionpay" ? [line, `as text: ${unlatin(made)}`] : [line];
	},
};
