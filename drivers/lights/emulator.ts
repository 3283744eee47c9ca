/**
 * The board's lines on a local socket: lamps to look at, a buzzer to hear, a case switch to open, each by its
 * line.
 */
import type { Socket } from "node:net";
import type { Log } from "../../src/kit/log.ts";
import type { Part } from "../../src/kit/part.ts";
import { Audience } from "../transport/audience.ts";
import type { FromBench, Level, ToBench } from "../transport/gpio.ts";
import { LocalServer } from "../transport/local-server.ts";

/** An edge of an output. */
export interface OutputEdge {
	/** `chip-label:offset`, as the board file names it. */
	readonly line: string;
	readonly level: Level;
}
export interface GpioEmulatorNeeds {
	/** Of the socket; an old one there is removed. */
	readonly path: string;
	readonly log: Log;
}
interface Claims {
	readonly inputs: Set<string>;
	/** With the level to fall back to. */
	readonly outputs: Map<string, Level>;
}

/**
 * Several programs may be connected; an output falls back to its safe level when the one that claimed it is
 * gone.
 */
export class GpioEmulator implements Part {
	readonly name = "gpio-emulator";
	readonly #needs: GpioEmulatorNeeds;
	readonly #audience = new Audience<OutputEdge>();
	/** Edges of outputs: lamps and buzzer. */
	readonly listen = this.#audience.listen;
	readonly #levels = new Map<string, Level>();
	readonly #sockets = new Map<Socket, Claims>();
	readonly #server: LocalServer;

	constructor(needs: GpioEmulatorNeeds) {
		this.#needs = needs;
		this.#server = new LocalServer(needs.path, (socket) => this.#admit(socket));
	}

	open(): Promise<void> {
		return this.#server.open();
	}

	close(): Promise<void> {
		this.cut();
		return this.#server.close();
	}

	/** As the line stands; 0 before anybody set it. */
	level(line: string): Level {
		return this.#levels.get(line) ?? 0;
	}

	/** Sets a line from outside: 1 on the tamper line opens the case. */
	set(line: string, level: Level): void {
		if (this.level(line) === level) return;
		this.#levels.set(line, level);
		for (const [socket, { inputs }] of this.#sockets) if (inputs.has(line)) this.#say(socket, line);
	}

	/** Ends every connection, as a fault of the wire. */
	cut(): void {
		for (const socket of this.#sockets.keys()) socket.destroy();
	}

	#admit(socket: Socket): void {
		const claims: Claims = { inputs: new Set(), outputs: new Map() };
		this.#sockets.set(socket, claims);
		socket.setEncoding("utf8");
		let text = "";
		socket.on("data", (chunk: string) => {
			const lines = `${text}${chunk}`.split("\n");
			text = lines.pop() ?? "";
			for (const line of lines) this.#obey(socket, claims, line);
		});
		socket.on("error", () => socket.destroy());
		socket.on("close", () => {
			this.#sockets.delete(socket);
			for (const [line, safe] of claims.outputs) this.#drive(line, safe);
		});
	}

	#obey(socket: Socket, claims: Claims, text: string): void {
		const message = JSON.parse(text) as ToBench;
		if ("set" in message) {
			if (claims.outputs.has(message.set)) this.#drive(message.set, message.to);
			return;
		}
		const { claim } = message;
		// A line that a board cannot have is not granted.
		if (!/^[\w-]+:\d+$/.test(claim)) {
			this.#needs.log("fault", "gpio-no-such-line");
			return;
		}
		if (message.as === "in") claims.inputs.add(claim);
		else {
			claims.outputs.set(claim, message.safe);
			this.#drive(claim, message.safe);
		}
		this.#say(socket, claim);
	}

	#say(socket: Socket, line: string): void {
		const message: FromBench = { line, is: this.level(line) };
		socket.write(`${JSON.stringify(message)}\n`);
	}

	#drive(line: string, level: Level): void {
		if (this.level(line) === level) return;
		this.#levels.set(line, level);
		this.#audience.tell({ line, level });
	}
}
