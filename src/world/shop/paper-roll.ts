/** The paper that came out of the printer, cut into slips. */
import { type PaperLine as Came, plainText } from "../../../drivers/printer/emulator-paper.ts";
import type { PaperLine, Slip } from "./floor.ts";

/** Most slips kept; the oldest go. */
const keptMost = 60;

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

const lineOf = (line: Exclude<Came, { is: "cut" }>): PaperLine =>
	line.is === "raster"
		? { kind: "raster", width: line.width, height: line.height, bits: base64(line.bits) }
		: { kind: "text", text: plainText(line), bold: line.bold, large: line.large };

export class PaperRoll {
	#slips: Slip[] = [];
	#open: Slip | undefined;
	#count = 0;
	readonly #run: string;

	/** `run` makes the slips' names unique among runs of the shop. */
	constructor(run: string) {
		this.#run = run;
	}

	/** One more line; gives the slip that it stands on. A cut ends the slip. */
	take(line: Came): Slip | undefined {
		if (line.is === "cut") {
			this.#open = undefined;
			return undefined;
		}
		const before = this.#open ?? { id: `${this.#run}-${this.#count++}`, lines: [] };
		const slip = { ...before, lines: [...before.lines, lineOf(line)] };
		this.#slips = [...this.#slips.filter((each) => each.id !== slip.id), slip].slice(-keptMost);
		this.#open = slip;
		return slip;
	}

	/** Those that were cut off. */
	readonly whole = (): readonly Slip[] => this.#slips.filter((slip) => slip.id !== this.#open?.id);
	readonly slips = (): readonly Slip[] => this.#slips;
}

/** A slip as text in 32 columns; pictures leave no line. */
export const slipText = (slip: Slip): string =>
	slip.lines
		.flatMap((line) => (line.kind === "text" ? [line.text] : line.kind === "rule" ? ["-".repeat(32)] : []))
		.join("\n")
		.trimEnd();
