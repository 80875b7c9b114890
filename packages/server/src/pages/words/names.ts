import type { Platform } from "@distd/core";
import type { Words } from "./words.ts";

/** Each platform once, joined as the language joins things. */
export function names(platforms: readonly Platform[], { language, platforms: words }: Pick<Words, "language" | "platforms">): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format([...new Set(platforms)].map((platform) => words[platform]));
}
