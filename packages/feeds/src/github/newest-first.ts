const FIRST = 0x21;
const LAST = 0x7d;
/** After every mirrored character: of two keys of which one begins with the other, the longer came later and now comes first. */
const END = "~";

/** Keys of versions (visible ASCII) so that their order by code units is the opposite one. */
export function newestFirst(...keys: readonly string[]): string {
  return keys.map((key) => `${mirror(key)}${END}`).join("");
}

function mirror(key: string): string {
  return key.replace(/[\s\S]/g, (mark) => String.fromCharCode(FIRST + LAST - mark.charCodeAt(0)));
}
