// Agreement with bundletool (through aapt2) and jarsigner on app bundles nobody here wrote.
import { describeCorpus, REFUSED } from "../../test-support/corpus.ts";

describeCorpus({
  folder: "aab",
  compare(facts, { modules, manifests, nativeAbis, jarsigner }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    const { base } = manifests;
    const { identifier, version, build, name, minOs, targetOs, permissions, details, signing } = facts;
    return [
      ["identifier", identifier, base.package],
      ["version", version, base.versionName],
      ["build", build, base.versionCode],
      ["name", name, base.label],
      ["minOs", minOs, base.minSdk],
      ["targetOs", targetOs, base.targetSdk],
      ["permissions", permissions, base.permissions],
      ["debuggable", details["debuggable"], base.debuggable],
      ["modules", details["modules"], modules],
      ["nativeAbis", details["nativeAbis"], nativeAbis],
      ["architectures", facts.architectures.join(" "), "any"],
      ["signed", signing.state === "unverified", !jarsigner.unsigned],
    ];
  },
  exceptions: {},
});
