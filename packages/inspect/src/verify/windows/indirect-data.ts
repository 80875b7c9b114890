// SpcIndirectDataContent, what Authenticode signs instead of the file: what kind of file it is, and a digest of it.
import { broken } from "../../broken.ts";
import { childrenOf, type DerElement, octets, parseDer, parseFirstDer, renderOid, TAG } from "../../x509/der.ts";
import { hashOf } from "../algorithms.ts";
import type { HashName } from "../public-key.ts";
import { OID } from "./oids.ts";

const SERIALIZED_OBJECT = 0xa1;

export interface IndirectData {
  /** Dotted: a program, a database, a cabinet. */
  readonly kind: string;
  readonly hash: HashName;
  /** Of a package several digests in a form of their own. */
  readonly digest: Uint8Array;
  /** Digests of each page for the loader. The digest above covers all of them; they are not computed. */
  readonly pageHashes?: HashName;
}

/** `content`: what stands inside the SEQUENCE. */
export function parseIndirectData(content: Uint8Array): IndirectData {
  const [data, digestInfo] = parseDer(content);
  const [kind, value] = childrenOf(data, "the kind of what is signed");
  const [algorithm, digest] = childrenOf(digestInfo, "the digest that is signed");
  if (kind?.tag !== TAG.oid || digest?.tag !== TAG.octetString) throw broken("authenticode: the signed content is no digest of a file");
  const pageHashes = renderOid(kind.content) === OID.peImageData ? pageHashesOf(value) : undefined;
  return {
    kind: renderOid(kind.content),
    hash: hashOf(algorithm),
    digest: octets(digest),
    ...(pageHashes !== undefined && { pageHashes }),
  };
}

/** SpcPeImageData: flags, and [0] a link; the link to a serialized object holds page hashes. */
function pageHashesOf(image: DerElement | undefined): HashName | undefined {
  const explicit = image && childrenOf(image, "the image").find(({ tag }) => tag === 0xa0);
  const link = explicit && childrenOf(explicit, "the image's link")[0];
  if (link?.tag !== SERIALIZED_OBJECT) return undefined;
  const serialized = childrenOf(link, "a serialized object")[1];
  if (serialized === undefined) throw broken("authenticode: page hashes without content");
  const [attribute] = childrenOf(parseFirstDer(octets(serialized)), "page hashes");
  const [type] = childrenOf(attribute, "page hashes");
  const oid = type?.tag === TAG.oid ? renderOid(type.content) : "";
  if (oid === OID.pageHashesSha1) return "sha1";
  if (oid === OID.pageHashesSha256) return "sha256";
  throw broken("authenticode: page hashes of a kind that is not known");
}
