/** Vectors of a PIN enciphered for the card: the plain block, what is sent, and the command around it. */
import { hex, unhex } from "../../src/kit/bytes.ts";
import { rsaPublic } from "../../src/runtime/rsa.ts";
import { encipherPin, plainPinBlock } from "../../src/spec/emv/pin-encipherment.ts";
import { encode } from "../../src/spec/iso7816/apdu.ts";
import type { RunVector } from "./runner.ts";

const rsa = rsaPublic();
const needed = ["icc_public_key", "icc_exponent", "pin_block_format2", "icc_unpredictable_number"] as const;

export const run: RunVector = ({ input, expected }) => {
	if (needed.some((name) => typeof input[name] !== "string"))
		return [{ key: "input", expected: needed.join(", "), got: Object.keys(input).join(", ") }];
	const bytes = (name: string): Uint8Array => unhex(String(input[name] ?? ""));
	const key = { modulus: bytes("icc_public_key"), exponent: bytes("icc_exponent") };
	const block = bytes("pin_block_format2");
	const challenge = bytes("icc_unpredictable_number");
	const fill = (count: number): Uint8Array => {
		const told = bytes("random_padding");
		return told.length === count ? told : new Uint8Array(count);
	};
	const plain = plainPinBlock(key.modulus.length, block, challenge, fill);
	const enciphered = encipherPin(rsa, key, block, challenge, fill);
	if (!plain.ok || !enciphered.ok) {
		const at = plain.ok ? "key" : plain.error.at;
		return "error" in expected ? [] : [{ key: "run", expected: "enciphered", got: `refused: ${at}` }];
	}
	const says: Readonly<Record<string, string>> = {
		plain_block: hex(plain.value),
		enciphered_pin_data: hex(enciphered.value),
		verify_apdu: hex(encode({ cla: 0, ins: 0x20, p1: 0, p2: 0x88, data: enciphered.value, le: undefined })),
		error: "taken",
	};
	return Object.entries(expected).flatMap(([name, wanted]) => {
		const got = says[name] ?? "a key this runner knows not";
		return got === wanted ? [] : [{ key: name, expected: String(wanted), got }];
	});
};
