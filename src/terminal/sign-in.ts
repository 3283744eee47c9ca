import { type Calendar, stamp } from "../kit/calendar.ts";
import { type Clock, within } from "../kit/clock.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { AcquirerPort } from "./payment/ports.ts";
import type { View } from "./payment/view.ts";
import type { VaultLink } from "./vault/vault-link.ts";
import { heldKeys } from "./vault/vault-ports.ts";

/**
 * Today's working keys: asked for when the day, the host or an empty vault wants it (unionpay-terminal.md, 3;
 * cashier.md, 3).
 */
export interface SignInPorts {
	readonly desk: AcquirerPort;
	readonly ledger: Ledger;
	readonly vault: VaultLink;
	readonly view: View;
	readonly calendar: Calendar;
	readonly clock: Clock;
	readonly reached: (reached: boolean) => void;
}

/** How long a vault that is just starting, or starting again, is waited for, ms. */
const vaultMs = 3000;

export class SignIn {
	readonly #p: SignInPorts;

	constructor(ports: SignInPorts) {
		this.#p = ports;
	}

	/** True when a message can be sent now. What went wrong stands on the screen. */
	async ensure(): Promise<boolean> {
		const { ledger, vault, view, desk, calendar } = this.#p;
		const now = calendar.now();
		const day = now.year * 10_000 + now.month * 100 + now.day;
		await this.#vaultThere();
		const held = await heldKeys(vault);
		if (ledger.signedInOn === day && held === "working") return true;
		// Without a vault nobody could take the keys that the host would make.
		if (held !== "working" && held !== "none") {
			view.show({ page: "sign-in-failed", code: held });
			return false;
		}
		view.show({ page: "sign-in", phase: "needed" });
		const end = await desk.signIn(ledger.takeTrace(), ledger.batch, (phase) =>
			view.show({ page: "sign-in", phase }),
		);
		// The process was asked to end meanwhile.
		if (!ledger.isOpen) return false;
		this.#p.reached(end.end !== "fault");
		if (end.end !== "signed-in") {
			view.show({ page: "sign-in-failed", code: end.code });
			return false;
		}
		const { batch } = end.what;
		const event = { type: "sign-in", batch: String(batch).padStart(6, "0"), at: stamp(now) } as const;
		ledger.noteSignedIn(batch, day, event);
		view.show({ page: "sign-in", phase: "done" });
		return true;
	}

	async #vaultThere(): Promise<void> {
		const { vault, clock, view } = this.#p;
		if (vault.connected()) return;
		view.show({ page: "starting", doing: "vault" });
		let off = (): void => {};
		const there = new Promise<void>((done) => {
			off = vault.listen((connected) => {
				if (connected || !vault.trying()) done();
			});
		});
		await within(clock, vaultMs, there, undefined);
		off();
	}
}
