import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { armoredPublicKey, clearsign, detachedSignature, type FeedSigner, type FeedTraits, type OpenPgpKey } from "@distd/feeds";
import type { Selectable } from "kysely";
import { DistError } from "@distd/core";
import type { Tx } from "../../db/database.ts";
import type { Schema } from "../../db/schema.ts";
import { createId } from "../ids.ts";
import { type Instance, iso } from "../instance.ts";
import type { RepositoryRow } from "./repositories.ts";

type KeyRow = Selectable<Schema["repository_keys"]>;
export type KeyFamily = KeyRow["family"];

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A signer and a way to have the keys of a family ready before it is asked to sign with them. */
export interface RepositorySigner extends FeedSigner {
  prepare(family: FeedTraits["signs"]): Promise<void>;
}

/** The keys of a repository: one for each family, made when something first has to be signed. */
export function openSigner(tx: Tx, instance: Instance, repository: RepositoryRow, at: Date): RepositorySigner {
  const keys = new Map<KeyFamily, { readonly row: KeyRow; readonly key: KeyObject }>();
  const get = (family: KeyFamily): { readonly row: KeyRow; readonly key: KeyObject } => {
    const known = keys.get(family);
    if (!known) throw new DistError("internal/bug", `the feed signs with ${family}, which its traits do not say`);
    return known;
  };
  const openpgp = (): OpenPgpKey => {
    const { row, key } = get("openpgp");
    return { key, created: new Date(row.created_at), userId: `${repository.name} (distd repository)` };
  };
  return {
    async prepare(family) {
      if (family === "nothing" || keys.has(family)) return;
      const row = (await currentKey(tx, repository, family)) ?? (await makeKey(tx, instance, repository, family));
      keys.set(family, { row, key: unseal(instance, row) });
    },
    clearsign: (text) => ({ inRelease: clearsign(openpgp(), text, at), detached: detachedSignature(openpgp(), text, at) }),
    openpgpKey: () => armoredPublicKey(openpgp()),
    ecdsa(text) {
      const { row, key } = get("ecdsa-p256");
      return { keyid: keyId(row), signature: sign("sha256", Buffer.from(text, "utf8"), key).toString("base64") };
    },
    ecdsaKeys() {
      const { row } = get("ecdsa-p256");
      return [{ keyid: keyId(row), spki: row.public, expires: null }];
    },
  };
}

function currentKey(tx: Tx, repository: RepositoryRow, family: KeyFamily): Promise<KeyRow | undefined> {
  return tx
    .selectFrom("repository_keys")
    .selectAll()
    .where("repository_id", "=", repository.id)
    .where("family", "=", family)
    .where("retired_at", "is", null)
    .orderBy("id", "desc")
    .executeTakeFirst();
}

async function makeKey(tx: Tx, instance: Instance, repository: RepositoryRow, family: KeyFamily): Promise<KeyRow> {
  const { privateKey, publicKey } =
    family === "openpgp" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  // The second it was made is part of an OpenPGP key's identity, which knows no smaller unit.
  const created = new Date(Math.floor(instance.now() / 1000) * 1000);
  const row: KeyRow = {
    id: createId("key", instance.now()),
    repository_id: repository.id,
    family,
    sealed: seal(instance, privateKey),
    public: spki.toString("base64"),
    fingerprint: createHash("sha256").update(spki).digest("hex"),
    created_at: iso(created.getTime()),
    retired_at: null,
  };
  await tx.insertInto("repository_keys").values(row).execute();
  return row;
}

/** As npm names a key. */
function keyId({ fingerprint }: KeyRow): string {
  return `SHA256:${Buffer.from(fingerprint, "hex").toString("base64").replace(/=+$/, "")}`;
}

/** Out of the instance's key, which lies in a file: whoever has the database alone has no key. */
function sealingKey({ key }: Instance): Buffer {
  return Buffer.from(hkdfSync("sha256", key.export({ type: "pkcs8", format: "der" }), "", "distd repository keys", 32));
}

function seal(instance: Instance, key: KeyObject): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, sealingKey(instance), nonce);
  const sealed = Buffer.concat([cipher.update(key.export({ type: "pkcs8", format: "der" })), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
}

function unseal(instance: Instance, row: KeyRow): KeyObject {
  const bytes = Buffer.from(row.sealed, "base64");
  const decipher = createDecipheriv(CIPHER, sealingKey(instance), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const der = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } catch (cause) {
    throw new DistError("store/damaged", `the repository key ${row.id} was sealed under another instance key`, {
      cause,
      hint: "put back keys/instance.pem that belongs to this database",
    });
  }
}

/** For those who check: the public key of a row. */
export function publicKeyOf(row: KeyRow): KeyObject {
  return createPublicKey({ key: Buffer.from(row.public, "base64"), format: "der", type: "spki" });
}
