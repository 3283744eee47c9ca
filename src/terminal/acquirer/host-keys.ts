/** The vault as the acquirer's desk needs it: bytes here, hex on the vault's wire. */
import type { Operation, Operations, VaultFault } from "../../contract/vault.ts";
import { hex, unhex } from "../../kit/bytes.ts";
import { ok, type Result } from "../../kit/result.ts";
import type { HostKeys } from "./acquirer-desk.ts";

/** One request to the vault, one answer: what the vault link offers. */
export type AskVault = <Op extends Operation>(
	op: Op,
	ask: Operations[Op]["ask"],
) => Promise<Result<Operations[Op]["answer"], VaultFault>>;

export const hostKeys = (ask: AskVault): HostKeys => ({
	mac: async (data) => {
		const made = await ask("mac", { data: hex(data) });
		return made.ok ? ok(unhex(made.value.mac)) : made;
	},
	verify: async (data, mac) => {
		const checked = await ask("verify-mac", { data: hex(data), mac: hex(mac) });
		return checked.ok ? ok(checked.value.good) : checked;
	},
	importKeys: (keys) =>
		ask("import-working-keys", {
			keys: keys.map(({ slot, cryptogram, kcv }) => ({ slot, cryptogram: hex(cryptogram), kcv: hex(kcv) })),
		}),
});
