/** The bench's end of a wire on a local socket: what the emulators of keypad and GPIO lines listen with. */
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

export class LocalServer {
	readonly #path: string;
	readonly #admit: (socket: Socket) => void;
	#server: Server | undefined;

	constructor(path: string, admit: (socket: Socket) => void) {
		this.#path = path;
		this.#admit = admit;
	}

	/** Resolves when it listens; a socket that an earlier run left is replaced. */
	open(): Promise<void> {
		rmSync(this.#path, { force: true });
		const server = createServer(this.#admit);
		this.#server = server;
		return new Promise((done, fail) => {
			server.once("error", fail);
			server.listen(this.#path, done);
		});
	}

	/** Resolves when the last connection is gone: whoever owns them ends them first. */
	close(): Promise<void> {
		const server = this.#server;
		this.#server = undefined;
		return new Promise((done) => {
			if (server === undefined) done();
			else server.close(() => done());
		});
	}
}
