import type { Printer } from "../../contract/device.ts";
import type { Clock } from "../../kit/clock.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Books, SlipRow } from "./books.ts";
import type { PrintState } from "./print.ts";
import type { View } from "./view.ts";

/**
 * Slips on paper: a stop is shown, waited out, and ended by a reprint. Printing never decides about money.
 */
export interface SlipPorts {
	readonly books: Books;
	readonly printer: Printer;
	readonly view: View;
	readonly arrivals: Arrivals;
	readonly clock: Clock;
	readonly keyMs: number;
	readonly printSlip: (slip: SlipRow) => Promise<PrintState>;
}

const why = (code: string): "paper" | "cover" | "printer" =>
	code === "printer.paper-out" ? "paper" : code === "printer.cover-open" ? "cover" : "printer";

export class Slips {
	readonly #ports: SlipPorts;
	#due = true;

	constructor(ports: SlipPorts) {
		this.#ports = ports;
	}

	/**
	 * Prints one slip to its end. False when the cashier goes on without it: it stays noted and comes when paper
	 * does.
	 */
	async print(slip: SlipRow): Promise<boolean> {
		const { view, arrivals, printSlip } = this.#ports;
		let row = slip;
		for (;;) {
			const state = await printSlip(row);
			if (state.at === "done") return true;
			row = { ...row, state: "begun" };
			view.show({
				page: "paper-out",
				copy: slip.copy,
				why: state.at === "held" ? why(state.code) : "printer",
			});
			arrivals.flushKeys();
			if (!(await this.#goOn())) return false;
		}
	}

	/** Waits for paper, or for the cashier's word. */
	async #goOn(): Promise<boolean> {
		const { arrivals, keyMs } = this.#ports;
		for (;;) {
			const arrival = await arrivals.next(keyMs);
			if (arrival?.on === "close") return false;
			if (arrival?.on === "paper") return true;
			if (arrival?.on === "key" && arrival.key === "confirm") return true;
			if (arrival?.on === "key" && arrival.key === "cancel") return false;
		}
	}

	/** Whether the printer would take a slip now. */
	get ready(): boolean {
		const status = this.#ports.printer.status();
		return status?.online === true && !status.coverOpen && status.paper !== "out";
	}

	/** The printer is well again: what was left is printed when nobody is being served. */
	paperBack(): void {
		this.#due = true;
	}
	/** Whether something was left, and has not been tried since the printer was last heard to be well. */
	get due(): boolean {
		return this.#due && this.ready && this.#ports.books.unprinted().length > 0;
	}

	/**
	 * What was left: after a restart, or when paper came back. Stops quietly at the first that does not come
	 * out.
	 */
	async rest(): Promise<void> {
		this.#due = false;
		for (const slip of this.#ports.books.unprinted()) {
			if (!this.ready || this.#ports.arrivals.closing) return;
			if ((await this.#ports.printSlip(slip)).at !== "done") return;
		}
	}
}
