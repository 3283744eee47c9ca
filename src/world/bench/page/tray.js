/** The tray of cards and the three books beside each other. */
import { at, node } from "./dom.js";
import { among, onLanguage, word, yuan } from "./words.js";

export function tray(cards, click) {
	let inserted;
	const draw = () =>
		at("tray").replaceChildren(
			...cards.map((card) => {
				const here = card.id === inserted;
				const button = node(
					"button",
					{ type: "button", "aria-pressed": String(here), "data-card": card.id, "--colour": card.colour },
					node("span.plastic"),
					node("b.name", {}, among(card.name)),
					node("small", {}, here ? `● ${word("inserted")}` : card.masked.replace("******", " **** ")),
					card.cvm === "signature"
						? node("span.secret", {}, node("b", {}, word("sign")))
						: node("span.secret", {}, word("pin"), node("b", {}, card.pin)),
				);
				button.title = `${among(card.note)} · ${word("balance")} ${yuan(card.balance)}`;
				button.addEventListener("click", (event) => {
					click(card.id);
					if (event.detail > 0) document.activeElement?.blur();
				});
				return button;
			}),
		);
	onLanguage(draw);
	return (id) => {
		inserted = id;
		draw();
		return cards.find((card) => card.id === id);
	};
}

const names = ["terminal", "acquirer", "cloud"];

/** How a row's money stands in one book: a shape, a colour and a word. */
const marks = {
	approved: ["●", "stands"],
	booked: ["●", "stands"],
	sent: ["▲", "unknown"],
	reversing: ["▲", "unknown"],
	unresolved: ["▲", "unknown"],
	reversed: ["↩", ""],
	declined: ["✕", ""],
	"not-sent": ["–", ""],
};
const shown = 6;

function rowsOf(books) {
	const traces = new Map();
	for (const name of names)
		for (const { trace, amount, state } of books[name].rows)
			traces.set(trace, { ...traces.get(trace), trace, amount, [name]: state });
	const line = (row) =>
		node(
			"tr",
			{ "data-trace": row.trace },
			node("td", {}, row.trace),
			node("td", {}, yuan(row.amount)),
			...names.map((name) => {
				const [shape, colour] = marks[row[name]] ?? ["", ""];
				const said = row[name] ? word(`state.${row[name]}`) : "";
				return node(`td.mark${colour ? `.${colour}` : ""}`, { title: said, "aria-label": said }, shape);
			}),
		);
	if (traces.size === 0) return "";
	const last = [...traces.values()].sort((a, b) => (a.trace < b.trace ? 1 : -1)).slice(0, shown);
	const head = ["trace", "amount"].map((key) => node("th", {}, word(key)));
	const short = names.map((name) => node("th.mark", {}, word(`short.${name}`)));
	return node(
		"div.rows",
		{},
		node("table", {}, node("tbody", {}, node("tr", {}, ...head, ...short), ...last.map(line))),
	);
}

export function books() {
	let last;
	const row = (name) => {
		const book = last[name];
		const label = node("td", {}, word(`book.${name}`));
		if (!book.reached) return node("tr.away", {}, label, node("td.number", { colspan: 2 }, word("away")));
		return node(
			"tr",
			{},
			label,
			node("td.number", {}, `${book.count} ${word("sales")}`),
			node("td.number", {}, yuan(book.net)),
		);
	};
	const draw = () => {
		if (last === undefined) {
			at("books").replaceChildren(node("h2", {}, word("books")));
			return;
		}
		const said = {
			agree: word("agree"),
			wait: word("wait"),
			differ: `${word("differ")} ${yuan(last.difference)}`,
		};
		const notes = [];
		if (last.unresolved > 0) notes.push(`▲ ${word("unknown")} ${last.unresolved}`);
		if (last.waiting > 0) notes.push(`${word("waiting")} ${last.waiting}`);
		at("books").replaceChildren(
			node(`span.verdict.${last.verdict}`, {}, said[last.verdict]),
			node("h2", {}, word("books")),
			node("table.sums", {}, node("tbody", {}, ...names.map(row))),
			notes.length > 0 ? node("p.note", {}, notes.join(" · ")) : "",
			rowsOf(last),
		);
		at("books").dataset.verdict = last.verdict;
	};
	onLanguage(draw);
	return (next) => {
		last = next;
		draw();
	};
}
