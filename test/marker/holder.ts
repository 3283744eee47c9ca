/**
 * A process that holds a marker as a program would: for the search to find it. Told by its parent what to
 * hold, and how.
 */
const kept: unknown[] = [];

const ways: Readonly<Record<string, (text: string) => unknown>> = {
	string: (text) => ({ pan: text.slice() }),
	"long string": (text) => `${"-".repeat(5000)}${text}`,
	"two halves": (text) => {
		// Joined at run time and never read: V8 keeps the halves.
		const [head, tail] = [text.slice(0, 15), `${text.slice(15)}${"-".repeat(20)}`];
		return { halves: "-".repeat(20).concat(head).concat(tail) };
	},
	closure: (text) => () => text,
	buffer: (text) => Uint8Array.from(text, (c) => c.charCodeAt(0)),
	digits: (text) => [...text].map(Number),
};

process.on("message", (message: { readonly way: string; readonly text: string }) => {
	kept.push(ways[message.way]?.(message.text));
	process.send?.("held");
});
process.on("disconnect", () => process.exit(kept.length > 0 ? 0 : 1));
process.send?.("ready");
