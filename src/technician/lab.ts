/**
 * A laboratory: payment arithmetic over clear test keys given on the command line, to find out why two ends
 * disagree. It opens no socket: the vault and its keys are out of its reach.
 */
import type { Chapter } from "./command.ts";
import { arqc } from "./lab-arqc.ts";
import { dukpt } from "./lab-dukpt.ts";
import { kcv, mac } from "./lab-mac.ts";
import { pinBlock } from "./lab-pin.ts";
import { tr31 } from "./lab-tr31.ts";

export const lab: Chapter = {
	says: "arithmetic over clear test keys; a laboratory tool that never touches the vault",
	warning:
		"LABORATORY: clear test keys on the command line, seen by every process here. " +
		"Never a real key, PIN or card. The vault is not asked.",
	commands: { kcv, mac, "pin-block": pinBlock, dukpt, tr31, arqc },
};
