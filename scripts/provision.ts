/**
 * Sets up a shop's state folder: `provision.ts --state DIR [--fresh] [--rekey] [--acquirer N] [--mqtt
 * N] [--http N] [--answer MS]`.
 */
import { parseArgs } from "node:util";
import { provision } from "../src/world/provision/provision.ts";

const { values } = parseArgs({
	options: {
		state: { type: "string" },
		fresh: { type: "boolean", default: false },
		rekey: { type: "boolean", default: false },
		acquirer: { type: "string", default: "5600" },
		mqtt: { type: "string", default: "8883" },
		http: { type: "string", default: "8081" },
		answer: { type: "string", default: "60000" },
	},
});
if (values.state === undefined) {
	process.stderr.write("provision: --state DIR is needed\n");
	process.exit(2);
}
const { terminal, stateDir } = await provision({
	...{ stateDir: values.state, fresh: values.fresh, rekey: values.rekey, answerMs: Number(values.answer) },
	ports: { acquirer: Number(values.acquirer), mqtt: Number(values.mqtt), http: Number(values.http) },
});
process.stdout.write(`${terminal} is provisioned in ${stateDir}\n`);
