// Agreement with msiinfo and osslsigncode on Windows Installer packages nobody here wrote.
import { describeCorpus, REFUSED } from "../../test-support/corpus.ts";

const ARCHITECTURES: Readonly<Record<string, string>> = { Intel: "x86", x64: "x64", Arm64: "arm64" };

describeCorpus({
  folder: "msi",
  compare(facts, { property, suminfo, streams, hasSignatureStream, osslsigncode }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    const { identifier, version, name, architectures, signing, details } = facts;
    const [platform, languages] = suminfo.Template.split(";");
    return [
      ["identifier", identifier, property.UpgradeCode],
      ["version", version, property.ProductVersion],
      ["name", name, property.ProductName],
      ["productCode", details["productCode"], property.ProductCode],
      ["manufacturer", details["manufacturer"], property.Manufacturer],
      ["language", details["language"], property.ProductLanguage],
      ["scope", details["scope"], property.ALLUSERS === "1" ? "machine" : "user"],
      ["architectures", architectures.join(" "), ARCHITECTURES[platform]],
      ["languages", (details["languages"] as string[]).join(","), languages],
      ["creator", details["creator"], suminfo.Application],
      ["streams", details["streams"], streams.filter((stream: string) => !stream.startsWith("\u0005")).toSorted()],
      ["signed", signing.state === "unverified", hasSignatureStream],
      ["signatures", signing.certificates.length, osslsigncode.signatures],
    ];
  },
  exceptions: {},
});
