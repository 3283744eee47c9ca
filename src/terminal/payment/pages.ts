import type { CardReader } from "../../contract/device.ts";
import type { Settings } from "../../contract/settings.ts";
import { limits } from "../../kit/limits.ts";
import { never } from "../../kit/result.ts";
import type { Page } from "../screen/page.ts";
import type { HostPhase } from "./ports.ts";
import type { News } from "./session-ports.ts";
import type { View } from "./view.ts";

/** What the money machines have to tell, as pages. */
export interface PagesPorts {
	readonly view: View;
	readonly reader: Pick<CardReader, "present">;
	readonly settings: { readonly acquirer: Pick<Settings["acquirer"], "answerMs" | "connectMs"> };
	/** Whether the acquirer was reached last time. */
	readonly reached: (reached: boolean) => void;
}

export function pages({ view, reader, settings, reached }: PagesPorts): News {
	const { answerMs, connectMs } = settings.acquirer;
	/** What the phases of the exchange under way are drawn on. */
	let drawn: (phase: HostPhase, seconds: number) => Page = (phase) => ({ page: "sign-in", phase });
	/**
	 * The most that is left: until the connection stands both waits, then the answer's alone
	 * (acquirer/link.ts).
	 */
	const onPhase = (phase: HostPhase): void => {
		const page = (seconds: number): Page => drawn(phase, seconds);
		if (phase === "connecting") view.counting(connectMs + answerMs, page);
		else if (phase === "sending") view.counting(answerMs, page);
		else view.countingOn(page);
	};
	return {
		sale: (news, amount, attempt) => {
			switch (news.news) {
				case "contacting":
					drawn = (phase, seconds) => ({ page: "contacting", amount, phase, seconds });
					onPhase("connecting");
					return;
				case "approved":
					reached(true);
					view.show(() => ({
						...{ page: "approved", amount, printing: "none", next: "none", trace: "" },
						...{ cardIn: reader.present(), authorisation: news.answer.authorisation ?? "" },
					}));
					return;
				case "declined":
					reached(true);
					// Whether the PIN is asked for again is decided once: the till asks the same question.
					if (mayRetryPin(news.code, attempt, reader.present()))
						view.show({ page: "wrong-pin", amount, triesLeft: limits.pinTries - attempt });
					else view.show(() => ({ page: "declined", amount, code: news.code, cardIn: reader.present() }));
					return;
				case "not-sent":
					reached(false);
					view.show(() => ({
						...{ page: "not-charged", amount, why: "host-unreachable", cardIn: reader.present() },
					}));
					return;
				case "cancelled":
					view.show(() => ({ page: "not-charged", amount, why: news.why, cardIn: reader.present() }));
					return;
				case "reversing":
					reached(false);
					drawn = reversing(amount, 1);
					onPhase("connecting");
					return;
				default:
					never(news);
			}
		},
		reversal: (news, row) => {
			const { amount } = row;
			switch (news.news) {
				case "asking":
					drawn = reversing(amount, news.attempt);
					onPhase("connecting");
					return;
				case "reversed":
					reached(true);
					view.show(() => ({ page: "reversed", amount, cardIn: reader.present() }));
					return;
				case "unresolved":
					view.show(() => ({
						...{ page: "unresolved", amount, trace: String(row.trace).padStart(6, "0") },
						cardIn: reader.present(),
					}));
					return;
				default:
					never(news);
			}
		},
		phase: onPhase,
	};

	function reversing(amount: bigint, attempt: number): typeof drawn {
		return (_phase, seconds) => ({
			...{ page: "reversing", amount, attempt, of: limits.reversalTries, seconds },
			cardIn: reader.present(),
		});
	}
}

/** 55 is asked again while tries are left and the card is there (unionpay-terminal.md, 10). */
export const mayRetryPin = (code: string, attempt: number, cardIn: boolean): boolean =>
	code === "55" && attempt < limits.pinTries && cardIn;
