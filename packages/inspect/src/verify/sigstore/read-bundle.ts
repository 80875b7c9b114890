// Bundles (github.com/sigstore/protobuf-specs, "Bundle"), and the older file that `cosign sign-blob --bundle` wrote.
import type { ByteSource } from "@distd/core";
import { broken, isBroken, unknownKind } from "../../broken.ts";
import { isObject, parseJsonObject, textOf } from "../../json/parse-json.ts";
import { childrenOf, parseFirstDer, TAG } from "../../x509/der.ts";
import type { HashName } from "../public-key.ts";
import { readCertificate, type X509 } from "../x509/certificate.ts";
import type { Bundle, Sigstore, SignedEntity } from "./library.ts";
import { IN_TOTO, parseStatement, type Statement } from "./statement.ts";

const MAX_BUNDLE_BYTES = 8 * 1024 * 1024;
const MAX_DEPTH = 32;
const BIT_STRING = 0x03;
const BUNDLE = "application/vnd.dev.sigstore.bundle";
/** Versions; the library takes others for the latest. */
const KNOWN = /^application\/vnd\.dev\.sigstore\.bundle(?:\+json;version=0\.[123]|\.v0\.3\+json)$/;
/** Numbers of digests (sigstore_common.proto, "HashAlgorithm"). */
const HASHES: Readonly<Record<number, HashName>> = { 1: "sha256", 2: "sha384", 3: "sha512" };

export type Signed =
  | { readonly kind: "message"; readonly hash: HashName; readonly digest: Uint8Array; readonly signature: Uint8Array }
  | {
      readonly kind: "statement";
      readonly statement: Statement;
      readonly payload: Uint8Array;
      readonly encoded: Uint8Array;
      readonly signature: Uint8Array;
    };

export interface ReadBundle {
  readonly where: string;
  readonly entity: SignedEntity;
  readonly signed: Signed;
  /** Of the signer; absent: signed with a key that stands elsewhere. */
  readonly certificate?: X509;
  /** Whom the certificate is for, and who vouched for that; empty: not said. */
  readonly identity?: { readonly subject: string; readonly issuer: string };
  readonly keyHint?: string;
}

/** Undefined: no bundle at all. What cannot be read is `artifact/broken`. */
export async function readBundle(sigstore: Sigstore, file: ByteSource, where: string): Promise<ReadBundle | undefined> {
  if (file.size > MAX_BUNDLE_BYTES) throw unknownKind(`sigstore: a bundle of ${file.size} bytes`);
  const bytes = await file.read(0, file.size);
  // Others call theirs so too.
  if (where.endsWith(".bundle") && Buffer.from(bytes.subarray(0, 64)).toString("latin1").trimStart()[0] !== "{") return undefined;
  const document = parseJsonObject(bytes, MAX_DEPTH, "sigstore: a bundle");
  const mediaType = textOf(document["mediaType"]);
  const isBundle = mediaType?.startsWith(BUNDLE) === true;
  if (isBundle && !KNOWN.test(mediaType))
    throw unknownKind(`sigstore: a bundle of a version that is not known here: ${mediaType.slice(0, 80)}`);
  if (!isBundle && !("base64Signature" in document)) throw broken("sigstore: not a bundle");
  if (!isBundle) return { ...reading(() => readEntity(sigstore, sigstore.bundleFromJSON(fromOldForm(document)))), where };
  return { ...reading(() => readEntity(sigstore, sigstore.bundleFromJSON(document))), where };
}

/** Whatever the libraries throw over what they read is damage. */
function reading<T>(part: () => T): T {
  try {
    return part();
  } catch (thrown) {
    if (isBroken(thrown)) throw thrown;
    throw broken(`sigstore: a bundle cannot be read: ${(thrown as Error).message}`, thrown);
  }
}

function readEntity(sigstore: Sigstore, bundle: Bundle): Omit<ReadBundle, "where"> {
  const entity = sigstore.toSignedEntity(bundle, Buffer.alloc(0));
  const signed = readSigned(bundle);
  const { content } = bundle.verificationMaterial;
  if (content.$case === "publicKey") return { entity, signed, keyHint: content.publicKey.hint };
  const der = content.$case === "certificate" ? content.certificate.rawBytes : content.x509CertificateChain.certificates[0]?.rawBytes;
  if (der === undefined || entity.key.$case !== "certificate") throw broken("sigstore: a bundle has no certificate");
  const { certificate } = entity.key;
  if (!isStrict(der)) throw broken("sigstore: a certificate is damaged");
  return {
    entity,
    signed,
    certificate: readCertificate(der),
    identity: { subject: certificate.subjectAltName ?? "", issuer: issuerOf(certificate) },
  };
}

