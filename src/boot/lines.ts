/** Cuts what a program writes into lines, wherever the pipe cut it; a line over the bound comes in pieces. */
export class Lines {
	readonly #most: number;
	readonly #decoder = new TextDecoder();
	#held = "";

	constructor(most: number) {
		this.#most = most;
	}

	/** Whole lines, without their end. */
	feed(chunk: Uint8Array): readonly string[] {
		const parts = (this.#held + this.#decoder.decode(chunk, { stream: true })).split("\n");
		this.#held = parts.pop() ?? "";
		while (this.#held.length >= this.#most) {
			parts.push(this.#held.slice(0, this.#most));
			this.#held = this.#held.slice(this.#most);
		}
		return parts;
	}

	/** What stands after the last line's end; called once, when the program has ended. */
	rest(): string {
		const held = this.#held;
		this.#held = "";
		return held;
	}
}
