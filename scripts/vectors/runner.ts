/** What a group of vectors is run by: the shape that every runner in this folder has. */
export interface Vector {
	readonly id: string;
	readonly input: Readonly<Record<string, unknown>>;
	readonly expected: Readonly<Record<string, unknown>>;
}
/** Where a vector says something else than our code: the key of `expected`, and both values as text. */
export interface Difference {
	readonly key: string;
	readonly expected: string;
	readonly got: string;
}
/**
 * Computes with our code what the vector expects; none is good. A shape that it does not know is a
 * difference, too.
 */
export type RunVector = (vector: Vector) => readonly Difference[];
