/** A text in every language of the bench. */
import type { Language } from "../../contract/settings.ts";

export type Words = Readonly<Record<Language, string>>;
