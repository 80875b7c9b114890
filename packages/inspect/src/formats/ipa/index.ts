// An iOS app archive: a zip with one app bundle under Payload/. Read from the bundle: Info.plist (binary or XML property list),
// embedded.mobileprovision (CMS around a property list), the Mach-O executable with its code signature, and the Info.plist of watch apps,
// extensions and app clips inside. Apple's Bundle Resources reference and xnu's headers; docs/formats/ipa.md says how each is found.
import { type ArtifactFacts, type ArtifactProblem, type ByteSource, limitSource } from "@distd/core";
import { attempt, broken, refusingBadText } from "../../broken.ts";
import { readZipIcon } from "../../icons/zip-icon.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { dictAt, dictToJson, stringAt, stringsAt } from "../../plist/plist-value.ts";
import { present } from "../../present.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";
import { readExecutable } from "./executable.ts";
import { type AppBundle, findApp, findNested, isInApp, type NestedKind } from "./find-bundles.ts";
import { deviceFamilies, findIcon, readInfoPlist } from "./info-plist.ts";
import { describeProvisioning, readProvisioning } from "./provisioning.ts";

export const ipa: Inspector = {
  id: "ipa",
  factsVersion: 1,
  extensions: [".ipa"],
  sniff({ name, zipEntries }) {
    if (zipEntries.some(isInApp)) return "yes";
    return name.endsWith(".ipa") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectIpa(limitSource(source, limits.maxReadBytes), limits)),
  readIcon: readZipIcon,
};

async function inspectIpa(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const zip = await openZip(source, limits, { contiguous: true });
  const app = findApp(zip);
  const info = await readInfoPlist(zip, app.path, limits.maxDepth);
  if (info === undefined) throw broken(`there is no ${app.path}Info.plist`);
  const identifier = stringAt(info, "CFBundleIdentifier");
  if (identifier === undefined) throw broken(`${app.path}Info.plist names no bundle`);
  const profile = await attempt(() => readProvisioning(zip, app.path, limits.maxDepth));
  const nested = await readNested(zip, app, limits.maxDepth);
  const executableName = stringAt(info, "CFBundleExecutable");
  const executable = await readExecutable(zip, executableName && `${app.path}${executableName}`, limits.maxDepth);
  const provisioning = "value" in profile ? profile.value : undefined;
  const entitlements = executable.entitlements ?? (provisioning && dictAt(provisioning, "Entitlements"));
  const isSigned = executable.isSigned || zip.entries.some(({ name }) => name.startsWith(`${app.path}_CodeSignature/`));
  return {
    format: ipa.id,
    factsVersion: ipa.factsVersion,
    platform: "ios",
    architectures: executable.architectures,
    identifier,
    ...present({
      version: stringAt(info, "CFBundleShortVersionString"),
      build: stringAt(info, "CFBundleVersion"),
      name: stringAt(info, "CFBundleDisplayName") ?? stringAt(info, "CFBundleName"),
      minOs: stringAt(info, "MinimumOSVersion"),
      icon: findIcon(zip, app.path, info),
      entitlements: entitlements && dictToJson(entitlements),
    }),
    signing: { state: isSigned ? "unverified" : "unsigned", schemes: isSigned ? ["codesign"] : [], certificates: executable.certificates },
    problems: [...problemsOf(app, profile), ...executable.problems],
    details: {
      app: app.path.slice(0, -1),
      deviceFamilies: deviceFamilies(info),
      supportedPlatforms: stringsAt(info, "CFBundleSupportedPlatforms"),
      watchApps: nested.watchApp,
      extensions: nested.extension,
      appClips: nested.appClip,
      ...present({
        sdk: stringAt(info, "DTPlatformVersion"),
        slices: executable.slices,
        encrypted: executable.encrypted,
        teamId: executable.teamId,
        provisioning: provisioning && describeProvisioning(provisioning),
        unread: executable.unread,
      }),
    },
  };
}

function problemsOf(app: AppBundle, profile: Awaited<ReturnType<typeof attempt>>): readonly ArtifactProblem[] {
  const problems: ArtifactProblem[] = [];
  if (app.wrapper !== undefined) {
    problems.push({
      code: "ipa/wrapped",
      message: `Payload lies inside the folder "${app.wrapper}"; no device installs it. It belongs at the top of the archive.`,
    });
  }
  if ("error" in profile)
    problems.push({ code: "ipa/profile-damaged", message: `The provisioning profile cannot be read: ${profile.error.message}` });
  return problems;
}

interface NestedFacts {
  /** Relative to the app. */
  readonly path: string;
  readonly identifier?: string;
  /** What an extension extends, such as `com.apple.widgetkit-extension`. */
  readonly point?: string;
}

async function readNested(zip: Zip, app: AppBundle, maxDepth: number): Promise<Readonly<Record<NestedKind, readonly NestedFacts[]>>> {
  const facts: Record<NestedKind, NestedFacts[]> = { watchApp: [], extension: [], appClip: [] };
  for (const { kind, path } of findNested(zip, app)) {
    const read = await attempt(() => readInfoPlist(zip, path, maxDepth));
    const info = ("value" in read ? read.value : undefined) ?? {};
    const point = ["NSExtension", "EXAppExtensionAttributes"].map((key) => dictAt(info, key)).find((dict) => dict !== undefined) ?? {};
    facts[kind].push({
      path: path.slice(app.path.length, -1),
      ...present({
        identifier: stringAt(info, "CFBundleIdentifier"),
        point: stringAt(point, "NSExtensionPointIdentifier") ?? stringAt(point, "EXExtensionPointIdentifier"),
      }),
    });
  }
  return facts;
}
