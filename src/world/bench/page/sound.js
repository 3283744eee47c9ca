/** The buzzer, heard: on and off as the line of the board says, unless muted. */
import { at } from "./dom.js";
import { onLanguage, word } from "./words.js";

export function buzzer() {
	let muted = localStorage.getItem("muted") === "yes";
	let context;
	let gain;
	const ready = () => {
		if (context !== undefined || muted) return;
		context = new AudioContext();
		gain = new GainNode(context, { gain: 0 });
		const tone = new OscillatorNode(context, { type: "square", frequency: 2300 });
		tone.connect(gain).connect(context.destination);
		tone.start();
	};
	// A browser lets sound begin only after the visitor has touched the page.
	for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, ready, { once: true });
	const say = () => {
		at("sound").textContent = word(muted ? "mute" : "sound");
		at("sound").setAttribute("aria-pressed", String(!muted));
	};
	onLanguage(say);
	at("sound").addEventListener("click", () => {
		muted = !muted;
		localStorage.setItem("muted", muted ? "yes" : "no");
		if (muted) gain?.gain.setValueAtTime(0, 0);
		ready();
		say();
	});
	return (on) => {
		if (context === undefined || muted) return;
		gain.gain.setTargetAtTime(on ? 0.035 : 0, context.currentTime, 0.002);
	};
}
