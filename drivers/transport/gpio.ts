/** Lines of a board, by onoff where the kernel has them, or over a local socket on the bench. */
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Gpio } from "onoff";
import type { Listen } from "../../src/contract/device.ts";
import { Audience } from "./audience.ts";

export type Level = 0 | 1;
type GpioEvent =
	/** An input changed, or was read for the first time. */
	| { readonly on: "level"; readonly line: string; readonly level: Level }
	/** The far end is gone: no line can be read or written any more. Told once. */
	| { readonly on: "closed" };
/**
 * Lines are addressed as `chip-label:offset`. Outputs go to their safe level at the claim, at `close`, and
 * when the bench loses us.
 */
export interface GpioLines {
	/** Makes the line an output at its safe level. Rejects when there is no such line. */
	claimOutput(line: string, safe: Level): Promise<void>;
	/** Makes the line an input, debounced, and reads it. Rejects when there is no such line. */
	claimInput(line: string): Promise<void>;
	write(line: string, level: Level): void;
	/** Undefined: it cannot be read. */
	read(line: string): Level | undefined;
	readonly listen: Listen<GpioEvent>;
	close(): Promise<void>;
}

/** What bench and host write to each other, one JSON object a line. */
export type ToBench =
	| { readonly claim: string; readonly as: "out"; readonly safe: Level }
	| { readonly claim: string; readonly as: "in" }
	| { readonly set: string; readonly to: Level };
export type FromBench = { readonly line: string; readonly is: Level };

const sysfs = "/sys/class/gpio";
/** Two readings of a switch that bounces, and between two looks where no edge is told, ms. */
const debounceMs = 20;
const pollMs = 50;
/** For the bench's answer to a claim, ms. */
const claimMs = 1000;

/** `gpio:` the kernel's lines; `unix:PATH` the bench. Rejects when the bench is not there. */
export function openGpio(path: string): Promise<GpioLines> {
	if (path === "gpio:") return import("onoff").then(({ Gpio }) => new KernelLines(Gpio));
	if (path.startsWith("unix:")) return openBench(path.slice("unix:".length));
	return Promise.reject(new Error("a GPIO path is gpio: or unix:PATH"));
}

/**
 * The number that sysfs wants, from `chip-label:offset`: bases differ from kernel to kernel, a bare
 * number would drive another pin after an update (devices/08). Throws RangeError when no chip has that
 * label or that many lines.
 */
export function globalNumber(line: string, root = sysfs): number {
	const colon = line.lastIndexOf(":");
	const label = line.slice(0, colon);
	const offset = Number(line.slice(colon + 1));
	if (colon < 1 || !/^\d+$/.test(line.slice(colon + 1))) throw new RangeError("a line is chip-label:offset");
	const chips = readdirSync(root).filter((name) => name.startsWith("gpiochip"));
	const text = (chip: string, file: string): string => readFileSync(join(root, chip, file), "utf8").trim();
	const chip = chips.find((name) => text(name, "label") === label);
	if (chip === undefined) throw new RangeError("no chip has that label");
	if (offset >= Number(text(chip, "ngpio"))) throw new RangeError("the chip has fewer lines");
	return Number(text(chip, "base")) + offset;
}

class KernelLines implements GpioLines {
	readonly #Gpio: typeof Gpio;
	readonly #audience = new Audience<GpioEvent>();
	readonly listen = this.#audience.listen;
	readonly #outputs = new Map<string, { readonly gpio: Gpio; readonly safe: Level }>();
	readonly #inputs = new Map<string, { readonly gpio: Gpio; readonly poll?: NodeJS.Timeout }>();

	#gone = false;

	constructor(gpio: typeof Gpio) {
		this.#Gpio = gpio;
	}

	claimOutput(line: string, safe: Level): Promise<void> {
		return attempt(() => {
			// "low" and "high" set direction and level in one write: the line never shows the other level.
			const gpio = new this.#Gpio(globalNumber(line), safe === 0 ? "low" : "high");
			this.#outputs.set(line, { gpio, safe });
		});
	}

