import type { Display } from "../../contract/device.ts";
import type { Language } from "../../contract/settings.ts";
import type { Log } from "../../kit/log.ts";
import type { Atlas } from "./atlas.ts";
import type { Page, Status } from "./page.ts";
import * as card from "./pages/card.ts";
import * as counter from "./pages/counter.ts";
import * as result from "./pages/result.ts";
import { Canvas } from "./raster/canvas.ts";
import { dirtyRects } from "./raster/dirty.ts";
import { Sheet } from "./sheet.ts";
import { wordsOf } from "./words/languages.ts";

/** The panel: draws a page, sends what changed, and logs what it says. */
export type { Atlas } from "./atlas.ts";
export interface ScreenNeeds {
	readonly display: Display;
	readonly atlas: Atlas;
	readonly language: Language;
	readonly log: Log;
}

export class Screen {
	readonly #needs: ScreenNeeds;
	readonly #canvas: Canvas;
	#shown: Uint16Array | undefined;
	#said: readonly string[] = [];
	#told = "";

	constructor(needs: ScreenNeeds) {
		this.#needs = needs;
		this.#canvas = new Canvas(needs.display.width, needs.display.height, needs.atlas);
	}

	show(page: Page, status: Status): void {
		const { display, language, log } = this.#needs;
		const sheet = new Sheet(this.#canvas, wordsOf(language));
		layOut(sheet, page, status);
		const { pixels, width, height } = this.#canvas;
		const dirty =
			this.#shown === undefined ? [{ x: 0, y: 0, width, height }] : dirtyRects(this.#shown, pixels, width);
		if (dirty.length > 0) display.show(pixels, dirty);
		this.#shown ??= new Uint16Array(pixels.length);
		this.#shown.set(pixels);
		this.#said = sheet.said;
		const told = withoutCounts(page);
		if (told !== this.#told) log("note", "page", { page: page.page, text: sheet.said.join(" / ") });
		this.#told = told;
	}

	/** What stands on the panel, line by line. */
	text(): readonly string[] {
		return this.#said;
	}
}

/**
 * What the log is told once: a countdown would crowd everything else out, and the digits of a PIN
 * are nobody's business.
 */
const withoutCounts = (page: Page): string =>
	Object.entries(page)
		.filter(([name]) => name !== "seconds" && name !== "digits")
		.join(" ");

/** Every page has its layout; a new page without one does not compile. */
const layouts: {
	readonly [Name in Page["page"]]: (
		sheet: Sheet,
		page: Extract<Page, { page: Name }>,
		status: Status,
	) => void;
} = {
	starting: counter.starting,
	"out-of-service": counter.outOfService,
	"sign-in": counter.signIn,
	"sign-in-failed": counter.signInFailed,
	idle: counter.idle,
	menu: counter.menu,
	amount: counter.amount,
	"insert-card": card.insertCard,
	reading: card.reading,
	"choose-application": card.chooseApplication,
	pin: card.pin,
	contacting: card.contacting,
	approved: result.approved,
	declined: result.declined,
	"not-charged": result.notCharged,
	reversing: result.reversing,
	reversed: result.reversed,
	unresolved: result.unresolved,
	"take-card": card.takeCard,
	"paper-out": result.paperOut,
	"after-restart": result.afterRestart,
	"wrong-pin": card.wrongPin,
	"not-available": counter.notAvailable,
};

export function layOut(sheet: Sheet, page: Page, status: Status): void {
	// The table pairs each name with the layout of that very page.
	const layout = layouts[page.page] as (sheet: Sheet, page: Page, status: Status) => void;
	layout(sheet, page, status);
}
