/**
 * The catalogue of faults: a code that never changes, a sentence for the engineer, and what the terminal
 * does.
 * A fault carries where it happened, never a value.
 */
export interface Fault {
	readonly says: string;
	/** Whether the same act may be tried again as it is. */
	readonly retry: boolean;
}
export const faults = {
	"device.gone": { says: "the device's link is down", retry: true },
	"device.silent": { says: "the device did not answer within its deadline", retry: true },
	"device.garbled": { says: "the device's answer could not be read", retry: true },
	"device.refused": { says: "the device refused the command", retry: false },
	"device.changed": { says: "another device answers on this line than before", retry: false },
	"device.busy": { says: "the device is still doing another command", retry: true },
	"reader.no-card": { says: "no card is in the reader", retry: true },
	"reader.mute": { says: "the card did not answer to reset or to a command", retry: true },
	"reader.card-removed": { says: "the card was taken out during the exchange", retry: false },
	"printer.paper-out": { says: "the paper ended before the job was out", retry: true },
	"printer.cover-open": { says: "the printer's cover was opened", retry: true },
	"printer.error": { says: "the printer reports a mechanical or head fault", retry: true },
	"printer.job-too-long": { says: "the job has more lines than a slip may have", retry: false },
	"host.unreachable": { says: "no connection to the acquirer; no byte was sent", retry: true },
	"host.send-failed": { says: "the line ended while the request was being sent", retry: false },
	"host.silent": { says: "no answer from the acquirer in time", retry: false },
	"host.cut": { says: "the line ended before the answer", retry: false },
	"host.garbled": { says: "the acquirer's answer could not be read", retry: false },
	"host.wrong-mac": { says: "the MAC of the answer is wrong", retry: false },
	"host.mismatch": { says: "the answer belongs to another request", retry: false },
	"vault.unreachable": { says: "the vault does not answer", retry: true },
	"vault.no-key": { says: "the vault holds no key in that slot", retry: false },
	"vault.wrong-kcv": { says: "a key's check value does not match", retry: false },
	"vault.refused": { says: "the vault refuses this operation to this asker or in this state", retry: false },
	"vault.bad-request": { says: "the request to the vault is malformed", retry: false },
	"vault.too-many-pins": { says: "PIN blocks are asked for too fast", retry: true },
	"vault.zeroised": { says: "the vault has erased its keys", retry: false },
	"vault.unsealable": { says: "sealed data does not open under this vault's key and context", retry: false },
	"ledger.full": { says: "a bound of the ledger is reached", retry: false },
	"ledger.damaged": { says: "the ledger could not be read or written", retry: false },
	"settings.invalid": { says: "a settings file does not have its shape", retry: false },
	"fleet.unreachable": { says: "no connection to the cloud", retry: true },
	"fleet.refused": { says: "the cloud refused a row", retry: false },
} as const satisfies Record<string, Fault>;
export type FaultCode = keyof typeof faults;
