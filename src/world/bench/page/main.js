/** The bench: what the shop says goes to the parts of the page, what is clicked goes to the shop. */

import { keypad, lamps, screen, slot } from "./device.js";
import { at, node } from "./dom.js";
import { paper } from "./paper.js";
import { dial } from "./socket.js";
import { buzzer } from "./sound.js";
import { books, tray } from "./tray.js";
import { messages, way } from "./way.js";
import { among, languages, onLanguage, speak, spoken, word } from "./words.js";

const day = matchMedia("(prefers-color-scheme: dark)");
function theme() {
	const chosen = () => localStorage.getItem("theme") ?? (day.matches ? "dark" : "light");
	const dress = () => {
		document.documentElement.dataset.theme = chosen();
		at("theme").textContent = chosen() === "dark" ? `☀ ${word("light")}` : `☾ ${word("dark")}`;
	};
	onLanguage(dress);
	day.addEventListener("change", dress);
	at("theme").addEventListener("click", () => {
		localStorage.setItem("theme", chosen() === "dark" ? "light" : "dark");
		dress();
	});
}

function words() {
	for (const [id, name] of languages)
		at("languages").append(
			node("button", { type: "button", "data-language": id, click: () => speak(id) }, name),
		);
	onLanguage(() => {
		for (const button of at("languages").children)
			button.setAttribute("aria-pressed", String(button.dataset.language === spoken()));
		for (const place of document.querySelectorAll("[data-word]")) {
			// [x] in a sentence is a key of the terminal.
			const parts = word(place.dataset.word).split(/\[(.+?)\]/);
			place.replaceChildren(...parts.map((part, i) => (i % 2 ? node("kbd", {}, part) : part)));
		}
	});
}

function hint() {
	at("hint").hidden = localStorage.getItem("hint") === "read";
	at("hint-close").addEventListener("click", () => {
		localStorage.setItem("hint", "read");
		at("hint").hidden = true;
	});
}

/** The lights of the header: who is there. */
function links() {
	let state = {};
	let connected = true;
	let portal;
	const draw = () => {
		const named = ["terminal", "acquirer", "cloud", "vault"].map((name) => {
			const label =
				name === "cloud" && portal ? node("a", { href: portal, target: "_blank" }, word(name)) : word(name);
			return node(`li${state[name] ? "" : ".off"}`, { "data-link": name }, label);
		});
		at("links").replaceChildren(...(connected ? named : [node("li.off", {}, word("lost"))]));
	};
	onLanguage(draw);
	return {
		say(next) {
			state = next;
			draw();
		},
		connected(is) {
			connected = is;
			draw();
		},
		portal(url) {
			portal = url;
			draw();
		},
	};
}

function faults(list, toggle) {
	let on = [];
	let last;
	const draw = () => {
		at("faults").replaceChildren(
			...list.map((fault) => {
				const button = node(
					"button.chip",
					{ type: "button", "data-fault": fault.id, "aria-pressed": String(on.includes(fault.id)) },
					among(fault.name),
				);
				button.title = among(fault.says);
				button.addEventListener("click", (event) => {
					last = fault;
					toggle(fault.id, !on.includes(fault.id));
					draw();
					if (event.detail > 0) document.activeElement?.blur();
				});
				return button;
			}),
		);
		at("explain").textContent = last ? among(last.says) : "";
	};
	onLanguage(draw);
	return (next) => {
		on = next;
		draw();
	};
}

theme();
words();
hint();
const header = links();
const parts = { lamps: lamps(), slip: paper(), buzz: buzzer(), books: books(), way: way() };
let message = messages();
let cards;
let chips;
let inserted;
const show = screen();

const heard = {
	hello({ deck, faults: list, portal }) {
		at("messages").replaceChildren();
		message = messages();
		cards = tray(deck, (card) => send(card === inserted ? { do: "remove" } : { do: "insert", card }));
		chips = faults(list, (fault, on) => send({ do: "fault", fault, on }));
		header.portal(portal);
	},
	state(state) {
		inserted = state.inserted;
		parts.lamps(state.lamps);
		inSlot(cards(inserted));
		chips(state.faults);
		header.say(state.links);
		document.body.dataset.page = state.page;
		at("screen").setAttribute("aria-label", `${word("screenSays")}: ${state.text}`);
	},
	books: ({ books: next }) => parts.books(next),
	way: ({ steps }) => parts.way(steps),
	message: ({ message: next }) => message(next),
	slip: (slip) => parts.slip(slip),
	buzz: ({ on }) => parts.buzz(on),
};
const send = dial((said) => heard[said.kind]?.(said), show, header.connected);
const inSlot = slot(() => send({ do: "remove" }));
keypad((key) => send({ do: "press", key }));