/** Around what is signed of a certificate everything is as it must be (RFC 5280 §4.1): else it could be written in many ways. */
function isStrict(der: Uint8Array): boolean {
  const whole = parseFirstDer(der);
  const [tbs, algorithm, signature, ...rest] = childrenOf(whole, "a certificate");
  const inner = childrenOf(tbs, "a certificate's body").find(({ tag }) => tag === TAG.sequence);
  const isShaped = whole.tag === TAG.sequence && tbs?.tag === TAG.sequence && signature?.tag === BIT_STRING && rest.length === 0;
  const isSame = algorithm !== undefined && inner !== undefined && Buffer.from(algorithm.encoded).equals(inner.encoded);
  return isShaped && isSame && whole.encoded.length === der.length && signature.content[0] === 0;
}

/** Fulcio's extensions: the address in DER, or, older, as it is. */
function issuerOf(certificate: Extract<SignedEntity["key"], { $case: "certificate" }>["certificate"]): string {
  const now = certificate.extension("1.3.6.1.4.1.57264.1.8")?.valueObj.subs[0]?.value;
  return Buffer.from(now ?? certificate.extension("1.3.6.1.4.1.57264.1.1")?.value ?? []).toString("latin1");
}

function readSigned({ content }: Bundle): Signed {
  if (content.$case === "messageSignature") {
    const { messageDigest, signature } = content.messageSignature;
    const hash = HASHES[messageDigest.algorithm];
    if (hash === undefined) throw unknownKind("sigstore: a digest of a kind that is not known here");
    return { kind: "message", hash, digest: messageDigest.digest, signature };
  }
  const { payloadType, payload, signatures } = content.dsseEnvelope;
  const [signature, ...others] = signatures;
  if (signature === undefined || others.length > 0) throw broken(`sigstore: an envelope with ${signatures.length} signatures`);
  if (payloadType !== IN_TOTO) throw unknownKind("sigstore: an envelope that holds something else than an in-toto statement");
  // DSSE, "PAE".
  const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `), payload]);
  return { kind: "statement", statement: parseStatement(payload), payload, encoded, signature: signature.sig };
}

/** `{base64Signature, cert, rekorBundle}`: of a message, with the log's promise. The body of the log's entry has the digest. */
function fromOldForm(document: Readonly<Record<string, unknown>>): unknown {
  const [signature, pem, log] = [textOf(document["base64Signature"]), textOf(document["cert"]), document["rekorBundle"]];
  const entry = isObject(log) && isObject(log["Payload"]) ? log["Payload"] : undefined;
  if (!isObject(log) || entry === undefined)
    throw unknownKind("sigstore: cosign's older bundle without an entry of a log: what was signed is not in it");
  const body = textOf(entry["body"]) ?? "";
  const said = parseJsonObject(Buffer.from(body, "base64"), MAX_DEPTH, "sigstore: the entry of a log");
  const data = member(member(said["spec"], "data"), "hash");
  if (member(data, "algorithm") !== "sha256") throw unknownKind("sigstore: the entry of a log has no digest that is known here");
  const certificate = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/.exec(decoded(pem))?.[1]?.replace(/\s/g, "");
  return {
    mediaType: `${BUNDLE}+json;version=0.1`,
    verificationMaterial: {
      ...(certificate === undefined
        ? { publicKey: { hint: "" } }
        : { x509CertificateChain: { certificates: [{ rawBytes: certificate }] } }),
      tlogEntries: [
        {
          logIndex: String(entry["logIndex"]),
          logId: { keyId: Buffer.from(textOf(entry["logID"]) ?? "", "hex").toString("base64") },
          kindVersion: { kind: said["kind"], version: said["apiVersion"] },
          integratedTime: String(entry["integratedTime"]),
          inclusionPromise: { signedEntryTimestamp: log["SignedEntryTimestamp"] },
          canonicalizedBody: body,
        },
      ],
    },
    messageSignature: {
      messageDigest: { algorithm: "SHA2_256", digest: Buffer.from(textOf(member(data, "value")) ?? "", "hex").toString("base64") },
      signature,
    },
  };
}

/** PEM, in base64 once more. */
function decoded(pem: string | undefined): string {
  return pem === undefined || pem.startsWith("-----") ? (pem ?? "") : Buffer.from(pem, "base64").toString("latin1");
}

function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
