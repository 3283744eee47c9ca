/** The two ends of what may go wrong in the world: a value, or a fault that says where. */
export type Result<T, E> =
	| { readonly ok: true; readonly value: T }
	| { readonly ok: false; readonly error: E };
export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const no = <E>(error: E): Result<never, E> => ({ ok: false, error });

/** A case that the compiler has proved away. Reached only if memory or a cast lied. */
export function never(value: never): never {
	throw new Error(`unreachable: ${Object(value).constructor?.name ?? typeof value}`);
}
