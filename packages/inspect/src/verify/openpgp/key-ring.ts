// Keys with what their owners say of them (RFC 9580 §10.1): names and subkeys count only as far as the primary key signed for them.
import { isBroken } from "../../broken.ts";
import { readArmor } from "./armor.ts";
import { framedKey, type OpenPgpKey, parseKey } from "./key-packet.ts";
import { looksLikePackets, PACKET, type Packet, readPackets } from "./packets.ts";
import { isSignedOver } from "./signed-digest.ts";
import { type OpenPgpSignature, parseSignature, SIGNATURE_TYPE } from "./signature-packet.ts";

const CAN_SIGN = 0x02;
const MAX_SIGNATURES_PER_PART = 200;
const KEY_BLOCK = "PUBLIC KEY BLOCK";

/** A primary key or a subkey that its owner vouches for. */
export interface RingKey {
  readonly key: OpenPgpKey;
  /** 40 hexadecimal digits in capitals: of a subkey its primary's. */
  readonly primary: string;
  /** What the owner calls himself; the fingerprint when nothing is certified. */
  readonly name: string;
  /** Seconds since 1970: the earlier of its own end and its primary's. Absent: never. */
  readonly expires?: number;
  readonly isRevoked: boolean;
  readonly canSign: boolean;
}

export interface KeyRing {
  readonly keys: readonly RingKey[];
  /** Keys that are damaged, or for which nothing vouches. */
  readonly unusable: number;
}

/** Armoured blocks, several in one text too, and binary keys as Latin-1. Keys of other families are passed over. */
export function readKeyRing(texts: readonly string[]): KeyRing {
  const keys: RingKey[] = [];
  let unusable = 0;
  for (const text of texts) {
    try {
      for (const group of groupsOf(bytesIn(text))) {
        const found = readCertificate(group);
        keys.push(...found);
        if (found.length === 0) unusable += 1;
      }
    } catch (thrown) {
      if (!isBroken(thrown)) throw thrown;
      unusable += 1;
    }
  }
  return { keys, unusable };
}

function bytesIn(text: string): readonly Uint8Array[] {
  if (text.includes("-----BEGIN PGP ")) {
    return readArmor(text)
      .filter(({ kind }) => kind === KEY_BLOCK)
      .map(({ bytes }) => bytes);
  }
  const bytes = Buffer.from(text, "latin1");
  return looksLikePackets(bytes) ? [bytes] : [];
}

function groupsOf(blocks: readonly Uint8Array[]): readonly (readonly Packet[])[] {
  const groups: Packet[][] = [];
  for (const packet of blocks.flatMap(readPackets)) {
    if (packet.tag === PACKET.publicKey) groups.push([]);
    groups.at(-1)?.push(packet);
  }
  return groups;
}

/** What stands under a name or a subkey, and the signatures behind it. */
interface Part {
  readonly packet: Packet;
  readonly signatures: OpenPgpSignature[];
}

