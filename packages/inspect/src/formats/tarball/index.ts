// A tar archive, compressed or not. What is in it is listed; of programs the header is read, because it says for which machines they are.
// Followed: see tar/read-tar.ts; docs/formats/tarball.md says how each fact is found.
import { type ArtifactFacts, type ArtifactProblem, type ByteSource, limitSource } from "@distd/core";
import { refusingBadText } from "../../broken.ts";
import { EXECUTABLE_HEAD_BYTES, identifyExecutable } from "../../executable/identify-executable.ts";
import { createListing } from "../../executable/listing.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { scanTar } from "../../tar/scan-tar.ts";

const EXECUTABLE = 0o111;
const PROGRAM_NAME = /\.(?:exe|dll|so|dylib|node)(?:\.\d+)*$/i;

export const tarball: Inspector = {
  id: "tarball",
  factsVersion: 1,
  extensions: [".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz", ".tar.zst", ".tzst", ".tar"],
  sniff({ name, tarEntries }) {
    if (tarEntries.length > 0) return "yes";
    return tarball.extensions.some((extension) => name.endsWith(extension)) ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectTarball(limitSource(source, limits.maxReadBytes), limits)),
};

async function inspectTarball(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const listing = createListing();
  let outside = 0;
  const scan = await scanTar(source, limits, {
    want(entry) {
      const mayRun = (entry.mode & EXECUTABLE) !== 0 || PROGRAM_NAME.test(entry.path);
      return entry.type === "file" && mayRun && listing.wantsMore ? EXECUTABLE_HEAD_BYTES : 0;
    },
    visit(entry, head) {
      listing.add(entry.path, entry.type, entry.bytes);
      const kind = head.length === 0 ? undefined : identifyExecutable(head);
      if (kind !== undefined) listing.addExecutable(entry.path, kind);
      if (entry.type === "symlink" && leavesArchive(entry.path, entry.target ?? "")) outside += 1;
    },
  });
  const problems: readonly ArtifactProblem[] =
    outside === 0 ? [] : [{ code: "tarball/link-outside", message: `symbolic links that point outside the archive: ${outside}` }];
  return {
    format: tarball.id,
    factsVersion: tarball.factsVersion,
    platform: listing.platform,
    architectures: listing.architectures,
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems,
    details: { compression: scan.codec ?? "none", complete: scan.complete, ...listing.details },
  };
}

function leavesArchive(path: string, target: string): boolean {
  if (target.startsWith("/")) return true;
  let depth = path.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "." && part !== "") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
