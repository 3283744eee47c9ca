import { randomBytes, randomInt } from "node:crypto";
import type { Random } from "../kit/random.ts";

/** The system's generator: fit for keys and nonces. */
export const systemRandom: Random = {
	bytes: (count) => Uint8Array.from(randomBytes(count)),
	below: (below) => randomInt(below),
};
