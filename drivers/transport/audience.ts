/** Those who listen to one kind of event: told in the order in which they came, never one who has left. */
export class Audience<Event> {
	readonly #ears = new Set<(event: Event) => void>();
	/** Gives the function that ends the listening. */
	readonly listen = (to: (event: Event) => void): (() => void) => {
		const ear = (event: Event): void => to(event);
		this.#ears.add(ear);
		return () => {
			this.#ears.delete(ear);
		};
	};
	tell(event: Event): void {
		for (const ear of [...this.#ears]) if (this.#ears.has(ear)) ear(event);
	}
}
