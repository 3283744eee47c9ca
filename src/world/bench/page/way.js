/** The way of this sale, step by step, and the masked messages between terminal, acquirer and cloud. */
import { at, node } from "./dom.js";
import { onLanguage, word, yuan } from "./words.js";

const facts = (list) =>
	node("dl", {}, ...list.flatMap(([name, shown]) => [node("dt", {}, name), node("dd", {}, shown)]));

export function way() {
	let steps = [];
	let open;
	const draw = () => {
		const shown = steps.find((step) => step.id === open && step.facts.length > 0);
		at("way").replaceChildren(
			node("h2", {}, word("way")),
			node(
				"ol.steps",
				{},
				...steps.map((step) => {
					const button = node(
						"button",
						{ type: "button", disabled: step.facts.length === 0, "aria-expanded": String(step === shown) },
						step.label ?? word(`way.${step.id}`),
					);
					if (step.ms !== undefined) button.title = `${step.ms} ms`;
					button.addEventListener("click", (event) => {
						open = open === step.id ? undefined : step.id;
						draw();
						if (event.detail > 0) document.activeElement?.blur();
					});
					return node(`li.${step.state}`, { "data-step": step.id }, button);
				}),
			),
			shown ? node("div.facts", {}, facts(shown.facts)) : "",
		);
	};
	onLanguage(draw);
	return (next) => {
		steps = next;
		draw();
	};
}

const kept = 200;
const gist = (message) => {
	if (message.kind === "up") return `${word("rows")} ${message.rows}`;
	if (message.kind === "applied") return `${word("applied")} ${message.rows}`;
	const parts = [word(`mti.${message.mti}`)];
	if (message.code) parts.unshift(message.code);
	if (message.amount && !message.code) parts.push(yuan(message.amount));
	if (message.trace) parts.push(`${word("trace")} ${message.trace}`);
	if (message.why) parts.push(word(`why.${message.why}`));
	return parts.join("  ");
};
const badge = (message) => `${message.way === "sent" ? "▲" : "▼"}${message.mti ?? "MQTT"}`;

export function messages() {
	const list = at("messages");
	const known = [];
	const line = (message) =>
		node(
			"li",
			{},
			node(
				`details.message.${message.fault ? "fault" : message.way}`,
				{ "data-mti": message.mti },
				node(
					"summary",
					{},
					node("time", {}, message.at),
					node("b.badge", {}, badge(message)),
					node("span", {}, gist(message)),
				),
				facts(message.facts),
			),
		);
	// The newest stays in sight when the list grows or its panel shrinks.
	let stick = true;
	list.addEventListener("scroll", () => {
		stick = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
	});
	const follow = () => {
		if (stick) list.scrollTop = list.scrollHeight;
	};
	new ResizeObserver(follow).observe(list);
	onLanguage(() => {
		list.dataset.empty = word("noMessages");
		list.replaceChildren(...known.map(line));
	});
	return (message) => {
		known.push(message);
		if (known.length > kept) {
			known.shift();
			list.firstElementChild.remove();
		}
		list.append(line(message));
		follow();
	};
}
