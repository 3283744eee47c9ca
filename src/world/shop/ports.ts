/** Free ports of 127.0.0.1 for servers that are told theirs before they listen. */
import { createServer, type Server } from "node:net";
import type { Random } from "../../kit/random.ts";

/**
 * Below the range from which the kernel takes ports for outgoing connections: a port found free here is not
 * taken by somebody's call before its server listens.
 */
const range = { from: 10_000, below: 32_000 } as const;
const tries = 200;

/** All are held until the last is found, so that none is given twice. */
export async function freePorts(count: number, random: Random): Promise<readonly number[]> {
	const held = new Map<number, Server>();
	for (let n = 0; n < tries && held.size < count; n += 1) {
		const port = range.from + random.below(range.below - range.from);
		const server = await holding(port);
		if (server !== undefined) held.set(port, server);
	}
	await Promise.all([...held.values()].map((server) => new Promise((done) => server.close(done))));
	if (held.size < count) throw new Error(`no ${count} free ports in ${tries} tries`);
	return [...held.keys()];
}

/** Undefined: somebody has it. */
const holding = (port: number): Promise<Server | undefined> =>
	new Promise((done) => {
		const server = createServer();
		server.once("error", () => done(undefined));
		server.listen(port, "127.0.0.1", () => done(server));
	});
