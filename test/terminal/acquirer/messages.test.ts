import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Dialect } from "../../../src/contract/settings.ts";
import { hex, latin, unhex } from "../../../src/kit/bytes.ts";
import { readGbk } from "../../../src/runtime/gbk.ts";
import { pack } from "../../../src/spec/iso8583/codec.ts";
import type { Message, Value } from "../../../src/spec/iso8583/field.ts";
import { unionpay } from "../../../src/spec/iso8583/unionpay-table.ts";
import {
	belongs,
	hostAnswer,
	macRule,
	mismatch,
	reversalRequest,
	saleRequest,
	signInRequest,
} from "../../../src/terminal/acquirer/messages.ts";
import { atCounter, dialect, reversalOf, saleOf, settingsFor } from "../../world/acquirer/bank.ts";

const settings = settingsFor(1);
const shown = (message: Message): string =>
	[...message.fields].map(([n, v]) => `${n}=${typeof v === "string" ? v : hex(v)}`).join(" ");

const requests = suite("requests");

requests("sign-in as it goes on the wire", () => {
	const packed = pack(unionpay, signInRequest(settings, 12, 1));
	assert.ok(packed.ok);
	assert.is(
		hex(packed.value),
		[
			"0800 0020000000C00016 000012",
			hex(latin("10016919")) + hex(latin("898290070110001")),
			`0011 000000010030 0021 ${hex(latin("Sequence No08GT000001"))}`,
			"0003 303120",
		]
			.join("")
			.replaceAll(" ", ""),
	);
});
requests("sale with a PIN, and without", () => {
	const chip = { ...saleOf(7, 12_850n, "086BDB118D7AC25E"), chipData: unhex("950500800480 00") };
	const common = "11=000007 14=3012 22=051 23=001 25=00 26=12 35=6217970000000005090D30122201000000000";
	assert.is(
		shown(saleRequest(settings, chip)),
		`2=6217970000000005090 3=000000 4=000000012850 ${common} 41=10016919 42=898290070110001 49=156 ` +
			"52=086BDB118D7AC25E 53=2600000000000000 55=95050080048000 60=2200000100050",
	);
	const { pinBlock: _, ...without } = chip;
	assert.is(
		shown(saleRequest(settings, without)),
		`2=6217970000000005090 3=000000 4=000000012850 ${common.replace("051", "052").replace(" 26=12", "")} ` +
			"41=10016919 42=898290070110001 49=156 55=95050080048000 60=2200000100050",
	);
});
requests("reversal: the same trace, a reason, no track, no PIN", () => {
	const reversal = { ...reversalOf(7, 12_850n), authorisation: "654321", reason: "A0" as const };
	assert.is(
		shown(reversalRequest(settings, reversal)),
		"2=6217970000000005090 3=000000 4=000000012850 11=000007 14=3012 22=051 23=001 25=00 38=654321 39=A0 " +
			"41=10016919 42=898290070110001 49=156 55=950500800480009F36020012 60=2200000100050",
	);
	const bare = { ...reversalOf(7, 1n), expiry: "", pin: false, chipData: new Uint8Array(0) };
	assert.not.match(shown(reversalRequest(settings, bare)), /(^| )(14|38|55)=/);
	assert.match(shown(reversalRequest(settings, bare)), " 22=052 ");
});
requests("single-length keys say so in F53", () => {
	const old = settingsFor(1, { dialect: { ...dialect, signInCode: "001" } });
	assert.is(saleRequest(old, saleOf(1, 1n, "086BDB118D7AC25E")).fields.get(53), "2000000000000000");
});
requests.run();

const answers = suite("answers");

const request = saleRequest(settings, saleOf(7, 100n));
const answer = (change: Readonly<Record<number, Value | undefined>> = {}, mti = "0210"): Message => {
	const echoed = [3, 4, 11, 41, 42].map((n) => [n, request.fields.get(n)] as const);
	const given = Object.entries(change).map(([n, v]) => [Number(n), v] as const);
	const fields = new Map([...echoed, [39, "00"] as const, ...given]);
	return {
		mti,
		fields: new Map([...fields].filter((pair): pair is [number, Value] => pair[1] !== undefined)),
	};
};

