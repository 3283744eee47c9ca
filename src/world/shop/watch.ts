/**
 * Reads the programs' log lines into what the bench shows: the page, the way of the sale, messages, who is
 * there.
 */
import { limits } from "../../kit/limits.ts";
import type { FloorEvent, Logged, ShownMessage } from "./floor.ts";
import { textOf } from "./logged.ts";
import { messageOf } from "./messages.ts";
import { follow, noWay, type Way } from "./way.ts";

/** Programs under boot whose coming and going is told by boot itself. */
type Watched = "terminal" | "vault";
const watched = (name: string): name is Watched => name === "terminal" || name === "vault";

export class Watch {
	#way: Way = noWay;
	#messages: readonly ShownMessage[] = [];
	#page = { page: "starting", text: "" };
	#up: Readonly<Record<Watched, boolean>> = { terminal: false, vault: false };

	get way(): Way {
		return this.#way;
	}
	get messages(): readonly ShownMessage[] {
		return this.#messages;
	}
	get page(): { readonly page: string; readonly text: string } {
		return this.#page;
	}
	get up(): Readonly<Record<Watched, boolean>> {
		return this.#up;
	}

	/** Takes one line; gives what has changed by it, the line itself last. */
	hear(line: Logged): readonly FloorEvent[] {
		const events: FloorEvent[] = [];
		if (this.#turned(line) || this.#link(line)) events.push({ on: "state" });
		const way = follow(this.#way, line);
		if (way !== this.#way) events.push({ on: "way" });
		this.#way = way;
		const message = messageOf(line);
		if (message !== undefined) {
			this.#messages = [...this.#messages, message].slice(-limits.eventRing);
			events.push({ on: "message", message });
		}
		return [...events, { on: "logged", line }];
	}

	/** The power is gone: nobody is there. */
	dark(): void {
		this.#up = { terminal: false, vault: false };
		this.#page = { page: "dark", text: "" };
		this.#way = noWay;
	}

	#turned(line: Logged): boolean {
		if (line.event !== "page") return false;
		this.#page = { page: textOf(line, "page"), text: textOf(line, "text") };
		return true;
	}

	#link(line: Logged): boolean {
		const name = line.event === "program-ended" ? textOf(line, "name") : line.program;
		if (!watched(name)) return false;
		const up = line.event !== "program-ended";
		if (this.#up[name] === up) return false;
		this.#up = { ...this.#up, [name]: up };
		return true;
	}
}
