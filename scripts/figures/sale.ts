/**
 * A chip-and-PIN sale by its parts: how long each took, and how long the terminal and the vault worked in it.
 */
import type { Key } from "../../src/contract/device.ts";
import { textOf } from "../../src/world/shop/logged.ts";
import type { Shop } from "../../src/world/shop.ts";
import { type Counter, event, page, sleep } from "./counter.ts";
import { firstPixel } from "./pixels.ts";
import { processorMs } from "./process.ts";

export const parts = ["keys", "noticed", "card", "pin", "request", "host", "result", "slips"] as const;
export type Part = (typeof parts)[number];
/** Milliseconds by the clock, and of the terminal's and the vault's time on a processor. */
interface Spent {
	readonly clock: number;
	readonly processor: number;
}
export type SaleTimes = Readonly<Record<Part, Spent>>;

const card = "unionpay-debit";
const pin = "123456";

/** The page of a finished sale asks for something: the cardholder's slip, then the end. */
const offers = (label: string) => (line: Parameters<ReturnType<typeof page>>[0]) =>
	page("approved")(line) && textOf(line, "text").includes(label);

/** Begins and ends on the idle page. The hand is as quick as the terminal lets it be. */
export async function timedSale(counter: Counter, shop: Shop, frameFile: string): Promise<SaleTimes> {
	const worked = (): number => processorMs(counter.pid("terminal")) + processorMs(counter.pid("vault"));
	let before = worked();
	const spent = (clock: number): Spent => {
		const now = worked();
		const processor = now - before;
		before = now;
		return { clock, processor };
	};
	const keys = spent(await counter.amount("12850"));

	const asking = counter.heard(page("pin"), "PIN page");
	const reading = await counter.after(() => shop.insert(card), page("reading"), "the card noticed");
	const noticed = spent(reading.ms);
	const read = spent((await asking).at - reading.at);
	// The keys change hands: the vault has them a moment after its page is up.
	await sleep(100);
	before = worked();

	let pinMs = 0;
	for (const digit of pin) {
		pinMs += firstPixel(frameFile, () => counter.press(digit as Key));
		await sleep(10);
	}
	const typed = spent(pinMs);

	const answered = counter.heard(event("host-heard", "0210"), "answer");
	const approved = counter.heard(page("approved", "declined", "reversing"), "result");
	const copy = counter.heard(offers("打印持卡人联"), "offer of the cardholder's slip");
	const sent = await counter.after(() => counter.press("confirm"), event("host-sent", "0200"), "request");
	const request = spent(sent.ms);
	const heard = await answered;
	const host = spent(heard.at - sent.at);
	const told = await approved;
	const result = spent(told.at - heard.at);

	const first = (await copy).at - told.at;
	const done = offers("/ 确认 / 完成");
	const second = await counter.after(() => counter.press("confirm"), done, "end of the cardholder's slip");
	const slips = spent(first + second.ms);
	const idle = counter.heard(page("idle"), "idle page");
	counter.press("confirm");
	shop.remove();
	await idle;
	return { keys, noticed, card: read, pin: typed, request, host, result, slips };
}
