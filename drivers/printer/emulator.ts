/** A receipt printer at the far end of a line: its buffers, its paper, its answers, and the ways it fails. */
import type { Paper } from "../../src/contract/device.ts";
import { concat, latin } from "../../src/kit/bytes.ts";
import type { Clock } from "../../src/kit/clock.ts";
import type { Log } from "../../src/kit/log.ts";
import { Audience } from "../transport/audience.ts";
import type { Line } from "../transport/line.ts";
import { commandSize } from "./commands-table.ts";
import { Interpreter, type PaperLine, plainText } from "./emulator-paper.ts";
import { commands } from "./protocol.ts";
import { automaticBytesOf, type Condition, paperByte, realTimeByte, stopped } from "./status.ts";

/** What this model can do; a plain clone answers DLE EOT and GS r only. */
export interface PrinterTraits {
	readonly maker: string;
	readonly model: string;
	readonly automaticStatus: boolean;
	readonly processId: boolean;
	readonly paperWhenProcessed: boolean;
	readonly information: boolean;
	readonly clear: boolean;
	/** Bytes taken before BUSY; the rest waits on the cable, and nothing in it is heard. */
	readonly bufferBytes: number;
}
export const fullTraits: PrinterTraits = {
	maker: "GUITAI",
	model: "P58",
	automaticStatus: true,
	processId: true,
	paperWhenProcessed: true,
	information: true,
	clear: true,
	bufferBytes: 4096,
};
export const cloneTraits: PrinterTraits = {
	...fullTraits,
	automaticStatus: false,
	processId: false,
	information: false,
	clear: false,
};

export interface PrinterEmulatorNeeds {
	readonly clock: Clock;
	readonly log: Log;
	readonly traits?: PrinterTraits;
}

const DLE = 0x10;

export class PrinterEmulator {
	readonly #clock: Clock;
	readonly #log: Log;
	readonly #traits: PrinterTraits;
	readonly #audience = new Audience<PaperLine>();
	/** Each line as it comes out. */
	readonly listen = this.#audience.listen;
	readonly #interpreter = new Interpreter((line) => this.#printed(line));
	#line: Line | undefined;
	/** On the cable while the buffer is full. */
	#cable: Uint8Array = new Uint8Array(0);
	#buffer: number[] = [];
	/** The last bytes taken, in which real-time commands are looked for. */
	#recent: number[] = [];
	#running = false;
	#condition: Condition = { paper: "ok", coverOpen: false, online: true, error: false };
	#held = false;
	#automatic = false;
	#mute = false;
	#jammed = false;
	#lineMs = 0;
	#linesLeft = Number.POSITIVE_INFINITY;
	#pause: (() => void) | undefined;
	#lines: PaperLine[] = [];
	#heard = 0;

	constructor(needs: PrinterEmulatorNeeds) {
		this.#clock = needs.clock;
		this.#log = needs.log;
		this.#traits = needs.traits ?? fullTraits;
	}

	/** Puts the printer at the end of a line. The function given back takes it off. */
	attach(line: Line): () => void {
		this.#line = line;
		return line.listen((event) => {
			if (event.on === "data") this.#hear(event.bytes);
		});
	}

	/** Everything on paper since the start or the last `tear`. */
	paper(): readonly PaperLine[] {
		return this.#lines;
	}
	/** Pieces of paper between cuts; the last one may still be in the printer. */
	slips(): readonly (readonly PaperLine[])[] {
		const slips: PaperLine[][] = [[]];
		for (const line of this.#lines) {
			if (line.is === "cut") slips.push([]);
			else slips.at(-1)?.push(line);
		}
		return slips.filter((slip) => slip.length > 0);
	}
	/** What is on paper as text, a line a line. */
	text(): string {
		return this.#lines.map(plainText).join("\n");
	}
	tear(): void {
		this.#lines = [];
	}
	/** Bytes heard since the start. */
	heard(): number {
		return this.#heard;
	}
	condition(): Condition {
		return this.#condition;
	}

	/** Loads paper, lets it run low, or takes it out. What is buffered goes on printing when it is back. */
	setPaper(paper: Paper): void {
		this.#linesLeft = Number.POSITIVE_INFINITY;
		this.#change({ paper });
	}
	/** Paper for so many lines more: then it is out, in the middle of whatever is printed. */
	setPaperFor(lines: number): void {
		this.#linesLeft = lines;
		this.#change({ paper: lines > 0 ? "low" : "out" });
	}
	setCover(open: boolean): void {
		this.#change({ coverOpen: open });
	}
	/**
	 * Jams the cutter, or frees it by hand: the error stays until DLE ENQ, or until it is switched off and on.
	 */
	setJam(jammed: boolean): void {
		this.#jammed = jammed;
		if (jammed) this.#change({ error: true });
	}
	/** Taken offline by its button. */
	setOffline(offline: boolean): void {
		this.#held = offline;
		this.#change({});
	}
	/** Hears and prints, but says nothing any more. */
	setMute(mute: boolean): void {
		this.#mute = mute;
	}
	/** Each line takes so long, ms. */
	setSlow(lineMs: number): void {
		this.#lineMs = lineMs;
	}
	/** Off and on: buffers, settings and the line begun are lost; paper and cover stay as they are. */
	powerCycle(): void {
		this.#drop();
		this.#cable = new Uint8Array(0);
		this.#interpreter.reset();
		this.#automatic = false;
		this.#change({ error: this.#jammed });
	}

