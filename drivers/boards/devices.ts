/** The devices of a board as its file wires them: what the terminal is given by its process. */
import type { Devices } from "../../src/contract/device.ts";
import type { Board } from "../../src/contract/settings.ts";
import { GemCoreReader, serialSettings } from "../card-reader/driver.ts";
import { FrameDisplay } from "../display/driver.ts";
import { HidKeypad } from "../keypad/driver.ts";
import { PanelLights } from "../lights/driver.ts";
import { EscPosPrinter } from "../printer/driver.ts";
import { openGpio } from "../transport/gpio.ts";
import { openHid } from "../transport/hid.ts";
import { openSerial } from "../transport/serial.ts";
import { type BoardNeeds, caseSwitch } from "./board.ts";

/** Nothing is opened yet. */
export function devicesOf(board: Board, needs: BoardNeeds): Devices {
	const { keypad, cardReader, printer, display, gpio } = board;
	return {
		keypad: new HidKeypad({ openLine: () => openHid(keypad.path), map: keypad.map, ...needs }),
		reader: new GemCoreReader({ openLine: () => openSerial(cardReader.path, serialSettings), ...needs }),
		printer: new EscPosPrinter({
			openLine: () => openSerial(printer.path, { baudRate: printer.baud }),
			...needs,
		}),
		display: new FrameDisplay(display),
		lights: new PanelLights({ openLines: () => openGpio(gpio.path), lines: gpio, ...needs }),
		tamper: caseSwitch(board, needs),
	};
}
