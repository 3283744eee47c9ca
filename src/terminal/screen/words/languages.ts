/** The words of each language that a terminal may be set to. */
import type { Language } from "../../../contract/settings.ts";
import { en } from "./en.ts";
import type { Words } from "./words.ts";
import { zhCn } from "./zh-cn.ts";
import { zhTw } from "./zh-tw.ts";

const all: Readonly<Record<Language, Words>> = { "zh-CN": zhCn, "zh-TW": zhTw, en };
export const wordsOf = (language: Language): Words => all[language];
