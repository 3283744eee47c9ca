/** A foreign host as judge: receiptio prints on, and asks, our emulated printer over TCP. */
import { createServer, type Socket } from "node:net";
import { print } from "receiptio";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PrinterEmulator } from "../../../drivers/printer/emulator.ts";
import { silent } from "../../../src/kit/log.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

/** receiptio knows port 9100 alone: a loopback address of this process keeps two runs apart. */
const host = `127.${1 + (process.pid % 250)}.${1 + (Math.floor(process.pid / 250) % 250)}.91`;

/** A printer on the network; one host at a time. */
async function networkPrinter(): Promise<{
	readonly emulator: PrinterEmulator;
	close(): Promise<void>;
}> {
	const emulator = new PrinterEmulator({ clock: systemClock, log: silent });
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		const off = emulator.attach({
			write: (bytes) => socket.write(bytes),
			listen: (to) => {
				const hear = (chunk: Uint8Array): void => to({ on: "data", bytes: chunk });
				socket.on("data", hear);
				return () => socket.off("data", hear);
			},
			close: () => socket.destroy(),
		});
		socket.on("error", () => socket.destroy());
		socket.on("close", () => {
			off();
			sockets.delete(socket);
		});
	});
	await new Promise<void>((done) => server.listen(9100, host, done));
	return {
		emulator,
		close: () =>
			new Promise((done) => {
				for (const socket of sockets) socket.destroy();
				server.close(() => done());
			}),
	};
}

const judge = suite("receiptio on the emulated printer");
const receipt = `{width:32}
|银联POS签购单
|商户存根 MERCHANT COPY
---
批次号 000001| 凭证号 000002
^^金额:RMB:128.50
=
`;
judge("asked how it is, it answers what it was set to", async () => {
	const { emulator, close } = await networkPrinter();
	const ask = (): Promise<string> => print("", `-d ${host} -p generic -q`);
	assert.is(await ask(), "online");
	emulator.setCover(true);
	assert.is(await ask(), "coveropen");
	emulator.setCover(false);
	emulator.setPaper("out");
	assert.is(await ask(), "paperempty");
	emulator.setPaper("ok");
	emulator.setJam(true);
	assert.is(await ask(), "error");
	emulator.setJam(false);
	assert.is(await ask(), "error", "it stays until this host's DLE ENQ");
	assert.is(await ask(), "online");
	await close();
});
judge("a receipt in Chinese is printed, confirmed and readable", async () => {
	const { emulator, close } = await networkPrinter();
	const end = await print(receipt, `-d ${host} -p generic -c 32 -l zh -t 10`);
	assert.is(end, "success");
	const lines = emulator.text().split("\n");
	for (const wanted of ["银联POS签购单", "商户存根 MERCHANT COPY", "批次号 000001", "金额:RMB:128.50"])
		assert.ok(
			lines.some((line) => line.includes(wanted)),
			`${wanted} in\n${lines.join("\n")}`,
		);
	assert.is(emulator.paper().at(-1)?.is, "cut");
	await close();
});
judge("a receipt without paper is refused by its host", async () => {
	const { emulator, close } = await networkPrinter();
	emulator.setPaper("out");
	const end = await print(receipt, `-d ${host} -p generic -c 32 -l zh -t 5`);
	assert.is(end, "paperempty");
	assert.is(emulator.text(), "");
	await close();
});
judge("paper that ends in the middle is told to the host", async () => {
	const { emulator, close } = await networkPrinter();
	emulator.setPaperFor(2);
	assert.is(await print(receipt, `-d ${host} -p generic -c 32 -l zh -t 5`), "paperempty");
	await close();
});
judge.run();
