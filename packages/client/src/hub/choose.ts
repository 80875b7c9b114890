import { type Coordinate, DistError, HOST_INSTALLED_FORMATS, rankArtifacts } from "@distd/core";
import type { ChannelDocument } from "@distd/core/wire";
import type { Host } from "../host.ts";

/** One file of what is live, chosen for a machine. */
export interface Choice {
  readonly app: string;
  readonly channel: string;
  readonly sequence: number;
  readonly version: string;
  readonly build: string;
  readonly release: string;
  readonly format: string;
  readonly platform: string;
  readonly arch: string;
  readonly variant: string;
  readonly fileName: string;
  readonly url: string;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  readonly bytes: number;
  /** Why this one, for people. */
  readonly reason: string;
}

export interface Wanted {
  readonly format?: string | undefined;
  readonly variant?: string | undefined;
}

type Target = ChannelDocument["targets"][string];
interface Candidate extends Coordinate {
  readonly path: string;
  readonly target: Target;
}

/** The best artifact of a channel for a host. Throws `artifact/not-found` with what there is. */
export function chooseArtifact(document: ChannelDocument, host: Host, wanted: Wanted = {}): Choice {
  const candidates = Object.entries(document.targets).map(([path, target]): Candidate => ({ ...target.custom, path, target }));
  const fitting = rankArtifacts(candidates, {
    platform: host.platform,
    arch: host.arch,
    ...(wanted.format !== undefined && { format: wanted.format }),
  })
    .filter(({ variant }) => (wanted.variant === undefined ? isForLibc(variant, host) : variant === wanted.variant))
    .toSorted((a, b) => preference(a, host) - preference(b, host));
  const [best] = fitting;
  const there = candidates.map(({ platform, arch, variant, format }) =>
    [platform, arch, variant, format].filter((word) => word !== "").join("/"),
  );
  if (best === undefined)
    throw new DistError("artifact/not-found", `${document.app}@${document.channel} has nothing for ${nameOf(host)}`, {
      hint: `it has: ${[...new Set(there)].join(", ") || "nothing"}`,
    });
  const head = Object.values(document.heads).find(({ release }) => release === best.target.custom.release);
  const { platform, arch, variant, format, url, release } = best.target.custom;
  return {
    app: document.app,
    channel: document.channel,
    sequence: document.sequence,
    version: head?.version ?? "",
    build: head?.build ?? "",
    release,
    format,
    platform,
    arch,
    variant,
    fileName: decodeURIComponent(best.path.slice(best.path.lastIndexOf("/") + 1)),
    url,
    digest: best.target.hashes.sha256,
    bytes: best.target.length,
    reason: reasonOf(best, fitting.length, host),
  };
}

/** musl's programs run on musl; glibc's nowhere else. What says neither runs on both, as far as it says. */
function isForLibc(variant: string, { libc }: Host): boolean {
  if (libc === undefined) return true;
  return libc === "musl" ? !variant.includes("glibc") && !variant.includes("gnu") : !variant.includes("musl");
}

/** What dist installs itself first, and on musl what is made for it; the common order decides between those alike. */
function preference({ format, variant }: Candidate, { libc }: Host): number {
  return (HOST_INSTALLED_FORMATS.has(format) ? 0 : 2) + (libc === "musl" && !variant.includes("musl") ? 1 : 0);
}

function reasonOf({ platform, arch, variant, format }: Candidate, fitting: number, host: Host): string {
  const fits = arch === "any" ? `for ${platform}, any architecture` : `for ${platform} on ${arch}`;
  const why = fitting === 1 ? "the only one" : `the first of ${fitting}`;
  return `${format}${variant === "" ? "" : ` (${variant})`} ${fits}: ${why} that runs on ${nameOf(host)}`;
}

function nameOf({ platform, arch, libc }: Host): string {
  return `${platform} ${arch}${libc === undefined ? "" : ` (${libc})`}`;
}
