// Agreement with siftool.
import { parseArchitecture } from "@distd/core";
import { describeCorpus, type Json, known, REFUSED } from "../../test-support/corpus.ts";

const FILE_SYSTEMS: Readonly<Record<string, string>> = { squashfs: "Squashfs", ext3: "Ext3", raw: "Raw" };

describeCorpus({
  folder: "sif",
  compare(facts, truth) {
    if (facts === undefined) return [[REFUSED, true, false]];
    const told = (field: string): string =>
      (truth["siftool_header"].out as string[])
        .find((line) => line.startsWith(`${field}:`))
        ?.slice(field.length + 1)
        .trim() ?? "";
    const rows = (truth["siftool_list"].out as string[]).slice(3).map((line) => line.split("|").map((cell) => cell.trim()));
    const objects = facts.details["objects"] as readonly Json[];
    const date = (text: unknown): string => known(text).replace("T", " ").replace("Z", "");
    return [
      ["architecture", facts.details["architecture"], told("Primary Architecture")],
      ["architectures", facts.architectures.join(" "), parseArchitecture(told("Primary Architecture").replace("386", "i386"))],
      ["formatVersion", facts.details["formatVersion"], told("Version")],
      ["id", facts.details["id"], told("ID")],
      ["launchScript", facts.details["launchScript"], told("Launch Script")],
      ["createdAt", date(facts.details["createdAt"]), told("Created At").replace(" +0000 UTC", "")],
      ["modifiedAt", date(facts.details["modifiedAt"]), told("Modified At").replace(" +0000 UTC", "")],
      ["objects", objects.map(({ id }) => String(id)), rows.map(([id]) => id)],
      ["bytes", objects.map(({ bytes }) => Number(bytes)), rows.map((row) => sizeOf(row[3] ?? ""))],
      ["types", objects.map(shown), rows.map((row) => (row[4] ?? "").replace(/\/\*?\w+\/\w+\)$/, ")").replace(" (SHA-384)", ""))],
      ["signed", facts.signing.state === "unverified", rows.some((row) => row[4]?.startsWith("Signature") === true)],
    ];
  },
  exceptions: {
    "sif__one-object-oci-blob.sif": ["types", "an OCI blob, by sif's own source; this siftool is older"],
  },
});

function sizeOf(range: string): number {
  const [start, end] = range.split("-").map(Number);
  return (end ?? 0) - (start ?? 0);
}

function shown({ type, fileSystem }: Json): string {
  if (type === "partition") return `FS (${FILE_SYSTEMS[fileSystem]})`;
  return type === "signature" ? "Signature" : String(type);
}
