// Agreement with osslsigncode, and with what the MSIX SDK's tests assert, on files nobody here wrote.
import { describeAgreement, type Exceptions, type Json, type Row } from "../../test-support/corpus.ts";
import { commonName } from "../../test-support/subjects.ts";
import { formatOf, verifySource } from "../../test-support/windows-signatures.ts";
import type { Verdict } from "../verdict.ts";

const FOLDERS = ["exe", "msi", "cab", "msix", "nupkg"];

const EXCEPTIONS: Exceptions = {
  "uthenticode__YourPhone.exe": [
    "signed intact signer",
    "its certificate table is not at the end of the file: osslsigncode does not look at it. The digest over all but the table, what follows it " +
      "too, is the one that was signed",
  ],
  "msix-packaging__ManifestIsMissing.appxbundle": [
    "signer",
    "osslsigncode names no signer once a digest differs; we say who signed what it was",
  ],
  "msix-packaging__PayloadPackageHasNonAppxExtension.appxbundle": [
    "refused",
    "the SDK refuses the name of a package in the bundle's manifest; nothing is signed, and no block map contradicts it",
  ],
  "msix-packaging__FlatBundleWithAsset.appxbundle": [
    "refused",
    "the second of the SDK's tests unpacks it where the packages it refers to are not beside it; the bundle itself is whole",
  ],
};

/** What there is to compare; the chain is not, for want of Microsoft's roots on both sides. */
function rowsOf(verdict: Verdict, truth: Json): readonly Row[] {
  const { osslsigncode, upstreamExpected, signed } = truth;
  const [first] = verdict.signatures;
  if (osslsigncode === undefined) return [["signed", verdict.signatures.length > 0, signed === true]];
  const rows: Row[] = [
    ["signed", verdict.signatures.length > 0, osslsigncode.signatures > 0],
    ["intact", first === undefined ? undefined : verdict.intact, osslsigncode.digestMatches],
    ["signer", first?.signer?.name, commonName(osslsigncode.signer?.subject)],
  ];
  if (upstreamExpected === undefined) return rows;
  const refused = (upstreamExpected as readonly Json[]).some(({ expected }) => expected !== "S_OK");
  return [...rows, ["refused", verdict.problems.length > 0, refused]];
}

describeAgreement({
  about: "verdicts",
  tool: "osslsigncode, and the MSIX SDK's tests",
  folders: FOLDERS,
  includes: (path) => formatOf(path) !== "",
  rowsOf: async (source, truth, path) => rowsOf(await verifySource(path, source), truth),
  exceptions: EXCEPTIONS,
});
