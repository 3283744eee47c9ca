import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FrameDisplay } from "../../../drivers/display/driver.ts";
import { DisplayEmulator, readFrame } from "../../../drivers/display/emulator.ts";
import {
	clip,
	decode,
	encodeRow,
	type Geometry,
	memoryBytes,
	offsetOf,
	plain,
} from "../../../drivers/display/protocol.ts";
import type { KernelFolders } from "../../../drivers/transport/framebuffer.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "display-"));
const white = 0xffff;
const red = 0xf800;
const pixel = (rgba: Uint8ClampedArray, width: number, x: number, y: number): readonly number[] =>
	Array.from(rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4));

const wire = suite("display: the wire");

wire("RGB565 is little endian, XRGB8888 keeps white white", () => {
	const bytes = new Uint8Array(8);
	encodeRow(Uint16Array.of(red, 0x07e0, 0x001f, white), 16, bytes);
	assert.equal(Array.from(bytes), [0x00, 0xf8, 0xe0, 0x07, 0x1f, 0x00, 0xff, 0xff]);
	const wide = new Uint8Array(16);
	encodeRow(Uint16Array.of(red, 0x07e0, 0x001f, white), 32, wide);
	assert.equal(Array.from(wide), [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0]);
});

wire("a pixel reads back the same in both depths, whatever the stride", () => {
	void fc.assert(
		fc.property(
			fc.uint16Array({ minLength: 12, maxLength: 12 }),
			fc.constantFrom<16 | 32>(16, 32),
			fc.nat(9),
			(frame, bitsPerPixel, padding) => {
				const g: Geometry = { width: 4, height: 3, stride: (4 * bitsPerPixel) / 8 + padding, bitsPerPixel };
				const memory = new Uint8Array(memoryBytes(g));
				for (let y = 0; y < 3; y += 1)
					encodeRow(frame.subarray(y * 4, y * 4 + 4), bitsPerPixel, memory.subarray(offsetOf(g, 0, y)));
				const narrow = new Uint8Array(24);
				encodeRow(frame, 16, narrow);
				assert.equal(decode(memory, g), decode(narrow, plain(4, 3)));
			},
		),
	);
});

wire("a rectangle is cut at the edges of the panel", () => {
	const g = plain(320, 240);
	assert.equal(clip({ x: -5, y: 230, width: 20, height: 40 }, g), { x: 0, y: 230, width: 15, height: 10 });
	assert.is(clip({ x: 320, y: 0, width: 5, height: 5 }, g), undefined);
});

const driver = suite("display: the driver on a file");

driver("creates the file dark, and writes no pixel outside the rectangles", async () => {
	const dir = folder();
	const path = join(dir, "frame");
	const display = new FrameDisplay({ path, width: 16, height: 8 });
	await display.open();
	assert.is(statSync(path).size, 16 * 8 * 2);
	const frame = new Uint16Array(16 * 8).fill(white);
	display.show(frame, [{ x: 2, y: 1, width: 3, height: 2 }]);
	const seen = readFrame(path, 16, 8);
	let lit = 0;
	for (let i = 0; i < seen.length; i += 4) if (seen[i] === 255) lit += 1;
	assert.is(lit, 6);
	assert.equal(pixel(seen, 16, 2, 1), [255, 255, 255, 255]);
	assert.equal(pixel(seen, 16, 5, 1), [0, 0, 0, 255]);
	display.show(frame, [{ x: 0, y: 0, width: 16, height: 8 }]);
	assert.ok(readFileSync(path).every((b) => b === 0xff));
	await display.close();
	await display.close();
	assert.throws(() => display.show(frame, [{ x: 0, y: 0, width: 1, height: 1 }]), /not open/);
	rmSync(dir, { recursive: true });
});

driver("a second opening shows what the first left until the first page", async () => {
	const dir = folder();
	const path = join(dir, "frame");
	for (const fill of [white, red]) {
		const display = new FrameDisplay({ path, width: 4, height: 4 });
		await display.open();
		if (fill === red) assert.equal(pixel(readFrame(path, 4, 4), 4, 3, 3), [255, 255, 255, 255]);
		display.show(new Uint16Array(16).fill(fill), [{ x: 0, y: 0, width: 4, height: 4 }]);
		await display.close();
	}
	assert.equal(pixel(readFrame(path, 4, 4), 4, 0, 0), [255, 0, 0, 255]);
	rmSync(dir, { recursive: true });
});

