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
import { armoredPublicKeys, clearsign, detachedSignature, type FeedSigner, type FeedTraits, type OpenPgpKey } from "@distd/feeds";
import type { Selectable } from "kysely";
import { DistError } from "@distd/core";
import type { Read, Tx } from "../../db/database.ts";
import type { Schema } from "../../db/schema.ts";
import { createId } from "../ids.ts";
import { type Instance, iso } from "../instance.ts";
import type { RepositoryRow } from "./repositories.ts";

export type KeyRow = Selectable<Schema["repository_keys"]>;
export type KeyFamily = KeyRow["family"];

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A signer and a way to have the keys of a family ready before it is asked to sign with them. */
export interface RepositorySigner extends FeedSigner {
  prepare(family: FeedTraits["signs"]): Promise<void>;
}

/** The keys of a repository: one for each family, made when something first has to be signed, and those it took over from. */
export function openSigner(tx: Tx, instance: Instance, repository: RepositoryRow, at: Date): RepositorySigner {
  const keys = new Map<KeyFamily, readonly [KeyRow, ...KeyRow[]]>();
  const get = (family: KeyFamily): readonly [KeyRow, ...KeyRow[]] => {
    const known = keys.get(family);
    if (!known) throw new DistError("internal/bug", `the feed signs with ${family}, which its traits do not say`);
    return known;
  };
  const openpgp = (): OpenPgpKey[] =>
    get("openpgp")
      .filter((row) => row.retired_at === null || (row.signs_until !== null && row.signs_until > iso(at.getTime())))
      .map((row) => openPgpKey(instance, repository, row));
  return {
    async prepare(family) {
      if (family === "nothing" || keys.has(family)) return;
      const [first, ...more] = await keysOf(tx, repository, family);
      keys.set(family, first?.retired_at === null ? [first, ...more] : [await makeKey(tx, instance, repository, family), ...more]);
    },
    clearsign: (text) => ({ inRelease: clearsign(openpgp(), text, at), detached: detachedSignature(openpgp(), text, at) }),
    openpgpKeys: () => armoredPublicKeys(openpgp()),
    ecdsa(text) {
      const [row] = get("ecdsa-p256");
      return { keyid: keyId(row), signature: sign("sha256", Buffer.from(text, "utf8"), unseal(instance, row)).toString("base64") };
    },
    ecdsaKeys: () =>
      get("ecdsa-p256")
        .filter(({ compromised }) => compromised === 0)
        // Clients take what was published before a key's end.
        .map((row) => ({ keyid: keyId(row), spki: row.public, expires: row.retired_at })),
  };
}

export function openPgpKey(instance: Instance, repository: Pick<RepositoryRow, "name">, row: KeyRow): OpenPgpKey {
  return { key: unseal(instance, row), created: new Date(row.created_at), userId: `${repository.name} (distd repository)` };
}

/** The family's own first, then those before it. */
export function keysOf(db: Read | Tx, repository: Pick<RepositoryRow, "id">, family: KeyFamily): Promise<KeyRow[]> {
  return db
    .selectFrom("repository_keys")
    .selectAll()
    .where("repository_id", "=", repository.id)
    .where("family", "=", family)
    .orderBy((order) => order.case().when("retired_at", "is", null).then(0).else(1).end())
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();
}

export async function makeKey(tx: Tx, instance: Instance, repository: RepositoryRow, family: KeyFamily): Promise<KeyRow> {
  const { privateKey } = family === "openpgp" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  // The second it was made is part of an OpenPGP key's identity, which knows no smaller unit.
  const created = iso(Math.floor(instance.now() / 1000) * 1000);
  const row: KeyRow = {
    ...sealedKey(instance, privateKey),
    id: createId("key", instance.now()),
    repository_id: repository.id,
    family,
    created_at: created,
    retired_at: null,
    signs_until: null,
    compromised: 0,
  };
  await tx.insertInto("repository_keys").values(row).execute();
  return row;
}

export function sealedKey(instance: Instance, key: KeyObject): Pick<KeyRow, "sealed" | "public" | "fingerprint"> {
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  return { sealed: seal(instance, key), public: spki.toString("base64"), fingerprint: createHash("sha256").update(spki).digest("hex") };
}

/** As npm names a key. */
export function keyId({ fingerprint }: KeyRow): string {
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

/** Keys that were unsealed, by what they were unsealed from: deriving and parsing cost more than signing. */
const unsealed = new WeakMap<KeyObject, Map<string, KeyObject>>();

export function unseal(instance: Instance, row: KeyRow): KeyObject {
  const known = unsealed.get(instance.key) ?? new Map<string, KeyObject>();
  const key = known.get(row.sealed) ?? open(instance, row);
  unsealed.set(instance.key, known.set(row.sealed, key));
  return key;
}

function open(instance: Instance, row: KeyRow): KeyObject {
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
