import { numberKey } from "./sort-key.ts";

// deb-version(7): [epoch:]upstream[-revision]; runs of non-digits and digits alternate; `~` before the end, the end before letters,
// letters before everything else.
const pattern = /^(?:([0-9]+):)?([0-9A-Za-z.+~:-]+?)(?:-([0-9A-Za-z.+~]+))?$/;
const others: Readonly<Record<string, string>> = { "+": "{", "-": "|", ".": "}", ":": "~" };

export function debKey(text: string): string | undefined {
  const [, epoch = "0", upstream, revision = "0"] = pattern.exec(text) ?? [];
  return upstream === undefined ? undefined : `${numberKey(epoch)}${partKey(upstream)}${partKey(revision)}`;
}

function partKey(part: string): string {
  let key = "";
  for (const [, word = "", digits = ""] of part.matchAll(/([^0-9]*)([0-9]*)/g)) {
    key += `${word.replace(/[^A-Za-z]/g, (mark) => (mark === "~" ? "!" : (others[mark] ?? mark)))}"${numberKey(digits || "0")}`;
  }
  return key;
}
