import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decimal, fromDecimal, fromField, grouped, toField } from "../../../src/spec/money/money.ts";

const money = suite("money");

money("one row an amount: fen, field 4, plain, grouped", () => {
	const rows: readonly [bigint, string, string, string][] = [
		[0n, "000000000000", "0.00", "0.00"],
		[1n, "000000000001", "0.01", "0.01"],
		[99n, "000000000099", "0.99", "0.99"],
		[100n, "000000000100", "1.00", "1.00"],
		[12_850n, "000000012850", "128.50", "128.50"],
		[123_456n, "000000123456", "1234.56", "1,234.56"],
		[9_999_999_999n, "009999999999", "99999999.99", "99,999,999.99"],
		[999_999_999_999n, "999999999999", "9999999999.99", "9,999,999,999.99"],
	];
	for (const [fen, field, plain, people] of rows) {
		assert.equal(toField(fen), { ok: true, value: field });
		assert.equal(fromField(field), { ok: true, value: fen });
		assert.is(decimal(fen), plain);
		assert.is(grouped(fen), people);
		assert.equal(fromDecimal(plain), { ok: true, value: fen });
		assert.equal(fromDecimal(people), { ok: true, value: fen });
	}
});

money("what does not fit field 4 is refused, never cut", () => {
	assert.equal(toField(-1n), { ok: false, error: { kind: "negative", at: 0 } });
	assert.equal(toField(1_000_000_000_000n), { ok: false, error: { kind: "too-many-digits", at: 13 } });
	assert.equal(fromField("00000000123"), { ok: false, error: { kind: "not-an-amount", at: 11 } });
	assert.equal(fromField("00000000 123"), { ok: false, error: { kind: "not-an-amount", at: 8 } });
});

money("a text that is nearly an amount is none", () => {
	for (const text of ["", "1", "1.2", "1.234", "1,23.45", "12,34.56", ".50", "1.00 ", "+1.00", "1,2345.00"])
		assert.not.ok(fromDecimal(text).ok, text);
	assert.equal(fromDecimal("-0.05"), { ok: true, value: -5n });
});

money("every amount reads back from both texts, and from field 4 when it fits", () => {
	fc.assert(
		fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (fen) => {
			for (const write of [decimal, grouped]) assert.equal(fromDecimal(write(fen)), { ok: true, value: fen });
			const field = toField(fen);
			assert.is(field.ok, fen >= 0n && fen < 10n ** 12n);
			if (field.ok) assert.equal(fromField(field.value), { ok: true, value: fen });
		}),
	);
});

money.run();
