/**
 * The search itself: every form of every secret is found wherever it stands, and what is not there is not.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concat, hex, latin, unhex } from "../../src/kit/bytes.ts";
import { seeded } from "../../src/kit/random.ts";
import { bytesNeedles, digitForms, type Needle, panNeedles, trackNeedles } from "./forms.ts";
import { Search } from "./search.ts";

const needles: readonly Needle[] = [
	...digitForms("PIN", "73910528641"),
	...panNeedles("PAN", "6217974829163507580"),
	...trackNeedles("track", "310722000012345"),
	...bytesNeedles("key", unhex("0123456789ABCDEFFEDCBA98765432FF")),
];
const search = new Search(needles);
const noise = (size: number, seed: number): Uint8Array => seeded(seed).bytes(size);
const forms = (hay: Uint8Array): readonly string[] => search.find(hay).map(({ needle }) => needle.form);
const finds = (text: string, form: string): void => assert.ok(forms(latin(text)).includes(form), form);

const finding = suite("the search");

finding("meets each form at each place of a noisy haystack", () => {
	fc.assert(
		fc.property(
			fc.nat(needles.length - 1),
			fc.nat(3000),
			fc.nat(50),
			fc.integer(),
			(n, before, behind, seed) => {
				const needle = needles[n];
				if (needle === undefined) return false;
				const hay = concat(noise(before, seed), needle.bytes, noise(behind, seed + 1));
				return search.find(hay).some((hit) => hit.needle === needle && hit.at === before);
			},
		),
		{ numRuns: 3000 },
	);
});

finding("finds nothing in noise, in zeros, and in a masked card", () => {
	assert.equal(forms(noise(4_000_000, 7)), []);
	assert.equal(forms(new Uint8Array(1_000_000)), []);
	assert.equal(forms(latin("621797******7580 739105 3107 0123456789")), []);
});

finding("knows what the forms are called in the world", () => {
	finds("pin=73910528641;", "ASCII");
	finds(JSON.stringify({ pin: [7, 3, 9, 1, 0, 5, 2, 8, 6, 4, 1] }), "list of digit bytes");
	finds(JSON.stringify(Uint8Array.from([7, 3, 9, 1, 0, 5, 2, 8, 6, 4, 1])), "JSON of digit bytes");
	finds(`F002 ${hex(latin("6217974829163507580"))}`, "hex of ASCII");
	finds("6217 9748 2916 3507 580", "groups of four");
	finds(`57${"6217974829163507580D310722000012345F"}`, "ASCII");
	finds("=310722000012345", "ASCII with =");
	finds("fedcba98765432ff", "lower-case hex of raw");
	for (const before of ["", "a", "ab"])
		finds(btoa(`${before}PIN 73910528641 ok`), `base64+${(before.length + 4) % 3} of ASCII`);
	assert.ok(forms(unhex("06739105 28641FFF FF")).includes("BCD"));
	assert.ok(forms(unhex("0B 7391 0528 641F".replace("0B 7", "0B7"))).length > 0, "an odd nibble before it");
});

finding("refuses a needle that chance would find", () => {
	assert.throws(() => new Search([{ secret: "PIN", form: "BCD", bytes: unhex("739105") }]), /3 bytes/);
	assert.throws(() => digitForms("PIN", "739105"), /6 digits/);
});

finding("finds the one secret at the end of much else", () => {
	const hay = noise(8 << 20, 3);
	assert.equal(forms(hay), []);
	hay.set(latin("73910528641"), hay.length - 11);
	assert.ok(forms(hay).includes("ASCII"));
});

finding.run();