function readCertificate(packets: readonly Packet[]): readonly RingKey[] {
  const [first, ...parts] = partsOf(packets);
  const primary = first && parseKey(first.packet.body);
  if (first === undefined || primary === undefined) return [];
  const own = framedKey(primary.body);
  const isOwn = (signature: OpenPgpSignature, ...over: readonly Uint8Array[]): boolean =>
    isBy(primary, signature) && isSignedOver(primary, signature, own, ...over);

  const direct = first.signatures.filter(({ type }) => type === SIGNATURE_TYPE.directKey).filter((one) => isOwn(one));
  const isRevoked = first.signatures.some((one) => one.type === SIGNATURE_TYPE.keyRevocation && isOwn(one));
  const names = parts.flatMap(({ packet, signatures }) => {
    if (packet.tag !== PACKET.userId) return [];
    const over = framedName(packet.body);
    if (signatures.some((one) => one.type === SIGNATURE_TYPE.certificationRevocation && isOwn(one, over))) return [];
    const latest = latestOf(signatures.filter((one) => isCertification(one.type) && isOwn(one, over)));
    return latest ? [{ name: Buffer.from(packet.body).toString("utf8"), latest }] : [];
  });
  const said = latestOf([...direct, ...names.map(({ latest }) => latest)]);
  if (said === undefined) return [];
  const [name = primary.fingerprint] = names.toSorted((a, b) => b.latest.created - a.latest.created).map((one) => one.name);
  const shared = { primary: primary.fingerprint, name };
  const expires = endOf(primary, said);
  const ring: RingKey[] = [{ key: primary, ...shared, isRevoked, canSign: canSign(said), ...(expires !== undefined && { expires }) }];
  for (const { packet, signatures } of parts) {
    const subkey = packet.tag === PACKET.publicSubkey ? parseKey(packet.body) : undefined;
    if (subkey === undefined) continue;
    const over = framedKey(subkey.body);
    const binding = latestOf(signatures.filter((one) => one.type === SIGNATURE_TYPE.subkeyBinding && isOwn(one, over)));
    if (binding === undefined) continue;
    const ends = [expires, endOf(subkey, binding)].filter((end) => end !== undefined);
    ring.push({
      key: subkey,
      ...shared,
      isRevoked: isRevoked || signatures.some((one) => one.type === SIGNATURE_TYPE.subkeyRevocation && isOwn(one, over)),
      // Else anybody could take another's signing key as his own subkey (§5.2.1.9).
      canSign: canSign(binding) && isBoundBack(subkey, binding, own, over),
      ...(ends.length > 0 && { expires: Math.min(...ends) }),
    });
  }
  return ring;
}

function partsOf(packets: readonly Packet[]): readonly Part[] {
  const parts: Part[] = [];
  for (const packet of packets) {
    if (packet.tag !== PACKET.signature) {
      if (packet.tag !== PACKET.trust && packet.tag !== PACKET.padding) parts.push({ packet, signatures: [] });
      continue;
    }
    const signature = parseSignature(packet.body);
    const signatures = parts.at(-1)?.signatures;
    if (signature !== undefined && signatures !== undefined && signatures.length < MAX_SIGNATURES_PER_PART) signatures.push(signature);
  }
  return parts;
}

/** A name of a key, as it is hashed (§5.2.4). */
function framedName(name: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5, 0xb4);
  head.writeUInt32BE(name.length, 1);
  return Buffer.concat([head, name]);
}

/** By its own words; those of others are not looked at. */
export function isBy({ fingerprint, keyId }: OpenPgpKey, { issuer, issuerFingerprint }: OpenPgpSignature): boolean {
  if (issuerFingerprint !== undefined) return issuerFingerprint === fingerprint;
  return issuer === undefined || issuer === keyId;
}

function isBoundBack(subkey: OpenPgpKey, { embedded }: OpenPgpSignature, own: Uint8Array, over: Uint8Array): boolean {
  const back = embedded && parseSignature(embedded);
  return back !== undefined && back.type === SIGNATURE_TYPE.primaryBinding && isSignedOver(subkey, back, own, over);
}

function isCertification(type: number): boolean {
  return type >= SIGNATURE_TYPE.firstCertification && type <= SIGNATURE_TYPE.lastCertification;
}

/** What was signed by MD5 vouches for nothing. */
function latestOf(signatures: readonly OpenPgpSignature[]): OpenPgpSignature | undefined {
  return signatures.filter(({ hash }) => hash !== "md5").toSorted((a, b) => b.created - a.created)[0];
}

/** What does not say what it is for may sign, as old keys do. */
function canSign({ keyFlags }: OpenPgpSignature): boolean {
  return keyFlags === undefined || (keyFlags & CAN_SIGN) !== 0;
}

function endOf({ created }: OpenPgpKey, { keyExpiresAfter }: OpenPgpSignature): number | undefined {
  return keyExpiresAfter === undefined ? undefined : created + keyExpiresAfter;
}
