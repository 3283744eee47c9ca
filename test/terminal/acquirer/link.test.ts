import { createServer, type Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex, unhex } from "../../../src/kit/bytes.ts";
import { HandClock } from "../../../src/kit/clock.ts";
import { HostLink, type Taken } from "../../../src/terminal/acquirer/link.ts";

/** A far end that does with each connection what the test says; gives its port and what it heard. */
async function farEnd(
	act: (socket: Socket, heard: Uint8Array) => void,
	test: (port: number, heard: string[]) => Promise<void>,
): Promise<void> {
	const open = new Set<Socket>();
	const heard: string[] = [];
	const server = createServer((socket) => {
		open.add(socket);
		socket.on("error", () => {});
		socket.on("data", (bytes: Uint8Array) => {
			heard.push(hex(bytes));
			act(socket, bytes);
		});
	});
	await new Promise<void>((done) => {
		server.listen(0, "127.0.0.1", done);
	});
	const address = server.address();
	try {
		await test(typeof address === "object" && address !== null ? address.port : 0, heard);
	} finally {
		for (const socket of open) socket.destroy();
		await new Promise((done) => {
			server.close(done);
		});
	}
}
const linkTo = (port: number, clock: HandClock): HostLink =>
	new HostLink({ host: "127.0.0.1", port, connectMs: 1000, answerMs: 60_000 }, clock);
const request = unhex("0003414243");
/** Frames that begin with 01 are ours, with 02 another's. */
const take = (content: Uint8Array): Taken<string> =>
	content[0] === 1 ? { is: "ours", answer: hex(content) } : { is: content[0] === 2 ? "other" : "unreadable" };
const quiet = (): void => {};

const line = suite("one question on a line");

line("an answer ends it; what was not ours before it is passed over; no timer stays", () => {
	const clock = new HandClock();
	return farEnd(
		(socket) => socket.write(unhex("0002 02FF 0001 02 0003 01AABB 0001 01")),
		async (port, heard) => {
			const phases: string[] = [];
			const end = await linkTo(port, clock).exchange(request, take, (p) => phases.push(p));
			assert.equal(end, { end: "answered", answer: "01AABB" });
			assert.equal(phases, ["connecting", "sending", "waiting"]);
			assert.equal(heard, ["0003414243"]);
			assert.is(clock.next(), undefined);
		},
	);
});

line("no connection within connectMs: unreachable, and nothing is sent afterwards", () => {
	const clock = new HandClock();
	return farEnd(
		(socket) => socket.write(unhex("000101")),
		async (port, heard) => {
			const asked = linkTo(port, clock).exchange(request, take, quiet);
			clock.pass(1000);
			assert.equal(await asked, { end: "unreachable" });
			const next = await linkTo(port, clock).exchange(unhex("0001FF"), take, quiet);
			assert.equal(next, { end: "answered", answer: "01" });
			assert.equal(heard, ["0001FF"]);
			assert.is(clock.next(), undefined);
		},
	);
});

line("time runs out while the request is on its way: a part may have left", () => {
	const clock = new HandClock();
	return farEnd(quiet, async (port) => {
		const end = await linkTo(port, clock).exchange(request, take, (p) => {
			if (p === "sending") clock.pass(60_000);
		});
		assert.equal(end, { end: "send-failed" });
	});
});

line("one row an end: what the far end does, what is known", async () => {
	const rows: readonly [string, (socket: Socket) => void, string][] = [
		["hangs up", (socket) => socket.end(), "cut"],
		["resets", (socket) => socket.resetAndDestroy(), "cut"],
		["hangs up within its answer", (socket) => socket.end(unhex("00030101")), "cut"],
		["answers to another and hangs up", (socket) => socket.end(unhex("000102")), "cut"],
		["answers what cannot be read", (socket) => socket.write(unhex("000103")), "garbled"],
		["announces more than a frame may be", (socket) => socket.write(unhex("FFFF01")), "garbled"],
		["an empty frame", (socket) => socket.write(unhex("0000")), "garbled"],
	];
	for (const [title, act, end] of rows)
		await farEnd(act, async (port) => {
			assert.is((await linkTo(port, new HandClock()).exchange(request, take, quiet)).end, end, title);
		});
});

line.run();
