/**
 * A life is two words: constructors keep what they are given, `open` begins, `close` ends and may be called
 * twice.
 */
export interface Part {
	readonly name: string;
	open(): Promise<void>;
	close(): Promise<void>;
}

/** Opens in order; when one fails, closes those that were open, backwards, and passes the error on. */
export async function openAll(parts: readonly Part[]): Promise<void> {
	const opened: Part[] = [];
	for (const part of parts) {
		try {
			await part.open();
			opened.push(part);
		} catch (error) {
			await closeAll(opened);
			throw error;
		}
	}
}

/**
 * Closes backwards; one that fails does not keep the others from closing. Gives the first error after all
 * were tried.
 */
export async function closeAll(parts: readonly Part[]): Promise<void> {
	const errors: unknown[] = [];
	for (const part of parts.toReversed()) await part.close().catch((error: unknown) => errors.push(error));
	if (errors.length > 0) throw new AggregateError(errors, `${errors.length} parts did not close`);
}
