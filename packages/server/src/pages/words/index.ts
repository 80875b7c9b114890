import { de } from "./de.ts";
import { en } from "./en.ts";
import { ja } from "./ja.ts";
import type { Words } from "./words.ts";
import { zh } from "./zh.ts";

/** Every language, in the order pages offer them; the first where nobody asks for one of them. */
export const LANGUAGES: readonly Words[] = [en, de, zh, ja];

/** By its tag; undefined: none of ours. */
export function findLanguage(tag: string | undefined): Words | undefined {
  const primary = tag?.toLowerCase().split("-")[0];
  return LANGUAGES.find(({ language }) => language.split("-")[0] === primary);
}

/** The best of ours for an Accept-Language header (RFC 9110 §12.5.4): the highest weight, then the first. */
export function chooseLanguage(header: string | null): Words {
  const wanted = (header ?? "")
    .slice(0, 500)
    .split(",")
    .map((part, order) => {
      const [tag = "", ...parameters] = part.trim().split(";");
      const weight = parameters.map((one) => /^\s*q=(\d(?:\.\d{0,3})?)\s*$/.exec(one)?.[1]).find((value) => value !== undefined);
      return { words: findLanguage(tag), weight: weight === undefined ? 1 : Number(weight), order };
    })
    .filter(({ words, weight }) => words !== undefined && weight > 0)
    .toSorted((a, b) => b.weight - a.weight || a.order - b.order);
  return wanted[0]?.words ?? (LANGUAGES[0] as Words);
}

export type { ErrorKind, Words } from "./words.ts";
