// Agreement with the corpus's own reader on v4 signatures nobody here wrote.
import { describeCorpus, REFUSED } from "../../test-support/corpus.ts";

describeCorpus({
  folder: "idsig",
  compare(facts, { own_version: version, own_hash: hash, own_treeSize: treeSize, own_signing: signing }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    const { details } = facts;
    return [
      ["identifier", facts.identifier, undefined],
      ["version", details["version"], version],
      ["architectures", facts.architectures.join(" "), "any"],
      ["hashAlgorithm", details["hashAlgorithm"], hash.algorithm === 1 ? "sha256" : ""],
      ["blockBytes", details["blockBytes"], 2 ** hash.log2BlockSize],
      ["salt", (details["salt"] as string).length / 2, hash.saltLen],
      ["rootHash", details["rootHash"], hash.rootHash],
      ["treeBytes", details["treeBytes"], treeSize],
      ["apkDigest", details["apkDigest"], signing.apkDigest],
      ["certificate", facts.signing.certificates[0]?.sha256, signing.certSha256],
      ["signatureAlgorithm", Number(details["signatureAlgorithm"]), Number(signing.sigAlgId)],
    ];
  },
  exceptions: {},
});
