/**
 * Sets up a shop's state folder:
 * `provision.ts --state DIR [--fresh] [--rekey] [--acquirer N] [--mqtt N] [--http N] [--answer MS]`.
 */
import { parseArgs } from "node:util";
import { provision } from "../src/world/provision/provision.ts";

const { values } = parseArgs({
	options: {
		state: { type: "string" },
		/** Forgets what is there. */
		fresh: { type: "boolean", default: false },
		/** A new master key for vault and acquirer: after a tamper. */
		rekey: { type: "boolean", default: false },
		acquirer: { type: "string", default: "5600" },
		mqtt: { type: "string", default: "8883" },
		http: { type: "string", default: "8081" },
		answer: { type: "string", default: "60000" },
	},
});

function refuse(why: string): never {
	process.stderr.write(`provision: ${why}\n`);
	process.exit(2);
}
function number(name: "acquirer" | "mqtt" | "http" | "answer", most: number): number {
	const value = Number(values[name]);
	return Number.isInteger(value) && value > 0 && value <= most
		? value
		: refuse(`--${name} is no number from 1 to ${most}`);
}

const { state = refuse("--state DIR is needed"), fresh, rekey } = values;
const ports = {
	acquirer: number("acquirer", 65_535),
	mqtt: number("mqtt", 65_535),
	http: number("http", 65_535),
};
const answerMs = number("answer", 600_000);
const { terminal, stateDir } = await provision({ stateDir: state, ports, fresh, rekey, answerMs });
process.stdout.write(`${terminal} is provisioned in ${stateDir}\n`);
