import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { Sha256 } from "../digest/sha256.ts";

/** A signed statement of how long the log is and what it holds: C2SP tlog-checkpoint in a C2SP signed note with an Ed25519 key. */
export interface Checkpoint {
  /** Name of the log, without spaces or plus signs. */
  readonly origin: string;
  readonly size: number;
  readonly root: Sha256;
}

export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): string {
  const body = renderBody(checkpoint);
  const signature = Buffer.concat([noteKeyHash(checkpoint.origin, createPublicKey(privateKey)), sign(null, Buffer.from(body), privateKey)]);
  return `${body}\n\u2014 ${checkpoint.origin} ${signature.toString("base64")}\n`;
}

/** The statement of a note, if this key signed it; undefined otherwise. */
export function verifyCheckpoint(note: string, publicKey: KeyObject): Checkpoint | undefined {
  const [, origin, digits, root] = /^([^\n +]+)\n([0-9]+)\n([A-Za-z0-9+/]{43}=)\n\n/.exec(note) ?? [];
  if (origin === undefined || digits === undefined || root === undefined) return undefined;
  const checkpoint = { origin, size: Number(digits), root: Buffer.from(root, "base64").toString("hex") as Sha256 };
  const body = renderBody(checkpoint);
  // What is signed is the text: a size of 007 or another spelling of the root is not that text.
  if (!note.startsWith(body)) return undefined;
  const expected = noteKeyHash(origin, publicKey);
  const signed = note
    .slice(body.length + 1)
    .split("\n")
    .some((line) => {
      const [, name, encoded] = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
      const bytes = Buffer.from(encoded ?? "", "base64");
      return name === origin && bytes.subarray(0, 4).equals(expected) && verify(null, Buffer.from(body), publicKey, bytes.subarray(4));
    });
  return signed ? checkpoint : undefined;
}

function renderBody({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root, "hex").toString("base64")}\n`;
}

function noteKeyHash(name: string, publicKey: KeyObject): Buffer {
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return createHash("sha256").update(`${name}\n\x01`).update(raw).digest().subarray(0, 4);
}
