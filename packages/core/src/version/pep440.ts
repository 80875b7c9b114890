import { numberKey } from "./sort-key.ts";

// PEP 440: [epoch!]release[{a|b|rc}N][.postN][.devN][+local], with the spellings the specification says to accept.
const pattern =
  /^(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?([0-9]*))?(?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]*))?(?:[-_.]?(dev)[-_.]?([0-9]*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

const phases: Readonly<Record<string, string>> = { a: "b", alpha: "b", b: "c", beta: "c", c: "d", rc: "d", pre: "d", preview: "d" };

/** dev-only < a < b < rc < final < post; trailing zeros of the release do not count. */
export function pep440Key(text: string): string | undefined {
  const match = pattern.exec(text.toLowerCase());
  if (!match) return undefined;
  const [, epoch = "0", release = "0", pre, preNumber, bareNumber, post, postNumber, dev, devNumber, local] = match;
  const numbers = release.replace(/(?:\.0+)+$/, "").split(".");
  const hasPost = bareNumber !== undefined || post !== undefined;
  const phase = pre !== undefined ? `${phases[pre]}${numberKey(preNumber || "0")}` : dev !== undefined && !hasPost ? "a" : "e";
  const postKey = hasPost ? `1${numberKey(bareNumber ?? (postNumber || "0"))}` : "0";
  const devKey = dev === undefined ? "1" : `0${numberKey(devNumber || "0")}`;
  const localKey = (local ?? "").split(/[-_.]/).map((part) => (/^\d+$/.test(part) ? `~${numberKey(part)}` : part));
  // "," ends the release: it sorts before ".", so 1.post1 < 1.1 holds.
  return `${numberKey(epoch)}!${numbers.map(numberKey).join(".")},${phase}${postKey}${devKey}${local === undefined ? "" : `+${localKey.join("!")}`}`;
}
