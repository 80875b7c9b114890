// CMS signs the first code directory. That it signs the alternates too is said in signed attributes: their hashes, as a property list and,
// newer, as DER. All there are have to be listed, and nothing else (libsecurity_codesigning, StaticCode.cpp, verifySignature).
import { parsePlist } from "../../../plist/parse-plist.ts";
import { listAt } from "../../../plist/plist-value.ts";
import { childrenOf, octets, renderOid, TAG } from "../../../x509/der.ts";
import type { CmsSigner } from "../../cms/signed-data.ts";
import { problem } from "../../problem.ts";
import type { VerdictProblem } from "../../verdict.ts";
import { OID } from "../oids.ts";
import { CDHASH_BYTES, type CodeDirectory } from "./code-directory.ts";

const MAX_DEPTH = 8;
const ALGORITHMS: Readonly<Record<number, string>> = { 1: "1.3.14.3.2.26", 2: "2.16.840.1.101.3.4.2.1", 4: "2.16.840.1.101.3.4.2.2" };

/** What is wrong between the attributes and the code directories. Throws `artifact/broken` for what cannot be read. */
export async function compareCdhashes(signer: CmsSigner, directories: readonly CodeDirectory[]): Promise<readonly VerdictProblem[]> {
  const list = signer.signed.get(OID.cdhashesList)?.[0];
  const values = signer.signed.get(OID.cdhashes);
  const problems: VerdictProblem[] = [];
  if (list !== undefined) {
    const stated = listAt(await parsePlist(octets(list), MAX_DEPTH, "the list of code directories"), "cdhashes");
    // In the order of their hash types.
    const actual = [...directories].sort((a, b) => a.hashType - b.hashType).map(({ digest }) => digest.subarray(0, CDHASH_BYTES));
    const isSame = stated.length === actual.length && stated.every((hash, index) => isEqual(hash, actual[index]));
    if (!isSame) problems.push(problem("signing/digest-mismatch", "the signed list of code directories names others"));
  }
  if (values !== undefined) {
    const stated = values.map((value) => {
      const [algorithm, hash] = childrenOf(value, "the hash of a code directory");
      return { algorithm: algorithm?.tag === TAG.oid ? renderOid(algorithm.content) : "", hash: hash && octets(hash) };
    });
    const isSame = directories.every(({ hashType, digest }) => {
      const algorithm = ALGORITHMS[hashType];
      return algorithm === undefined || stated.some((one) => one.algorithm === algorithm && isEqual(one.hash, digest));
    });
    if (!isSame || stated.length !== directories.length)
      problems.push(problem("signing/digest-mismatch", "the signed hashes of code directories are of others"));
  }
  if (list === undefined && values === undefined && directories.length > 1)
    problems.push(problem("signing/uncovered", "nobody signed the alternate code directories"));
  return problems;
}

function isEqual(a: unknown, b: Uint8Array | undefined): boolean {
  return a instanceof Uint8Array && b !== undefined && Buffer.compare(a, b) === 0;
}
