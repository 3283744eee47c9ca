import type { FaultCode } from "../../contract/faults.ts";
import { hex, unhex } from "../../kit/bytes.ts";
import { ok, type Result } from "../../kit/result.ts";
import type { HostKeys } from "../acquirer/acquirer-desk.ts";
import type { PinPort } from "../payment/checkout.ts";
import type { AccountSeal } from "../payment/session-ports.ts";
import type { VaultLink } from "./vault-link.ts";

/**
 * The vault as each asker wants it: MACs and keys for the host, seals for the journal, the PIN for the card.
 */
export const hostKeys = (vault: VaultLink): HostKeys => ({
	mac: async (data) => {
		const end = await vault.ask("mac", { data: hex(data) });
		return end.ok ? ok(unhex(end.value.mac)) : end;
	},
	verify: async (data, mac) => {
		const end = await vault.ask("verify-mac", { data: hex(data), mac: hex(mac) });
		return end.ok ? ok(end.value.good) : end;
	},
	importKeys: (keys) =>
		vault.ask("import-working-keys", {
			keys: keys.map(({ slot, cryptogram, kcv }) => ({ slot, cryptogram: hex(cryptogram), kcv: hex(kcv) })),
		}),
});

export const accountSeal = (vault: VaultLink): AccountSeal => ({
	seal: async (account, context): Promise<Result<string, { readonly code: FaultCode }>> => {
		const end = await vault.ask("seal-account", { account, context });
		return end.ok ? ok(end.value.sealed) : end;
	},
	open: (sealed, context) => vault.ask("open-account", { sealed, context }),
});

export const pinPort = (vault: VaultLink): PinPort => ({
	enter: async (request, onDigits) => {
		const end = await vault.ask("enter-pin", request, onDigits);
		return end.ok ? end.value : { end: "unavailable" };
	},
	cancel: async () => {
		await vault.ask("cancel-pin", {});
	},
});

/** Whether the vault holds what a message to the host needs; or why it never will as it is. */
export async function heldKeys(
	vault: VaultLink,
): Promise<"working" | "none" | "vault.unreachable" | "vault.zeroised" | "vault.failed"> {
	const status = await vault.ask("status", {});
	if (!status.ok) return "vault.unreachable";
	if (status.value.state !== "ready") return `vault.${status.value.state}`;
	const slots = new Set(status.value.keys.map(({ slot }) => slot));
	return slots.has("pik") && slots.has("mak") ? "working" : "none";
}
