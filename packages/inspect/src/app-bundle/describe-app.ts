import type { ArtifactFacts, ArtifactProblem } from "@distd/core";
import { attempt } from "../broken.ts";
import { readMachO } from "../macho/mach-o.ts";
import { compareVersions, type MachOSummary, summarizeMachO } from "../macho/summarize.ts";
import { MAX_PLIST_BYTES, parsePlist } from "../plist/parse-plist.ts";
import { type PlistDict, stringAt, stringsAt } from "../plist/plist-value.ts";
import { present } from "../present.ts";
import type { AppFiles } from "./app-files.ts";
import { findHelpers } from "./find-apps.ts";

export type AppFacts = Omit<ArtifactFacts, "format" | "factsVersion" | "platform">;

const SYSTEM_VERSION = /^\d{1,4}(?:\.\d{1,4}){0,2}$/;

/** What a macOS app at `app` (with a slash at the end) says. Problems are in the area of the format that holds it. */
export async function describeApp(files: AppFiles, app: string, area: string, maxDepth: number): Promise<AppFacts> {
  const info = await parsePlist(await files.read(`${app}Contents/Info.plist`, MAX_PLIST_BYTES), maxDepth, `${app}Contents/Info.plist`);
  const executable = stringAt(info, "CFBundleExecutable");
  const read = await readExecutable(files, app, executable, maxDepth);
  const summary = "summary" in read ? read.summary : undefined;
  const stated = stringAt(info, "LSMinimumSystemVersion");
  const sealed = files.has(`${app}Contents/_CodeSignature/CodeResources`);
  const signing = summary?.signing ?? { state: "unsigned", schemes: [], certificates: [] };
  return {
    architectures: summary?.architectures ?? [],
    ...present({
      identifier: stringAt(info, "CFBundleIdentifier"),
      version: stringAt(info, "CFBundleShortVersionString"),
      build: stringAt(info, "CFBundleVersion"),
      name: stringAt(info, "CFBundleDisplayName") ?? stringAt(info, "CFBundleName"),
      minOs: stated ?? summary?.minOs,
      icon: findIcon(files, app, info),
      entitlements: summary?.entitlements,
    }),
    signing: sealed && signing.state === "unsigned" ? { ...signing, state: "unverified", schemes: ["codesign"] } : signing,
    problems: [...("problem" in read ? [read.problem(area)] : []), ...minOsProblem(stated, summary?.minOs, area)],
    details: {
      app: app.slice(0, -1),
      // A notarization ticket lies beside what the signature seals.
      stapled: files.has(`${app}Contents/CodeResources`),
      helpers: findHelpers(files.paths, app, executable),
      supportedPlatforms: stringsAt(info, "CFBundleSupportedPlatforms"),
      ...present({
        executable,
        minOsOfExecutable: summary?.minOs,
        slices: summary?.slices,
        codeSignature: summary?.codeSignature,
        sparkle: sparkleOf(info),
        sdk: stringAt(info, "DTPlatformVersion"),
        unread: summary?.unread,
      }),
    },
  };
}

type ExecutableReading = { readonly summary: MachOSummary } | { readonly problem: (area: string) => ArtifactProblem };

async function readExecutable(files: AppFiles, app: string, name: string | undefined, maxDepth: number): Promise<ExecutableReading> {
  const opened = name === undefined ? undefined : await files.open(`${app}Contents/MacOS/${name}`);
  if (opened === undefined)
    return { problem: (area) => ({ code: `${area}/no-executable`, message: "The app's executable is missing; nothing starts it." }) };
  const read = await attempt(() => readMachO(opened.source, { maxDepth, readableBytes: opened.readableBytes }));
  await opened.close();
  if ("value" in read) return { summary: summarizeMachO(read.value) };
  const { message } = read.error;
  return { problem: (area) => ({ code: `${area}/executable-damaged`, message: `The app's executable cannot be read: ${message}` }) };
}

/** Info.plist lets the app start where its code does not run. */
function minOsProblem(stated: string | undefined, built: string | undefined, area: string): readonly ArtifactProblem[] {
  if (stated === undefined || built === undefined || !SYSTEM_VERSION.test(stated) || compareVersions(stated, built) >= 0) return [];
  return [{ code: `${area}/minimum-contradicts`, message: `Info.plist says it runs on macOS ${stated}; its executable needs ${built}.` }];
}

/** The framework many apps update themselves with: where it asks, and the key it trusts. */
function sparkleOf(info: PlistDict): Readonly<Record<string, unknown>> | undefined {
  const found = present({ feedUrl: stringAt(info, "SUFeedURL"), publicKey: stringAt(info, "SUPublicEDKey") });
  return Object.keys(found).length === 0 ? undefined : found;
}

/** Icons in asset catalogues only (Assets.car) are absent. */
function findIcon(files: AppFiles, app: string, info: PlistDict): string | undefined {
  const names = [stringAt(info, "CFBundleIconFile"), stringAt(info, "CFBundleIconName")].filter(
    (name) => name !== undefined && name !== "",
  );
  const candidates = names.flatMap((name) => [`${app}Contents/Resources/${name}`, `${app}Contents/Resources/${name}.icns`]);
  const found = candidates.find((candidate) => files.has(candidate));
  if (found !== undefined || candidates.length === 0) return found;
  // Volumes of macOS do not tell upper case from lower.
  const folded = new Set(candidates.map((candidate) => candidate.toLowerCase()));
  return files.paths.find((path) => folded.has(path.toLowerCase()));
}
