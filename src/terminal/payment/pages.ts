import type { CardReader } from "../../contract/device.ts";
import type { Settings } from "../../contract/settings.ts";
import { limits } from "../../kit/limits.ts";
import { never } from "../../kit/result.ts";
import type { HostPhase } from "./ports.ts";
import type { News } from "./session-ports.ts";
import type { View } from "./view.ts";

/** What the money machines have to tell, as pages. */
export interface PagesPorts {
	readonly view: View;
	readonly reader: CardReader;
	readonly settings: Settings;
	/** Whether the acquirer was reached last time. */
	readonly reached: (reached: boolean) => void;
}

export function pages({ view, reader, settings, reached }: PagesPorts): News {
	const { answerMs, connectMs } = settings.acquirer;
	/** What the phases of the exchange under way are drawn on. */
	let onPhase: (phase: HostPhase) => void = () => {};
	return {
		sale: (news, amount, attempt) => {
			const cardIn = reader.present();
			switch (news.news) {
				case "contacting":
					onPhase = (phase) =>
						view.counting(phase === "waiting" ? answerMs : connectMs, (seconds) => ({
							...{ page: "contacting", amount, phase, seconds },
						}));
					onPhase("connecting");
					return;
				case "approved":
					reached(true);
					view.show({
						...{ page: "approved", amount, printing: "none", next: "none", cardIn, trace: "" },
						authorisation: news.answer.authorisation ?? "",
					});
					return;
				case "declined":
					reached(true);
					view.show(
						mayRetryPin(news.code, attempt, cardIn)
							? { page: "wrong-pin", amount, triesLeft: limits.pinTries - attempt }
							: { page: "declined", amount, code: news.code, cardIn },
					);
					return;
				case "not-sent":
					reached(false);
					view.show({ page: "not-charged", amount, why: "host-unreachable", cardIn });
					return;
				case "cancelled":
					view.show({ page: "not-charged", amount, why: news.why, cardIn });
					return;
				case "reversing":
					reached(false);
					view.counting(answerMs, (seconds) => ({
						...{
							page: "reversing",
							amount,
							attempt: 1,
							of: limits.reversalTries,
							seconds,
							cardIn: reader.present(),
						},
					}));
					return;
				default:
					never(news);
			}
		},
		reversal: (news, row) => {
			const { amount } = row;
			const cardIn = reader.present();
			switch (news.news) {
				case "asking":
					onPhase = () =>
						view.counting(answerMs, (seconds) => ({
							...{ page: "reversing", amount, seconds, cardIn: reader.present() },
							...{ attempt: news.attempt, of: limits.reversalTries },
						}));
					onPhase("connecting");
					return;
				case "reversed":
					reached(true);
					view.show({ page: "reversed", amount, cardIn });
					return;
				case "unresolved":
					view.show({ page: "unresolved", amount, trace: String(row.trace).padStart(6, "0"), cardIn });
					return;
				default:
					never(news);
			}
		},
		phase: (phase) => onPhase(phase),
	};
}

/** 55 is asked again while tries are left and the card is there (unionpay-terminal.md, 10). */
export const mayRetryPin = (code: string, attempt: number, cardIn: boolean): boolean =>
	code === "55" && attempt < limits.pinTries && cardIn;
