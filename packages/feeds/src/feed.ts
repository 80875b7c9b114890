import type { ArtifactFacts, Coordinate, Sha256 } from "@distd/core";

import type { FeedMirror } from "./mirror.ts";

/**
 * One ecosystem: releases in, the files its clients ask for out.
 *
 * `fragment` is called once for a version, `assemble` once for a generation and only for what changed. Both MUST be pure: no clock, database
 * or network; time, addresses and signers are arguments. Whatever text comes from a package or a person MUST go through the format's own
 * serializer. A feed MUST ignore what it does not carry: `fragment` of a release without an artifact for it is `NOTHING`.
 */
export interface Feed {
  /** Also the name of its folder, of its page in docs/feeds, and the first part of its address. */
  readonly id: string;
  readonly traits: FeedTraits;
  fragment(version: FeedVersion, place: FragmentPlace): Fragment;
  assemble(view: FeedView): Promise<readonly FeedFile[]>;
  /** Why an artifact of its formats has no place in it, in a sentence; undefined when it has one. */
  leavesOut(artifact: FeedArtifact): string | undefined;
  /** Which stored file a client means. `path` is decoded and has no leading slash. */
  route(path: string, accept: string): FeedRequest;
  /** What people type to use it, in order. */
  lines(place: FeedPlace): readonly string[];
  readonly mirror: FeedMirror;
  /**
   * Gets what is live on a channel as the ecosystem's own client does: from the addresses that client asks, with its headers and its checks,
   * and holds the bytes against the release. One finding for each wanted artifact the feed carries. MUST do I/O through `reader` alone, MUST
   * take the time from `wanted`, and MUST find a problem where a client would find nothing, would refuse what it gets, or would get other
   * bytes than the release's. A problem is a finding; what the reader throws, such as a network that fails, is passed on.
   */
  verify(reader: FeedReader, wanted: FeedWanted): Promise<readonly FeedFinding[]>;
}

export interface FeedTraits {
  /** Artifact formats it carries; `all`: whatever a release has, formats to come too. */
  readonly formats: readonly string[] | "all";
  /** `channel`: the client knows channels, or its address names one. `repository`: one index holds what any channel offers. */
  readonly scope: "channel" | "repository";
  /** Versions of an app that stay beside what is live. Clients that pin versions need all. */
  readonly keeps: number;
  /**
   * What becomes of a version that a channel went back over. `kept`: clients follow what the channel points to, and who pins the version still gets
   * it. `marked`: clients that take the highest version see it as yanked. `dropped`: clients know no such mark.
   */
  readonly passedOver: "kept" | "marked" | "dropped";
  /** Digests beside SHA-256 that its index names. */
  readonly digests: readonly ("sha512" | "sha1" | "md5")[];
  /** Whether its lists are also served compressed, under a name of their own. */
  readonly compresses: boolean;
  readonly signs: "openpgp" | "ecdsa-p256" | "nothing";
  /** Whether its clients refuse an index after a while: then it is issued anew before that. */
  readonly expires: boolean;
  /** Whether its clients take an update only on a part of the machines when told so. */
  readonly phases: boolean;
  /** What its client does when a channel goes back: installs the older version over the newer, only gives it to new installations, or refuses. */
  readonly rollback: "follows" | "new-installs" | "refuses";
  /** Whether its files alone are enough, or a client needs a server that answers. */
  readonly serves: "files" | "server";
  /** How its clients send a token. */
  readonly credentials: "basic" | "bearer";
}

/** Where a version's lines will stand. */
export interface FragmentPlace {
  /** Of the feed in its repository, without trailing slash. */
  readonly address: string;
  readonly sign: FeedSigner;
}

/** A published release, as its feeds see it. */
export interface FeedVersion {
  readonly app: { readonly slug: string; readonly name: string };
  readonly version: string;
  readonly build: string;
  /** Orders versions of an app; compares by code units. */
  readonly sortKey: string;
  /** ISO 8601 UTC. */
  readonly publishedAt: string;
  readonly notes: string;
  /** Why it was yanked; absent while it is not. */
  readonly yanked?: string;
  /** Percent of the machines that take it as an update, from 0 to 99; absent: all. Only for feeds whose clients know phases. */
  readonly phase?: number;
  readonly artifacts: readonly FeedArtifact[];
}

