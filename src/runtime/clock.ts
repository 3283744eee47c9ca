import type { Calendar } from "../kit/calendar.ts";
import type { Clock } from "../kit/clock.ts";

/** The system's monotonic clock. */
export const systemClock: Clock = {
	now: () => performance.now(),
	after: (ms, then) => {
		const timer = setTimeout(then, ms);
		return () => clearTimeout(timer);
	},
};

/** The system's date in the board's time zone. */
export const systemCalendar: Calendar = {
	now: () => {
		const d = new Date();
		return {
			year: d.getFullYear(),
			month: d.getMonth() + 1,
			day: d.getDate(),
			hour: d.getHours(),
			minute: d.getMinutes(),
			second: d.getSeconds(),
			weekday: d.getDay(),
		};
	},
};
