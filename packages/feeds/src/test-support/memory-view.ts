import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { gzipSync } from "node:zlib";
import { sha256 } from "@distd/core";
import type { Feed, FeedFile, FeedSigner, FeedVersion, FeedView, FilePart, Fragment, FragmentFile, ListRef } from "../feed.ts";
import { armoredPublicKeys, clearsign, detachedSignature } from "../openpgp/sign-text.ts";

export const CHANNEL = "stable";
export const ISSUED_AT = new Date("2026-11-20T09:00:00Z");
const WEEK_MS = 7 * 86_400_000;

/** The key of RFC 8032, test 1: signatures are the same each time. */
const openpgp = {
  key: createPrivateKey({
    key: Buffer.from("302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex"),
    format: "der",
    type: "pkcs8",
  }),
  created: new Date("2026-11-20T08:00:00Z"),
  userId: "main (distd repository)",
};

/** A P-256 key made for these tests. */
const ecdsa = createPrivateKey({
  key: Buffer.from(
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgExZcQ5Zao7OSObazsmfvCYneIE2NHSYgb4sZAM76+RuhRANCAAQtK3QZLIF97Jl9dSjzVXbAVhfbPRfNEbOI24NXNZc0LG8pA/szcVXtxCcxgitDPGqWXgsVQmwuXvwC6mp3Vb+U",
    "base64",
  ),
  format: "der",
  type: "pkcs8",
});
const spki = createPublicKey(ecdsa).export({ format: "der", type: "spki" });
const keyid = `SHA256:${createHash("sha256").update(spki).digest("base64").replace(/=+$/, "")}`;
const signatures = new Map<string, string>();

/** A signature of this kind is another one each time: the first of a text is kept. */
function signOnce(text: string): string {
  const signature = signatures.get(text) ?? sign("sha256", Buffer.from(text), ecdsa).toString("base64");
  signatures.set(text, signature);
  return signature;
}

/** Signs the same text in the same way. */
export const memorySigner: FeedSigner = {
  clearsign: (text) => ({ inRelease: clearsign([openpgp], text, ISSUED_AT), detached: detachedSignature([openpgp], text, ISSUED_AT) }),
  openpgpKeys: () => armoredPublicKeys([openpgp]),
  ecdsa: (text) => ({ keyid, signature: signOnce(text) }),
  ecdsaKeys: () => [{ keyid, spki: spki.toString("base64"), expires: null }],
};

/** Where a feed is that stands in the repository `main`. */
export function addressOf({ id }: Pick<Feed, "id">): string {
  return `https://dist.example.com/${id}/main`;
}

/** What a feed makes of versions in one channel, kept in memory. */
export interface MemoryFeed {
  readonly fragments: readonly Fragment[];
  /** Lists that `assemble` was given. */
  readonly given: ReadonlySet<ListRef>;
  readonly assembled: readonly FeedFile[];
  /** What a client finds under a path: a text, or something of the release. */
  read(path: string): MemoryFile | undefined;
  readonly paths: readonly string[];
}

export type MemoryFile =
  | { readonly kind: "body"; readonly bytes: Buffer; readonly contentType: string }
  | { readonly kind: "stored"; readonly file: FragmentFile };

export interface MemoryOptions {
  /** Names that changed although no version has them any more. */
  readonly gone?: readonly string[];
  /** What the last version has when absent. */
  readonly tags?: FeedView["tags"];
}

export async function memoryFeed(
  feed: Feed,
  versions: readonly FeedVersion[],
  { gone = [], tags }: MemoryOptions = {},
): Promise<MemoryFeed> {
  const fragments = versions.map((version) => feed.fragment(version, { address: addressOf(feed), sign: memorySigner }));
  const lists = new Map<string, Map<string, string>>();
  for (const { list, key, text } of fragments.flatMap(({ entries }) => entries))
    lists.set(list, (lists.get(list) ?? new Map<string, string>()).set(key, text));
  const refs = new Map<string, ListRef>();
  const given = new Set<ListRef>();
  const give = (name: string): ListRef => {
    const ref = refs.get(name) ?? makeRef(name, refs.size + 1, () => bodyOf(name, lists.get(name)));
    refs.set(name, ref);
    given.add(ref);
    return ref;
  };
  const isChannel = feed.traits.scope === "channel";
  const pointers = new Map(fragments.flatMap((fragment) => Object.entries(fragment.tags)));
  const assembled = await feed.assemble({
    repository: { name: "main" },
    channel: isChannel ? CHANNEL : "",
    address: addressOf(feed),
    generation: 1,
    issuedAt: ISSUED_AT,
    expiresAt: new Date(ISSUED_AT.getTime() + WEEK_MS),
    channels: [CHANNEL],
    changed: [...new Set([...fragments.flatMap(({ names }) => names), ...gone])].toSorted(),
    tags: tags ?? (isChannel ? [] : Array.from(pointers, ([name, value]) => ({ name, channel: CHANNEL, value }))),
    lists: {
      get: (name) => Promise.resolve(lists.has(name) ? give(name) : undefined),
      set(list, key, text) {
        const entries = lists.get(list) ?? new Map<string, string>();
        if (text === undefined) entries.delete(key);
        else entries.set(key, text);
        if (entries.size === 0) lists.delete(list);
        else lists.set(list, entries);
        return Promise.resolve();
      },
      all: () => Promise.resolve([...lists.keys()].toSorted().map(give)),
    },
    sign: memorySigner,
  });
  const bytesOf = (part: FilePart): Buffer => {
    if (typeof part === "string") return Buffer.from(part);
    const body = bodyOf(part.list.name, lists.get(part.list.name));
    return part.encoding === "gzip" ? gzipSync(body) : body;
  };
  const files = new Map<string, MemoryFile>();
  for (const { texts, files: artifacts } of fragments) {
    for (const { path, text, contentType } of texts) files.set(path, { kind: "body", bytes: Buffer.from(text), contentType });
    for (const file of artifacts) files.set(file.path, { kind: "stored", file });
  }
  for (const { path, parts, contentType } of assembled)
    if (parts) files.set(path, { kind: "body", bytes: Buffer.concat(parts.map(bytesOf)), contentType });
  return { fragments, given, assembled, read: (path) => files.get(path), paths: [...files.keys()] };
}

/** Entries in the order of their keys, as the server keeps them. */
function bodyOf(name: string, entries: ReadonlyMap<string, string> = new Map()): Buffer {
  const texts = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return Buffer.from(texts.join(name.endsWith(".json") ? "," : ""));
}

function makeRef(name: string, id: number, body: () => Buffer): ListRef {
  return {
    id,
    name,
    tag: `${id}/1`,
    digest(encoding) {
      const bytes = encoding === "gzip" ? gzipSync(body()) : body();
      return Promise.resolve({ size: bytes.length, sha256: sha256(bytes) });
    },
  };
}
