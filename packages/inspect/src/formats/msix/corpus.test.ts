// Agreement with the manifests as Python reads them, and with osslsigncode, on packages of Microsoft's own test suites.
import { describeCorpus, type Json, REFUSED } from "../../test-support/corpus.ts";
import { commonName, signerNames } from "../../test-support/subjects.ts";

const NO_FINAL_BLOCK = "its deflate streams have no final block: unzip and 7-Zip refuse them, the SDK refuses the package";
const WORDS: Readonly<Record<string, string>> = { neutral: "any", x86: "x86", x64: "x64", arm: "armv7", arm64: "arm64" };

function architecturesOf(manifest: Json): string {
  const packages: readonly Json[] | undefined = manifest["packages"];
  const names = packages?.filter(({ Type }) => Type === "application").map(({ Architecture }) => Architecture) ?? [
    manifest["identity"].ProcessorArchitecture,
  ];
  const words = new Set(names.map((name) => WORDS[name ?? "neutral"]));
  return words.has("any") ? "any" : [...words].map(String).toSorted().join(" ");
}

describeCorpus({
  folder: "msix",
  compare(facts, { manifest, parts, zip, osslsigncode }) {
    const isWhole = zip.ok === true && manifest !== undefined && parts["AppxBlockMap.xml"] === true;
    if (facts === undefined) return [[REFUSED, true, !isWhole]];
    const { identifier, version, architectures, signing, details, minOs, targetOs } = facts;
    const families: readonly Json[] | undefined = manifest.targets;
    return [
      ["kind", details["kind"], manifest.kind.toLowerCase()],
      ["identifier", identifier, manifest.identity.Name],
      ["version", version, manifest.identity.Version],
      ["publisher", details["publisher"], manifest.identity.Publisher],
      ["architectures", architectures.toSorted().join(" "), architecturesOf(manifest)],
      ["displayName", details["displayName"], manifest.DisplayName],
      ["publisherDisplayName", details["publisherDisplayName"], manifest.PublisherDisplayName],
      ["minOs", families === undefined ? "" : minOs, families?.[0]?.["MinVersion"]],
      ["targetOs", families === undefined ? "" : targetOs, families?.[0]?.["MaxVersionTested"]],
      [
        "packages",
        (details["packages"] as Json[] | undefined)?.map(({ file }) => file),
        manifest.packages?.map(({ FileName }: Json) => FileName),
      ],
      ["signed", signing.state === "unverified", parts["AppxSignature.p7x"]],
      ["signer", signerNames(facts), commonName(osslsigncode.signer?.subject)],
    ];
  },
  exceptions: {
    "msix-packaging__Invalid_Bad_Block.msix": [REFUSED, NO_FINAL_BLOCK],
    "msix-packaging__Size_wrong_uncompressed.msix": [REFUSED, NO_FINAL_BLOCK],
  },
});