answers("one row: what the answer says, whether it is ours, which field does not fit", () => {
	const rows: readonly [string, Message, boolean, number | undefined][] = [
		["approved", answer(), true, undefined],
		["another trace: a late one", answer({ 11: "000006" }), false, undefined],
		["no trace", answer({ 11: undefined }), false, undefined],
		["an answer to a reversal", answer({}, "0410"), false, undefined],
		["another amount", answer({ 4: "000000000101" }), true, 4],
		["another amount, but approved in part", answer({ 4: "000000000050", 39: "10" }), true, undefined],
		["another kind", answer({ 3: "200000" }), true, 3],
		["another terminal", answer({ 41: "10016918" }), true, 41],
		["another merchant", answer({ 42: "898290070110002" }), true, 42],
		["another merchant in a refusal", answer({ 42: "898290070110002", 39: "51" }), true, undefined],
		["an approval without its amount", answer({ 4: undefined }), true, 4],
		["a refusal without its amount", answer({ 4: undefined, 39: "51" }), true, undefined],
		["no F39", answer({ 39: undefined }), true, 39],
	];
	for (const [title, heard, ours, field] of rows) {
		assert.is(belongs(request, heard), ours, title);
		if (ours) assert.is(mismatch(request, heard), field, title);
	}
});

answers("F64 that is there is always checked; without it only named refusals are believed", () => {
	const rows: readonly [string | undefined, boolean, string][] = [
		["00", true, "verify"],
		["51", true, "verify"],
		["A0", true, "verify"],
		["00", false, "missing"],
		["51", false, "missing"],
		["96", false, "accept"],
		["A0", false, "accept"],
		[undefined, false, "missing"],
	];
	for (const [code, mac, rule] of rows)
		assert.is(
			macRule(dialect, answer({ 39: code, 64: mac ? new Uint8Array(8) : undefined })),
			rule,
			`${code}`,
		);
	assert.is(
		macRule({ ...dialect, macless: ["00"] }, answer()),
		"missing",
		"no dialect makes an approval macless",
	);
});

answers("what the slip needs is read out; Chinese is read as it was written", () => {
	const read = hostAnswer(
		answer({
			37: "X00004002761",
			38: "650852",
			44: latin("03080000   48982900   "),
			63: unhex(`${hex(latin("CUP"))}C7EBB1A3B9DC${"20".repeat(14)}`),
		}),
		unhex("603103310100"),
		readGbk,
	);
	const { chipData, ...rest } = read;
	assert.is(chipData.length, 0);
	assert.equal(rest, {
		...{ code: "00", wants: 3, reference: "X00004002761", authorisation: "650852" },
		...{ issuer: "招商银行", remark: "请保管" },
	});
	assert.is(hostAnswer(answer({ 44: latin("9999") }), new Uint8Array(0), readGbk).issuer, "9999");
	assert.is(hostAnswer(answer(), new Uint8Array(0), readGbk).wants, 0);
});
answers.run();

const dialects = suite("dialects");

for (const file of readdirSync("firmware-config/profiles").filter((name) => name.startsWith("dialect-")))
	dialects(`${file}: signs in and sells`, async () => {
		const spoken = JSON.parse(readFileSync(`firmware-config/profiles/${file}`, "utf8")) as Dialect;
		assert.equal(Object.keys(spoken), Object.keys(dialect));
		assert.is(file, `dialect-${spoken.name}.json`);
		await atCounter(
			async ({ signIn, sale }) => {
				assert.is((await signIn()).end, "signed-in");
				const end = await sale(2, 100n);
				assert.is(end.end === "answered" && end.answer.code, "00");
			},
			{ more: { dialect: spoken } },
		);
	});
dialects.run();
