/** The paper: slips rise out of the mouth line by line, are scrolled back, torn off and kept. */
import { at, node } from "./dom.js";
import { onLanguage, word } from "./words.js";

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

/** One line of 32 cells: Chinese takes two, so that columns stand under each other in any font. */
function textLine(line) {
	const row = node(`div.text${line.bold ? ".bold" : ""}${line.large ? ".large" : ""}`);
	for (const letter of line.text) {
		const cells = (wide.test(letter) ? 2 : 1) * (line.large ? 2 : 1);
		row.append(node(wide.test(letter) ? "i.wide" : "i", { "--cells": String(cells) }, letter));
	}
	return row;
}

function picture({ width, height, bits }) {
	const canvas = node("canvas", { width, height });
	canvas.style.width = `${(width / 384) * 100}%`;
	const raw = Uint8Array.from(atob(bits), (c) => c.charCodeAt(0));
	const image = new ImageData(width, height);
	const stride = Math.ceil(width / 8);
	for (let y = 0; y < height; y += 1)
		for (let x = 0; x < width; x += 1)
			if ((raw[y * stride + (x >> 3)] >> (7 - (x & 7))) & 1) image.data[(y * width + x) * 4 + 3] = 235;
	canvas.getContext("2d").putImageData(image, 0, 0);
	return canvas;
}

const draw = (line) => {
	if (line.kind === "rule") return node("hr");
	if (line.kind === "raster") return picture(line);
	return textLine(line);
};

export function paper() {
	const roll = at("roll");
	const pile = at("pile");
	const torn = at("torn");
	const count = () => {
		at("tear").hidden = roll.childElementCount === 0;
		torn.hidden = pile.childElementCount === 0;
		torn.textContent = `${word("torn")} ${pile.childElementCount}`;
	};
	onLanguage(count);
	at("tear").addEventListener("click", (event) => {
		event.currentTarget.blur();
		for (const slip of [...roll.children]) {
			slip.animate(
				[{ transform: "none" }, { transform: "translate(40px, -260px) rotate(7deg)", opacity: 0 }],
				{ duration: 350, easing: "ease-in" },
			).onfinish = () => {
				pile.prepend(slip);
				count();
			};
		}
	});
	torn.addEventListener("click", () => at("drawer").showModal());
	at("drawer").addEventListener("click", (event) => {
		if (event.target === at("drawer")) at("drawer").close();
	});
	const slips = new Map();
	return ({ id, lines, old }) => {
		const known = slips.get(id);
		const slip = known ?? node("div.slip", { "data-slip": id }, node("div.lines"));
		const sheet = slip.firstElementChild;
		const before = slip.offsetHeight;
		sheet.append(...lines.slice(sheet.childElementCount).map(draw));
		if (!known) {
			slips.set(id, slip);
			if (old) pile.prepend(slip);
			else roll.append(slip);
		}
		const after = slip.offsetHeight;
		// A print head makes about 60 mm a second: the eye wants it a little slower.
		if (!old && after > before)
			slip.animate([{ height: `${before}px` }, { height: `${after}px` }], {
				duration: (after - before) * 5,
			});
		at("well").scrollTop = 0;
		count();
	};
}
