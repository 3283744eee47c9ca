import { suite } from "uvu";
import * as assert from "uvu/assert";
import { no } from "../../../src/kit/result.ts";
import { settingsFrom } from "../../../src/terminal/settings.ts";
import { Surroundings } from "../../world/shop/surroundings.ts";

const street = new Surroundings({ answerMs: 700 });
const settings = suite("what provisioning wrote");
settings.before(() => street.open());
settings.after(() => street.close());

settings("is taken as it is", () => {
	const read = settingsFrom(street.place.settings);
	assert.ok(read.ok);
});

settings("a wait that the vault would refuse for every PIN is refused here, by its name", () => {
	const { settings: good } = street.place;
	for (const field of ["pinFirstMs", "pinBetweenMs"] as const)
		assert.equal(
			settingsFrom({ ...good, waits: { ...good.waits, [field]: 300 } }),
			no({ code: "settings.invalid", at: `waits.${field}` }),
		);
});

settings.run();
