// Agreement with unsquashfs, 7z and file about type, update information, signature and desktop entry.
import { describeCorpus, REFUSED } from "../../test-support/corpus.ts";

describeCorpus({
  folder: "appimage",
  compare(facts, truth) {
    if (facts === undefined) return [[REFUSED, true, false]];
    const { details } = facts;
    const entry = (details["desktopEntry"] ?? {}) as Readonly<Record<string, string>>;
    return [
      ["format", facts.format, "appimage"],
      ["type", details["type"], truth["own_type"]],
      ["architectures", facts.architectures.join(" "), String(truth["fileCmd"]).includes("x86-64") ? "x64" : ""],
      ["desktopFile", details["desktopFile"], truth["desktopFiles"]?.[0]],
      ["name", facts.name, truth["desktop"]?.Name],
      ["version", facts.version, truth["desktop"]?.["X-AppImage-Version"]],
      ...Object.entries(truth["desktop"] ?? {}).map(([key, value]) => [key, entry[key], value] as const),
      ["updateInformation", details["updateInformation"], truth[".upd_info"]],
      ["signing", facts.signing.state, String(truth[".sha256_sig"] ?? "") === "" ? "unsigned" : "unverified"],
    ];
  },
  exceptions: {},
});
