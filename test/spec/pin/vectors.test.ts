import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as pinBlock from "../../../scripts/vectors/pin-block.ts";
import * as pinVerify from "../../../scripts/vectors/pin-verify.ts";
import type { RunVector, Vector } from "../../../scripts/vectors/runner.ts";

const published = suite("PIN blocks and PIN verification, published");

const vectorsOf = (group: string): readonly Vector[] =>
	JSON.parse(readFileSync(new URL(`../../vectors/${group}.json`, import.meta.url), "utf8")).vectors;
const groups: Readonly<Record<string, RunVector>> = {
	"pin-block": pinBlock.run,
	"pin-verify": pinVerify.run,
};
for (const [group, run] of Object.entries(groups))
	for (const vector of vectorsOf(group))
		published(`${group} ${vector.id}`, () => assert.equal(run(vector), []));

const first = (group: string, id: string): Vector => {
	const found = vectorsOf(group).find((each) => each.id === id);
	assert.ok(found, id);
	return found;
};
published("a wrong value, an unknown key and an unknown input are told by name", () => {
	const vector = first("pin-block", "pin-f2-1234");
	const told = pinBlock.run({
		id: "wrong",
		input: { ...vector.input, moon: "full" },
		expected: { block: "241235FFFFFFFFFF", colour: "red" },
	});
	assert.equal(
		told.map((each) => each.key),
		["moon", "block", "colour"],
	);
});
published("a block that should be refused and is not, is a difference", () => {
	const { id, input } = first("pin-block", "pin-f2-1234");
	const told = pinBlock.run({ id, input, expected: { error: "anything" } });
	assert.equal(told, [{ key: "error", expected: "anything", got: "no refusal" }]);
});
published("a PIN with a letter is refused, not read as a digit", () => {
	const input = { format: 2, pin: "12A4" };
	assert.equal(pinBlock.run({ id: "letter", input, expected: { error: "PIN not numeric" } }), []);
});
published("nothing to compute from is a difference, not a pass", () => {
	const told = pinVerify.run({ id: "bare", input: {}, expected: { pvv: "1234" } });
	assert.is(told.length, 1);
});

published.run();