driver("a folder that is not there is refused at open", async () => {
	const display = new FrameDisplay({ path: join(folder(), "none", "frame"), width: 4, height: 4 });
	const refused = await display.open().then(
		() => false,
		() => true,
	);
	assert.ok(refused);
});

/** A kernel's folders with one frame buffer of 8 × 6 pixels, padded by 5 bytes a row. */
function kernelWith(bits: number, size = "8,6"): { folders: KernelFolders; panel: string; stride: number } {
	const root = folder();
	const folders = { devices: join(root, "dev"), graphics: join(root, "graphics") };
	const about = join(folders.graphics, "fb7");
	const stride = bits + 5;
	for (const dir of [folders.devices, about, join(folders.graphics, "fbcon")])
		mkdirSync(dir, { recursive: true });
	writeFileSync(join(about, "virtual_size"), `${size}\n`);
	writeFileSync(join(about, "stride"), `${stride}\n`);
	writeFileSync(join(about, "bits_per_pixel"), `${bits}\n`);
	writeFileSync(join(about, "blank"), "4");
	writeFileSync(join(folders.devices, "fb7"), new Uint8Array(stride * 6));
	return { folders, panel: join(folders.devices, "fb7"), stride };
}

driver(
	"the kernel's words give the geometry: stride and depth are kept, the panel is lit, the cursor still",
	async () => {
		for (const bits of [16, 32] as const) {
			const { folders, panel, stride } = kernelWith(bits);
			const display = new FrameDisplay({ path: panel, width: 6, height: 4, folders });
			await display.open();
			const frame = Uint16Array.from({ length: 24 }, (_, i) => i * 2718);
			display.show(frame, [{ x: 0, y: 0, width: 6, height: 4 }]);
			await display.close();
			const memory = readFileSync(panel);
			assert.is(memory.length, stride * 6, "no byte is written beyond the panel");
			const seen = decode(memory, { width: 8, height: 6, stride, bitsPerPixel: bits });
			const narrow = new Uint8Array(48);
			encodeRow(frame, 16, narrow);
			const wished = decode(narrow, plain(6, 4));
			for (let y = 0; y < 4; y += 1)
				for (let x = 0; x < 6; x += 1)
					assert.equal(pixel(seen, 8, x, y), pixel(wished, 6, x, y), `${x},${y}`);
			assert.equal(pixel(seen, 8, 6, 0), [0, 0, 0, 255]);
			assert.is(readFileSync(join(folders.graphics, "fb7", "blank"), "latin1"), "0");
			assert.is(readFileSync(join(folders.graphics, "fbcon", "cursor_blink"), "latin1"), "0");
		}
	},
);

driver("a panel of another depth, and one that is too small, are refused at open", async () => {
	const refusal = (bits: number, size?: string): Promise<string> => {
		const { folders, panel } = kernelWith(bits, size);
		return new FrameDisplay({ path: panel, width: 6, height: 4, folders }).open().then(
			() => "opened",
			(error: unknown) => String(error),
		);
	};
	assert.match(await refusal(24), /24 bits a pixel/);
	assert.match(await refusal(16, "5,6"), /5×6 pixels/);
	assert.match(await refusal(16, "8,6"), /opened/);
});

const emulator = suite("display: the far side");

emulator("tells of a frame once its rows are there, and reads it back", async () => {
	const dir = folder();
	const path = join(dir, "frame");
	const far = new DisplayEmulator({ path, width: 32, height: 16, clock: systemClock });
	assert.is(far.frame(), undefined);
	await far.open();
	const display = new FrameDisplay({ path, width: 32, height: 16 });
	await display.open();
	let told = 0;
	const first = new Promise<void>((done) => {
		far.listen(() => {
			told += 1;
			done();
		});
	});
	display.show(new Uint16Array(512).fill(red), [
		{ x: 1, y: 0, width: 8, height: 16 },
		{ x: 20, y: 0, width: 8, height: 16 },
	]);
	await first;
	assert.is(told, 1);
	assert.equal(pixel(far.frame() ?? new Uint8ClampedArray(), 32, 20, 15), [255, 0, 0, 255]);
	await display.close();
	await far.close();
	assert.is(far.frame(), undefined);
	rmSync(dir, { recursive: true });
});

wire.run();
driver.run();
emulator.run();
