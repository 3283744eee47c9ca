import type { Settings } from "../contract/settings.ts";
import type { Terms } from "../kernel/dialogue.ts";
import type { CardProfile } from "../kernel/profile.ts";
import { latin, unhex } from "../kit/bytes.ts";
import { hourMinuteSecond, type Moment, shortDate } from "../kit/calendar.ts";

/** What the kernel is told of this terminal and this sale (EMV 4.4 Book 3, Annex A; tags of the terminal). */
export function termsOf(
	settings: Settings,
	profile: CardProfile,
	now: Moment,
	amount: bigint,
	sequence: number,
): Terms {
	const digits = (value: bigint | number, count: number): Uint8Array =>
		unhex(String(value).padStart(count, "0"));
	const terminal = new Map(profile.terminal);
	terminal.set("9F1E", latin(settings.serial.slice(-8).padStart(8, "0")));
	terminal.set("9F1C", latin(settings.terminalNumber));
	terminal.set("9F16", latin(settings.merchant.number));
	terminal.set("9F1A", unhex(settings.country.padStart(4, "0")));
	terminal.set("5F2A", unhex(settings.currency.padStart(4, "0")));
	const transaction = new Map([
		["9F02", digits(amount, 12)],
		["9F03", digits(0, 12)],
		["9A", unhex(shortDate(now))],
		["9F21", unhex(hourMinuteSecond(now))],
		["9C", Uint8Array.of(0x00)],
		["9F41", digits(sequence, 8)],
	] as const);
	return {
		terminal,
		transaction,
		applications: profile.applications,
		domesticCountry: profile.domesticCountry,
		// Every sale goes online: store-and-forward of offline sales does not exist.
		forceOnline: true,
		earlierWith: () => 0,
	};
}
