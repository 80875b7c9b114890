// Which of the digests in a section a phone compares (AOSP's V1SchemeVerifier.getDigestsToVerify).
import type { HashName } from "../../public-key.ts";

const JELLY_BEAN_MR2 = 18;
const GINGERBREAD = 9;
/** From the strongest: since JELLY_BEAN_MR2 the first that is there counts. */
const BY_STRENGTH: readonly (readonly [name: string, hash: HashName])[] = [
  ["sha-512", "sha512"],
  ["sha-384", "sha384"],
  ["sha-256", "sha256"],
  ["sha1", "sha1"],
];
/** Names that phones before it know, and from which API level. */
const OLD_NAMES: ReadonlyMap<string, readonly [hash: HashName, minSdk: number]> = new Map([
  ["md5", ["md5", 0]],
  ["sha", ["sha1", 0]],
  ["sha1", ["sha1", 0]],
  ["sha-1", ["sha1", 0]],
  ["sha-256", ["sha256", 0]],
  ["sha-384", ["sha384", GINGERBREAD]],
  ["sha-512", ["sha512", GINGERBREAD]],
]);
const OLD_DEFAULT = "SHA SHA1";
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export interface StatedDigest {
  readonly hash: HashName;
  /** Undefined when it is not base64. */
  readonly digest: Uint8Array | undefined;
}

/** One for each way of choosing that some API level from `minSdk` on has; empty when some level finds none. `suffix`: `-digest`, … */
export function digestsToCheck(attributes: ReadonlyMap<string, string>, suffix: string, minSdk: number): readonly StatedDigest[] {
  const chosen: StatedDigest[] = [];
  if (minSdk < JELLY_BEAN_MR2) {
    const old = oldChoice(attributes, suffix, minSdk);
    if (old === undefined) return [];
    chosen.push(old);
  }
  for (const [name, hash] of BY_STRENGTH) {
    const stated = attributes.get(`${name}${suffix}`);
    if (stated === undefined) continue;
    const digest = decode(stated);
    if (!chosen.some((other) => other.hash === hash && isEqual(other.digest, digest))) chosen.push({ hash, digest });
    break;
  }
  return chosen;
}

/** The first of the names in `Digest-Algorithms` that is there and known. */
function oldChoice(attributes: ReadonlyMap<string, string>, suffix: string, minSdk: number): StatedDigest | undefined {
  for (const name of (attributes.get("digest-algorithms") ?? OLD_DEFAULT).split(/[ \t\n\r\f]+/)) {
    const stated = name === "" ? undefined : attributes.get(`${name.toLowerCase()}${suffix}`);
    const known = OLD_NAMES.get(name.toLowerCase());
    if (stated !== undefined && known !== undefined && known[1] <= minSdk) return { hash: known[0], digest: decode(stated) };
  }
  return undefined;
}

function decode(base64: string): Uint8Array | undefined {
  return BASE64.test(base64) ? Buffer.from(base64, "base64") : undefined;
}

export function isEqual(stated: Uint8Array | undefined, actual: Uint8Array | undefined): boolean {
  return stated !== undefined && actual !== undefined && Buffer.compare(stated, actual) === 0;
}
