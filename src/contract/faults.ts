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
	"pad.no-key": { says: "the PIN pad holds no key where one is needed", retry: false },
	"pad.key-slot": { says: "the PIN pad has no such key slot", retry: false },
	"pad.key-format": { says: "the PIN pad cannot read the key or working key", retry: false },
	"pad.key-block": { says: "the key block does not open under the PIN pad's key-loading key", retry: false },
	"pad.key-usage": { says: "the key is not for this use in the PIN pad", retry: false },
	"pad.key-duplicate": { says: "the PIN pad holds this key in another slot", retry: false },
	"pad.key-too-strong": { says: "the key is longer than the one it comes under", retry: false },
	"pad.key-exhausted": { says: "the PIN pad's key has been used as often as it may be", retry: false },
	"pad.not-authorised": { says: "the PIN pad wants its custodians for this", retry: false },
	"pad.memory": { says: "the PIN pad cannot read or write its memory", retry: false },
	"pad.account": { says: "the PIN pad refuses the account number", retry: false },
	"pad.request": { says: "the request to the PIN pad is malformed", retry: false },
	"pad.pin-length": { says: "the PIN is too short or too long for the PIN pad", retry: true },
	"pad.too-many-pins": { says: "the PIN pad has made too many PIN blocks within the hour", retry: true },
	"pad.other-mode": { says: "the PIN pad is set to another way of managing keys", retry: false },
	"pad.mac-sequence": { says: "the PIN pad lost count of a long message", retry: true },
	"pad.self-test": { says: "a self-test of the PIN pad failed", retry: false },
	"pad.unknown": { says: "the PIN pad gives a reason that its book does not know", retry: false },
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
	"vault.failed": { says: "the vault's self-test failed; it uses no key", retry: false },
	"vault.zeroised": { says: "the vault has erased its keys", retry: false },
	"vault.unsealable": { says: "sealed data does not open under this vault's key and context", retry: false },
	"ledger.full": { says: "a bound of the ledger is reached", retry: false },
	"ledger.damaged": { says: "the ledger could not be read or written", retry: false },
	"settings.invalid": { says: "a settings file does not have its shape", retry: false },
	"fleet.unreachable": { says: "no connection to the cloud", retry: true },
	"fleet.refused": { says: "the cloud refused a row", retry: false },
} as const satisfies Record<string, Fault>;
export type FaultCode = keyof typeof faults;
