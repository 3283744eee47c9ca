/** Where chance comes from. The runtime gives the system's; the simulation gives a seed's. */
export interface Random {
	readonly bytes: (count: number) => Uint8Array;
	/** An integer from 0 up to but not including `below`. */
	readonly below: (below: number) => number;
}

/** Repeatable chance for simulations and tests (mulberry32). Never for keys. */
export function seeded(seed: number): Random {
	let s = seed | 0;
	const next = (): number => {
		s = (s + 0x6d2b79f5) | 0;
		let t = Math.imul(s ^ (s >>> 15), 1 | s);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	const below = (n: number): number => Math.floor(next() * n);
	return { below, bytes: (count) => Uint8Array.from({ length: count }, () => below(256)) };
}
