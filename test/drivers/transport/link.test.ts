import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Audience } from "../../../drivers/transport/audience.ts";
import { DeviceLink } from "../../../drivers/transport/device-link.ts";
import type { Line, LineEvent } from "../../../drivers/transport/line.ts";
import { type Take, Turn } from "../../../drivers/transport/turn.ts";
import type { DeviceFault, LinkEvent } from "../../../src/contract/device.ts";
import { HandClock } from "../../../src/kit/clock.ts";
import { limits } from "../../../src/kit/limits.ts";
import { silent } from "../../../src/kit/log.ts";
import { seeded } from "../../../src/kit/random.ts";
import { no, ok, type Result } from "../../../src/kit/result.ts";

/** Lets every promise that can go on do so. */
const settle = async (): Promise<void> => {
	for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

const turns = suite("one command in flight");
interface Desk {
	readonly clock: HandClock;
	readonly sent: string[];
	readonly turn: Turn<string>;
	ask(name: string, more?: { again?: number; repeatable?: boolean }): Promise<string>;
}
/** A device that is asked by name; it answers "name!", refuses with "nak", wants time with "wait". */
function desk(): Desk {
	const clock = new HandClock();
	const sent: string[] = [];
	const turn = new Turn<string>(clock, (bytes) => sent.push(String.fromCharCode(...bytes)));
	const expect =
		(name: string) =>
		(frame: string): Take<string> | undefined => {
			if (frame === "nak") return { take: "again" };
			if (frame === "wait") return { take: "wait", ms: 100 };
			if (frame === "broken") return { take: "fault", fault: { code: "device.refused", at: name } };
			return frame === `${name}!` ? { take: "answer", value: frame } : undefined;
		};
	return {
		clock,
		sent,
		turn,
		ask: async (name, more = {}) => {
			const bytes = Uint8Array.from(name, (c) => c.charCodeAt(0));
			const end = await turn.ask({ at: name, bytes, deadlineMs: 100, expect: expect(name), ...more });
			return end.ok ? end.value : `${end.error.code} at ${end.error.at}`;
		},
	};
}
turns("the second is sent when the first is answered", async () => {
	const { sent, turn, ask } = desk();
	const both = [ask("a"), ask("b")];
	assert.equal(sent, ["a"]);
	assert.not(turn.idle());
	assert.not(turn.heard("b!"), "an answer before its command is none");
	assert.ok(turn.heard("a!"));
	assert.equal(sent, ["a", "b"]);
	turn.heard("b!");
	assert.equal(await Promise.all(both), ["a!", "b!"]);
	assert.ok(turn.idle());
	assert.not(turn.heard("b!"), "nobody waits for it");
});
turns("silence ends one command and not the next, whose deadline runs from its own sending", async () => {
	const { clock, turn, ask } = desk();
	const [a, b] = [ask("a"), ask("b")];
	clock.pass(99);
	assert.not(turn.idle());
	clock.pass(1);
	assert.is(await a, "device.silent at a");
	clock.pass(99);
	turn.heard("a!");
	turn.heard("b!");
	assert.is(await b, "b!");
});
turns("asking for time moves the deadline", async () => {
	const { clock, turn, ask } = desk();
	const a = ask("a");
	for (let i = 0; i < 5; i += 1) {
		clock.pass(90);
		turn.heard("wait");
	}
	clock.pass(99);
	turn.heard("a!");
	assert.is(await a, "a!");
});
turns("NAK: again as often as allowed, then refused; silence: only what may be repeated", async () => {
	const { clock, sent, turn, ask } = desk();
	const refused = ask("a", { again: 2 });
	for (let i = 0; i < 3; i += 1) turn.heard("nak");
	assert.is(await refused, "device.refused at a");
	const once = ask("b", { again: 2 });
	clock.pass(100);
	assert.is(await once, "device.silent at b");
	const thrice = ask("c", { again: 2, repeatable: true });
	clock.pass(250);
	turn.heard("c!");
	assert.is(await thrice, "c!");
	assert.equal(sent, ["a", "a", "a", "b", "c", "c", "c"]);
});
turns("a fault, an interruption, the end of the line", async () => {
	const { sent, turn, ask } = desk();
	const broken = ask("a");
	turn.heard("broken");
	assert.is(await broken, "device.refused at a");
	const [cut, kept] = [ask("b"), ask("c")];
	turn.interrupt({ code: "reader.card-removed", at: "b" });
	assert.is(await cut, "reader.card-removed at b");
	const late = ask("d");
	turn.end({ code: "device.gone", at: "line" });
	turn.end({ code: "device.silent", at: "line" });
	assert.equal(await Promise.all([kept, late, ask("e")]), [
		"device.gone at c",
		"device.gone at d",
		"device.gone at e",
	]);
	assert.equal(sent, ["a", "b", "c"], "nothing is sent when the line is gone");
});
turns("too many that wait: busy", async () => {
	const { turn, ask } = desk();
	const ends = Array.from({ length: 30 }, (_, i) => ask(`n${i}`));
	turn.end({ code: "device.gone", at: "line" });
	const all = await Promise.all(ends);
	assert.is(all.filter((end) => end.startsWith("device.busy")).length, 13);
});
turns("property: every command ends exactly once, in the order asked, whatever comes", async () => {
	const step = fc.oneof(
		fc.constantFrom("ask", "answer", "nak", "wait", "broken", "noise"),
		fc.integer({ min: 1, max: 150 }),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
			const { clock, sent, turn, ask } = desk();
			const ended: number[] = [];
			let asked = 0;
			const all: Promise<unknown>[] = [];
			for (const each of steps) {
				if (typeof each === "number") clock.pass(each);
				else if (each === "answer") turn.heard(`${sent.at(-1)}!`);
				else if (each === "ask" && all.length - ended.length < 16) {
					const n = asked;
					asked += 1;
					all.push(ask(`n${n}`, { again: 1, repeatable: true }).then(() => ended.push(n)));
				} else turn.heard(each);
				await settle();
			}
			turn.end({ code: "device.gone", at: "line" });
			await Promise.all(all);
			assert.equal(
				ended,
				Array.from({ length: asked }, (_, i) => i),
			);
		}),
		{ numRuns: 100 },
	);
});
turns.run();

