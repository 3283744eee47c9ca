/**
 * Our column of the side-by-side measurement of DUKPT and block ciphers; keys and numbers are the harness's,
 * published by ANSI X9.24. Run: node BENCH/run-crypto.mjs --adapter ours=scripts/bench/crypto.ts
 */
import { unhex } from "../../src/kit/bytes.ts";
import type { Result } from "../../src/kit/result.ts";
import { aesFor } from "../../src/runtime/aes.ts";
import { desFor } from "../../src/runtime/des.ts";
import { hashes } from "../../src/runtime/hash.ts";
import { transactionKey } from "../../src/spec/keys/dukpt.ts";
import { aesDukpt, aesWorkingKey } from "../../src/spec/keys/dukpt-aes.ts";
import { readTdesKsn, tdesDukpt, tdesWorkingKey } from "../../src/spec/keys/dukpt-tdes.ts";
import { format0 } from "../../src/spec/pin/block.ts";

function given<T>(result: Result<T, unknown>): T {
	if (!result.ok) throw new Error("refused");
	return result.value;
}

const initialKey = unhex("6AC292FAA1315B4D858AB3A3D7D5933A");
const bdk = unhex("0123456789ABCDEFFEDCBA9876543210");
const [shallow, deep] = ["FFFF9876543210E00008", "FFFF9876543210EFF800"].map((ksn) => unhex(ksn));
const aesInitial = unhex("1273671EA26AC29AFA4D1084127652A1");
const aesKeyId = unhex("1234567890123456");
const pinBlock = given(format0(Uint8Array.of(1, 2, 3, 4), "4012345678909"));
const [tdes, aes] = [tdesDukpt(desFor), aesDukpt(aesFor)];

const tdesKey = (ksn: Uint8Array = new Uint8Array(0)): Uint8Array => {
	const { keyId, counter } = given(readTdesKsn(ksn));
	return given(transactionKey(tdes, initialKey, keyId, counter));
};
const aesKey = (): Uint8Array => {
	const key = given(transactionKey(aes, aesInitial, aesKeyId, 1));
	return given(aesWorkingKey(aesFor, { key, keyId: aesKeyId, counter: 1 }, "pin", "AES128"));
};
const bytes = (count: number, value: number): Uint8Array => new Uint8Array(count).fill(value);
const [block8, block16, text] = [bytes(8, 7), bytes(16, 7), bytes(200, 3)];

/** The harness takes a default export. */
export default {
	ops: {
		tdes_txn_key_1bit: () => tdesKey(shallow),
		tdes_txn_key_10bit: () => tdesKey(deep),
		tdes_pin_block: () => desFor(given(tdesWorkingKey(desFor, tdesKey(shallow), "pin"))).encrypt(pinBlock),
		aes_pin_key: aesKey,
		raw_3des: () => desFor(bdk).encrypt(block8),
		raw_aes: () => aesFor(bdk).encrypt(block16),
		sha1_200B: () => hashes.sha1(text),
		sha256_200B: () => hashes.sha256(text),
	},
};
