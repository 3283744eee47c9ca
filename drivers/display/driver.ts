/** The panel of the terminal: takes whole frames, writes the rows that changed. */
import type { Display, Rect } from "../../src/contract/device.ts";
import { type KernelFolders, openPanel, type PanelMemory } from "../transport/framebuffer.ts";
import { clip, encodeRow, type Geometry, memoryBytes, offsetOf, plain, spanBytes } from "./protocol.ts";

export interface FrameDisplayNeeds {
	/** `/dev/fb0`, or a file. */
	readonly path: string;
	/** Of the pages, px: a larger panel shows them in its upper left corner. */
	readonly width: number;
	readonly height: number;
	/** `/dev` and `/sys/class/graphics` unless told. */
	readonly folders?: KernelFolders;
}

/**
 * A panel that is gone must never stop a sale: what cannot be written is not shown, and the next frame
 * tries again.
 */
export class FrameDisplay implements Display {
	readonly name = "display";
	readonly width: number;
	readonly height: number;
	readonly #path: string;
	readonly #folders: KernelFolders | undefined;
	#memory: PanelMemory | undefined;
	#geometry: Geometry;
	#row: Uint8Array = new Uint8Array(0);

	constructor({ path, width, height, folders }: FrameDisplayNeeds) {
		this.#folders = folders;
		this.#path = path;
		this.width = width;
		this.height = height;
		this.#geometry = plain(width, height);
	}

	/**
	 * Rejects when the panel cannot be opened, is smaller than the pages, or has another depth than 16 or 32
	 * bits.
	 */
	async open(): Promise<void> {
		if (this.#memory !== undefined) return;
		const file = plain(this.width, this.height);
		const memory = openPanel(this.#path, memoryBytes(file), this.#folders);
		try {
			this.#geometry = memory.shape === undefined ? file : this.#fit(memory.shape);
		} catch (error) {
			memory.close();
			throw error;
		}
		this.#memory = memory;
		this.#row = new Uint8Array(this.#geometry.stride);
	}

	#fit(shape: NonNullable<PanelMemory["shape"]>): Geometry {
		const { stride, bitsPerPixel } = shape;
		if (shape.width < this.width || shape.height < this.height)
			throw new Error(`the panel has ${shape.width}×${shape.height} pixels, the pages want more`);
		if (bitsPerPixel !== 16 && bitsPerPixel !== 32)
			throw new Error(`the panel has ${bitsPerPixel} bits a pixel, not 16 or 32`);
		return { width: this.width, height: this.height, stride, bitsPerPixel };
	}

	async close(): Promise<void> {
		this.#memory?.close();
		this.#memory = undefined;
	}

	/** Throws when it was not opened, or the panel is gone: the screen notes it and goes on. */
	show(frame: Uint16Array, dirty: readonly Rect[]): void {
		const memory = this.#memory;
		if (memory === undefined) throw new Error("the display is not open");
		for (const rect of dirty) {
			const part = clip(rect, this.#geometry);
			if (part !== undefined) this.#write(memory, frame, part);
		}
	}

	/** Whole rows that lie behind one another without a gap go in one write. */
	#write(memory: PanelMemory, frame: Uint16Array, { x, y, width, height }: Rect): void {
		const g = this.#geometry;
		const bytes = spanBytes(g, width);
		const joined = bytes === g.stride;
		const out = joined ? new Uint8Array(bytes * height) : this.#row.subarray(0, bytes);
		for (let row = 0; row < height; row += 1) {
			const from = (y + row) * this.width + x;
			const into = joined ? out.subarray(row * bytes, (row + 1) * bytes) : out;
			encodeRow(frame.subarray(from, from + width), g.bitsPerPixel, into);
			if (!joined) memory.write(out, offsetOf(g, x, y + row));
		}
		if (joined) memory.write(out, offsetOf(g, x, y));
	}
}
