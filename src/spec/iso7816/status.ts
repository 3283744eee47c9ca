/** Status words by name (ISO 7816-4, 5.6; EMV 4.4 Book 1, 11 and Book 3, 6.3.5). */

export const sw = {
	ok: 0x9000,
	/** The selected file is blocked; its control information came nevertheless. */
	fileInvalidated: 0x6283,
	authenticationFailed: 0x6300,
	memoryFailure: 0x6581,
	wrongLength: 0x6700,
	notSupportedByClass: 0x6e00,
	macWrong: 0x6988,
	methodBlocked: 0x6983,
	dataInvalidated: 0x6984,
	conditionsNotSatisfied: 0x6985,
	notAllowed: 0x6986,
	/** On SELECT: the card is blocked, or knows no SELECT. */
	functionNotSupported: 0x6a81,
	fileNotFound: 0x6a82,
	recordNotFound: 0x6a83,
	wrongParameters: 0x6a86,
	dataNotFound: 0x6a88,
	wrongOffset: 0x6b00,
	unknownInstruction: 0x6d00,
} as const;

const names: ReadonlyMap<number, string> = new Map(Object.entries(sw).map(([name, word]) => [word, name]));

/** 9000, 61xx, and the warnings 62xx and 63xx: the command was carried out. */
export const isDone = (word: number): boolean => {
	const sw1 = word >> 8;
	return word === sw.ok || sw1 === 0x61 || sw1 === 0x62 || sw1 === 0x63;
};

/** The name of a status word, or its kind: "conditionsNotSatisfied", "2 tries left", "more data". */
export function statusName(word: number): string {
	const known = names.get(word);
	if (known !== undefined) return known;
	if ((word & 0xfff0) === 0x63c0) return `${(word & 15).toString()} tries left`;
	const kinds: Readonly<Record<number, string>> = {
		0x61: "more data",
		0x62: "warning",
		0x63: "warning, memory changed",
		0x64: "error",
		0x65: "error, memory changed",
		0x67: "wrong length",
		0x6c: "wrong expected length",
	};
	return kinds[word >> 8] ?? "unknown";
}
