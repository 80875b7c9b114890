// Signatures of Windows app packages and bundles: AppxSignature.p7x, a CMS message behind "PKCX" with digests of the zip's parts.
import { type ByteSource } from "@distd/core";
import { broken, isBroken } from "../../broken.ts";
import { parseIdentity, parsePackages } from "../../formats/msix/manifest.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { parseXml, type XmlElement } from "../../xml/parse-xml.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";
import { joinSignatures, type SignatureVerdict, type Verdict, type VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { BLOCK_MAP, CODE_INTEGRITY, compareAppx, digestAppx, parseAppxDigests, SIGNATURE } from "./appx-digests.ts";
import { hashesOf, readAuthenticode, verifyMessage } from "./authenticode.ts";
import { compareBlocks, parseBlockMap } from "./block-map.ts";
import { problem, unreadable } from "../problem.ts";
import { isPublisher } from "./publisher.ts";
import { readZipLayout } from "./zip-layout.ts";

const MANIFEST = "AppxManifest.xml";
const BUNDLE_MANIFEST = "AppxMetadata/AppxBundleManifest.xml";
const MAGIC = Buffer.from("PKCX");
const MAX_XML_BYTES = 32 * 1024 * 1024;
const MAX_SIGNATURE_BYTES = 8 * 1024 * 1024;
const SCHEME = "appx";
/** Contents are inflated whole, block after block; a package that claims more is not looked through. */
const LIMITS = { ...DEFAULT_LIMITS, maxInflatedBytes: 8 * 1024 ** 3 };

export async function verifyMsix(source: ByteSource, context: VerifyContext): Promise<Verdict> {
  const layout = await readZipLayout(source, LIMITS);
  const zip = await openZip(source, LIMITS, { contiguous: false });
  const entry = zip.find(SIGNATURE);
  const content = await verifyContent(zip);
  if (entry === undefined) {
    const stripped = problem("signing/stripped", "it was signed: the list of signed code is there, the signature is gone");
    return joinSignatures([], [...(zip.find(CODE_INTEGRITY) === undefined ? [] : [stripped]), ...content.problems]);
  }
  if (entry.bytes > MAX_SIGNATURE_BYTES) throw broken(`msix: a signature of ${entry.bytes} bytes`);
  const bytes = Buffer.from(await zip.read(entry));
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw broken("msix: the signature does not begin as one");
  const messages = readAuthenticode(bytes.subarray(MAGIC.length));
  const actual = await digestAppx(source, layout, zip, hashesOf(messages));
  const signatures = messages.map((one) =>
    verifyMessage(
      one,
      context,
      ({ hash, digest }, signer) => {
        const subject = signer.certificate?.facts.subject;
        const differs =
          content.publisher !== undefined && subject !== undefined && !isPublisher(content.publisher, subject)
            ? [problem("signing/contradiction", `the manifest's publisher is '${content.publisher}', the signer is '${subject}'`, MANIFEST)]
            : [];
        return [...comparing(() => compareAppx(parseAppxDigests(digest, hash), actual.get(hash) ?? new Map())), ...differs];
      },
      SCHEME,
    ),
  );
  return joinSignatures(withPublisher(signatures, content.publisher), content.problems);
}

function comparing(compare: () => readonly VerdictProblem[]): readonly VerdictProblem[] {
  try {
    return compare();
  } catch (thrown) {
    if (isBroken(thrown)) return [unreadable(thrown)];
    throw thrown;
  }
}

function withPublisher(signatures: readonly SignatureVerdict[], publisher: string | undefined): readonly SignatureVerdict[] {
  return publisher === undefined ? signatures : signatures.map((one) => ({ ...one, details: { ...one.details, publisher } }));
}

interface ContentVerdict {
  readonly publisher?: string;
  readonly problems: readonly VerdictProblem[];
}

/** Manifest and block map against what is in the zip. */
async function verifyContent(zip: Zip): Promise<ContentVerdict> {
  try {
    const isBundle = zip.find(BUNDLE_MANIFEST) !== undefined;
    const manifest = await readXml(zip, isBundle ? BUNDLE_MANIFEST : MANIFEST);
    const packages = isBundle ? parsePackages(manifest).map(({ file }) => file) : [];
    const map = parseBlockMap(await readXml(zip, BLOCK_MAP));
    const { publisher } = parseIdentity(manifest);
    const problems = await compareBlocks(zip, map, new Set(packages));
    return { problems, ...(publisher !== undefined && { publisher }) };
  } catch (thrown) {
    if (isBroken(thrown)) return { problems: [unreadable(thrown)] };
    throw thrown;
  }
}

async function readXml(zip: Zip, name: string): Promise<XmlElement> {
  const entry = zip.find(name);
  if (entry === undefined) throw broken(`msix: there is no ${name}`);
  if (entry.bytes > MAX_XML_BYTES) throw broken(`${name} has ${entry.bytes} bytes, at most ${MAX_XML_BYTES} are read`);
  return parseXml(await zip.read(entry), LIMITS.maxDepth, name);
}
