/**
 * Every end of a print job, with the real driver and the emulated printer at the two ends of a
 * pseudo-terminal.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cloneTraits, fullTraits } from "../../../drivers/printer/emulator.ts";
import { limits } from "../../../src/kit/limits.ts";
import { closeBenches, job, printerBench, readyBench, until } from "./wire.ts";

const numbered = (count: number): readonly string[] =>
	Array.from({ length: count }, (_, n) => `line ${n + 1}`);
const printer = suite("printer on a line");
printer.after.each(closeBenches);

printer("a job with Chinese, bold, large, pair and picture comes out as it was meant", async () => {
	const { emulator, printer, told, close } = await readyBench();
	const end = await printer.print(
		job(
			"0001",
			{ kind: "raster", width: 16, height: 2, bits: Uint8Array.of(0xff, 0x01, 0x80, 0x10) },
			{ kind: "text", text: "银联POS签购单", align: "centre", bold: true },
			{ kind: "rule" },
			{ kind: "pair", left: "批次号 000001", right: "凭证号 000002" },
			{ kind: "text", text: "金额:RMB:128.50", large: true },
			{ kind: "feed", lines: 2 },
			{ kind: "cut" },
		),
	);
	assert.equal(end, { ok: true, value: "printed" });
	assert.equal(emulator.text().split("\n"), [
		"[picture 16×2]",
		"         银联POS签购单",
		"--------------------------------",
		"批次号 000001      凭证号 000002",
		"金额:RMB:128.50",
		"",
		"",
		"✂",
	]);
	const [picture, title, , , amount] = emulator.paper();
	assert.equal(picture?.is === "raster" && [...picture.bits], [0xff, 0x01, 0x80, 0x10]);
	assert.is(title?.is === "text" && title.bold && !title.large, true);
	assert.is(amount?.is === "text" && amount.large && !amount.bold, true);
	assert.equal(told(), ["ok online", "ready"]);
	assert.is(printer.confirmation(), "process-id");
	await close();
});

printer("a job of many slices keeps its order", async () => {
	const { emulator, printer, close } = await readyBench();
	const lines = numbered(190).map((line) => `${line} 收款成功`);
	assert.equal(await printer.print(job("0002", ...lines)), { ok: true, value: "printed" });
	assert.equal(emulator.text().split("\n"), lines);
	await close();
});

printer("a job longer than a slip may be is refused before a byte", async () => {
	const { emulator, printer, close } = await readyBench();
	const heard = emulator.heard();
	const end = await printer.print(job("0003", ...numbered(limits.slipLines + 1)));
	assert.equal(end, { ok: false, error: { code: "printer.job-too-long", at: "print" } });
	assert.is(emulator.heard() <= heard + 12, true, "nothing but an idle look");
	await close();
});

printer("an id that no printer can echo is a bug, and nothing is sent", async () => {
	const { emulator, printer, close } = await readyBench();
	const end = await printer.print(job("商", "one")).catch((error: unknown) => error);
	assert.instance(end, RangeError);
	assert.is(emulator.text(), "");
	assert.equal(await printer.print(job("0018", "one")), { ok: true, value: "printed" });
	await close();
});

printer("no paper: nothing is sent; the job prints when paper is there", async () => {
	const { emulator, printer, told, close } = await readyBench();
	emulator.setPaper("out");
	const end = await printer.print(job("0004", "one"));
	assert.equal(end, { ok: false, error: { code: "printer.paper-out", at: "before" } });
	assert.is(emulator.text(), "");
	emulator.setPaper("ok");
	await until(() => told().at(-1) === "ok online", "paper");
	assert.equal(await printer.print(job("0004", "one")), { ok: true, value: "printed" });
	assert.is(emulator.text(), "one");
	assert.equal(told(), ["ok online", "ready", "out offline", "ok online"]);
	await close();
});

printer("paper ends in the middle: a fault, and the rest does not come out later", async () => {
	const { emulator, printer, told, close } = await readyBench();
	emulator.setPaperFor(3);
	const end = await printer.print(job("0005", ...numbered(8)));
	assert.is(end.ok ? "" : end.error.code, "printer.paper-out");
	assert.equal(emulator.text().split("\n"), ["line 1", "line 2", "line 3"]);
	emulator.tear();
	emulator.setPaper("ok");
	await until(() => told().at(-1) === "ok online", "paper");
	assert.is(emulator.text(), "", "what was buffered is gone");
	assert.equal(await printer.print(job("0005", "***重打印***", ...numbered(8))), {
		ok: true,
		value: "printed",
	});
	assert.equal(emulator.text().split("\n"), ["✂", "***重打印***", ...numbered(8)], "once, whole, on its own");
	await close();
});

printer("the cover is opened in the middle of a slow job", async () => {
	const { emulator, printer, told, close } = await readyBench();
	emulator.setSlow(15);
	const printing = printer.print(job("0006", ...numbered(40)));
	await until(() => emulator.paper().length > 4, "some lines");
	emulator.setCover(true);
	const end = await printing;
	assert.is(end.ok ? "" : end.error.code, "printer.cover-open");
	const out = emulator.paper().length;
	emulator.setCover(false);
	await until(() => told().at(-1) === "ok online", "a closed cover");
	assert.is(emulator.paper().length, out, "it does not resume");
	emulator.setSlow(0);
	assert.equal(await printer.print(job("0006", "again")), { ok: true, value: "printed" });
	assert.equal(emulator.text().split("\n").slice(out), ["✂", "again"]);
	await close();
});

printer("a slow printer is waited for: printed is said when the last line is out", async () => {
	const { emulator, printer, close } = await readyBench();
	emulator.setSlow(12);
	const end = await printer.print(job("0007", ...numbered(20)));
	assert.equal(end, { ok: true, value: "printed" });
	assert.is(emulator.paper().length, 20);
	await close();
});

printer("a full buffer stops the host, not the job", async () => {
	const { emulator, printer, close } = await readyBench({ ...fullTraits, bufferBytes: 64 });
	emulator.setSlow(3);
	const lines = numbered(60);
	assert.equal(await printer.print(job("0008", ...lines)), { ok: true, value: "printed" });
	assert.equal(emulator.text().split("\n"), lines);
	await close();
});

printer("a jammed cutter is an error, and the next job recovers it", async () => {
	const { emulator, printer, close } = await readyBench();
	emulator.setJam(true);
	const end = await printer.print(job("0009", "one"));
	assert.equal(end, { ok: false, error: { code: "printer.error", at: "before" } });
	emulator.setJam(false);
	assert.is(emulator.condition().error, true, "freed, but not acknowledged");
	assert.equal(await printer.print(job("0009", "one")), { ok: true, value: "printed" });
	await close();
});

printer("a clone without process id confirms by GS r; its paper state is found by asking", async () => {
	const { emulator, printer, told, close } = await readyBench(cloneTraits);
	assert.is(printer.confirmation(), "paper-when-processed");
	assert.equal(await printer.print(job("0010", "one")), { ok: true, value: "printed" });
	assert.is(emulator.text(), "one");
	emulator.setPaper("low");
	await until(() => told().at(-1) === "low online", "low paper");
	await close();
});

printer("a clone that confirms nothing: sent, and no more is claimed", async () => {
	const { emulator, printer, close } = await readyBench({ ...cloneTraits, paperWhenProcessed: false });
	assert.is(printer.confirmation(), "none");
	assert.equal(await printer.print(job("0011", "one")), { ok: true, value: "sent-unconfirmed" });
	assert.is(emulator.text(), "one");
	await close();
});

printer("a printer that falls silent in a job is no printed job", async () => {
	const { emulator, printer, told, close } = await readyBench();
	emulator.setSlow(5);
	const printing = printer.print(job("0012", ...numbered(30)));
	await until(() => emulator.paper().length > 2, "some lines");
	emulator.setMute(true);
	const end = await printing;
	assert.is(end.ok ? "" : end.error.code, "device.silent");
	await until(() => told().at(-1) === "gone device.silent", "gone");
	emulator.setMute(false);
	await until(() => told().at(-1) === "ready", "ready again");
	await close();
});

printer("switched off and on in the middle: the job is not confirmed", async () => {
	const { emulator, printer, close } = await readyBench();
	emulator.setSlow(5);
	const printing = printer.print(job("0013", ...numbered(30)));
	await until(() => emulator.paper().length > 2, "some lines");
	emulator.powerCycle();
	const end = await printing;
	assert.is(end.ok, false);
	await close();
});

printer(
	"the cable is pulled in a job and plugged in again; the interrupted picture is swallowed",
	async () => {
		const { pty, emulator, printer, told, close } = await readyBench();
		emulator.setSlow(8);
		const printing = printer.print(job("0014", ...numbered(60)));
		await until(() => emulator.paper().length > 2, "some lines");
		pty.hangUp();
		const end = await printing;
		assert.is(end.ok ? "" : end.error.code, "device.gone");
		await until(() => told().at(-1) === "ready", "ready again");
		const out = emulator.paper().length;
		emulator.setSlow(0);
		assert.equal(await printer.print(job("0014", "again")), { ok: true, value: "printed" });
		assert.equal(emulator.text().split("\n").slice(out), ["✂", "again"]);
		await close();
	},
);

printer("a picture that a dead program left half sent swallows no part of the next job", async () => {
	for (const traits of [fullTraits, cloneTraits]) {
		const { pty, emulator, printer, told, close } = await printerBench(traits);
		// 48 bytes a row, 20 rows, of which 100 bytes came.
		emulator.attach({
			...pty.line,
			listen: (to) => {
				to({
					on: "data",
					bytes: Uint8Array.of(0x1d, 0x76, 0x30, 0, 48, 0, 20, 0, ...new Array(100).fill(0x41)),
				});
				return () => {};
			},
		});
		await printer.open();
		await until(() => told().includes("ready"), "ready");
		assert.equal(await printer.print(job("0015", "whole")), { ok: true, value: "printed" });
		assert.is(emulator.text().split("\n").at(-1), "whole");
		await close();
	}
});

printer("paper out at switch-on: ready with its state told, and the job prints later", async () => {
	const { emulator, printer, told, close } = await printerBench();
	emulator.setPaper("out");
	await printer.open();
	await until(() => told().includes("ready"), "ready");
	assert.equal(told(), ["out offline", "ready"]);
	assert.is(printer.confirmation(), undefined, "it could not be asked");
	emulator.setPaper("ok");
	assert.equal(await printer.print(job("0016", "one")), { ok: true, value: "printed" });
	assert.is(emulator.text(), "one");
	await close();
});

printer("no printer on the line: gone, and a job says so at once", async () => {
	const { emulator, printer, told, close } = await printerBench();
	emulator.setMute(true);
	await printer.open();
	await until(() => told().includes("gone device.silent"), "gone");
	const end = await printer.print(job("0017", "one"));
	assert.equal(end, { ok: false, error: { code: "device.gone", at: "before" } });
	await close();
});

printer("two jobs asked for at once come out one behind the other", async () => {
	const { emulator, printer, close } = await readyBench();
	const ends = await Promise.all([
		printer.print(job("M001", ...numbered(3), { kind: "cut" })),
		printer.print(job("C001", "copy", { kind: "cut" })),
	]);
	assert.equal(
		ends.map((end) => end.ok),
		[true, true],
	);
	assert.is(emulator.slips().length, 2);
	assert.equal(emulator.text().split("\n"), [...numbered(3), "✂", "copy", "✂"]);
	await close();
});
printer.run();
