/**
 * Vectors of the issuer's end of EMV: card and session keys, cryptograms and answers, scripts, PIN change. A
 * vector names its scheme in its id alone; where it names none, every scheme that we know may explain it.
 */
import { concat, hex, latin, unhex } from "../../src/kit/bytes.ts";
import { aesFor } from "../../src/runtime/aes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { hashes } from "../../src/runtime/hash.ts";
import { digitsOf } from "../../src/spec/keys/digits.ts";
import {
	arpcMethod1,
	arpcMethod2,
	cardMasterKey,
	commonSessionKey,
	cryptogramTags,
	oddParity,
	type Padding,
	padded,
	retailMac,
} from "../../src/spec/keys/issuer.ts";
import { cardMasterKeyB, cardMasterKeyC } from "../../src/spec/keys/issuer-master.ts";
import {
	type IssuerRules,
	type IssuerRulesName,
	issuerRules,
} from "../../src/spec/keys/issuer-rules-table.ts";
import { pinChangeCommand, scriptMac, scriptMacInput } from "../../src/spec/keys/issuer-script.ts";
import { desKcv } from "../../src/spec/keys/kcv.ts";
import { publishedCardKey } from "./parts/card-keys.ts";
import { differences, type Facts, firstOf, has, named, pinOf, said, text } from "./parts/named.ts";
import type { RunVector, Vector } from "./runner.ts";

/** What a vector's id calls a scheme, and our name of it; jPOS speaks of methods instead. */
const schemes: Readonly<Record<string, string>> = {
	visa: "visa",
	mc: "mastercard",
	mastercard: "mastercard",
	interac: "interac",
	up: "unionpay",
	unionpay: "unionpay",
};
const methods: Readonly<Record<string, IssuerRulesName>> = {
	VSDC: "visa-10",
	MCHIP: "mastercard-16",
	CSKD: "visa-18",
};
const names = Object.keys(issuerRules) as IssuerRulesName[];

/** The rules that may explain a vector, most likely first. */
function rulesFor(id: string): readonly IssuerRulesName[] {
	const [, scheme, version] = /-(\w+)-cvn(\d+)/.exec(id) ?? [];
	const named = names.filter((name) => scheme !== undefined && name === `${schemes[scheme]}-${version}`);
	if (named.length > 0) return named;
	const method = Object.entries(methods).find(([word]) => id.includes(word))?.[1];
	return method === undefined ? names : [method];
}

/** By number or in words; method 2 is the 80 that is always added. */
function paddingOf(said: string): Padding {
	if (/^2$|method 2|80/.test(said)) return "80";
	if (/^1$|method 1|zero/.test(said)) return "00";
	throw new RangeError("a padding that the runner does not know");
}

/** Where ATC and unpredictable number stand in the data of a cryptogram. */
const inData = { unpredictable: [25, 29], atc: [31, 33] } as const;

/** One vector, as one scheme explains it. */
class Explained {
	readonly #input: Vector["input"];
	readonly #rules: IssuerRules;
	readonly #option: "A" | "B";

