import { connect, createServer, type Socket } from "node:net";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { big, concat, unhex } from "../../../src/kit/bytes.ts";
import { type Random, seeded } from "../../../src/kit/random.ts";
import { ok } from "../../../src/kit/result.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { AcquirerDesk, type HostKeys } from "../../../src/terminal/acquirer/acquirer-desk.ts";
import {
	atCounter,
	type Counter,
	card,
	dialect,
	reversalOf,
	saleOf,
	settingsFor,
} from "../../world/acquirer/bank.ts";

/** Keys that call every MAC wrong: noise must not be believed because of luck. */
const suspicious = {
	mac: async () => ok(new Uint8Array(8)),
	verify: async () => ok(false),
	importKeys: async () => ok(undefined),
};

/** A host that answers whatever it hears with these bytes, cut where told, and hangs up. */
async function withHost(
	answers: (request: Uint8Array) => readonly Uint8Array[],
	act: (port: number) => Promise<void>,
): Promise<void> {
	const open = new Set<Socket>();
	const server = createServer((socket) => {
		open.add(socket);
		socket.on("error", () => {});
		socket.on("close", () => open.delete(socket));
		socket.once("data", (request: Uint8Array) => {
			for (const part of answers(request)) socket.write(part);
			socket.end();
		});
	});
	await new Promise<void>((done) => {
		server.listen(0, "127.0.0.1", done);
	});
	const address = server.address();
	try {
		await act(typeof address === "object" && address !== null ? address.port : 0);
	} finally {
		for (const socket of open) socket.destroy();
		await new Promise((done) => {
			server.close(done);
		});
	}
}

const deskAt = (port: number, keys: HostKeys): AcquirerDesk =>
	new AcquirerDesk({ settings: settingsFor(port), keys, clock: systemClock, log: () => {} });

const noise = suite("a host that talks nonsense");

noise("whatever comes back, the desk ends, throws nothing and believes nothing", () => {
	let parts: readonly Uint8Array[] = [];
	let framed = false;
	return withHost(
		(request) => (framed ? [big(request.length - 2, 2), request.subarray(2), ...parts] : parts),
		(port) => {
			const desk = deskAt(port, suspicious);
			return fc.assert(
				fc.asyncProperty(
					fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 3 }),
					fc.boolean(),
					fc.boolean(),
					async (chunks, length, echo) => {
						framed = echo;
						parts = length ? chunks.map((c) => concat(big(c.length, 2), c)) : chunks;
						const end = await desk.sale(saleOf(2, 100n), () => {});
						assert.is(end.end, "unknown", JSON.stringify(end));
						const signIn = await desk.signIn(1, 1, () => {});
						assert.is(signIn.end, "fault");
					},
				),
				{ numRuns: 60 },
			);
		},
	);
});

/** A true answer of the acquirer to one sale, as it crossed a line between the two. */
const overheard = ({ acquirer, keys }: Counter): Promise<Uint8Array> =>
	new Promise((done) => {
		const relay = createServer((near) => {
			const far = connect(acquirer.port(), "127.0.0.1");
			near.on("data", (b) => far.write(b));
			far.on("data", (b: Uint8Array) => {
				near.destroy();
				far.destroy();
				relay.close(() => done(Uint8Array.from(b)));
			});
		});
		relay.listen(0, "127.0.0.1", () => {
			const address = relay.address();
			const port = typeof address === "object" && address !== null ? address.port : 0;
			const request = saleOf(2, 100n, keys.pinBlock(card.pin, card.pan));
			deskAt(port, keys)
				.sale(request, () => {})
				.catch(() => {});
		});
	});

noise("an answer in single bytes is an answer; one with bytes behind it too", () =>
	atCounter(async (counter) => {
		await counter.signIn();
		const answer = await overheard(counter);
		await withHost(
			() => [...Array.from(answer, (b) => Uint8Array.of(b)), unhex("0004DEAD")],
			async (port) => {
				const end = await deskAt(port, counter.keys).sale(saleOf(2, 100n), () => {});
				assert.is(end.end === "answered" && end.answer.code, "00");
			},
		);
	}),
);
noise.run();

const money = suite("money under faults");

/** As the terminal does: again and again, until the host has said so. */
async function undo(desk: AcquirerDesk, trace: number, amount: bigint): Promise<void> {
	for (;;) {
		const end = await desk.reverse(reversalOf(trace, amount), () => {});
		if (end.end === "answered" && dialect.endsReversal.some((code) => code === end.answer.code)) return;
	}
}

/**
 * A dozen sales with broken answers strewn among them; after each the books must say what the terminal knows.
 */
async function manySales({ sale, desk, acquirer }: Counter, random: Random): Promise<void> {
	const faults = ["cut-before-answer", "cut-mid-answer", "wrong-mac", "garbage"] as const;
	let known = 0n;
	for (let trace = 2; trace < 14; trace += 1) {
		const amount = BigInt(1 + random.below(9000));
		for (const on of ["sale", "reversal"] as const) {
			const fault = faults[random.below(8)];
			if (fault !== undefined) await acquirer.behave({ on, do: fault, times: 1 + random.below(2) });
		}
		const end = await sale(trace, amount);
		if (end.end === "answered" && end.answer.code === "00") known += amount;
		if (end.end === "unknown") await undo(desk, trace, amount);
		await acquirer.clear();
		const books = await acquirer.books();
		assert.is(books.net, String(known), `trace ${trace}`);
		assert.is(books.balances[0]?.fen, String(card.balanceFen - known), `trace ${trace}`);
	}
}

for (const seed of [1, 2, 3, 4])
	money(`whatever broken answers come, the host's net is what the terminal knows (seed ${seed})`, () =>
		atCounter(async (counter) => {
			await counter.signIn();
			await manySales(counter, seeded(seed));
		}),
	);
money.run();
