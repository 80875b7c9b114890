// Builds and signs the ipa: build.ts VERSION BUILD ICON_COLOUR OUT. Called by ../build.sh, which sets SOURCE_DATE_EPOCH.
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { codeSignature } from "./code-signature.ts";
import { executable } from "./mach-o.ts";
import { type PlistDict, plistXml } from "./plist.ts";

const [version = "", build = "", colour = "", out = ""] = process.argv.slice(2);
const releasedAt = new Date(Number(process.env["SOURCE_DATE_EPOCH"]) * 1000);
const apps = resolve(import.meta.dirname, "..");
const team = "ACMETEAM01";
const identifier = "test.acme.notes";
const remindsPeople = version !== "1.4.0";

const entitlements: PlistDict = {
  "application-identifier": `${team}.${identifier}`,
  ...(remindsPeople ? { "aps-environment": "production" } : {}),
  "com.apple.developer.team-identifier": team,
  "get-task-allow": false,
  "keychain-access-groups": [`${team}.${identifier}`],
};

const work = mkdtempSync(join(tmpdir(), "acme-notes-"));
const app = join(work, "Payload", "Notes.app");
process.once("exit", () => rmSync(work, { recursive: true }));

/** A CMS signature by a leaf of the test CA. The clock is frozen because the signing time is part of what is signed. */
function cms(signer: string, content: Buffer, ...options: string[]): Buffer {
  const file = (name: string) => join(apps, "ca", name);
  const clock = releasedAt.toISOString().slice(0, 19).replace("T", " ");
  const openssl = ["openssl", "cms", "-sign", "-binary", "-md", "sha256", "-nosmimecap", "-outform", "DER", ...options];
  const keys = ["-signer", file(`${signer}.pem`), "-inkey", file(`${signer}.key.pem`), "-certfile", file("acme-test-ca.pem")];
  return execFileSync("faketime", ["-f", clock, ...openssl, ...keys], { input: content, env: { ...process.env, TZ: "UTC" } });
}

function writeBinaryPlist(path: string, root: PlistDict): void {
  const xml = join(work, "plist.xml");
  writeFileSync(xml, plistXml(root));
  execFileSync("plistutil", ["-i", xml, "-o", path, "-f", "bin"]);
}

function infoPlist(): PlistDict {
  const icons = { CFBundlePrimaryIcon: { CFBundleIconFiles: ["AppIcon60x60"] } };
  return {
    CFBundleDevelopmentRegion: "en",
    CFBundleDisplayName: "Acme Notes",
    CFBundleExecutable: "Notes",
    CFBundleIcons: icons,
    "CFBundleIcons~ipad": icons,
    CFBundleIdentifier: identifier,
    CFBundleInfoDictionaryVersion: "6.0",
    CFBundleName: "Acme Notes",
    CFBundlePackageType: "APPL",
    CFBundleShortVersionString: version,
    CFBundleSupportedPlatforms: ["iPhoneOS"],
    CFBundleVersion: build,
    DTPlatformName: "iphoneos",
    DTPlatformVersion: "17.0",
    DTSDKName: "iphoneos17.0",
    LSRequiresIPhoneOS: true,
    MinimumOSVersion: "15.0",
    NSCameraUsageDescription: "To add a photo to a note.",
    ...(remindsPeople ? { UIBackgroundModes: ["remote-notification"] } : {}),
    UIDeviceFamily: [1, 2],
    UILaunchScreen: {},
    UIRequiredDeviceCapabilities: ["arm64"],
  };
}

