import { isDeepStrictEqual } from "node:util";
import { STABLE } from "@distd/core";
import { type FeedFinding, type FeedReader, type FeedWanted, LATEST } from "../feed.ts";
import { checkTime } from "../verification/check-time.ts";
import { addressBelow, compareBytes } from "../verification/compare-bytes.ts";
import { expectSame, FeedMismatch } from "../verification/feed-mismatch.ts";
import { findEach } from "../verification/find-each.ts";
import { type JsonObject, listOf, objectOf, textOf } from "../verification/json-values.ts";
import { once, onceEach } from "../verification/once.ts";
import { withMetadata } from "../verification/with-metadata.ts";
import { type Json, normalized, packageJson } from "./package-json.ts";
import { isSignedBy, readKeys, type RegistryKey } from "./read-keys.ts";
import { type Packument, readPackument } from "./read-packument.ts";

/** As npm: the tag that names the version, its document, the tarball that one names, and the registry's signature over both. */
export function verifyRegistry(reader: FeedReader, wanted: FeedWanted): Promise<readonly FeedFinding[]> {
  const { address, channel } = wanted;
  const keys = once(() => readKeys(reader, address));
  const packumentOf = onceEach((name: string) => readPackument(reader, address, name));

  return findEach(wanted, async (artifact, release) => {
    if (artifact.format !== "npm" || artifact.role !== "install") return undefined;
    const manifest = packageJson(await withMetadata(reader, artifact));
    if (!manifest) return undefined;
    const { name, version } = manifest;
    const packument = await packumentOf(name);
    const { url: from, time } = packument;
    checkTags(packument, channel, versionsOf(wanted, name));
    if (!Object.hasOwn(packument.versions, version)) throw new FeedMismatch("missing", from, `there is no ${name} ${version}`);
    const document = objectOf(packument.versions[version]);
    checkTime(from, `the time of ${version}`, release, textOf(time[version]));
    checkManifest(from, document, manifest);
    const dist = objectOf(document["dist"]);
    checkSignatures(from, `${name}@${version}:${textOf(dist["integrity"])}`, dist["signatures"], await keys(), release.publishedAt);
    const url = addressBelow(address, from, textOf(dist["tarball"]));
    const { size, sha256, digests } = await compareBytes(reader, url, artifact, ["sha512", "sha1"]);
    const integrity = `sha512-${Buffer.from(digests.sha512 ?? "", "hex").toString("base64")}`;
    expectSame("digest", from, "dist.integrity", integrity, textOf(dist["integrity"]));
    expectSame("digest", from, "dist.shasum", digests.sha1 ?? "", textOf(dist["shasum"]));
    const deprecated = textOf(document["deprecated"]);
    return {
      url,
      size,
      sha256,
      compared: ["dist.integrity", "dist.shasum", "dist.signatures", "package.json", "SHA-256 and size of the release"],
      ...(deprecated !== undefined && { note: `deprecated: ${deprecated}` }),
    };
  });
}

/** Versions of a package that are live; of several the tag names one. */
function versionsOf({ releases }: FeedWanted, name: string): readonly string[] {
  return releases.flatMap(({ artifacts }) =>
    artifacts.flatMap(({ format, facts }) => (format === "npm" && facts.identifier === name ? (facts.version ?? []) : [])),
  );
}

function checkTags({ url, tags }: Packument, channel: string, versions: readonly string[]): void {
  // A channel that is called as the tag of who names none may have to stand behind `stable`.
  const checked = channel === STABLE ? [STABLE, LATEST] : channel === LATEST ? [] : [channel];
  for (const tag of checked) {
    const found = textOf(tags[tag]);
    if (found === undefined || !versions.includes(found)) expectSame("version", url, `the tag ${tag}`, versions.join(" or "), found);
  }
}

/** The registry says of a package what the package says of itself: what is installed beside it follows from that. */
function checkManifest(url: string, document: JsonObject, manifest: Json & { readonly name: string; readonly version: string }): void {
  const [said, own] = [withoutOurs(document), withoutOurs(normalized(manifest))];
  expectSame("contradiction", url, "_id", `${manifest.name}@${manifest.version}`, textOf(document["_id"]));
  const differing = [...new Set([...Object.keys(said), ...Object.keys(own)])].find((field) => !isDeepStrictEqual(said[field], own[field]));
  if (differing !== undefined)
    throw new FeedMismatch("contradiction", url, `'${differing.slice(0, 100)}' of ${manifest.version} is not what its package.json says`);
}

/** What the registry says itself, whatever the package says there. */
const OURS = ["_id", "deprecated", "dist"];

function withoutOurs(document: Json): Json {
  return Object.fromEntries(Object.entries(document).filter(([field]) => !OURS.includes(field)));
}

/** As `npm audit signatures`: there is one, and each is by a key that counts. */
function checkSignatures(url: string, text: string, signatures: unknown, keys: readonly RegistryKey[], publishedAt: string): void {
  const all = listOf(signatures).map(objectOf);
  if (all.length === 0) throw new FeedMismatch("signature", url, `${text.slice(0, 100)} is not signed`);
  for (const { keyid, sig } of all) {
    const key = keys.find((known) => known.keyid === keyid);
    if (!key) throw new FeedMismatch("signature", url, `the registry has no key ${JSON.stringify(keyid)}`);
    if (key.expires !== null && key.expires <= new Date(publishedAt))
      throw new FeedMismatch("signature", url, `the key ${key.keyid} had expired`);
    if (!isSignedBy(key, text, textOf(sig) ?? "")) throw new FeedMismatch("signature", url, `the signature over ${text} is not good`);
  }
}
