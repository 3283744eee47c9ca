/**
 * The acquirer as a process of its own: `--config FILE`; it speaks to its parent by the process's channel.
 */
import * as v from "valibot";
import { unhex } from "../../kit/bytes.ts";
import { systemCalendar, systemClock } from "../../runtime/clock.ts";
import { desFor } from "../../runtime/des.ts";
import { logTo } from "../../runtime/log-sink.ts";
import { systemRandom } from "../../runtime/random.ts";
import { deck, issuerOf } from "../cards/deck.ts";
import { Acquirer } from "./acquirer.ts";
import { readConfig } from "./config.ts";
import { type Order, order, type Told } from "./wire.ts";

const log = logTo("acquirer", 2);
const tell = (told: Told): void => {
	if (process.connected) process.send?.(told);
};

async function obey(acquirer: Acquirer, asked: Order): Promise<Told> {
	const done = { told: "done", id: asked.id } as const;
	if (asked.ask === "books") return { ...done, books: await acquirer.books() };
	await (asked.ask === "behave" ? acquirer.behave(asked.rule) : acquirer.clear());
	return done;
}

/** An order that cannot be read is refused by its number, if it has one. */
const numberOf = (message: unknown): number =>
	typeof message === "object" && message !== null && "id" in message ? Number(message.id) : -1;

async function main(): Promise<void> {
	process.title = "guitai-acquirer";
	const path = process.argv[process.argv.indexOf("--config") + 1] ?? "";
	const config = readConfig(path);
	if (!config.ok) {
		log("fault", "acquirer-config", { code: config.error.code, file: config.error.at });
		process.exitCode = 1;
		process.disconnect?.();
		return;
	}
	const { port, books, terminals, cards } = config.value;
	const known = [...deck, ...cards];
	const acquirer = new Acquirer({
		...{ port, booksPath: books, clock: systemClock, calendar: systemCalendar, random: systemRandom },
		issuers: (pan) => issuerOf(pan, desFor, known),
		enrolled: terminals.map(({ terminal, merchant, tmk }) => ({ terminal, merchant, tmk: unhex(tmk) })),
	});
	await acquirer.open();
	acquirer.events((event) => tell({ told: "event", event }));
	const stop = (): void => {
		acquirer.close().then(
			() => process.exit(0),
			() => process.exit(1),
		);
	};
	process.on("message", (message: unknown) => {
		const asked = v.safeParse(order, message);
		const refused: Told = { told: "refused", id: numberOf(message) };
		if (!asked.success) tell(refused);
		else obey(acquirer, asked.output).then(tell, () => tell(refused));
	});
	// Without its world nobody needs it: it never outlives it.
	process.on("disconnect", stop);
	process.on("SIGTERM", stop);
	process.on("SIGINT", () => {});
	tell({ told: "ready", port: acquirer.port() });
}

main().catch((error: unknown) => {
	log("bug", "acquirer-start", { kind: error instanceof Error ? error.name : "unknown" });
	process.exit(1);
});