/** An ad hoc profile: it names the devices the app may be installed on. */
function provisioningProfile(): Buffer {
  const distribution = new X509Certificate(readFileSync(join(apps, "ca", "ios-distribution.pem")));
  return plistXml({
    AppIDName: "Acme Notes",
    ApplicationIdentifierPrefix: [team],
    CreationDate: new Date("2026-01-15T09:00:00Z"),
    Platform: ["iOS"],
    IsXcodeManaged: false,
    DeveloperCertificates: [distribution.raw],
    Entitlements: { ...entitlements, "keychain-access-groups": [`${team}.*`] },
    ExpirationDate: new Date("2046-01-01T00:00:00Z"),
    Name: "Acme Notes Ad Hoc",
    ProvisionedDevices: ["00008101-00000000ACE00001", "00008120-00000000ACE00002"],
    TeamIdentifier: [team],
    TeamName: "Acme GmbH",
    TimeToLive: 7291,
    UUID: remindsPeople ? "ac3e0000-0000-4000-8000-000000000002" : "ac3e0000-0000-4000-8000-000000000001",
    Version: 1,
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The hashes of every file but the executable, under the rules that Xcode writes for an app. */
function codeResources(): PlistDict {
  const files: PlistDict = {};
  const files2: PlistDict = {};
  for (const path of filesBelow(app)) {
    const bytes = readFileSync(join(app, path));
    const hash = createHash("sha1").update(bytes).digest();
    const hash2 = createHash("sha256").update(bytes).digest();
    const localized = path.includes(".lproj/");
    files[path] = localized ? { hash, optional: true } : hash;
    if (path === "Info.plist" || path === "PkgInfo") continue;
    files2[path] = localized ? { hash2, optional: true } : { hash2 };
  }
  const commonRules = {
    "^.*": true,
    "^.*\\.lproj/": { optional: true, weight: 1000 },
    "^.*\\.lproj/locversion.plist$": { omit: true, weight: 1100 },
    "^Base\\.lproj/": { weight: 1010 },
  };
  return {
    files,
    files2,
    rules: { ...commonRules, "^version.plist$": true },
    rules2: {
      ...commonRules,
      ".*\\.dSYM($|/)": { weight: 11 },
      "^(.*/)?\\.DS_Store$": { omit: true, weight: 2000 },
      "^Info\\.plist$": { omit: true, weight: 20 },
      "^PkgInfo$": { omit: true, weight: 20 },
      "^embedded\\.provisionprofile$": { weight: 20 },
      "^version\\.plist$": { weight: 20 },
    },
  };
}

mkdirSync(join(app, "de.lproj"), { recursive: true });
writeBinaryPlist(join(app, "Info.plist"), infoPlist());
writeBinaryPlist(join(app, "de.lproj", "InfoPlist.strings"), { CFBundleDisplayName: "Acme Notizen" });
writeFileSync(join(app, "PkgInfo"), "APPL????");
// Written, not copied: a copy would bring along the mode that the checkout gave the file.
writeFileSync(join(app, "welcome.txt"), readFileSync(join(apps, "content", `${version}.txt`)));
execFileSync(process.execPath, [join(apps, "icon.ts"), "120", colour, join(app, "AppIcon60x60@2x.png")]);
writeFileSync(join(app, "embedded.mobileprovision"), cms("ios-profile-signing", provisioningProfile(), "-nodetach"));

const resources = plistXml(codeResources());
mkdirSync(join(app, "_CodeSignature"));
writeFileSync(join(app, "_CodeSignature", "CodeResources"), resources);

// The load commands are hashed too, so the signature's size has to be settled before there is one.
const signatureSize = 8192;
const banner = `Acme Notes ${version} (${build})`;
const uuid = createHash("sha256").update(banner).digest().subarray(0, 16);
const unsigned = executable(banner, uuid, signatureSize);
const signature = codeSignature(
  {
    ...unsigned,
    identifier,
    team,
    infoPlist: readFileSync(join(app, "Info.plist")),
    codeResources: resources,
    entitlements,
    sign: (content) => cms("ios-distribution", content),
  },
  signatureSize,
);
writeFileSync(join(app, "Notes"), Buffer.concat([unsigned.bytes, signature]), { mode: 0o755 });

const entries = filesBelow(work).filter((path) => path.startsWith("Payload/"));
for (const path of entries) utimesSync(join(work, path), releasedAt, releasedAt);
execFileSync("zip", ["-q", "-X", "-9", "-@", "Notes.ipa"], { cwd: work, input: entries.join("\n"), env: { ...process.env, TZ: "UTC" } });
copyFileSync(join(work, "Notes.ipa"), out);
