// Agreement with 7-Zip, plistutil and the corpus's own reader on disk images nobody here wrote.
import { describeCorpus, type Json, REFUSED } from "../../test-support/corpus.ts";

describeCorpus({
  folder: "dmg",
  compare(facts, { own_partitions: partitions, own_hasLicense: license, own_magic: magic, own_koly: koly, apps, "7z": sevenZip }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    const { details } = facts;
    if (details["encrypted"] === true) return [["encrypted", true, magic.startsWith("encrypted")]];
    const info = Object.entries(apps as Readonly<Record<string, Json>>).find(([path]) => !path.includes(".app/Contents/Frameworks/"))?.[1];
    const types: readonly string[] = sevenZip.types;
    return [
      ["partitions", details["partitions"], partitions],
      ["fileSystem", details["fileSystem"], types.includes("HFS") ? "hfs+" : types.includes("APFS") ? "apfs" : undefined],
      ["license", details["license"], license],
      ["imageSigned", details["imageSigned"], koly.codeSignatureLen > 0],
      ["identifier", facts.identifier, info?.["CFBundleIdentifier"]],
      ["version", facts.version, info?.["CFBundleShortVersionString"]],
      ["build", facts.build, info?.["CFBundleVersion"]],
      ["name", facts.name, info?.["CFBundleName"]],
      ["minOs", info?.["LSMinimumSystemVersion"] === undefined ? "" : facts.minOs, info?.["LSMinimumSystemVersion"]],
      ["executable", details["executable"], info?.["CFBundleExecutable"]],
    ];
  },
  exceptions: {},
});
