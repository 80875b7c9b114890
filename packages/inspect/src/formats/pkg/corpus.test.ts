// Agreement with bsdtar, pkgutil's documents as Python reads them, and the corpus's own xar reader on installers nobody here wrote.
import { describeCorpus, type Json, REFUSED } from "../../test-support/corpus.ts";

describeCorpus({
  folder: "pkg",
  compare(facts, { packages, bsdtar, own_toc: toc }) {
    const [described] = packages as readonly Json[];
    if (facts === undefined) return [[REFUSED, true, described === undefined]];
    if (facts.format !== "pkg") return [["format", facts.format, described === undefined ? "file" : "pkg"]];
    const isProduct = described?.["member"] === "Distribution";
    const listed = facts.details["packages"] as readonly Json[] | undefined;
    const [reference] = described?.["pkgRefs"] ?? [];
    const entries: readonly string[] = bsdtar.entries;
    return [
      ["identifier", isProduct ? listed?.[0]?.["identifier"] : facts.identifier, isProduct ? reference.id : described?.["identifier"]],
      ["version", isProduct ? listed?.[0]?.["version"] : facts.version, isProduct ? reference.version : described?.["version"]],
      ["name", facts.name, described?.["title"]],
      ["auth", (facts.details["components"] as readonly Json[])[0]?.["auth"], described?.["auth"]],
      ["files", (facts.details["files"] as readonly string[]).toSorted(), entries.toSorted()],
      ["signatures", facts.signing.certificates.length, toc.signatures.length],
    ];
  },
  exceptions: {},
});
