// A macOS app in a zip or a tar, as developers publish it and Sparkle updates from it: NAME.app/Contents with Info.plist, the executable and a
// code signature. Followed: Apple's Bundle Programming Guide, mach-o/loader.h, cs_blobs.h. docs/formats/macapp.md says how each fact is found.
import { type ArtifactFacts, type ArtifactProblem, type ByteSource, limitSource } from "@distd/core";
import { type AppFiles, zipAppFiles } from "../../app-bundle/app-files.ts";
import { type AppFacts, describeApp } from "../../app-bundle/describe-app.ts";
import { findApps } from "../../app-bundle/find-apps.ts";
import { readAppIcon } from "../../app-bundle/read-app-icon.ts";
import { tarAppFiles } from "../../app-bundle/tar-app-files.ts";
import { broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { openZip } from "../../zip/open-zip.ts";

export const macapp: Inspector = {
  id: "macapp",
  factsVersion: 2,
  extensions: [".zip", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar"],
  sniff({ zipEntries, tarEntries }) {
    return findApps(zipEntries).length > 0 || findApps(tarEntries).length > 0 ? "yes" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectMacapp(limitSource(source, limits.maxReadBytes), limits)),
  readIcon: async (source, icon, limits) => readAppIcon(await openFiles(source, limits), icon),
};

async function inspectMacapp(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const files = await openFiles(source, limits);
  const apps: AppFacts[] = [];
  for (const app of findApps(files.paths)) apps.push(await describeApp(files, app, macapp.id, limits.maxDepth));
  const [first] = apps;
  if (first === undefined) throw broken("macapp: there is no app with an Info.plist");
  return { format: macapp.id, factsVersion: macapp.factsVersion, platform: "macos", ...combine(first, apps) };
}

async function openFiles(source: ByteSource, limits: InspectLimits): Promise<AppFiles> {
  const magic = await source.read(0, Math.min(2, source.size));
  const isZip = magic[0] === 0x50 && magic[1] === 0x4b;
  return isZip ? zipAppFiles(await openZip(source, limits, { contiguous: false })) : tarAppFiles(source, limits);
}

/** Of several apps the first is described; what it is called is only said when all agree. */
function combine(first: AppFacts, apps: readonly AppFacts[]): AppFacts {
  if (apps.length === 1) return first;
  const { identifier, ...rest } = first;
  const agree = apps.every((app) => app.identifier === identifier);
  const several: ArtifactProblem = { code: "macapp/several-apps", message: `There are ${apps.length} apps in it; updaters install one.` };
  return {
    ...(agree && identifier !== undefined ? first : rest),
    problems: [...first.problems, several],
    details: {
      ...first.details,
      apps: apps.map((app) => present({ path: app.details["app"], identifier: app.identifier, version: app.version, build: app.build })),
    },
  };
}
