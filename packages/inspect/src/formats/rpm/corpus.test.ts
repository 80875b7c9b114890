// Agreement with `rpm -qp`. A third of the corpus is the beginning of a package, its payload cut off: rpm reads the header of such a file
// and cannot install it. It is refused here; to compare the header all the same, zeros are put where the payload was.
import { parseArchitecture } from "@distd/core";
import { padded } from "../../test-support/padded-source.ts";
import { describeCorpus, type Json, REFUSED } from "../../test-support/corpus.ts";

const LARGEST = 512 * 1024;
const isRead = (rpm: Json): boolean => rpm["rc"] === 0;
const seconds = (date: unknown): number | undefined => (typeof date === "string" ? Date.parse(date) / 1000 : undefined);

describeCorpus({
  folder: "rpm",
  prepare: (source, { note, rpm }) => (String(note).startsWith("header-only") && isRead(rpm) ? padded(source, LARGEST) : source),
  compare(facts, { rpm, own_lead: lead, note }) {
    if (facts === undefined || !isRead(rpm)) return [[REFUSED, facts === undefined, !isRead(rpm)]];
    const { details, signing } = facts;
    const isSource = rpm.sourcepackage === "1";
    return [
      ["identifier", facts.identifier, rpm.name],
      ["version", facts.version, `${rpm.version}-${rpm.release}`],
      ["epoch", details["epoch"], rpm.epoch],
      ["architecture", details["architecture"], rpm.arch],
      ["architectures", facts.architectures.join(" "), isSource ? "any" : parseArchitecture(rpm.arch)],
      ["source", details["source"], isSource],
      ["os", details["os"], rpm.os],
      ["license", details["license"], rpm.license],
      ["installedBytes", details["installedBytes"], rpm.size ?? details["installedBytes"]],
      ["builtAt", seconds(details["builtAt"]), rpm.buildtime],
      ["sourceRpm", details["sourceRpm"], rpm.sourcerpm],
      ["payloadFormat", details["payloadFormat"], rpm.payloadformat],
      ["payloadCompression", details["payloadCompression"], rpm.payloadcompressor],
      ["rpmVersion", details["rpmVersion"], rpm.rpmversion],
      ["vendor", details["vendor"], rpm.vendor],
      ["url", details["url"], rpm.url],
      ["summary", details["summary"], rpm.summary],
      ["files", details["files"], rpm.fileCount],
      ["header-rsa", signing.schemes.includes("header-rsa"), rpm.sigRsaHeader !== null],
      ["header-dsa", signing.schemes.includes("header-dsa"), rpm.sigDsaHeader !== null],
      ["pgp", signing.schemes.includes("pgp"), rpm.sigPgp !== null],
      ["gpg", signing.schemes.includes("gpg"), rpm.sigGpg !== null],
      ["formatVersion", details["formatVersion"], String(note).startsWith("v6") ? 6 : lead.major],
    ];
  },
  exceptions: {
    "rpm-org__hlinktest-1.0-1.noarch-v3sig.rpm": ["formatVersion", "version 6 by its own tag; the lead always says 3 or 4"],
  },
});
