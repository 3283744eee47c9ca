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
					node("b", {}, among(card.name)),
					node("small", {}, here ? `● ${word("inserted")}` : card.masked.replace("******", " **** ")),
					node("span.secret", {}, word("pin"), node("b", {}, card.pin)),
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

export function books() {
	let last;
	const row = (name) => {
		const book = last[name];
		const label = node("td", {}, word(`book.${name}`));
		if (!book.reached) return node("tr.away", {}, label, node("td", { colspan: 2 }, word("away")));
		return node(
			"tr",
			{},
			label,
			node("td", {}, `${book.count} ${word("sales")}`),
			node("td", {}, yuan(book.net)),
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
			node("table", {}, node("tbody", {}, ...names.map(row))),
			notes.length > 0 ? node("p.note", {}, notes.join(" · ")) : "",
		);
		at("books").dataset.verdict = last.verdict;
	};
	onLanguage(draw);
	return (next) => {
		last = next;
		draw();
	};
}