export interface FeedArtifact extends Coordinate {
  readonly id: string;
  /** File name, without folders. */
  readonly name: string;
  readonly size: number;
  readonly sha256: Sha256;
  /** Hexadecimal; those the traits ask for. */
  readonly digests: Readonly<Partial<Record<"sha512" | "sha1" | "md5", string>>>;
  readonly facts: ArtifactFacts;
  /** What the package says about itself, word for word: `control`, `package.json`, `METADATA`. Absent when its format has nothing of the kind. */
  readonly metadata?: Uint8Array;
}

export interface Fragment {
  /** Names it takes in its ecosystem, normalised. */
  readonly names: readonly string[];
  /** One line, stanza or member each. */
  readonly entries: readonly FragmentEntry[];
  /** Addresses of its artifacts. */
  readonly files: readonly FragmentFile[];
  /** Small files of its own, such as a package's metadata. They are `immutable` unless they say `index`. */
  readonly texts: readonly {
    readonly path: string;
    readonly text: string;
    readonly contentType: string;
    readonly cache?: "index" | "immutable";
  }[];
  /** name → what a channel that offers this version points to: a version, a digest. */
  readonly tags: Readonly<Record<string, string>>;
  /** name → target: the tag counts where this release is live for that target. Absent: for any. */
  readonly targets: Readonly<Record<string, string>>;
}

/** An artifact or a part of it, or a blob that belongs to the release. */
export type FragmentFile = { readonly path: string; readonly contentType?: string } & (
  | { readonly artifact: string; readonly part?: { readonly offset: number; readonly size: number; readonly sha256: Sha256 } }
  | { readonly blob: Sha256; readonly size: number }
);

export interface FragmentEntry {
  /** A list whose name ends in `.json` has commas between its entries; others have nothing. */
  readonly list: string;
  /** Orders the list by code units; one entry for a key. */
  readonly key: string;
  readonly text: string;
}

/** What npm and container registries call the version of who names none. */
export const LATEST = "latest";

export const NOTHING: Fragment = { names: [], entries: [], files: [], texts: [], tags: {}, targets: {} };

/** Of a name in several, the last is meant. */
export function joinFragments(fragments: readonly Fragment[]): Fragment {
  return {
    names: [...new Set(fragments.flatMap(({ names }) => names))],
    entries: fragments.flatMap(({ entries }) => entries),
    files: fragments.flatMap(({ files }) => files),
    texts: fragments.flatMap(({ texts }) => texts),
    tags: Object.assign({}, ...fragments.map(({ tags }) => tags)) as Fragment["tags"],
    targets: Object.assign({}, ...fragments.map(({ targets }) => targets)) as Fragment["targets"],
  };
}

/** Whether the feed has a use for such an artifact. */
export function carries({ traits }: Pick<Feed, "traits">, format: string): boolean {
  return traits.formats === "all" || traits.formats.includes(format);
}

/** Entries in the order of their keys. */
export interface ListRef {
  readonly id: number;
  readonly name: string;
  /** Changes with its bytes. */
  readonly tag: string;
  /** Of the bytes as they are served; reading them costs as much as the list is long. */
  digest(encoding: "plain" | "gzip"): Promise<{ readonly size: number; readonly sha256: Sha256 }>;
}

/** Lists that have entries. */
export interface ListSource {
  get(name: string): Promise<ListRef | undefined>;
  /** An entry that is of no single release, such as a package's name among all; undefined takes it out. */
  set(list: string, key: string, text: string | undefined): Promise<void>;
  /** All of them, by name; for feeds with few. */
  all(): Promise<readonly ListRef[]>;
}

/** A generation of a repository, as far as one feed sees it. */
export interface FeedView {
  readonly repository: { readonly name: string };
  /** Empty for feeds of the whole repository. */
  readonly channel: string;
  /** Of this feed in this repository, without trailing slash. */
  readonly address: string;
  readonly generation: number;
  readonly issuedAt: Date;
  /** After this a client knows that news is being held back from it. */
  readonly expiresAt: Date;
  /** Names whose entries or tags changed; all names when everything is issued anew. */
  readonly changed: readonly string[];
  /** Channels of the app that changed, whether they point to something of this feed or not. */
  readonly channels: readonly string[];
  /** What the channels point to, for the names that changed. */
  readonly tags: readonly { readonly name: string; readonly channel: string; readonly value: string }[];
  readonly lists: ListSource;
  readonly sign: FeedSigner;
}

/** Signs with the repository's keys. */
export interface FeedSigner {
  /** A text with its OpenPGP signature around it, and the signature alone. */
  clearsign(text: string): { readonly inRelease: string; readonly detached: string };
  /** The keys clients pin, armoured; while one takes over from another, both. */
  openpgpKeys(): string;
  ecdsa(text: string): { readonly keyid: string; readonly signature: string };
  ecdsaKeys(): readonly { readonly keyid: string; readonly spki: string; readonly expires: string | null }[];
}

