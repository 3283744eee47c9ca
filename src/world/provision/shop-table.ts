/** The shop that provisioning sets up: who it is, and what its terminal waits for. */
import type { Settings } from "../../contract/settings.ts";

export const shop = {
	tenant: "guitai",
	terminal: "T10016919",
	serial: "GT-000001",
	terminalNumber: "10016919",
	operator: "01",
	merchant: { name: "晨光便利店", nameEn: "Chenguang Store", number: "898290070110001" },
	acquirer: "银联商务",
} as const;

/** Milliseconds. */
export const waits = {
	keyMs: 60_000,
	cardMs: 60_000,
	pinFirstMs: 60_000,
	pinBetweenMs: 20_000,
	resultMs: 8000,
} as const satisfies Settings["waits"];

export const acquirerWaits = { connectMs: 5000, answerMs: 60_000, reversalPauseMs: 5000 } as const;

/** A demonstration has one terminal: it need not wait its turn for minutes, as a fleet does. */
export const retryMs = { least: 250, most: 5000 } as const;
