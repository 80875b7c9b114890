import { numberKey } from "./sort-key.ts";

// rpmvercmp: [epoch:]version[-release]; segments of digits or letters, separators only divide; `~` sorts before the end, `^` just after it,
// letters before digits.
const pattern = /^(?:([0-9]+):)?([^-:]+)(?:-([^-:]+))?$/;

export function rpmKey(text: string): string | undefined {
  const [, epoch = "0", version, release = ""] = pattern.exec(text) ?? [];
  return version === undefined ? undefined : `${numberKey(epoch)}${partKey(version)}${partKey(release)}`;
}

function partKey(part: string): string {
  let key = "";
  for (const [segment] of part.matchAll(/[0-9]+|[A-Za-z]+|~|\^/g)) {
    key += segment === "~" ? "!" : segment === "^" ? "#" : /^[0-9]/.test(segment) ? `n${numberKey(segment)}` : `a${segment} `;
  }
  return `${key}"`;
}