export interface FeedFile {
  /** Below the feed's address; percent-decoded, no leading slash. */
  readonly path: string;
  readonly contentType: string;
  /** `index` is asked for anew each time. `immutable` never changes under its path; it ends when `assemble` gives it no more, and stays fetchable for a while. */
  readonly cache: "index" | "immutable";
  /** Undefined: there is no such file any more. */
  readonly parts: readonly FilePart[] | undefined;
}

export type FilePart = string | { readonly list: ListRef; readonly encoding: "plain" | "gzip" };

export type FeedRequest =
  | { readonly kind: "file"; readonly path: string; readonly vary?: "accept" }
  /** To a path below the feed's address. */
  | { readonly kind: "redirect"; readonly path: string }
  | { readonly kind: "nothing" };

/** Where a feed is, for the lines people type. */
export interface FeedPlace {
  readonly address: string;
  readonly repository: string;
  readonly channel: string;
  readonly isOpen: boolean;
}

/** What a channel has live of one app, for those who look whether a feed gives it. */
export interface FeedWanted {
  /** Of the feed in its repository, without trailing slash. */
  readonly address: string;
  readonly channel: string;
  readonly releases: readonly WantedRelease[];
  /** Now: signatures and indexes have dates. */
  readonly at: Date;
}

/** A release that is live, with those of its artifacts that are. */
export interface WantedRelease extends Pick<FeedVersion, "app" | "version" | "build" | "publishedAt"> {
  /** When the last revision of the version was published, where that is another release: an index may have its time. */
  readonly revisedAt?: string;
  readonly artifacts: readonly WantedArtifact[];
}

/** An artifact as the release describes it. */
export type WantedArtifact = Omit<FeedArtifact, "digests" | "metadata">;

/** Gets what a feed serves, by absolute address. It MUST send a token only where the server itself says a feed is. */
export interface FeedReader {
  /** An index or another small file. More than `maxBytes` MUST NOT be held in memory. */
  read(url: string, options: { readonly maxBytes: number; readonly accept?: string }): Promise<FeedAnswer>;
  /** Digests of a file of any size, hashed while it comes in. Undefined where there is none. */
  digest(url: string, also?: readonly ExtraDigest[]): Promise<FoundBytes | undefined>;
  /**
   * What the package says about itself (see `FeedArtifact`), out of the release's own bytes and not out of a feed. Bytes in which it cannot be
   * found are `artifact/broken`.
   */
  metadata(artifact: WantedArtifact): Promise<Uint8Array | undefined>;
}

export type ExtraDigest = "sha512" | "sha1";

export type FeedAnswer =
  | { readonly kind: "file"; readonly bytes: Uint8Array; header(name: string): string | undefined }
  | { readonly kind: "nothing" }
  | { readonly kind: "too-large" };

export interface FoundBytes {
  readonly size: number;
  readonly sha256: Sha256;
  /** Hexadecimal; those that were asked for. */
  readonly digests: Readonly<Partial<Record<ExtraDigest, string>>>;
}

/** What came of one artifact. */
export type FeedFinding = {
  /** Its id. */
  readonly artifact: string;
  /** File name. */
  readonly name: string;
  /** Of its release. */
  readonly version: string;
} & (FeedGood | { readonly problem: FeedProblem });

/** A client gets it, and it is the release's. */
export interface FeedGood {
  /** Where it came from. */
  readonly url: string;
  /** Bytes that came. Of an image: its manifests, configurations and layers. */
  readonly size: number;
  /** Of the bytes; of an image, of the manifest its tag points to. */
  readonly sha256: Sha256;
  /** What was held against what, for people. */
  readonly compared: readonly string[];
  /** What people should know although nothing is wrong, such as that it is yanked. */
  readonly note?: string;
}

export interface FeedProblem {
  readonly kind: FeedProblemKind;
  /** Of the file that is not as it should be. */
  readonly url: string;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
}

/**
 * `missing`: a client finds nothing. `unreadable`, `too-large`: or nothing it can use. `signature`, `date`: it does not trust it. `digest`,
 * `size`: the bytes are others. `version`: it is led to another version. `contradiction`: two places say different things. `address`: it is
 * led out of the feed.
 */
export type FeedProblemKind =
  | "missing"
  | "unreadable"
  | "too-large"
  | "signature"
  | "date"
  | "digest"
  | "size"
  | "version"
  | "contradiction"
  | "address";