	claimInput(line: string): Promise<void> {
		return attempt(() => {
			const gpio = new this.#Gpio(globalNumber(line), "in", "both", { debounceTimeout: debounceMs });
			gpio.readSync();
			try {
				gpio.watch(() => this.#look(line));
				this.#inputs.set(line, { gpio });
			} catch {
				this.#inputs.set(line, { gpio, poll: setInterval(() => this.#look(line), pollMs) });
			}
			this.#look(line);
		});
	}

	write(line: string, level: Level): void {
		try {
			this.#outputs.get(line)?.gpio.writeSync(level);
		} catch {
			this.#lost();
		}
	}

	read(line: string): Level | undefined {
		try {
			return this.#inputs.get(line)?.gpio.readSync();
		} catch {
			return undefined;
		}
	}

	close(): Promise<void> {
		for (const { gpio, safe } of this.#outputs.values()) quietly(() => gpio.writeSync(safe));
		for (const { gpio, poll } of this.#inputs.values()) {
			clearInterval(poll);
			// Not unexported: another program may watch the same line.
			quietly(() => gpio.unwatchAll());
		}
		this.#outputs.clear();
		this.#inputs.clear();
		return Promise.resolve();
	}

	#look(line: string): void {
		const level = this.read(line);
		if (level === undefined) this.#lost();
		else this.#audience.tell({ on: "level", line, level });
	}

	#lost(): void {
		if (this.#gone) return;
		this.#gone = true;
		this.#audience.tell({ on: "closed" });
	}
}

const attempt = (act: () => void): Promise<void> =>
	new Promise((done) => {
		act();
		done();
	});
const quietly = (act: () => void): void => {
	try {
		act();
	} catch {
		// The line is gone: nothing is left to make safe.
	}
};

function openBench(path: string): Promise<GpioLines> {
	return new Promise((done, fail) => {
		const socket = connect(path);
		socket.once("error", fail);
		socket.once("connect", () => {
			socket.off("error", fail);
			done(new BenchLines(socket));
		});
	});
}

class BenchLines implements GpioLines {
	readonly #socket: Socket;
	readonly #audience = new Audience<GpioEvent>();
	readonly listen = this.#audience.listen;
	readonly #safe = new Map<string, Level>();
	readonly #levels = new Map<string, Level>();
	readonly #claims = new Map<string, () => void>();
	#text = "";
	#open = true;

	constructor(socket: Socket) {
		this.#socket = socket;
		socket.setEncoding("utf8");
		socket.on("data", (chunk: string) => this.#heard(chunk));
		socket.on("error", () => socket.destroy());
		socket.on("close", () => {
			this.#open = false;
			this.#levels.clear();
			this.#audience.tell({ on: "closed" });
		});
	}

	async claimOutput(line: string, safe: Level): Promise<void> {
		await this.#claim({ claim: line, as: "out", safe });
		this.#safe.set(line, safe);
	}

	claimInput(line: string): Promise<void> {
		return this.#claim({ claim: line, as: "in" });
	}

	write(line: string, level: Level): void {
		if (this.#safe.has(line)) this.#say({ set: line, to: level });
	}

	read(line: string): Level | undefined {
		return this.#levels.get(line);
	}

	close(): Promise<void> {
		for (const [line, safe] of this.#safe) this.write(line, safe);
		this.#safe.clear();
		return new Promise((done) => {
			if (!this.#open) return done();
			this.#socket.once("close", () => done());
			this.#socket.end();
		});
	}

	#say(message: ToBench): void {
		if (this.#open && !this.#socket.writableEnded) this.#socket.write(`${JSON.stringify(message)}\n`);
	}

	#claim(message: ToBench & { readonly claim: string }): Promise<void> {
		return new Promise((done, fail) => {
			const late = setTimeout(() => fail(new Error("the line was not granted")), claimMs);
			this.#claims.set(message.claim, () => {
				clearTimeout(late);
				done();
			});
			this.#say(message);
		});
	}

	#heard(chunk: string): void {
		const lines = `${this.#text}${chunk}`.split("\n");
		this.#text = lines.pop() ?? "";
		for (const text of lines) {
			const message = benchMessage(text);
			if (message === undefined) continue;
			this.#levels.set(message.line, message.is);
			this.#claims.get(message.line)?.();
			this.#claims.delete(message.line);
			if (!this.#safe.has(message.line))
				this.#audience.tell({ on: "level", line: message.line, level: message.is });
		}
	}
}

function benchMessage(text: string): FromBench | undefined {
	try {
		const { line, is } = JSON.parse(text) as Partial<FromBench>;
		return typeof line === "string" && (is === 0 || is === 1) ? { line, is } : undefined;
	} catch {
		return undefined;
	}
}
