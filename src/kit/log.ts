/**
 * A log line is a typed event with a name and fields; text is made at the end. Values are numbers, flags, or
 * words.
 */
export type Level = "bug" | "fault" | "note" | "trace";
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;
export type Log = (level: Level, event: string, fields?: Fields) => void;

export const silent: Log = () => {};

/**
 * Digits that could be a card number, and long hexadecimal, never pass: the last net under careful call
 * sites.
 */
export const scrub = (text: string): string =>
	text
		.replaceAll(/\b\d{12,19}\b/g, "[digits]")
		.replaceAll(/\b(?=[0-9A-Fa-f]*[A-Fa-f])[0-9A-Fa-f]{32,}\b/g, "[hex]");
