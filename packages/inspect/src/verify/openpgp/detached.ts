// Detached signatures of which nothing but they may be there: binary packets, or armour.
import { broken } from "../../broken.ts";
import { readArmor } from "./armor.ts";
import { type Read, readDocumentSignature } from "./judge-signature.ts";
import { looksLikePackets, PACKET, type Packet, readPackets } from "./packets.ts";

/** What is something else is `artifact/broken`. `types`: as for `readDocumentSignature`. */
export function readDetached(bytes: Uint8Array, where: string, types?: readonly number[]): readonly Read[] {
  const packets = looksLikePackets(bytes) ? readPackets(bytes) : readArmored(Buffer.from(bytes).toString("latin1"));
  if (packets.length === 0 || packets.some(({ tag }) => tag !== PACKET.signature))
    throw broken("openpgp: there is something else than detached signatures");
  return packets.map(({ body }) => readDocumentSignature(body, where, types));
}

function readArmored(text: string): readonly Packet[] {
  return readArmor(text).flatMap(({ kind, bytes }) => (kind === "SIGNATURE" ? readPackets(bytes) : [{ tag: 0, body: bytes }]));
}