const links = suite("a device's link");
interface Bench {
	readonly clock: HandClock;
	readonly link: DeviceLink;
	readonly told: string[];
	/** Every line that was opened and not closed. */
	readonly lines: Set<Line>;
	opened: number;
	/** What the next openings and handshakes give. */
	there: boolean;
	identity: Result<string, DeviceFault> | "never" | "throws";
	unplug(): void;
}
function bench(): Bench {
	const clock = new HandClock();
	const lines = new Set<Line>();
	const told: string[] = [];
	const ends = new Map<Line, () => void>();
	const newLine = (): Line => {
		const audience = new Audience<LineEvent>();
		let closed = false;
		const end = (): void => {
			if (closed) return;
			closed = true;
			lines.delete(line);
			audience.tell({ on: "closed" });
		};
		const line: Line = { write: () => {}, listen: audience.listen, close: end };
		lines.add(line);
		ends.set(line, end);
		return line;
	};
	const made: Bench = {
		clock,
		lines,
		told,
		opened: 0,
		there: true,
		identity: ok("model 1"),
		unplug: () => {
			for (const line of [...lines]) ends.get(line)?.();
		},
		link: new DeviceLink({
			name: "device",
			openLine: () => {
				made.opened += 1;
				return made.there ? Promise.resolve(newLine()) : Promise.reject(new Error("not there"));
			},
			handshake: () => {
				if (made.identity === "never") return new Promise(() => {});
				return made.identity === "throws"
					? Promise.reject(new Error("nonsense"))
					: Promise.resolve(made.identity);
			},
			clock,
			random: seeded(7),
			log: silent,
		}),
	};
	made.link.links((event: LinkEvent) => told.push(event.on === "gone" ? event.fault.code : event.on));
	return made;
}
/** Lets time pass in small steps, with every promise settled between them. */
async function pass(made: Bench, ms: number): Promise<void> {
	for (let left = ms; left > 0; left -= 50) {
		await settle();
		made.clock.pass(Math.min(50, left));
	}
	await settle();
}
links("absent, opening, handshake, ready, back-off, ready", async () => {
	const made = bench();
	const { link, told } = made;
	assert.is(link.state(), "absent");
	const begun = link.open();
	assert.is(link.state(), "opening");
	await begun;
	await settle();
	assert.is(link.state(), "ready");
	assert.ok(link.line());
	assert.is(link.identity(), "model 1");
	made.unplug();
	assert.is(link.state(), "backoff");
	assert.is(link.line(), undefined);
	await pass(made, 600);
	assert.is(link.state(), "ready");
	assert.equal(told, ["ready", "device.gone", "ready"]);
	await link.close();
	assert.is(made.lines.size, 0);
});
links(
	"a device that is not there is told once, and tried with waits that never pass their bounds",
	async () => {
		const made = bench();
		made.there = false;
		await made.link.open();
		await pass(made, 120_000);
		assert.equal(made.told, ["device.gone"]);
		assert.ok(made.opened >= 6, `${made.opened} tries in two minutes`);
		assert.ok(made.opened <= 60, `${made.opened} tries in two minutes`);
		made.there = true;
		await pass(made, limits.deviceBackoffMs.most + 1000);
		assert.equal(made.told, ["device.gone", "ready"]);
		await made.link.close();
	},
);
const wrong: readonly (readonly [string, Bench["identity"], string])[] = [
	["silent", no({ code: "device.silent", at: "firmware" }), "device.silent"],
	["talking nonsense", "throws", "device.garbled"],
	["another than before", ok("model 2"), "device.changed"],
];
for (const [what, identity, code] of wrong)
	links(`after the line was lost the device is ${what}: ${code}, and no line stays open`, async () => {
		const made = bench();
		await made.link.open();
		await settle();
		made.identity = identity;
		made.unplug();
		await pass(made, 5000);
		assert.equal(made.told.slice(0, 3), ["ready", "device.gone", code]);
		assert.is(made.link.line(), undefined);
		assert.is(made.lines.size, 0);
		made.identity = ok("model 1");
		await pass(made, limits.deviceBackoffMs.most + 1000);
		assert.is(made.told.at(-1), "ready");
		await made.link.close();
	});
