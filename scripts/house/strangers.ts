/**
 * What is shipped holds nothing of the world and no device's other end: read from the bundler's list of
 * inputs.
 */
interface Bundles {
	readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
}

const stranger = /^(src\/world|test)\/|^drivers\/[^/]+\/emulator/;

/** One line for each input that must not be in a shipped bundle; none is good. */
export const strangersIn = ({ outputs }: Bundles): readonly string[] =>
	Object.entries(outputs).flatMap(([file, { inputs }]) =>
		Object.keys(inputs)
			.filter((path) => stranger.test(path))
			.map((path) => `${file} holds ${path}`),
	);
