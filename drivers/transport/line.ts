/** One end of a byte line. It is never opened twice: a new connection is a new Line. */
export interface Line {
	write(bytes: Uint8Array): void;
	readonly listen: (to: (event: LineEvent) => void) => () => void;
	/** May be called twice. `closed` is told to listeners once, whoever ended it. */
	close(): void;
}
export type LineEvent = { readonly on: "data"; readonly bytes: Uint8Array } | { readonly on: "closed" };
