/** Which rule bends which answer: the newest that fits, as often as it may. */
import type { Deed, Misbehaviour } from "./door.ts";

export class Rules {
	#rules: { readonly rule: Misbehaviour; left: number }[] = [];

	add(rule: Misbehaviour): void {
		this.#rules.unshift({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
	}

	clear(): void {
		this.#rules = [];
	}

	/** The rule for this deed, which is then used once. */
	take(deed: Deed): Misbehaviour | undefined {
		const found = this.#rules.find(({ rule }) => rule.on === deed);
		if (found === undefined) return undefined;
		found.left -= 1;
		if (found.left <= 0) this.#rules = this.#rules.filter((r) => r !== found);
		return found.rule;
	}
}
