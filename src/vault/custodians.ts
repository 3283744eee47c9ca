/** Custodians of key components: who they are is known by a passcode, of which the vault keeps a verifier. */
import { scrypt, scryptSync } from "node:crypto";
import { concat } from "../kit/bytes.ts";
import type { Random } from "../kit/random.ts";
import { secretBytes } from "../kit/secret.ts";
import { passcodeLength } from "./ceremony.ts";
import { same } from "./ciphers.ts";
import type { KeyStore } from "./key-store.ts";

/** Some 100 ms and 32 MB a check (fleet/identity.md, 5). */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;
const saltBytes = 16;
const hashBytes = 32;
/** Wrong passcodes in a row, over all ceremonies and restarts; then only provisioning helps. */
const mostWrong = 5;

/** Number 1 to 9, passcode one byte a digit; else RangeError. The passcode is wiped. */
export function enrol(store: KeyStore, number: number, passcode: Uint8Array, random: Random): void {
	const { least, most } = passcodeLength;
	if (!Number.isInteger(number) || number < 1 || number > 9) throw new RangeError("a custodian's number");
	if (passcode.length < least || passcode.length > most || passcode.some((digit) => digit > 9))
		throw new RangeError(`custodian ${number}: not a passcode`);
	const salt = random.bytes(saltBytes);
	store.enrol(number, concat(salt, scryptSync(passcode, salt, hashBytes, cost)));
	passcode.fill(0);
}

/** Whether this is the custodian's passcode. The try is counted, durably, before it is made. */
export async function isCustodian(store: KeyStore, number: number, passcode: Uint8Array): Promise<boolean> {
	const known = store.custodian(number);
	if (known === undefined || known.wrong >= mostWrong) return false;
	store.noteWrong(number, known.wrong + 1);
	const copy = secretBytes(passcode.length);
	copy.set(passcode);
	const hash = await new Promise<Uint8Array>((done, fail) => {
		scrypt(copy, known.verifier.subarray(0, saltBytes), hashBytes, cost, (error, key) => {
			if (error === null) done(key);
			else fail(error);
		});
	});
	copy.fill(0);
	const good = same(hash, known.verifier.subarray(saltBytes));
	if (good) store.noteWrong(number, 0);
	return good;
}