	constructor(input: Vector["input"], rules: IssuerRules, option: "A" | "B") {
		this.#input = input;
		this.#rules = rules;
		this.#option = option;
	}
	#bytes(key: string): Uint8Array {
		return unhex(text(this.#input, key));
	}
	#tag(tag: string): Uint8Array | undefined {
		const { tags }: { readonly tags?: unknown } = this.#input;
		const found = Object.entries(tags ?? {}).find(([key]) => key === tag)?.[1];
		return typeof found === "string" ? unhex(found) : undefined;
	}
	/** A value of the transaction: by its tag, by its own name, or out of the cryptogram's data. */
	#fact(tag: string, name: keyof typeof inData): Uint8Array {
		const given = this.#tag(tag);
		if (given !== undefined) return given;
		return has(this.#input, name) ? this.#bytes(name) : this.#bytes("ac_data").slice(...inData[name]);
	}
	get atc(): Uint8Array {
		return this.#fact("9F36", "atc");
	}
	get #unpredictable(): Uint8Array {
		return this.#fact("9F37", "unpredictable");
	}

	option(option: "A" | "B", issuerKey = "imk"): Uint8Array {
		const from = [this.#bytes(issuerKey), text(this.#input, "pan"), said(this.#input, "psn")] as const;
		return option === "A"
			? cardMasterKey(desFor, ...from)
			: cardMasterKeyB({ desFor, sha1: hashes.sha1 }, ...from);
	}
	optionC(): Uint8Array {
		return cardMasterKeyC(aesFor, this.#bytes("imk"), text(this.#input, "pan"), said(this.#input, "psn"));
	}
	masterKey(use: "ac" | "smi" | "smc" = "ac"): Uint8Array {
		if (has(this.#input, `icc_mk_${use}`)) return this.#bytes(`icc_mk_${use}`);
		if (use === "ac" && has(this.#input, "icc_mk")) return this.#bytes("icc_mk");
		if (has(this.#input, `imk_${use}`)) return this.option(this.#option, `imk_${use}`);
		if (use === "ac" && !has(this.#input, "imk")) return publishedCardKey(this.#bytes("sk"));
		return this.option(this.#option);
	}
	sessionKey(): Uint8Array {
		if (has(this.#input, "sk")) return this.#bytes("sk");
		const master = this.masterKey();
		if (has(this.#input, "r")) return commonSessionKey(desFor, master, this.#bytes("r"));
		return this.#rules.session(desFor, master, { atc: this.atc, unpredictable: this.#unpredictable });
	}
	scriptKey(use: "smi" | "smc"): Uint8Array {
		return this.#rules.script(desFor, this.masterKey(use), { atc: this.atc, arqc: this.arqc() });
	}

	/** The part of 9F10 that is under the cryptogram: as the vector gives it, or cut out by our rules. */
	#verified(): Uint8Array {
		const part = ["cvr", "cvr_and_counters"].find((key) => has(this.#input, key));
		if (part !== undefined) return this.#bytes(part);
		const cvr = this.#tag("cvr");
		if (cvr !== undefined) return cvr;
		const issuerData = has(this.#input, "iad_9F10") ? this.#bytes("iad_9F10") : this.#tag("9F10");
		if (issuerData === undefined) throw new RangeError("no issuer application data in input");
		return this.#rules.verified(issuerData);
	}
	/** Put together from tags where they are there: then a given `ac_data` must be the same. */
	data(): Uint8Array {
		if (has(this.#input, "data")) return this.#bytes("data");
		if (!has(this.#input, "tags")) return this.#bytes("ac_data");
		const parts = (this.#rules.tags ?? cryptogramTags).map((tag) => {
			const value = this.#tag(tag);
			if (value === undefined) throw new RangeError(`no tag ${tag} in input`);
			return value;
		});
		const made = concat(...parts, this.#verified());
		if (has(this.#input, "ac_data") && hex(made) !== text(this.#input, "ac_data"))
			throw new RangeError("ac_data is not what the tags make");
		return made;
	}
	get padding(): Padding {
		return has(this.#input, "padding") ? paddingOf(said(this.#input, "padding")) : this.#rules.padding;
	}
	arqc(): Uint8Array {
		if (has(this.#input, "arqc")) return this.#bytes("arqc");
		return retailMac(desFor, this.sessionKey(), this.data(), this.padding);
	}

	arpc(): Uint8Array {
		const { answerUnder } = this.#rules;
		const key = has(this.#input, "key")
			? this.#bytes("key")
			: answerUnder === "master"
				? this.masterKey()
				: this.sessionKey();
		if (has(this.#input, "csu"))
			return this.method2(key, this.#bytes("csu"), said(this.#input, "proprietary"));
		const arc = has(this.#input, "arc_ascii") ? latin(text(this.#input, "arc_ascii")) : this.#bytes("arc");
		return arpcMethod1(desFor, key, this.arqc(), arc);
	}
	/** Method 1 under the card's key, with the code that the key of the vector says, or the input's. */
	method1(arc: string | undefined): Uint8Array {
		const code = arc === undefined ? this.#bytes("arc") : unhex(arc);
		return arpcMethod1(desFor, this.masterKey(), this.arqc(), code);
	}
	method2(key: Uint8Array, statusUpdate: Uint8Array, proprietary: string): Uint8Array {
		const over = { arqc: this.arqc(), statusUpdate, proprietary: unhex(proprietary) };
		return arpcMethod2(desFor, key, over);
	}

	#script() {
		return { header: this.#bytes("command"), atc: this.atc, arqc: this.arqc() };
	}
	macInput(): Uint8Array {
		return scriptMacInput(this.#rules, this.#script());
	}
	commandMac(): Uint8Array {
		return scriptMac(desFor, this.#rules, this.scriptKey("smi"), this.#script());
	}
	pinChange(withCurrent: boolean): Uint8Array {
		const keys = { ac: this.masterKey(), smi: this.masterKey("smi"), smc: this.masterKey("smc") };
		const change = { pin: pinOf(text(this.#input, "new_pin")), atc: this.atc, arqc: this.arqc() };
		const current = withCurrent ? { current: pinOf(text(this.#input, "current_pin")) } : {};
		const made = pinChangeCommand(desFor, this.#rules, keys, { ...change, ...current });
		if (made.ok) return made.value;
		throw new RangeError(`refused: ${made.error.at} ${made.error.offset}`);
	}
}

/** Keys under their names: as we use them, or the same with the parity bits that some books set. */
const keysOf = (it: Explained): Readonly<Record<string, () => Uint8Array>> => ({
	icc_mk: () => it.masterKey(),
	icc_mk_ac: () => it.masterKey("ac"),
	icc_mk_smi: () => it.masterKey("smi"),
	icc_mk_smc: () => it.masterKey("smc"),
	option_a: () => it.option("A"),
	option_b: () => it.option("B"),
	sk: () => it.sessionKey(),
	sk_ac: () => it.sessionKey(),
	sk_smi: () => it.scriptKey("smi"),
	sk_smc: () => it.scriptKey("smc"),
});

const keyFacts =
	(it: Explained, expected: Vector["expected"]): Facts =>
	(key) => {
		const wanted = String(expected[key]);
		const [, name, kcv] = /^(.*?)(_kcv)?$/.exec(key) ?? [];
		const found = keysOf(it)[name ?? ""]?.();
		if (found === undefined) return undefined;
		if (kcv !== undefined) return hex(desKcv(desFor(found), 4)).slice(0, wanted.length);
		return hex(oddParity(found)) === wanted ? wanted : hex(found);
	};

/** Keys of `expected` that say in their name what they are over. */
const spoken =
	(it: Explained, input: Vector["input"]): Facts =>
	(key) => {
		const first = /^arpc_m1_under_icc_mk(?:_arc([0-9A-F]{4}))?$/.exec(key);
		if (first !== null) return hex(it.method1(first[1]));
		const second = /^arpc_m2_under_sk_csu0(?:_nopad|_pad([0-9A-F]+))$/.exec(key);
		if (second !== null) return hex(it.method2(it.sessionKey(), new Uint8Array(4), second[1] ?? ""));
		const mac = /^cvn(\d+)_command_mac$/.exec(key);
		if (mac === null) return undefined;
		// Another version's script for the same cryptogram.
		const name = names.find((each) => each === `visa-${mac[1]}` || each === `mastercard-${mac[1]}`);
		if (name === undefined) return undefined;
		const arqc = hex(it.arqc());
		return hex(
			new Explained({ ...input, arqc }, issuerRules[name], issuerRules[name].masterKey).commandMac(),
		);
	};

const values = (it: Explained, input: Vector["input"]): Facts =>
	named({
		option_c: () => hex(it.optionC()),
		y: () => digitsOf(unhex(text(input, "x_sha1")), 16),
		ac_data: () => hex(it.data()),
		padded: () => hex(padded(it.data(), it.padding)),
		ac: () => hex(it.arqc()),
		arqc: () => hex(it.arqc()),
		arpc: () => hex(it.arpc()),
		mac_input_unpadded: () => hex(it.macInput()),
		command_mac: () => hex(it.commandMac()),
		pin_change: () => hex(it.pinChange(has(input, "current_pin"))),
		pin_change_without_current: () => hex(it.pinChange(false)),
		pin_change_with_current: () => hex(it.pinChange(true)),
	});

const reads = [
	...["imk", "imk_ac", "imk_smi", "imk_smc", "icc_mk", "icc_mk_ac", "icc_mk_smi", "icc_mk_smc"],
	...["pan", "psn", "sk", "key", "r", "atc", "unpredictable", "tags", "iad_9F10", "cvr", "cvr_and_counters"],
	...["data", "ac_data", "padding", "arqc", "arc", "arc_ascii", "csu", "proprietary"],
	...["command", "new_pin", "current_pin", "x_sha1"],
];

export const run: RunVector = (vector) => {
	const { id, input, expected } = vector;
	const explanations = rulesFor(id).flatMap((name) =>
		(id.includes("optb") ? (["B"] as const) : (["A", "B"] as const)).map((option) => {
			const it = new Explained(input, issuerRules[name], option);
			return differences(
				vector,
				reads,
				firstOf(keyFacts(it, expected), spoken(it, input), values(it, input)),
			);
		}),
	);
	// The scheme that explains most: its differences are the ones to look at.
	explanations.sort((a, b) => a.length - b.length);
	return explanations[0] ?? [{ key: "id", expected: "a scheme and version that we know", got: id }];
};
