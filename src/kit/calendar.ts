/**
 * Date and time of day, for slips and messages. It may be wrong and may jump: never measure a wait with it.
 */
export interface Moment {
	readonly year: number;
	/** 1 to 12 */
	readonly month: number;
	readonly day: number;
	readonly hour: number;
	readonly minute: number;
	readonly second: number;
	/** 0 = Sunday */
	readonly weekday: number;
}
export interface Calendar {
	readonly now: () => Moment;
}

export const two = (n: number): string => String(n).padStart(2, "0");
/** 2026-11-24T09:41:02 */
export const stamp = (m: Moment): string =>
	`${m.year}-${two(m.month)}-${two(m.day)}T${two(m.hour)}:${two(m.minute)}:${two(m.second)}`;
/** MMDD, as ISO 8583 field 13. */
export const monthDay = (m: Moment): string => two(m.month) + two(m.day);
/** hhmmss, as ISO 8583 field 12. */
export const hourMinuteSecond = (m: Moment): string => two(m.hour) + two(m.minute) + two(m.second);
/** YYMMDD in BCD digits, as EMV tag 9A. */
export const shortDate = (m: Moment): string => two(m.year % 100) + two(m.month) + two(m.day);
