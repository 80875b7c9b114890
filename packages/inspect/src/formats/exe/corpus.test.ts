// Agreement with pefile and osslsigncode on Windows programs nobody here wrote.
import { describeCorpus, type Json, REFUSED } from "../../test-support/corpus.ts";
import { commonName, signerNames } from "../../test-support/subjects.ts";

const MACHINES: Readonly<Record<string, string>> = { "0x14c": "x86", "0x8664": "x64", "0xaa64": "arm64" };
const SUBSYSTEMS: Readonly<Record<number, string>> = { 2: "gui", 3: "console" };

describeCorpus({
  folder: "exe",
  compare(facts, { pefile, osslsigncode }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    const { version, name, architectures, signing, details } = facts;
    const strings: Json = pefile.strings;
    return [
      ["version", version, strings["ProductVersion"] || strings["FileVersion"]],
      ["name", name, strings["ProductName"]],
      ["fileVersion", details["fileVersion"], strings["FileVersion"]],
      ["company", details["company"], strings["CompanyName"]],
      ["description", details["description"], strings["FileDescription"]],
      ["originalName", details["originalName"], strings["OriginalFilename"]],
      ["copyright", details["copyright"], strings["LegalCopyright"]],
      ["architectures", architectures.join(" "), MACHINES[pefile.machine]],
      ["library", details["kind"] === "library", pefile.dll],
      ["subsystem", details["subsystem"], SUBSYSTEMS[pefile.subsystem]],
      ["dotnet", details["dotnet"], pefile.dotnet],
      ["signer", signerNames(facts), commonName(osslsigncode.signer?.subject)],
      ["signed", signing.state === "unverified", osslsigncode.signatures > 0],
    ];
  },
  exceptions: {
    "uthenticode__YourPhone.exe": [
      "signer signed",
      "its certificate table is not at the end of the file: osslsigncode does not look at it, uthenticode does; a problem says so",
    ],
  },
});