links("given up by its driver: closed and opened again", async () => {
	const made = bench();
	await made.link.open();
	await settle();
	made.link.lost({ code: "device.silent", at: "probe" });
	assert.is(made.lines.size, 0);
	await pass(made, 1000);
	assert.equal(made.told, ["ready", "device.silent", "ready"]);
	await made.link.close();
});
links(
	"closed while it opens, while it greets, while it waits: no line stays, nothing is told, nothing runs",
	async () => {
		for (const when of ["opening", "handshake", "backoff"] as const) {
			const made = bench();
			if (when === "handshake") made.identity = "never";
			if (when === "backoff") made.there = false;
			const begun = made.link.open();
			if (when !== "opening") await settle();
			assert.is(made.link.state(), when);
			const closing = made.link.close();
			await begun;
			await closing;
			const before = made.told.length;
			await made.link.close();
			await made.link.close();
			await pass(made, 60_000);
			assert.is(made.lines.size, 0, when);
			assert.is(made.told.length, before, when);
			assert.is(made.clock.next(), undefined, when);
		}
	},
);
links("opened again after it was closed", async () => {
	const made = bench();
	await made.link.open();
	await settle();
	await made.link.close();
	await made.link.open();
	await settle();
	assert.equal(made.told, ["ready", "ready"]);
	await made.link.close();
});
links.run();