	#change(to: Partial<Condition>): void {
		const before = this.#condition;
		const next = { ...before, ...to };
		const online = stopped({ ...next, online: true }) === undefined && !this.#held;
		this.#condition = { ...next, online };
		const changed = (["paper", "coverOpen", "online", "error"] as const).some(
			(which) => before[which] !== this.#condition[which],
		);
		if (changed) {
			const { paper, coverOpen, error } = this.#condition;
			this.#log("note", "printer-state", { paper, coverOpen, online, error });
			if (this.#automatic) this.#say(automaticBytesOf(this.#condition));
		}
		this.#run();
	}

	#say(bytes: Uint8Array): void {
		if (!this.#mute) this.#line?.write(bytes);
	}

	#hear(bytes: Uint8Array): void {
		this.#heard += bytes.length;
		this.#cable = concat(this.#cable, bytes);
		this.#run();
	}

	/**
	 * Takes what fits into the buffer; a real-time command is obeyed as it is taken. True when something was
	 * taken.
	 */
	#fill(): boolean {
		const taken = this.#cable.slice(0, Math.max(0, this.#traits.bufferBytes - this.#buffer.length));
		this.#cable = this.#cable.slice(taken.length);
		for (const byte of taken) {
			this.#buffer.push(byte);
			this.#recent = [...this.#recent.slice(-9), byte];
			if (this.#recent.includes(DLE)) this.#realTime();
		}
		return taken.length > 0;
	}

	#realTime(): void {
		const ends = (with_: readonly number[]): boolean =>
			with_.every((byte, n) => this.#recent.at(n - with_.length) === byte);
		const last = this.#recent.at(-1) ?? 0;
		if (ends([0x10, 0x04, last]) && last >= 1 && last <= 4)
			this.#say(Uint8Array.of(realTimeByte(last, this.#condition)));
		else if (ends([0x10, 0x05, last]) && this.#condition.error && !this.#jammed) {
			if (last === 2) this.#drop();
			this.#change({ error: false });
		} else if (this.#traits.clear && ends([...commands.clear])) {
			this.#drop();
			this.#interpreter.reset();
			this.#say(Uint8Array.of(0x37, 0x25, 0));
		}
	}

	#drop(): void {
		this.#buffer = [];
		this.#recent = [];
		this.#pause?.();
		this.#pause = undefined;
	}

	/** Works off the buffer until it is empty, the printer is stopped, or a line takes its time. */
	#run(): void {
		if (this.#running) return;
		this.#running = true;
		do {
			while (this.#pause === undefined && stopped(this.#condition) === undefined) {
				const size = commandSize((offset) => this.#buffer[offset]);
				if (size === undefined) break;
				this.#carryOut(Uint8Array.from(this.#buffer.splice(0, size)));
			}
		} while (this.#fill());
		this.#running = false;
	}

	#carryOut(command: Uint8Array): void {
		const [first, second, third] = command;
		const is = (text: string): boolean => first === 0x1d && second === text.charCodeAt(0);
		const traits = this.#traits;
		if (first === 0x1b && second === 0x40) this.#automatic = false;
		if (is("a") && traits.automaticStatus) {
			this.#automatic = third !== 0;
			if (this.#automatic) this.#say(automaticBytesOf(this.#condition));
		} else if (is("r") && traits.paperWhenProcessed) this.#say(Uint8Array.of(paperByte(this.#condition)));
		else if (is("I") && traits.information) this.#inform(third ?? 0);
		else if (is("(") && third === 0x48 && traits.processId && command.length === 11)
			this.#say(concat(Uint8Array.of(0x37, 0x22), command.subarray(7), Uint8Array.of(0)));
		else this.#interpreter.take(command);
	}

	#inform(what: number): void {
		const texts: Readonly<Record<number, string>> = {
			65: "1.0",
			66: this.#traits.maker,
			67: this.#traits.model,
			68: "E0001",
		};
		const text = texts[what];
		if (text !== undefined) this.#say(concat(Uint8Array.of(0x5f), latin(text), Uint8Array.of(0)));
	}

	#printed(line: PaperLine): void {
		this.#lines.push(line);
		this.#audience.tell(line);
		if (line.is === "cut") return;
		if (this.#lineMs > 0)
			this.#pause ??= this.#clock.after(this.#lineMs, () => {
				this.#pause = undefined;
				this.#run();
			});
		this.#linesLeft -= 1;
		if (this.#linesLeft <= 0 && this.#condition.paper !== "out") this.#change({ paper: "out" });
	}
}
