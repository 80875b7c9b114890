import type { ArtifactFacts, ByteSource } from "@distd/core";
import type { InspectLimits } from "./limits.ts";

/**
 * One artifact format: bytes in, facts out.
 *
 * `sniff` MUST decide from the bytes alone when they are conclusive, MAY use the name to tell apart formats that share a container (a zip
 * is an apk, an ipa, a jar …), and MUST NOT throw. `inspect` MUST refuse what the platform's own installer would refuse to read with
 * `artifact/broken`, MUST stay within the limits, MUST NOT read the whole source when its metadata needs less, and MUST NOT touch clock,
 * disk or network: the same bytes give the same facts. Whoever opened the source closes it.
 */
export interface Inspector {
  /** The format's id; also the name of its folder and of its page in docs/formats. */
  readonly id: string;
  /** Raised whenever the same bytes would give other facts. */
  readonly factsVersion: number;
  /** Lower-case file name endings with the dot, the usual one first. */
  readonly extensions: readonly string[];
  sniff(head: Sniff): SniffResult;
  inspect(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts>;
  /** What the package says about itself, word for word, for formats whose index repeats it; of a container image what it consists of (`ImageContent`). Called for what `inspect` accepted. */
  readMetadata?(source: ByteSource, limits: InspectLimits): Promise<Uint8Array | undefined>;
  /** The bytes of `facts.icon` as the artifact stores them, in whatever image format. Absent for formats that carry none. */
  readIcon?(source: ByteSource, icon: string, limits: InspectLimits): Promise<Uint8Array | undefined>;
}

/** What an inspector may look at to decide whether a file is its own. */
export interface Sniff {
  /** The first bytes, at most SNIFF_BYTES. */
  readonly head: Uint8Array;
  /** File name in lower case, without folders. */
  readonly name: string;
  /** Names of the zip's entries, in order, when the bytes are a readable zip; else empty. */
  readonly zipEntries: readonly string[];
  /** Names of the first entries when the bytes are a tar, compressed or not; else empty. */
  readonly tarEntries: readonly string[];
}

/**
 * `yes`: it is this format. `named`: the bytes do not say so, but the name claims it, so anything but this format is a broken one
 * (a truncated file called notes.apk is a broken apk, not a plain file). `no`: it is not.
 */
export type SniffResult = "yes" | "named" | "no";
