import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bugs, simulate } from "./sim.ts";

const sim = suite("a simulated shop");
const seeds = 5000;

sim(`in ${seeds} seeds of cuts and host faults, terminal, acquirer, cloud and cashier agree`, async () => {
	let cuts = 0;
	for (let seed = 1; seed <= seeds; seed += 1) {
		// The images' memory is given back between turns of the event loop; nothing in a simulation waits for one.
		if (seed % 20 === 0) await new Promise((done) => setImmediate(done));
		const run = await simulate(seed);
		cuts += run.cuts;
		assert.equal(run.wrong, [], `seed ${seed}`);
	}
	assert.ok(cuts > seeds, `only ${cuts} cuts`);
	process.stdout.write(`  ${seeds} seeds, ${seeds * 6} sales, ${cuts} cuts\n`);
});

for (const bug of bugs)
	sim(`finds ${bug} within 20 seeds`, async () => {
		let first = 0;
		for (let seed = 1; seed <= 20 && first === 0; seed += 1)
			if ((await simulate(seed, bug)).wrong.length > 0) first = seed;
		assert.ok(first > 0, `${bug} was not found`);
		process.stdout.write(`  ${bug}: seed ${first}\n`);
	});

sim.run();
