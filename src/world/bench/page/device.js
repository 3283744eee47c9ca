/** The terminal on the page: its screen, lamps, keys and card slot. */
import { at, node } from "./dom.js";
import { onLanguage, word } from "./words.js";

const rows = [
	["1", "2", "3", "cancel"],
	["4", "5", "6", "clear"],
	["7", "8", "9", "function"],
	["star", "0", "hash", "confirm"],
];
const faces = { star: "✱", hash: "#" };
/** The computer's keys. */
const typed = { Enter: "confirm", Backspace: "clear", Escape: "cancel", f: "function", F: "function" };
const glows = { ready: "#4be1ae", working: "#6db8ff", good: "#4be1ae", bad: "#ff6b5e" };

/** Sharp at any size: nearest to three times the panel, then smooth to the page's own pixels. */
export function screen() {
	const canvas = at("screen");
	const scale = Math.max(2, Math.ceil(380 / 320) * Math.ceil(window.devicePixelRatio));
	const panel = node("canvas", { width: 320, height: 240 });
	const ink = panel.getContext("2d");
	canvas.width = 320 * scale;
	canvas.height = 240 * scale;
	const out = canvas.getContext("2d");
	out.imageSmoothingEnabled = false;
	return (bytes) => {
		ink.putImageData(new ImageData(new Uint8ClampedArray(bytes), 320, 240), 0, 0);
		out.drawImage(panel, 0, 0, canvas.width, canvas.height);
		canvas.dataset.frames = String(Number(canvas.dataset.frames ?? 0) + 1);
	};
}

export function keypad(press) {
	const buttons = new Map();
	const pad = at("keypad");
	for (const key of rows.flat()) {
		const isWord = !(key in faces) && key.length > 1;
		const button = node(`button${isWord ? `.word.${key}` : ""}`, { type: "button", "data-key": key });
		button.addEventListener("click", (event) => {
			press(key);
			if (event.detail > 0) button.blur();
		});
		buttons.set(key, button);
		pad.append(button);
	}
	onLanguage(() => {
		for (const [key, button] of buttons)
			button.textContent = faces[key] ?? (key.length === 1 ? key : word(`key.${key}`));
	});
	document.addEventListener("keydown", (event) => {
		const key = /^[0-9]$/.test(event.key) ? event.key : typed[event.key];
		if (key === undefined || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
		if (document.querySelector("dialog[open]")) return;
		// Enter on another control is that control's own.
		const holder = event.target.closest("button, a, summary");
		if (event.key === "Enter" && holder && !holder.dataset.key) return;
		event.preventDefault();
		const button = buttons.get(key);
		button.classList.add("down");
		press(key);
	});
	document.addEventListener("keyup", () => {
		for (const button of buttons.values()) button.classList.remove("down");
	});
}

export function lamps() {
	const made = Object.entries(glows).map(([name, glow]) => [name, node("i.lamp", { "--glow": glow })]);
	at("lamps").append(...made.map(([, lamp]) => lamp));
	return (state) => {
		for (const [name, lamp] of made) {
			lamp.classList.toggle("lit", state[name] === true);
			lamp.title = word(`lamp.${name}`);
		}
	};
}

export function slot(remove) {
	at("slot").addEventListener("click", remove);
	return (card) => {
		at("slot").classList.toggle("full", card !== undefined);
		if (card) at("card-in").style.setProperty("--colour", card.colour);
	};
}
