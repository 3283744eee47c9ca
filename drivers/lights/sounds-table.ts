/** The buzzer's sounds as milliseconds on and off in turn, beginning with on (cashier.md, 4). */
import type { Sound } from "../../src/contract/device.ts";

export const sounds: Readonly<Record<Sound, readonly number[]>> = {
	click: [15],
	good: [60, 60, 60, 60, 60],
	"wrong-key": [200],
	refused: [1000, 300, 1000, 300, 1000],
	/** Played again by its asker as long as the card is in: it ends by itself when nobody asks. */
	"card-left": [400, 200, 400, 200, 400],
};
