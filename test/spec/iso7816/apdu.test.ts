import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, latin, unhex } from "../../../src/kit/bytes.ts";
import * as apdu from "../../../src/spec/iso7816/apdu.ts";
import { isDone, statusName, sw } from "../../../src/spec/iso7816/status.ts";

const commands = suite("commands");
commands("are the bytes of the books", () => {
	assert.is(hex(apdu.select(latin("1PAY.SYS.DDF01"))), "00A404000E315041592E5359532E444446303100");
	assert.is(hex(apdu.select(unhex("A0000000041010"), true)), "00A4040207A000000004101000");
	assert.is(hex(apdu.readRecord(1, 2)), "00B2020C00");
	assert.is(hex(apdu.readRecord(30, 1)), "00B201F400");
	assert.is(hex(apdu.getProcessingOptions(new Uint8Array(0))), "80A8000002830000");
	assert.is(hex(apdu.getProcessingOptions(unhex("60F0C8"))), "80A8000005830360F0C800");
	assert.is(hex(apdu.getProcessingOptions(new Uint8Array(0x80))).slice(0, 16), "80A8000083838180");
	assert.is(hex(apdu.getData("9F36")), "80CA9F3600");
	assert.is(hex(apdu.generateAc("arqc", unhex("0102"))), "80AE800002010200");
	assert.is(hex(apdu.generateAc("tc", unhex("01"))), "80AE4000010100");
	assert.is(hex(apdu.generateAc("aac", new Uint8Array(0))), "80AE000000");
	assert.is(hex(apdu.externalAuthenticate(unhex("1122334455667788"))), "00820000081122334455667788");
	assert.is(hex(apdu.getResponse(0x2e)), "00C000002E");
});
commands("of real traces decode and encode to themselves", () => {
	for (const name of ["contact-unionpay-dda-online", "contact-mastercard-online-decline"]) {
		const { exchanges } = JSON.parse(readFileSync(`test/vectors/traces/${name}.json`, "utf8")) as {
			readonly exchanges: readonly { readonly c: string; readonly r: string }[];
		};
		for (const { c, r } of exchanges) {
			const command = apdu.decode(unhex(c));
			assert.ok(command.ok, c);
			assert.is(hex(apdu.encode(command.value)), c);
			assert.ok(apdu.responseOf(unhex(r)));
		}
	}
});
commands("more data than one byte of length tells is a bug of the caller", () => {
	assert.throws(() => apdu.generateAc("tc", new Uint8Array(256)), /256 bytes/);
});
const faultOf = (text: string): string => {
	const read = apdu.decode(unhex(text));
	return read.ok ? "none" : `${read.error.kind} at ${read.error.offset}`;
};
commands("that cannot be are refused with their place", () => {
	assert.is(faultOf("00A404"), "short at 3");
	assert.is(faultOf("00A40400050102"), "short at 7");
	assert.is(faultOf("00A4040001AABBCC"), "length at 7");
	assert.is(faultOf("00A4040000AA"), "short at 6");
	assert.is(faultOf("00A40400"), "none");
});
commands("what is encoded decodes to itself, and noise never throws", () => {
	const byte = fc.nat(255);
	fc.assert(
		fc.property(
			fc.record({
				cla: byte,
				ins: byte,
				p1: byte,
				p2: byte,
				data: fc.uint8Array({ maxLength: 255 }),
				le: fc.option(byte, { nil: undefined }),
			}),
			(command) => {
				const read = apdu.decode(apdu.encode(command));
				assert.ok(read.ok);
				assert.equal({ ...read.value, data: hex(read.value.data) }, { ...command, data: hex(command.data) });
			},
		),
	);
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
			const read = apdu.decode(noise);
			if (read.ok) assert.is(hex(apdu.encode(read.value)), hex(noise));
			assert.is(apdu.responseOf(noise) === undefined, noise.length < 2);
		}),
	);
});
commands.run();

const statuses = suite("status words");
statuses("have names, and kinds where they have none", () => {
	assert.is(statusName(0x9000), "ok");
	assert.is(statusName(0x6985), "conditionsNotSatisfied");
	assert.is(statusName(0x63c2), "2 tries left");
	assert.is(statusName(0x6110), "more data");
	assert.is(statusName(0x6c32), "wrong expected length");
	assert.is(statusName(0x1234), "unknown");
});
statuses("9000, 61xx and warnings are done; errors are not", () => {
	for (const done of [0x9000, 0x6110, 0x6283, 0x63c0]) assert.ok(isDone(done));
	for (const failed of [0x6985, sw.recordNotFound, 0x6c10, 0x9001]) assert.not(isDone(failed));
});
statuses.run();
