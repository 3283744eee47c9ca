/**
 * The memory of a panel behind a path: the kernel's frame buffer, or a plain file of its size on the
 * bench.
 */
import {
	closeSync,
	fstatSync,
	ftruncateSync,
	openSync,
	readFileSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** What the kernel says of a frame buffer. */
interface PanelShape {
	readonly width: number;
	readonly height: number;
	readonly stride: number;
	readonly bitsPerPixel: number;
}
export interface PanelMemory {
	/** Undefined for a plain file, which has no shape of its own. */
	readonly shape: PanelShape | undefined;
	/** Writes at a byte offset. Throws when the panel is gone. */
	write(bytes: Uint8Array, at: number): void;
	/** May be called twice. */
	close(): void;
}

/** Where the kernel keeps panels, and what it says of them. */
export interface KernelFolders {
	readonly devices: string;
	readonly graphics: string;
}
const kernel: KernelFolders = { devices: "/dev", graphics: "/sys/class/graphics" };

/** virtual_size "320,480", stride "640", bits_per_pixel "16" (devices/07-display.md): no ioctl is needed. */
function shapeOf(about: string): PanelShape {
	const read = (name: string): string => readFileSync(join(about, name), "latin1").trim();
	const [width = 0, height = 0] = read("virtual_size").split(",").map(Number);
	return { width, height, stride: Number(read("stride")), bitsPerPixel: Number(read("bits_per_pixel")) };
}

/** Lights the panel and stills the console's cursor. A board that lets nobody do so has done it itself. */
function wake(about: string, graphics: string): void {
	for (const file of [join(about, "blank"), join(graphics, "fbcon", "cursor_blink")])
		try {
			writeFileSync(file, "0");
		} catch {
			// Not there, or not ours to write: the pages are shown all the same.
		}
}

/**
 * Opens a frame buffer (`fbN` in the kernel's device folder), whose shape the kernel tells, or creates a
 * file of `bytes` bytes that keeps what it held when it was already there. Throws when neither can be opened
 * for writing.
 */
export function openPanel(path: string, bytes: number, folders = kernel): PanelMemory {
	const name = basename(path);
	const isDevice = dirname(path) === folders.devices && /^fb\d+$/.test(name);
	const about = join(folders.graphics, name);
	const shape = isDevice ? shapeOf(about) : undefined;
	let fd: number | undefined = isDevice ? openSync(path, "r+") : openFile(path, bytes);
	if (isDevice) wake(about, folders.graphics);
	return {
		shape,
		write: (content, at) => {
			if (fd === undefined) throw new Error("the panel is closed");
			for (let done = 0; done < content.length; )
				done += writeSync(fd, content, done, content.length - done, at + done);
		},
		close: () => {
			if (fd !== undefined) closeSync(fd);
			fd = undefined;
		},
	};
}

/** Opened without truncation: who looks at the panel from the other side never sees it empty. */
function openFile(path: string, bytes: number): number {
	const fd = openSync(path, "a+", 0o600);
	closeSync(fd);
	const open = openSync(path, "r+");
	if (fstatSync(open).size !== bytes) ftruncateSync(open, bytes);
	return open;
}
