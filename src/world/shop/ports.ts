/** Free ports of 127.0.0.1, all held until the last is found, so that none is given twice. */
import { createServer, type Server } from "node:net";

export async function freePorts(count: number): Promise<readonly number[]> {
	const servers: Server[] = [];
	for (let n = 0; n < count; n += 1) {
		const server = createServer();
		await new Promise<void>((done, fail) => {
			server.once("error", fail);
			server.listen(0, "127.0.0.1", done);
		});
		servers.push(server);
	}
	const ports = servers.map((server) => {
		const address = server.address();
		return address === null || typeof address === "string" ? 0 : address.port;
	});
	await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
	return ports;
}
