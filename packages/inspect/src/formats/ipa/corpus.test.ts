// Agreement with plistutil, openssl and the corpus's own Mach-O reader.
import { describeCorpus, type Json, listed, REFUSED } from "../../test-support/corpus.ts";

describeCorpus({
  folder: "ipa",
  compare(facts, { info: direct, wrappedApps, provision, own_macho: machO }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    const info: Json = direct ?? Object.values(wrappedApps ?? {})[0] ?? {};
    const profile = facts.details["provisioning"] as Json | undefined;
    return [
      ["identifier", facts.identifier, info["CFBundleIdentifier"]],
      ["version", facts.version, info["CFBundleShortVersionString"]],
      ["build", facts.build, info["CFBundleVersion"]],
      ["name", facts.name, info["CFBundleDisplayName"] ?? info["CFBundleName"]],
      ["minOs", facts.minOs, info["MinimumOSVersion"]],
      ["deviceFamilies", listed(facts.details["deviceFamilies"]), listed(info["UIDeviceFamily"])],
      ["profileType", profile?.["type"], provision?.profileType],
      ["team", profile?.["teamId"], provision?.TeamIdentifier?.[0]],
      ["devices", (profile?.["devices"] as unknown[] | undefined)?.length, provision?.devices],
      ["uuid", profile?.["uuid"], provision?.UUID],
      ["createdAt", seconds(profile?.["createdAt"]), provision?.CreationDate],
      ["expiresAt", seconds(profile?.["expiresAt"]), provision?.ExpirationDate],
      ["slices", (facts.details["slices"] as unknown[] | undefined)?.length, machO?.slices.length],
      ["architectures", listed(facts.architectures), listed(new Set(machO?.slices.map(machineWord)))],
      ["signed", facts.signing.state === "unverified", machO?.slices.some((slice: Json) => slice["signed"]) ?? false],
      ["wrapped", facts.problems.some(({ code }) => code === "ipa/wrapped"), direct === undefined],
    ];
  },
  exceptions: {
    "fastlane__with_swift_twice.ipa": [REFUSED, "its app has no Info.plist; plistutil has nothing to say either"],
  },
});

function seconds(date: string | undefined): string {
  return (date ?? "").replace("T", " ").replace("Z", "");
}

function machineWord(slice: Json): string {
  return slice["cputype"] === "0x100000c" ? "arm64" : slice["cputype"] === "0xc" ? "armv7" : slice["cputype"];
}
