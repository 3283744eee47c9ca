import type { Lamp } from "../../contract/device.ts";
import type { Page } from "../screen/page.ts";

/**
 * The lamp that each page lights: to be seen from across the counter. None: the terminal is not to be used.
 */
export const lampOf: Readonly<Record<Page["page"], Lamp | undefined>> = {
	...({
		starting: undefined,
		"out-of-service": "bad",
		"sign-in": "working",
		"sign-in-failed": "bad",
	} as const),
	...({ idle: "ready", menu: "ready", amount: "ready", "not-available": "ready" } as const),
	...({ "insert-card": "ready", reading: "working", "choose-application": "ready", pin: "ready" } as const),
	...({ contacting: "working", "wrong-pin": "bad", approved: "good", declined: "bad" } as const),
	...({ "not-charged": "bad", reversing: "working", reversed: "bad", unresolved: "bad" } as const),
	...({ "take-card": "ready", "paper-out": "bad", "after-restart": "bad" } as const),
};
