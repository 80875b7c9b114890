import { createCipheriv, createDecipheriv, createPrivateKey, type KeyObject, randomBytes, scryptSync } from "node:crypto";
import { DistError } from "@distd/core";
import { z } from "zod";
import { act } from "../act.ts";
import type { Caller, Instance } from "../instance.ts";
import { findRepository } from "./repositories.ts";
import { sealedKey, unseal } from "./repository-keys.ts";

/** Every private key there is, under a passphrase: the instance's and those of its repositories. */
const payloadSchema = z.strictObject({
  /** PKCS 8 in PEM. */
  instanceKey: z.string(),
  keys: z.array(
    z.strictObject({
      id: z.string(),
      repository: z.string(),
      family: z.enum(["openpgp", "ecdsa-p256"]),
      /** PKCS 8 in PEM. */
      privateKey: z.string(),
      created_at: z.string(),
      retired_at: z.string().nullable(),
      signs_until: z.string().nullable(),
      compromised: z.number(),
    }),
  ),
});
export type KeyBackup = z.infer<typeof payloadSchema>;

const fileSchema = z.strictObject({
  format: z.literal("distd keys"),
  version: z.literal(1),
  /** scrypt (RFC 7914) over the passphrase. */
  scrypt: z.strictObject({ N: z.number(), r: z.number(), p: z.number(), salt: z.string() }),
  /** AES-256-GCM. Base64, like the salt. */
  nonce: z.string(),
  tag: z.string(),
  data: z.string(),
});

const CIPHER = "aes-256-gcm";
const SCRYPT = { N: 131_072, r: 8, p: 1 } as const;
/** More than 128 · N · r bytes. */
const SCRYPT_MEMORY = 256 * 1024 * 1024;
const MIN_PASSPHRASE = 12;

export async function collectKeys(instance: Instance): Promise<KeyBackup> {
  const rows = await instance.db.read
    .selectFrom("repository_keys")
    .innerJoin("repositories", "repositories.id", "repository_keys.repository_id")
    .selectAll("repository_keys")
    .select("repositories.name")
    .orderBy("repository_keys.id")
    .execute();
  return {
    instanceKey: pemOf(instance.key),
    keys: rows.map((row) => {
      const { id, name, family, created_at, retired_at, signs_until, compromised } = row;
      const privateKey = pemOf(unseal(instance, row));
      return { id, repository: name, family, privateKey, created_at, retired_at, signs_until, compromised };
    }),
  };
}

export function sealBackup(backup: KeyBackup, passphrase: string): string {
  if (passphrase.length < MIN_PASSPHRASE)
    throw new DistError("config/invalid", `the passphrase has fewer than ${MIN_PASSPHRASE} characters`);
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv(CIPHER, keyOf(passphrase, salt, SCRYPT), nonce);
  const data = Buffer.concat([cipher.update(JSON.stringify(backup), "utf8"), cipher.final()]);
  const file: z.infer<typeof fileSchema> = {
    format: "distd keys",
    version: 1,
    scrypt: { ...SCRYPT, salt: salt.toString("base64") },
    nonce: nonce.toString("base64"),
    tag: cipher.getAuthTag().toString("base64"),
    data: data.toString("base64"),
  };
  return `${JSON.stringify(file)}\n`;
}

export function openBackup(text: string, passphrase: string): KeyBackup {
  const file = fileSchema.safeParse(parseJson(text));
  // Costs come out of a file that somebody may have changed: no more than we would take ourselves.
  const isOurs = file.success && file.data.scrypt.N <= SCRYPT.N && file.data.scrypt.r <= SCRYPT.r && file.data.scrypt.p <= SCRYPT.p;
  if (!isOurs) throw new DistError("config/invalid", "this is no backup of keys");
  const { scrypt, nonce, tag, data } = file.data;
  try {
    const decipher = createDecipheriv(CIPHER, keyOf(passphrase, Buffer.from(scrypt.salt, "base64"), scrypt), Buffer.from(nonce, "base64"));
    decipher.setAuthTag(Buffer.from(tag, "base64"));
    const opened = Buffer.concat([decipher.update(Buffer.from(data, "base64")), decipher.final()]);
    return payloadSchema.parse(JSON.parse(opened.toString("utf8")));
  } catch (cause) {
    throw new DistError("config/invalid", "the passphrase is another one, or the backup is damaged", { cause });
  }
}

/** Puts back what is not there, or cannot be opened any more; returns how many keys that were. */
export async function restoreKeys(instance: Instance, caller: Caller, { keys }: KeyBackup): Promise<number> {
  return act(instance, caller, async (tx) => {
    const restored: string[] = [];
    for (const { id, repository: name, privateKey, ...rest } of keys) {
      const repository = await findRepository(tx, name);
      if (!repository) continue;
      const there = await tx.selectFrom("repository_keys").selectAll().where("id", "=", id).executeTakeFirst();
      if (there && opens(instance, there)) continue;
      const row = { ...sealedKey(instance, createPrivateKey(privateKey)), ...rest };
      await tx
        .insertInto("repository_keys")
        .values({ id, repository_id: repository.id, ...row })
        .onConflict((conflict) => conflict.column("id").doUpdateSet({ sealed: row.sealed }))
        .execute();
      restored.push(id);
    }
    if (restored.length === 0) return { result: 0 };
    return { result: restored.length, event: { action: "key.restore", subject: "instance", details: { keys: restored } } };
  });
}

function opens(instance: Instance, row: Parameters<typeof unseal>[1]): boolean {
  try {
    unseal(instance, row);
    return true;
  } catch {
    return false;
  }
}

function keyOf(passphrase: string, salt: Buffer, { N, r, p }: { readonly N: number; readonly r: number; readonly p: number }): Buffer {
  return scryptSync(passphrase.normalize("NFC"), salt, 32, { N, r, p, maxmem: SCRYPT_MEMORY });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
