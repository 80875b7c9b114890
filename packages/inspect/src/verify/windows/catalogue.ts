// Security catalogues (.cat): a CMS message over a certificate trust list whose members are digests of files. One that lies beside an
// artifact signs it when it lists its digest; one that names it with another digest contradicts it.
import { createHash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import { childrenOf, type DerElement, octets, parseDer, renderOid, TAG } from "../../x509/der.ts";
import { type CmsSigner, readSignedMessage, type SignedMessage } from "../cms/signed-data.ts";
import type { HashName } from "../public-key.ts";
import type { SignatureVerdict, Verdict, VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { type IndirectData, parseIndirectData } from "./indirect-data.ts";
import { judgeSigner, unreadable } from "./judge-signer.ts";
import { OID } from "./oids.ts";
import { problem, reading } from "../problem.ts";

const SCHEME = "catalogue";
const MAX_CATALOGUE_BYTES = 16 * 1024 * 1024;
const MAX_MEMBERS = 100_000;
/** `File` as BMPString. */
const FILE_TAG = Buffer.from("\0F\0i\0l\0e", "latin1");

interface Member {
  /** As the catalogue writes it; most name none. */
  readonly file: string | undefined;
  readonly indirect: IndirectData;
}

interface Catalogue {
  readonly message: SignedMessage;
  readonly signer: CmsSigner;
  readonly members: readonly Member[];
}

/** What lies beside an artifact and is a catalogue, or cannot be read as one. */
export type ReadCatalogue = { readonly name: string } & ({ readonly catalogue: Catalogue } | { readonly unread: VerdictProblem });

/** What is inside an artifact signed, and the digests by which catalogues may list it. */
export interface Digested {
  readonly own: Verdict;
  /** Of programs the Authenticode digests, of everything else the file's own. */
  readonly digests: ReadonlyMap<HashName, Buffer>;
}

export async function readCatalogues(beside: VerifyContext["beside"]): Promise<readonly ReadCatalogue[]> {
  const files = [...beside].filter(([name]) => name.toLowerCase().endsWith(".cat"));
  return Promise.all(files.map(([name, file]) => openCatalogue(name, file)));
}

async function openCatalogue(name: string, file: ByteSource): Promise<ReadCatalogue> {
  if (file.size > MAX_CATALOGUE_BYTES) return { name, unread: problem("signing/unsupported", `${file.size} bytes`, name) };
  const bytes = await file.read(0, file.size);
  const read = reading("signing/malformed", () => readCatalogue(bytes));
  return "problem" in read ? { name, unread: { ...read.problem, where: name } } : { name, catalogue: read.value };
}

export function hashesIn(read: readonly ReadCatalogue[]): ReadonlySet<HashName> {
  return new Set(read.flatMap((one) => ("catalogue" in one ? one.catalogue.members.map(({ indirect }) => indirect.hash) : [])));
}

/** Undefined: it says nothing of this artifact. */
export function judgeCatalogue(
  read: ReadCatalogue,
  digests: ReadonlyMap<HashName, Buffer>,
  context: VerifyContext,
): SignatureVerdict | undefined {
  if ("unread" in read) return unreadable(SCHEME, [read.unread]);
  const { name, catalogue } = read;
  const { message, signer, members } = catalogue;
  const content = message.content as Uint8Array;
  const lists = members.some(({ indirect }) => digests.get(indirect.hash)?.equals(indirect.digest) === true);
  const names = members.some((member) => member.file?.toLowerCase() === context.fileName.toLowerCase());
  if (!lists && !names) return undefined;
  return judgeSigner({
    scheme: SCHEME,
    signer,
    enclosed: message.certificates,
    context,
    over: { contentType: message.contentType, digest: createHash(signer.hash).update(content).digest(), content },
    problems: lists ? [] : [problem("signing/digest-mismatch", "the catalogue names this file with another digest", name)],
    tokenAttributes: [OID.authenticodeTimestamp, OID.timestampToken],
    countersigned: true,
    details: { catalogue: name, members: members.length },
  });
}

function readCatalogue(bytes: Uint8Array): Catalogue {
  const message = readSignedMessage(bytes);
  const [signer, second] = message.signers;
  if (signer === undefined || second !== undefined || message.content === undefined || message.contentType !== OID.certificateTrustList)
    throw broken("catalogue: not one");
  return { message, signer, members: parseMembers(message.content) };
}

/** CTL: usage, list id, number, times, algorithm, then the members; extensions are tagged otherwise. */
function parseMembers(content: Uint8Array): readonly Member[] {
  const list = parseDer(content).findLast(({ tag }) => tag === TAG.sequence);
  const subjects = childrenOf(list, "the list of files");
  if (subjects.length > MAX_MEMBERS) throw broken(`catalogue: ${subjects.length} files`);
  return subjects.flatMap((subject) => {
    const [id, set] = childrenOf(subject, "a listed file");
    if (id?.tag !== TAG.octetString) throw broken("catalogue: a listed file has no id");
    const attributes = new Map(
      (set === undefined ? [] : childrenOf(set, "attributes of a file")).map((attribute) => {
        const [type, values] = childrenOf(attribute, "an attribute of a file");
        if (type?.tag !== TAG.oid) throw broken("catalogue: an attribute without a type");
        return [renderOid(type.content), childrenOf(values, "an attribute's values")[0]] as const;
      }),
    );
    const indirect = attributes.get(OID.indirectData);
    if (indirect === undefined) return [];
    return [{ file: fileName(attributes.get(OID.catalogueNameValue)), indirect: parseIndirectData(indirect.content) }];
  });
}

/** CatalogNameValue: `File` as BMPString, flags, and the value in UTF-16 little-endian with two zeros behind. */
function fileName(value: DerElement | undefined): string | undefined {
  if (value === undefined) return undefined;
  const [tag, , text] = childrenOf(value, "a name of a file");
  if (tag === undefined || text === undefined || Buffer.compare(tag.content, FILE_TAG) !== 0) return undefined;
  return Buffer.from(octets(text)).toString("utf16le").replace(/\0+$/, "");
}
